//! The circuit breaker of a destination: after some failures in a row nothing goes there for a while, then one attempt
//! at a time finds out whether it is well again.

use std::time::Duration;

use crate::delivery::Answer;
use crate::id::DeliveryId;
use crate::limit;
use crate::time::Timestamp;

/// When a breaker opens and closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Failures in a row that open it; at least 1.
    pub failures_max: u32,
    /// How long it stays open the first time; after each failed probe twice as long, up to a bound.
    pub open_for: Duration,
    /// Successes in a row that close it; at least 1.
    pub probes: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            failures_max: limit::BREAKER_FAILURES,
            open_for: limit::BREAKER_OPEN_FOR,
            probes: limit::BREAKER_PROBES,
        }
    }
}

/// What an attempt tells of its destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered, whatever it thinks of what was sent.
    Up,
    /// It did not answer, or says that it cannot at present.
    Down,
    /// It was not asked.
    Unknown,
}

impl Health {
    /// By what came back.
    pub fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Status { status: 408 | 429 | 500..=599, .. }
            | Answer::TimedOut
            | Answer::Unreachable(_)
            | Answer::Tls(_) => Self::Down,
            Answer::Status { .. } => Self::Up,
            Answer::Done
            | Answer::Rehearsed
            | Answer::Stopped
            | Answer::Exited { .. }
            | Answer::Signalled { .. }
            | Answer::Blocked(_)
            | Answer::Invalid(_) => Self::Unknown,
        }
    }
}

/// A breaker has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing goes there until then.
    Opened {
        /// The moment of the first probe.
        until: Timestamp,
    },
    /// It is well again.
    Closed,
}

