//! The store: nothing accepted is ever lost. This page is the protocol; each engine is a folder beside it.
//!
//! An engine promises: `accept` returns `New` only after event, dedupe key and deliveries are durable in one commit;
//! `settle` writes the attempt and the new state in one commit and changes nothing when the attempt number is not
//! the one that runs; what is committed as due comes out of `due` until it is settled.

pub mod sqlite;
#[cfg(test)]
mod suite;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::delivery::{Delivery, Digest, Need, Outcome, State, Throttle};
use crate::event::Event;
use crate::id::{DeliveryId, EventId, RejectionId};
use crate::schedule::Made;
use crate::time::Timestamp;

/// What a store's call gives: a boxed future, so that an engine can be chosen when the program starts.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Deliveries are spread over this many shards by `shard_of`; one owner serves a shard.
pub const SHARDS: u16 = 256;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its queue or backlog is full: try again later. Nothing was written.
    #[error("the store is busy: {0}")]
    Busy(&'static str),
    /// The disk is full, or the file cannot be written. Nothing was written.
    #[error("the store cannot write: {0}")]
    Unwritable(String),
    /// It cannot be opened.
    #[error("cannot open the store `{path}`: {why}")]
    Open {
        /// The file.
        path: String,
        /// Why, with the mend.
        why: String,
    },
    /// Another doorbell has it.
    #[error(
        "the store `{path}` is in use by another doorbell: stop that one, or name another file with --store"
    )]
    Locked {
        /// The file.
        path: String,
    },
    /// What is stored cannot be read back.
    #[error("the store holds something unreadable: {0}")]
    Damaged(String),
    /// It was closed.
    #[error("the store is closed")]
    Closed,
}

/// An event to be accepted, with what it owes.
#[derive(Debug)]
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
}

/// Whether a settle counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is durable.
    Done,
    /// Somebody else settled it first; the attempt is kept in the history and changed nothing.
    Stale,
}

/// Which events to list. Empty fields ask for all.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of this source.
    pub source: Option<String>,
    /// Of this type.
    pub kind: Option<String>,
    /// With a delivery in this state (by name), or `unmatched`, or `id_conflict`.
    pub status: Option<String>,
    /// That this rule matched.
    pub rule: Option<String>,
    /// Not received before.
    pub since: Option<Timestamp>,
    /// Not received after.
    pub until: Option<Timestamp>,
    /// With this text in the body, byte for byte.
    pub text: Option<String>,
    /// Older than this event: the cursor of a list that begins with the newest.
    pub before: Option<EventId>,
    /// Newer than this event: the cursor of a list that begins with the oldest.
    pub after: Option<EventId>,
    /// Where the list begins.
    pub order: Order,
    /// At most so many.
    pub limit: usize,
}

/// Where a list begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// With the newest.
    #[default]
    NewestFirst,
    /// With the oldest.
    OldestFirst,
}

/// A part of a list. It may be short of what was asked for and yet not the end: an engine looks at a bounded number of
/// rows at once.
#[derive(Debug, Clone)]
pub struct Page<Row, Id> {
    /// What was found.
    pub rows: Vec<Row>,
    /// The cursor of what comes behind it; `None` when nothing can come.
    pub next: Option<Id>,
}

/// Which deliveries to list. Empty fields ask for all.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// In this state, by name.
    pub state: Option<String>,
    /// Of this destination.
    pub destination: Option<String>,
    /// Of this rule.
    pub rule: Option<String>,
    /// Of this event.
    pub event: Option<EventId>,
    /// With this text in the last error.
    pub error: Option<String>,
    /// Of an event accepted no earlier.
    pub since: Option<Timestamp>,
    /// Of an event accepted no later.
    pub until: Option<Timestamp>,
    /// Older than this delivery: the cursor.
    pub before: Option<DeliveryId>,
    /// At most so many.
    pub limit: usize,
}

