//! Keys of deliveries: which has to wait until others of its key have ended, which is left out, which takes the place
//! of another. With an order it is one delivery a key; with slots it is so many events a key.

use rusqlite::{Params, params};

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
        if delivery.context.debounce.is_some() {
            return Ok(Seat::Free);
        }
        let Some(slots) = delivery.context.slots else {
            let first =
                self.first("SELECT 1 FROM delivery WHERE order_key = ?1 LIMIT 1", [key], |_| Ok(()))?;
            return Ok(if first.is_some() { Seat::Held } else { Seat::Free });
        };
        match slots.on_conflict {
            OnConflict::Skip if self.events_of(ALL, key, delivery.event)? >= slots.limit => {
                return Ok(Seat::None(slots.full()));
            }
            OnConflict::Latest => self.take_places((WAITING, key), delivery.event, now)?,
            OnConflict::Cancel => {
                while self.events_of(ALL, key, delivery.event)? >= slots.limit.max(1) {
                    self.take_places((FIRST, key), delivery.event, now)?;
                }
            }
            OnConflict::Skip | OnConflict::Queue => {}
        }
        let is_full = self.events_of(SEATED, key, delivery.event)? >= slots.limit;
        Ok(if is_full { Seat::Held } else { Seat::Free })
    }

    /// How many other events have deliveries of this key.
    fn events_of(&self, sql: &str, key: &str, event: EventId) -> rusqlite::Result<u32> {
        Ok(self.first(sql, params![key, event.as_bytes()], |row| row.get(0))?.unwrap_or(0))
    }

    /// A delivery that waits for later ones of its key takes the place of those that wait before it.
    pub(super) fn gather(&mut self, delivery: &mut Delivery, now: Timestamp) -> rusqlite::Result<()> {
        let (Some(key), Some(mut debounce)) = (delivery.order_key.clone(), delivery.context.debounce) else {
            return Ok(());
        };
        for id in self.ids(PENDING, params![key, now.millis()])? {
            let Some(mut live) = self.live(id)? else { continue };
            let before = &mut live.row.delivery;
            debounce = before.context.debounce.map_or(debounce, |earlier| debounce.behind(&earlier));
            if before.event != delivery.event {
                before.state = State::Cancelled { reason: format!("{} took its place", delivery.event) };
                self.stops.push(id);
                self.end(&live, now)?;
            }
        }
        delivery.context.debounce = Some(debounce);
        if let State::Due { at } = &mut delivery.state {
            *at = debounce.due(now);
        }
        Ok(())
    }

    fn ids(&self, sql: &str, values: impl Params) -> rusqlite::Result<Vec<DeliveryId>> {
        let mut statement = self.connection().prepare_cached(sql)?;
        let rows = statement.query_map(values, |row| Ok(DeliveryId::from_bytes(row.get(0)?)))?;
        rows.collect()
    }

    /// Cancels what a query finds of other events under a key.
    fn take_places(
        &mut self,
        (sql, key): (&str, &str),
        event: EventId,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        for id in self.ids(sql, params![key, event.as_bytes()])? {
            // One that needed another may have been cancelled with it.
            let Some(mut live) = self.live(id)? else { continue };
            live.row.delivery.state = State::Cancelled { reason: format!("{event} took its place") };
            self.stops.push(id);
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
/// All of the event that came first.
const FIRST: &str = "SELECT id FROM delivery WHERE order_key = ?1 AND event = (SELECT event FROM delivery \
     WHERE order_key = ?1 AND event <> ?2 ORDER BY sequence LIMIT 1) ORDER BY sequence";
/// What waits for its time, and was not attempted.
const PENDING: &str = "SELECT id FROM delivery WHERE order_key = ?1 AND state = 1 AND attempts = 0 AND due_at > ?2 \
     ORDER BY sequence";
const WAITING: &str =
    "SELECT id FROM delivery WHERE order_key = ?1 AND held = 1 AND event <> ?2 ORDER BY sequence";
const NEXT_HELD: &str = "SELECT id FROM delivery WHERE order_key = ?1 AND held = 1 ORDER BY sequence LIMIT 1";
const NEXT_OF_EVENT: &str =
    "SELECT id FROM delivery WHERE order_key = ?1 AND held = 1 AND event = ?2 ORDER BY sequence LIMIT 1";