/// Where a breaker stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Breaker {
    /// Attempts begin; so many failed in a row.
    Closed { failures: u32 },
    /// None begins before `until`; it was opened so often in a row before.
    Open { until: Timestamp, wait: Duration, times: u32 },
    /// One at a time begins.
    HalfOpen { probe: Option<DeliveryId>, successes: u32, times: u32 },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// The earliest moment at which an attempt may begin; `None` while one finds out.
    pub(super) fn ready_at(&self) -> Option<Timestamp> {
        match self {
            Self::Open { until, .. } => Some(*until),
            Self::HalfOpen { probe: Some(_), .. } => None,
            Self::Closed { .. } | Self::HalfOpen { probe: None, .. } => {
                Some(Timestamp::from_millis(i64::MIN))
            }
        }
    }

    /// Whether an attempt may begin.
    pub(super) fn lets_through(&self, now: Timestamp) -> bool {
        match self {
            // A clock that was set back must not keep it open for the whole difference.
            Self::Open { until, wait, .. } => now >= *until || until.since(now) > *wait,
            Self::HalfOpen { probe, .. } => probe.is_none(),
            Self::Closed { .. } => true,
        }
    }

    /// An attempt that was let through begins.
    pub(super) fn begin(&mut self, id: DeliveryId) {
        match self {
            Self::Open { times, .. } => {
                *self = Self::HalfOpen { probe: Some(id), successes: 0, times: *times };
            }
            Self::HalfOpen { probe, .. } => *probe = Some(id),
            Self::Closed { .. } => {}
        }
    }

    /// An attempt is over. What began before it opened tells nothing any more.
    pub(super) fn hear(
        &mut self,
        policy: &Policy,
        id: DeliveryId,
        health: Health,
        now: Timestamp,
    ) -> Option<Turn> {
        match (&mut *self, health) {
            (Self::Closed { failures }, Health::Down) => {
                *failures = failures.saturating_add(1);
                (*failures >= policy.failures_max).then(|| self.open(policy, 0, now))
            }
            (Self::Closed { failures }, Health::Up) => {
                *failures = 0;
                None
            }
            (Self::HalfOpen { probe, times, .. }, Health::Down) if *probe == Some(id) => {
                let times = times.saturating_add(1);
                Some(self.open(policy, times, now))
            }
            (Self::HalfOpen { probe, successes, .. }, Health::Up) if *probe == Some(id) => {
                *probe = None;
                *successes = successes.saturating_add(1);
                let is_enough = *successes >= policy.probes;
                is_enough.then(|| {
                    *self = Self::default();
                    Turn::Closed
                })
            }
            _ => {
                self.forget(id);
                None
            }
        }
    }

    /// An attempt ended without a word of its destination.
    pub(super) fn forget(&mut self, id: DeliveryId) {
        if let Self::HalfOpen { probe, .. } = self
            && *probe == Some(id)
        {
            *probe = None;
        }
    }

    fn open(&mut self, policy: &Policy, times: u32, now: Timestamp) -> Turn {
        let longest = limit::BREAKER_OPEN_MAX.max(policy.open_for);
        let wait = policy.open_for.saturating_mul(2_u32.saturating_pow(times)).min(longest);
        let until = now.plus(wait);
        *self = Self::Open { until, wait, times };
        Turn::Opened { until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { failures_max: 2, open_for: Duration::from_millis(100), probes: 2 };

    enum Step {
        /// An attempt wants to begin at this moment: whether it may.
        Begin(u8, i64, bool),
        /// One is over.
        Over(u8, Health, i64, Option<Turn>),
        /// One ended without a word.
        Forget(u8),
    }
    use Health::{Down, Unknown, Up};
    use Step::{Begin, Forget, Over};

    fn check(steps: &[Step]) {
        let mut breaker = Breaker::default();
        let id = |number: u8| DeliveryId::new(0, [number; 10]);
        for (index, step) in steps.iter().enumerate() {
            match step {
                Begin(number, now, wanted) => {
                    let now = Timestamp::from_millis(*now);
                    assert_eq!(breaker.lets_through(now), *wanted, "step {index}: {breaker:?}");
                    let is_ready = breaker.ready_at().is_some_and(|at| at <= now);
                    assert!(is_ready || !wanted || now < Timestamp::default(), "step {index}: {breaker:?}");
                    if *wanted {
                        breaker.begin(id(*number));
                    }
                }
                Over(number, health, now, wanted) => {
                    let got = breaker.hear(&POLICY, id(*number), *health, Timestamp::from_millis(*now));
                    assert_eq!(got, *wanted, "step {index}: {breaker:?}");
                }
                Forget(number) => breaker.forget(id(*number)),
            }
        }
    }

    const fn opened(until: i64) -> Option<Turn> {
        Some(Turn::Opened { until: Timestamp::from_millis(until) })
    }

    #[test]
    fn failures_in_a_row_open_it() {
        check(&[Over(1, Down, 0, None), Over(2, Up, 0, None), Over(3, Down, 0, None), Begin(4, 0, true)]);
        check(&[Over(1, Down, 0, None), Over(2, Unknown, 0, None), Over(3, Down, 5, opened(105))]);
    }

    #[test]
    fn an_open_one_is_probed_one_by_one_and_closes() {
        check(&[
            Over(1, Down, 0, None),
            Over(2, Down, 0, opened(100)),
            Over(3, Up, 50, None),
            Begin(4, 99, false),
            Begin(4, 100, true),
            Begin(5, 100, false),
            Over(3, Up, 101, None),
            Begin(5, 101, false),
            Over(4, Up, 102, None),
            Begin(5, 102, true),
            Over(5, Up, 103, Some(Turn::Closed)),
            Begin(6, 103, true),
            Begin(7, 103, true),
            Over(6, Down, 104, None),
        ]);
    }

    #[test]
    fn a_failed_probe_opens_it_for_longer() {
        let longest = i64::try_from(limit::BREAKER_OPEN_MAX.as_millis()).unwrap();
        let mut steps = vec![Over(1, Down, 0, None), Over(2, Down, 0, opened(100))];
        let (mut now, mut wait) = (0, 100);
        for _ in 0..40 {
            now += wait;
            wait = (wait * 2).min(longest);
            steps.extend([Begin(3, now, true), Over(3, Down, now, opened(now + wait))]);
        }
        check(&steps);
    }

    #[test]
    fn a_probe_that_tells_nothing_is_followed_by_another() {
        check(&[
            Over(1, Down, 0, None),
            Over(2, Down, 0, opened(100)),
            Begin(3, 100, true),
            Over(3, Unknown, 101, None),
            Begin(4, 101, true),
            Forget(4),
            Begin(5, 102, true),
            Begin(6, 102, false),
        ]);
    }

    #[test]
    fn a_clock_set_back_does_not_keep_it_open() {
        check(&[Over(1, Down, 5_000, None), Over(2, Down, 5_000, opened(5_100)), Begin(3, -9_000, true)]);
    }

    #[test]
    fn answers_tell_of_the_destination() {
        let status = |status| Answer::Status { status, retry_after: None, refused: None };
        for (answer, wanted) in [
            (status(200), Up),
            (status(404), Up),
            (status(429), Down),
            (status(503), Down),
            (Answer::TimedOut, Down),
            (Answer::Unreachable(String::new()), Down),
            (Answer::Tls(String::new()), Down),
            (Answer::Invalid(String::new()), Unknown),
            (Answer::Blocked(String::new()), Unknown),
            (Answer::Exited { code: 1 }, Unknown),
        ] {
            assert_eq!(Health::of(&answer), wanted, "{answer:?}");
        }
    }
}
