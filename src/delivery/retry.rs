//! The retry policy: a pure function of what came back and when.

use std::time::Duration;

use super::{Answer, Delivery, State};
use crate::id::DeliveryId;
use crate::limit;
use crate::time::Timestamp;

/// When and how often to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all; at least 1.
    pub attempts_max: u32,
    /// How the delays grow.
    pub delays: Delays,
    /// No attempt starts later than this after acceptance; `None` for no bound.
    pub total: Option<Duration>,
    /// Which failures are tried again.
    pub on: RetryOn,
}

/// Delays between attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delays {
    /// The default table: 5 s, 30 s, 5 m, 30 m, 2 h, 5 h, 10 h, 10 h.
    Table,
    /// `first`, then each `factor_percent` / 100 times the one before, up to `max`.
    Exponential {
        /// The first delay.
        first: Duration,
        /// Growth in percent: 200 doubles.
        factor_percent: u32,
        /// The longest delay.
        max: Duration,
    },
}

/// Which failures are tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryOn {
    /// Timeouts, connection failures, 408, 425, 429, 5xx, and other refusals that say when to come back; for commands any
    /// failure but a missing program.
    Default,
    /// These statuses only, and timeouts and connection failures where `failures` says so.
    Only {
        /// Inclusive ranges of statuses.
        statuses: Vec<(u16, u16)>,
        /// Inclusive ranges of exit codes.
        codes: Vec<(u8, u8)>,
        /// Timeouts and connection failures too, and where no codes are said any end of a command.
        failures: bool,
    },
}

impl Default for Retry {
    fn default() -> Self {
        let attempts = u32::try_from(limit::RETRY_DELAYS.len()).unwrap_or(8) + 1;
        Self { attempts_max: attempts, delays: Delays::Table, total: None, on: RetryOn::Default }
    }
}

impl Retry {
    /// Where a delivery stands after its attempt number `attempts` (from 1) ended at `now` with `answer`.
    pub fn settle(&self, delivery: &Delivery, answer: &Answer, now: Timestamp) -> State {
        if answer.is_success() {
            return State::Delivered;
        }
        if *answer == Answer::Rehearsed {
            return State::Cancelled { reason: answer.words() };
        }
        if *answer == Answer::Stopped {
            // Its end is written down already; who had it attempted anew since, has that done.
            return State::Due { at: now };
        }
        if !self.on.covers(answer) {
            return State::Dead { reason: answer.words() };
        }
        let attempts = delivery.attempts;
        if attempts >= self.attempts_max {
            return State::Dead { reason: format!("{} ({attempts} of {attempts} attempts)", answer.words()) };
        }
        let at = now.plus(self.delay(delivery.id, attempts, answer));
        match self.total {
            Some(total) if at > delivery.accepted_at.plus(total) => State::Dead {
                reason: format!("{} (after {attempts} attempts the time for it was over)", answer.words()),
            },
            _ => State::Due { at },
        }
    }

    /// The wait after attempt number `attempts`: what the policy says, spread by a hash of id and attempt, and
    /// never less than the destination asked for (up to the cap).
    pub fn delay(&self, id: DeliveryId, attempts: u32, answer: &Answer) -> Duration {
        let spread = spread(self.delays.after(attempts), id, attempts);
        match answer {
            Answer::Status { retry_after: Some(asked), .. } => {
                let asked = (*asked).min(limit::RETRY_AFTER_MAX);
                // A little is added so that all who were told the same do not come back together.
                asked.max(if asked.is_zero() { spread } else { Duration::ZERO })
                    + jitter(asked / 10, id, attempts)
            }
            _ => spread,
        }
    }
}

impl Delays {
    fn after(&self, attempts: u32) -> Duration {
        let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        match self {
            Self::Table => limit::RETRY_DELAYS
                .get(index)
                .or(limit::RETRY_DELAYS.last())
                .copied()
                .unwrap_or(Duration::ZERO),
            Self::Exponential { first, factor_percent, max } => {
                let mut delay = *first;
                for _ in 1..attempts.min(1000) {
                    delay = delay.saturating_mul(*factor_percent) / 100;
                    if delay >= *max {
                        break;
                    }
                }
                delay.min(*max)
            }
        }
    }
}

impl RetryOn {
    fn covers(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (_, Answer::Done | Answer::Rehearsed | Answer::Stopped) => false,
            (_, Answer::Invalid(_) | Answer::Blocked(_)) => false,
            // A `Retry-After` says that a 403 or 413 is for now only (RFC 9110, sections 10.2.3 and 15.5.14).
            (Self::Default, Answer::Status { status, retry_after, .. }) => {
                let is_for_now = retry_after.is_some() && !matches!(status, 300..=399);
                is_for_now || matches!(status, 408 | 425 | 429 | 500..=599)
            }
            // A mail server says 5xx for what it will never take, and 4xx for not now (RFC 5321, section 4.2.1).
            (Self::Default, Answer::Mail { code, .. }) => (400..500).contains(code),
            (Self::Default, _) => true,
            (Self::Only { statuses, .. }, Answer::Mail { code, .. }) => {
                statuses.iter().any(|(from, to)| (from..=to).contains(&code))
            }
            (Self::Only { statuses, .. }, Answer::Status { status, .. }) => {
                statuses.iter().any(|(from, to)| (from..=to).contains(&status))
            }
            (Self::Only { codes, .. }, Answer::Exited { code }) if !codes.is_empty() => {
                codes.iter().any(|(from, to)| (i32::from(*from)..=i32::from(*to)).contains(code))
            }
            (Self::Only { failures, .. }, _) => *failures,
        }
    }
}

/// Between half and all of the delay, by a hash: repeatable, and spread over many deliveries.
fn spread(delay: Duration, id: DeliveryId, attempts: u32) -> Duration {
    delay / 2 + jitter(delay / 2, id, attempts)
}

fn jitter(most: Duration, id: DeliveryId, attempts: u32) -> Duration {
    let share = hash(id, attempts) % 1024;
    most.saturating_mul(u32::try_from(share).unwrap_or(0)) / 1023
}

/// FNV-1a over id and attempt, finished so that every bit counts.
fn hash(id: DeliveryId, attempts: u32) -> u64 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in id.as_bytes().iter().chain(attempts.to_be_bytes().iter()) {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state ^= state >> 33;
    state = state.wrapping_mul(0xff51_afd7_ed55_8ccd);
    state ^ (state >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_again_unless_said() {
        for (status, asked, wanted) in [
            (200, None, false),
            (200, Some(5), true),
            (302, Some(5), false),
            (400, None, false),
            (403, None, false),
            (403, Some(0), true),
            (413, Some(60), true),
            (408, None, true),
            (425, None, true),
            (429, None, true),
            (500, None, true),
            (599, None, true),
        ] {
            let refused = Some("no".to_owned());
            let answer = Answer::Status { status, retry_after: asked.map(Duration::from_secs), refused };
            assert_eq!(RetryOn::Default.covers(&answer), wanted, "{status} {asked:?}");
        }
    }
}
