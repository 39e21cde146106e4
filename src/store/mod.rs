//! The store: nothing accepted is ever lost. This page is the protocol; each engine is a folder beside it.
//!
//! An engine promises: `accept` returns `New` only after event, dedupe key and deliveries are durable in one commit;
//! `settle` writes the attempt and the new state in one commit and changes nothing when the attempt number is not
//! the one that runs; what is committed as due comes out of `due` until it is settled.
//!
//! An event's id is made at its `received_at` and a delivery's at its `accepted_at`, to the millisecond: lists and retention walk
//! over ids in place of those moments.

mod accept;
mod error;
mod filter;
mod history;
mod repair;
pub mod seal;
pub mod sqlite;
#[cfg(test)]
mod suite;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::delivery::{Delivery, Digest};
use crate::event::Event;
use crate::id::{DeliveryId, EventId};
use crate::time::Timestamp;

pub use accept::{Accept, Accepted, Ready, Saying, Settle, Settled};
pub use error::Error;
pub use filter::{DeliveryFilter, EventFilter, Look, Order, Page, Shows, Text};
pub use history::{AttemptRow, CUT_OFF, DeliveryRow, EventRow, Rejection};
pub use repair::{Changed, Counts, Pause, Replay, Retention, Usage};

/// What a store's call gives: a boxed future, so that an engine can be chosen when the program starts.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Deliveries are spread over this many shards by `shard_of`; one owner serves a shard.
pub const SHARDS: u16 = 256;

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

    /// Notes what an attempt under way has said so far, in place of what it had said before. It goes with the end of the
    /// attempt; of one that a crash cut off it is in the history from then on. `Stale` when another attempt runs, or none;
    /// `Busy` at once when too much waits already: nobody waits for it, the next one says it too.
    fn say(&self, saying: Saying) -> Reply<'_, Settled>;

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

    /// The attempt of a delivery that is under way, when it has said something.
    fn running(&self, id: DeliveryId) -> Reply<'_, Option<Saying>>;

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

    /// Notes the moment; `seen` is the latest one that the caller knows of. Where it or the one noted before is more than
    /// a minute later than `now`, the clock was set back by the difference, and so is what is due: nothing waits for a
    /// clock to catch up. The difference, zero when there is none.
    fn note_clock(&self, seen: Timestamp, now: Timestamp) -> Reply<'_, Duration> {
        let _ = (seen, now);
        Box::pin(async { Ok(Duration::ZERO) })
    }

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
