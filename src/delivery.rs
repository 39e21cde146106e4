//! One action owed for one event: its states, and the retry policy as a pure function of what came back and when.

mod context;
mod throttle;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::id::{DeliveryId, EventId};
use crate::limit;
use crate::time::Timestamp;

pub use context::{Context, Debounce, Need, OnConflict, Slots, follow};
pub use throttle::{Throttle, micros};

/// Whether an attempt that a crash cut off is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Made again: the destination may see it twice, with one id.
    AtLeastOnce,
    /// Not made again: it is left `in_doubt` for a person.
    AtMostOnce,
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for another delivery of the same event.
    Waiting {
        /// The id of the action it waits for.
        on: String,
    },
    /// To be attempted from then on.
    Due {
        /// The earliest moment.
        at: Timestamp,
    },
    /// An at-most-once attempt began and has not ended.
    Started,
    /// Done.
    Delivered,
    /// Given up.
    Dead {
        /// Why, for a person.
        reason: String,
    },
    /// It may or may not have happened: a crash cut an at-most-once attempt.
    InDoubt,
    /// Will not be attempted.
    Cancelled {
        /// Why, for a person.
        reason: String,
    },
}

impl State {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Due { .. } => "due",
            Self::Started => "started",
            Self::Delivered => "delivered",
            Self::Dead { .. } => "dead",
            Self::InDoubt => "in_doubt",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Whether nothing more will happen by itself.
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Delivered | Self::Dead { .. } | Self::Cancelled { .. } | Self::InDoubt)
    }
}

/// SHA-256 of a rule set's text.
pub type Digest = [u8; 32];

/// One action owed for one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its own name; the `Idempotency-Key` of its requests.
    pub id: DeliveryId,
    /// The event that owes it.
    pub event: EventId,
    /// The name of the rule that matched.
    pub rule: Arc<str>,
    /// The rule set that decided.
    pub revision: Digest,
    /// The place of the action in the rule's `do`, from 0.
    pub action: u32,
    /// The verb, for people: `run`, `slack`.
    pub verb: Arc<str>,
    /// What it competes with for room: `connection:NAME`, or `rule:NAME` for commands and logs.
    pub destination: Arc<str>,
    /// Deliveries of one key keep their order; `None` for no order.
    pub order_key: Option<String>,
    /// At least or at most once.
    pub mode: Mode,
    /// Where it stands.
    pub state: State,
    /// How many attempts have begun.
    pub attempts: u32,
    /// When the event was accepted.
    pub accepted_at: Timestamp,
    /// What sets it apart from others of its action.
    pub context: Context,
}

impl Delivery {
    /// By what a destination knows a repeat: the id, and behind it whether a person wanted it done anew.
    pub fn idempotency_key(&self) -> String {
        match self.context.replayed_at {
            None => self.id.to_string(),
            Some(_) => format!("{}-replay", self.id),
        }
    }
}

/// What came back from an attempt, as it was seen; what follows from it is decided here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing can go wrong with it (a log line).
    Done,
    /// Nothing was done: the rule is a shadow.
    Rehearsed,
    /// An HTTP answer.
    Status {
        /// Its status.
        status: u16,
        /// Its `Retry-After`, already a duration.
        retry_after: Option<Duration>,
        /// The service's own word for why it failed; a 2xx has one when its body says that it failed.
        refused: Option<String>,
    },
    /// A process that ended by itself.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// A process that a signal ended.
    Signalled {
        /// The signal's number.
        signal: i32,
    },
    /// It took too long; a process was killed.
    TimedOut,
    /// No connection, or it broke.
    Unreachable(String),
    /// The certificate did not hold.
    Tls(String),
    /// The address is one we do not talk to.
    Blocked(String),
    /// It was ended half-way, because its delivery came to an end meanwhile.
    Stopped,
    /// It could not be attempted: a template without its value, a missing secret, a program that is not there.
    Invalid(String),
}

/// What came back, with what is kept of it for people. All of it is bounded and redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What came back.
    pub answer: Answer,
    /// What was sent: request line, headers and body, or the command line.
    pub sent: String,
    /// The head of what came back: status line and headers; empty for a command.
    pub got_head: String,
    /// The body of what came back, or the output of a command.
    pub got_body: String,
    /// How long it took.
    pub took: Duration,
}

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
    /// Timeouts, connection failures, 408, 425, 429, 5xx; for commands any failure but a missing program.
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

impl Answer {
    /// Whether it is done.
    pub fn is_success(&self) -> bool {
        match self {
            Self::Done | Self::Exited { code: 0 } => true,
            Self::Status { status, refused, .. } => (200..300).contains(status) && refused.is_none(),
            _ => false,
        }
    }

    /// What happened, in a few words for a person.
    pub fn words(&self) -> String {
        match self {
            Self::Done => "done".to_owned(),
            Self::Rehearsed => "nothing was done: the rule is a shadow".to_owned(),
            Self::Status { status: status @ 200..300, refused: Some(word), .. } => {
                format!("status {status}, but the service says `{word}`")
            }
            Self::Status { status, refused: Some(word), .. } => {
                format!("status {status}: the service says `{word}`")
            }
            Self::Status { status, .. } => format!("status {status}"),
            Self::Exited { code } => format!("exit {code}"),
            Self::Signalled { signal } => format!("ended by signal {signal}"),
            Self::TimedOut => "timed out".to_owned(),
            Self::Unreachable(why) => format!("unreachable: {why}"),
            Self::Tls(why) => format!("tls: {why}"),
            Self::Blocked(why) => format!("blocked_address: {why}"),
            Self::Stopped => "stopped half-way: its delivery had come to an end".to_owned(),
            Self::Invalid(why) => why.clone(),
        }
    }

    /// One stable word for filters and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            answer if answer.is_success() => "success",
            Self::Status { status: 200..300, refused: Some(_), .. } => "refused",
            Self::Status { .. } => "status",
            Self::Exited { .. } => "exit",
            Self::Signalled { .. } => "signal",
            Self::TimedOut => "timeout",
            Self::Unreachable(_) => "unreachable",
            Self::Tls(_) => "tls",
            Self::Blocked(_) => "blocked_address",
            Self::Stopped => "stopped",
            Self::Invalid(_) => "invalid",
            Self::Rehearsed => "rehearsed",
            Self::Done => "success",
        }
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
            (Self::Default, Answer::Status { status, .. }) => {
                matches!(status, 408 | 425 | 429 | 500..=599)
            }
            (Self::Default, _) => true,
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
