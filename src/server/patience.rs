//! How long a connection is waited for: a request's head has its time from its first byte, a new connection as long for
//! its first request, and one that has been answered may rest for longer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::bounds::Limits;

/// What of a connection ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expired {
    /// The time for a head.
    Head,
    /// The rest between requests.
    Rest,
}

/// The patience with one connection, shared by who reads its bytes and who answers its requests.
#[derive(Clone)]
pub(super) struct Patience(Arc<Shared>);

struct Shared {
    standing: Mutex<Standing>,
    /// Woken when less time is left than was.
    sooner: Notify,
}

#[derive(Clone, Copy)]
struct Standing {
    /// A head has begun and not ended.
    in_head: bool,
    /// When patience ends, and what for; `None` while a request is answered.
    ends: Option<(Instant, Expired)>,
    /// For a head.
    head_time: Duration,
    /// For a rest.
    idle_time: Duration,
}

/// Whether less time is left than was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    AsMuch,
    Less,
}

impl Patience {
    /// With a connection that was just made.
    pub(super) fn new(limits: &Limits) -> Self {
        let standing = Mutex::new(Standing::new(limits, Instant::now()));
        Self(Arc::new(Shared { standing, sooner: Notify::new() }))
    }

    /// Bytes came; whether they end within a head.
    pub(super) fn heard(&self, in_head: bool) {
        let left = self.standing().heard(in_head, Instant::now());
        self.tell(left);
    }

    /// A request is being answered: that has bounds of its own.
    pub(super) fn begin(&self) {
        self.standing().ends = None;
    }

    /// It has been answered.
    pub(super) fn end(&self) {
        let left = self.standing().end(Instant::now());
        self.tell(left);
    }

    /// Waits until patience ends.
    pub(super) async fn expired(&self) -> Expired {
        loop {
            let standing = *self.standing();
            let wake = match standing.wake(Instant::now()) {
                Ok(wake) => wake,
                Err(expired) => return expired,
            };
            tokio::select! {
                () = sleep_until(wake) => {}
                () = self.0.sooner.notified() => {}
            }
        }
    }

    fn tell(&self, left: Left) {
        if left == Left::Less {
            self.0.sooner.notify_one();
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.0.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    fn new(limits: &Limits, now: Instant) -> Self {
        let Limits { header_time: head_time, idle_time, .. } = *limits;
        Self { in_head: false, ends: Some((now + head_time, Expired::Head)), head_time, idle_time }
    }

    fn heard(&mut self, in_head: bool, now: Instant) -> Left {
        let begins = in_head && !self.in_head;
        self.in_head = in_head;
        match &mut self.ends {
            Some((ends, why)) if begins => {
                *ends = (*ends).min(now + self.head_time);
                *why = Expired::Head;
                Left::Less
            }
            _ => Left::AsMuch,
        }
    }

    fn end(&mut self, now: Instant) -> Left {
        let (ends, left) = match self.in_head {
            true => ((now + self.head_time, Expired::Head), Left::Less),
            false => ((now + self.idle_time, Expired::Rest), Left::AsMuch),
        };
        self.ends = Some(ends);
        left
    }

    /// When to look again; the error is what ran out.
    fn wake(self, now: Instant) -> Result<Instant, Expired> {
        match self.ends {
            Some((at, why)) if at <= now => Err(why),
            Some((at, _)) => Ok(at),
            // Behind an answer there is at least so much time again.
            None => Ok(now + self.head_time),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Begun,
        Request,
        Answered,
    }
    use Step::{Answered, Begun, Request};

    /// Steps by the second they are made in, the second in which patience ends, and what for.
    type Case = (&'static [(u64, Step)], u64, Expired);

    #[test]
    fn heads_have_their_time_and_rests_theirs() {
        let rows: &[Case] = &[
            (&[], 10, Expired::Head),
            (&[(4, Begun), (8, Begun)], 10, Expired::Head),
            (&[(1, Request), (2, Answered)], 62, Expired::Rest),
            (&[(1, Request), (2, Answered), (50, Begun), (55, Begun)], 60, Expired::Head),
            (&[(1, Request), (2, Answered), (58, Begun)], 62, Expired::Head),
            (&[(1, Request), (100, Answered)], 160, Expired::Rest),
            // The next head has begun behind an answer that takes long.
            (&[(1, Request), (5, Begun), (100, Answered)], 110, Expired::Head),
        ];
        let start = Instant::now();
        let at = |second: u64| start + Duration::from_secs(second);
        for (steps, ends, why) in rows {
            let mut standing = Standing::new(&Limits::default(), start);
            for &(second, step) in *steps {
                assert!(standing.wake(at(second)).is_ok(), "{steps:?}");
                match step {
                    Begun => drop(standing.heard(true, at(second))),
                    Request => {
                        standing.heard(false, at(second));
                        standing.ends = None;
                    }
                    Answered => drop(standing.end(at(second))),
                }
            }
            assert_eq!(standing.wake(at(ends - 1)), Ok(at(*ends)), "{steps:?}");
            assert_eq!(standing.wake(at(*ends)), Err(*why), "{steps:?}");
        }
    }
}
