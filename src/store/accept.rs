//! What a store is given: events with what they owe, and the ends of attempts.

use std::sync::Arc;
use std::time::Duration;

use crate::delivery::{Delivery, Need, Outcome, State, Throttle};
use crate::event::Event;
use crate::id::{DeliveryId, EventId};
use crate::schedule::Made;
use crate::time::Timestamp;

/// An event to be accepted, with what it owes.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The event. `dedupe_key` is what makes it recognisable; its payload is not looked at.
    pub event: Arc<Event>,
    /// How long its dedupe key is kept.
    pub dedupe_for: Duration,
    /// What the matching rules owe, ids already given. Their `event` is this event.
    pub deliveries: Vec<Delivery>,
    /// Which of them wait for which.
    pub needs: Vec<Need>,
    /// What it must pass before the deliveries of a rule are owed; where it does not, they are cancelled.
    pub throttles: Vec<Throttle>,
    /// What each delivery does, in their order, where that is made already; it is handed to whoever dispatches, and
    /// never stored.
    pub made: Vec<Option<Arc<Made>>>,
    /// The rules that matched, for the history.
    pub matched: Vec<Arc<str>>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// It is durable.
    New,
    /// The source sent it before, byte for byte; nothing new is owed.
    Duplicate {
        /// The first one.
        first: EventId,
    },
    /// The same id with other bytes: kept and flagged `id_conflict`; no rule runs.
    Conflict {
        /// The first one.
        first: EventId,
    },
}

/// A delivery that may be attempted now or later, with what it does where that is still at hand.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The delivery; its state is `Due`.
    pub delivery: Delivery,
    /// What it does, as it was made when its event was accepted; otherwise it is made of what `Store::event` reads.
    pub made: Option<Arc<Made>>,
}

/// The end of one attempt.
#[derive(Debug)]
pub struct Settle {
    /// Whose attempt.
    pub delivery: DeliveryId,
    /// Its number, from 1. The write is refused as stale when the store has another number.
    pub attempt: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub now: Timestamp,
    /// What came back (bounded, redacted).
    pub outcome: Outcome,
    /// Where the delivery stands now.
    pub state: State,
    /// What is owed because of it: new deliveries of the same event, made in the same commit.
    pub owes: Vec<Delivery>,
    /// The event that it emits, accepted in the same commit; nothing of either is written when there is no room for what
    /// that owes (`Error::Busy`).
    pub emits: Option<Box<Accept>>,
}

/// What an attempt under way has said so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// Whose attempt.
    pub delivery: DeliveryId,
    /// Its number, from 1.
    pub attempt: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When this was so.
    pub at: Timestamp,
    /// What was sent (bounded, redacted), as its end will say.
    pub sent: String,
    /// The body of what comes back (bounded, redacted), as far as it came.
    pub output: String,
}

/// Whether a settle counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is durable.
    Done,
    /// Somebody else settled it first; the attempt is kept in the history and changed nothing.
    Stale,
}