/// An event in a list.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Its name.
    pub id: EventId,
    /// Its source.
    pub source: String,
    /// Its type.
    pub kind: String,
    /// When it came.
    pub received_at: Timestamp,
    /// The size of its body in bytes.
    pub body_bytes: u64,
    /// How often it came again.
    pub duplicates: u64,
    /// The first event of this id when this one is a conflict.
    pub conflict_with: Option<EventId>,
    /// The rules that matched.
    pub matched: Vec<String>,
    /// How many of its deliveries stand where, by state name; states with none are left out.
    pub deliveries: Vec<(String, u64)>,
}

/// A delivery with what is known of it.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// The delivery.
    pub delivery: Delivery,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The last failure in words.
    pub last_error: Option<String>,
}

/// One attempt in the history.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// Its number, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// One stable word: `success`, `status`, `timeout`, ….
    pub kind: String,
    /// In words.
    pub words: String,
    /// What was sent.
    pub sent: String,
    /// The head of what came back.
    pub got_head: String,
    /// The body of what came back.
    pub got_body: String,
    /// It was settled by another first.
    pub stale: bool,
}

/// A request that was refused.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// Its name.
    pub id: RejectionId,
    /// When.
    pub at: Timestamp,
    /// Of which source.
    pub source: String,
    /// What it was answered.
    pub status: u16,
    /// Why, for the operator.
    pub cause: String,
    /// From where.
    pub peer: String,
    /// What was looked at, as JSON; bounded, without what people are not shown.
    pub examined: Option<String>,
}

/// What a person wants done anew for an event that is kept.
#[derive(Debug)]
pub struct Replay {
    /// The event.
    pub event: EventId,
    /// What it owes from now on, ids already given. Their `event` is this event.
    pub deliveries: Vec<Delivery>,
    /// Which of them wait for which.
    pub needs: Vec<Need>,
}

/// What a person asked of a delivery, and whether it could be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is so now.
    Done,
    /// There is no such delivery.
    Unknown,
    /// Not in the state it is in.
    NotNow,
}

/// A connection that a person stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Its name.
    pub connection: String,
    /// Since when.
    pub since: Timestamp,
    /// Why, in the words of whoever stopped it.
    pub reason: Option<String>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events kept.
    pub events: u64,
    /// Deliveries not at an end.
    pub live: u64,
    /// Deliveries given up and still kept.
    pub dead: u64,
}

/// How large it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// What it takes on the disk, in bytes.
    pub file_bytes: u64,
    /// Of it, what something stands in: the rest is written to again.
    pub used_bytes: u64,
}

/// What retention removes.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Events, and deliveries that ended well, older than this.
    pub ended_before: Timestamp,
    /// Dead deliveries older than this.
    pub dead_before: Timestamp,
}

