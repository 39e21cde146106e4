//! Keys of deliveries: which has to wait until others of its key have ended, which is left out, which takes the place
//! of another. With an order it is one delivery a key; with slots it is so many events a key.

use rusqlite::params;

use super::work::Work;
use crate::delivery::{Delivery, OnConflict, Slots, State};
use crate::id::{DeliveryId, EventId};
use crate::time::Timestamp;

/// Whether a new delivery may be attempted as far as its key goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seat {
    /// It may.
    Free,
    /// Its turn comes later.
    Held,
    /// It is left out, and why.
    None(String),
}

impl Work<'_> {
    /// Finds a seat for a new delivery; those whose place it takes are cancelled.
    pub(super) fn seat(&mut self, delivery: &Delivery, now: Timestamp) -> rusqlite::Result<Seat> {
        let Some(key) = &delivery.order_key else { return Ok(Seat::Free) };
        let Some(slots) = delivery.context.slots else {
            let first =
                self.first("SELECT 1 FROM delivery WHERE order_key = ?1 LIMIT 1", [key], |_| Ok(()))?;
            return Ok(if first.is_some() { Seat::Held } else { Seat::Free });
        };
        match slots.on_conflict {
            OnConflict::Skip if self.events_of(ALL, key, delivery.event)? >= slots.limit => {
                return Ok(Seat::None(slots.full()));
            }
            OnConflict::Latest => self.take_places(key, delivery.event, now)?,
            OnConflict::Skip | OnConflict::Queue => {}
        }
        let is_full = self.events_of(SEATED, key, delivery.event)? >= slots.limit;
        Ok(if is_full { Seat::Held } else { Seat::Free })
    }

    /// How many other events have deliveries of this key.
    fn events_of(&self, sql: &str, key: &str, event: EventId) -> rusqlite::Result<u32> {
        Ok(self.first(sql, params![key, event.as_bytes()], |row| row.get(0))?.unwrap_or(0))
    }

    /// Cancels what other events have waiting under a key.
    fn take_places(&mut self, key: &str, event: EventId, now: Timestamp) -> rusqlite::Result<()> {
        let waiting = {
            let mut statement = self.connection().prepare_cached(WAITING)?;
            let rows = statement
                .query_map(params![key, event.as_bytes()], |row| Ok(DeliveryId::from_bytes(row.get(0)?)))?;
            rows.collect::<rusqlite::Result<Vec<DeliveryId>>>()?
        };
        for id in waiting {
            // One that needed another may have been cancelled with it.
            let Some(mut live) = self.live(id)? else { continue };
            live.row.delivery.state = State::Cancelled { reason: format!("{event} took its place") };
            self.end(&live, now)?;
        }
        Ok(())
    }

    /// Lets the next of a key go, as far as there is room for them.
    pub(super) fn release(&mut self, key: &str) -> rusqlite::Result<()> {
        while let Some(id) = self.first(NEXT_HELD, [key], |found| found.get(0))? {
            let Some(next) = self.live(DeliveryId::from_bytes(id))? else { return Ok(()) };
            let delivery = next.row.delivery;
            let Some(Slots { limit, .. }) = delivery.context.slots else {
                let free = "SELECT 1 FROM delivery WHERE order_key = ?1 AND held = 0 LIMIT 1";
                if self.first(free, [key], |_| Ok(()))?.is_none() {
                    self.execute("UPDATE delivery SET held = 0 WHERE id = ?1", [&id])?;
                    self.hint(delivery);
                }
                return Ok(());
            };
            if self.events_of(SEATED, key, delivery.event)? >= limit {
                return Ok(());
            }
            self.let_go(key, delivery.event)?;
        }
        Ok(())
    }

    /// Lets all of an event go.
    fn let_go(&mut self, key: &str, event: EventId) -> rusqlite::Result<()> {
        while let Some(id) = self.first(NEXT_OF_EVENT, params![key, event.as_bytes()], |row| row.get(0))? {
            self.execute("UPDATE delivery SET held = 0 WHERE id = ?1", [&id])?;
            if let Some(live) = self.live(DeliveryId::from_bytes(id))? {
                self.hint(live.row.delivery);
            }
        }
        Ok(())
    }
}

const ALL: &str = "SELECT count(DISTINCT event) FROM delivery WHERE order_key = ?1 AND event <> ?2";
const SEATED: &str =
    "SELECT count(DISTINCT event) FROM delivery WHERE order_key = ?1 AND held = 0 AND event <> ?2";
const WAITING: &str =
    "SELECT id FROM delivery WHERE order_key = ?1 AND held = 1 AND event <> ?2 ORDER BY sequence";
const NEXT_HELD: &str = "SELECT id FROM delivery WHERE order_key = ?1 AND held = 1 ORDER BY sequence LIMIT 1";
const NEXT_OF_EVENT: &str =
    "SELECT id FROM delivery WHERE order_key = ?1 AND held = 1 AND event = ?2 ORDER BY sequence LIMIT 1";
