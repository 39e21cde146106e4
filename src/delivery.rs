//! One action owed for one event: its states, and what came back from its attempts.

mod context;
mod retry;
mod throttle;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::id::{DeliveryId, EventId};
use crate::time::Timestamp;

pub use context::{Context, Debounce, Need, OnConflict, Slots, follow};
pub use retry::{Delays, Retry, RetryOn};
pub use throttle::{Throttle, advance, micros, per, step};

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

/// The stable names of all states.
pub const STATES: [&str; 7] = ["waiting", "due", "started", "delivered", "dead", "in_doubt", "cancelled"];

impl State {
    /// The state's stable name, one of `STATES`.
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
    /// What a mail server said.
    Mail {
        /// Its code: 2xx for a mail that it took, 4xx for not now, 5xx for never.
        code: u16,
        /// Its words for why not.
        words: String,
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
    /// It could not be attempted, or not to its end: a template without its value, a missing secret, a program that is not
    /// there, a redirect that is not followed.
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

impl Outcome {
    /// Whether nothing is known of it but its answer.
    pub fn is_silent(&self) -> bool {
        self.sent.is_empty() && self.got_head.is_empty() && self.got_body.is_empty()
    }
}

impl Answer {
    /// Whether it is done.
    pub fn is_success(&self) -> bool {
        match self {
            Self::Done | Self::Exited { code: 0 } | Self::Mail { code: 200..300, .. } => true,
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
            Self::Mail { code, words } if words.is_empty() => format!("mail server: {code}"),
            Self::Mail { code, words } => format!("mail server: {code} {words}"),
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
            Self::Mail { .. } => "mail",
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