/// A durable store. All calls are safe from many tasks at once.
pub trait Store: Send + Sync + 'static {
    /// Makes an event durable, once per (source, dedupe key) within its window.
    fn accept(&self, accept: Accept, now: Timestamp) -> Reply<'_, Accepted> {
        let accepted = self.accept_all(vec![accept], now);
        Box::pin(async move { accepted.await?.pop().ok_or(Error::Closed) })
    }

    /// Makes the events of one batch durable in one commit: all of them or none. What became of each, in their order; one
    /// that repeats an earlier one of the same batch is its duplicate.
    fn accept_all(&self, accepts: Vec<Accept>, now: Timestamp) -> Reply<'_, Vec<Accepted>>;

    /// Waits for deliveries that commits made due, as a hint: some may be missing, none is a promise.
    /// Returns at least one, or an empty list when a rescan is due: hints were dropped, or a pause was made or lifted.
    fn hints(&self) -> Reply<'_, Vec<Ready>>;

    /// Waits for deliveries that came to an end while they may be under way or waiting in memory, so that they can be
    /// stopped there: as a hint, some may be missing. Returns at least one.
    fn stops(&self) -> Reply<'_, Vec<DeliveryId>> {
        Box::pin(std::future::pending())
    }

    /// Notes how much of their rates destinations have used: for each a mark as throttles have it.
    fn keep_rates(&self, _marks: Vec<(Arc<str>, i64)>) -> Reply<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// What was noted.
    fn rates(&self) -> Reply<'_, Vec<(Arc<str>, i64)>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// The due deliveries of a shard that are due at or before `until`, earliest first, without those in `except`.
    fn due(
        &self,
        shard: u16,
        until: Timestamp,
        except: Vec<DeliveryId>,
        limit: usize,
    ) -> Reply<'_, Vec<Ready>>;

    /// The shards that have due deliveries, each with its earliest moment.
    fn due_shards(&self) -> Reply<'_, Vec<(u16, Timestamp)>>;

    /// Commits that an at-most-once attempt begins. `Stale` when it may not.
    fn start(&self, delivery: DeliveryId, attempt: u32, now: Timestamp) -> Reply<'_, Settled>;

    /// Ends an attempt.
    fn settle(&self, settle: Settle) -> Reply<'_, Settled>;

    /// An event as it was accepted; `None` when retention removed it or it never was.
    fn event(&self, id: EventId) -> Reply<'_, Option<Arc<Event>>>;

    /// One event as a row of the list.
    fn event_row(&self, id: EventId) -> Reply<'_, Option<EventRow>>;

    /// A page of events.
    fn events(&self, filter: EventFilter) -> Reply<'_, Page<EventRow, EventId>>;

    /// A delivery, with its attempts in order.
    fn delivery(&self, id: DeliveryId) -> Reply<'_, Option<(DeliveryRow, Vec<AttemptRow>)>>;

    /// A page of deliveries, newest first.
    fn deliveries(&self, filter: DeliveryFilter) -> Reply<'_, Page<DeliveryRow, DeliveryId>>;

    /// A person wants a delivery that is dead, in doubt, cancelled or due attempted now.
    fn retry(&self, id: DeliveryId, now: Timestamp) -> Reply<'_, Changed>;

    /// A person gives a delivery up that has not ended well.
    fn drop_delivery(&self, id: DeliveryId, now: Timestamp) -> Reply<'_, Changed>;

    /// A person wants something done anew for an event that is kept. `NotNow` when the event owes too much already.
    fn replay(&self, replay: Replay, now: Timestamp) -> Reply<'_, Changed>;

    /// Stops a connection; `NotNow` when it is stopped already. Its deliveries stay due: whoever dispatches leaves them.
    fn pause(&self, pause: Pause) -> Reply<'_, Changed>;

    /// Lets a connection go on; `NotNow` when it is not stopped.
    fn resume(&self, connection: String) -> Reply<'_, Changed>;

    /// The connections that are stopped, by name.
    fn pauses(&self) -> Reply<'_, Vec<Pause>>;

    /// Keeps the text of a rule set under its digest (idempotent).
    fn keep_revision(&self, digest: Digest, text: String, now: Timestamp) -> Reply<'_, ()>;

    /// The text of a rule set.
    fn revision(&self, digest: Digest) -> Reply<'_, Option<String>>;

    /// Notes a refused request in a bounded ring; may drop it when busy.
    fn reject(&self, rejection: Rejection);

    /// The latest refused requests, newest first.
    fn rejections(&self, limit: usize) -> Reply<'_, Vec<Rejection>>;

    /// Removes one bounded chunk of what retention allows; the number of rows removed, 0 when there is nothing more.
    fn prune(&self, retention: Retention) -> Reply<'_, usize>;

    /// How much there is.
    fn counts(&self) -> Reply<'_, Counts>;

    /// How large it is.
    fn usage(&self) -> Reply<'_, Usage>;

    /// Whether it can commit at this moment, and has room for more.
    fn writable(&self) -> Reply<'_, ()>;

    /// Finishes what waits and closes.
    fn close(&self) -> Reply<'_, ()>;
}

/// The shard of a delivery: by its order key, else its destination.
pub fn shard_of(delivery: &Delivery) -> u16 {
    let key = delivery.order_key.as_deref().unwrap_or(&delivery.destination);
    let mut state: u32 = 0x811c_9dc5;
    for byte in key.bytes() {
        state = (state ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    u16::try_from((state ^ (state >> 16)) % u32::from(SHARDS)).unwrap_or(0)
}
