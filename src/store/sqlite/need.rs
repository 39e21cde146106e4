//! Deliveries that wait for each other, and those that are owed because another died. What follows from an end is
//! decided by `delivery::follow`; here it is looked up and written, in the commit of that end.

use rusqlite::params;

use super::row::StateColumns;
use super::work::Work;
use crate::delivery::{Delivery, Need, State, follow};
use crate::id::{DeliveryId, EventId};
use crate::time::Timestamp;

impl Work<'_> {
    /// Notes that one delivery waits for another.
    pub(super) fn need(&mut self, need: &Need) -> rusqlite::Result<()> {
        let values = params![need.on.as_bytes(), need.delivery.as_bytes(), need.name];
        self.execute("INSERT OR IGNORE INTO need VALUES (?1, ?2, ?3)", values)?;
        self.census.needs = self.census.needs.saturating_add(1);
        Ok(())
    }

    /// Tells those that wait for a delivery how it ended.
    pub(super) fn told(&mut self, ended: &Delivery, now: Timestamp) -> rusqlite::Result<()> {
        if self.census.needs == 0 {
            return Ok(());
        }
        self.forget("DELETE FROM need WHERE delivery = ?1", ended.id)?;
        for (id, name) in self.waiting_for(ended.id)? {
            let left = "SELECT 1 FROM need WHERE delivery = ?1 AND needed <> ?2 LIMIT 1";
            let others_left =
                self.first(left, params![id.as_bytes(), ended.id.as_bytes()], |_| Ok(()))?.is_some();
            match follow(&name, &ended.state, others_left, now) {
                Some(state) => self.move_on(id, state, now)?,
                None if ended.state == State::InDoubt => return Ok(()),
                None => {}
            }
        }
        self.forget("DELETE FROM need WHERE needed = ?1", ended.id)
    }

    fn waiting_for(&self, id: DeliveryId) -> rusqlite::Result<Vec<(DeliveryId, String)>> {
        let mut statement =
            self.connection().prepare_cached("SELECT delivery, name FROM need WHERE needed = ?1")?;
        let rows = statement
            .query_map([id.as_bytes()], |row| Ok((DeliveryId::from_bytes(row.get(0)?), row.get(1)?)))?;
        rows.collect()
    }

    fn forget(&mut self, sql: &str, id: DeliveryId) -> rusqlite::Result<()> {
        let gone = self.execute(sql, [id.as_bytes()])?;
        self.census.needs = self.census.needs.saturating_sub(u64::try_from(gone).unwrap_or(0));
        Ok(())
    }

    /// A delivery that waited is due, or will never be.
    fn move_on(&mut self, id: DeliveryId, state: State, now: Timestamp) -> rusqlite::Result<()> {
        let Some(mut live) = self.live(id)? else { return Ok(()) };
        if !matches!(live.row.delivery.state, State::Waiting { .. }) {
            return Ok(());
        }
        live.row.delivery.state = state;
        if live.row.delivery.state.is_end() {
            return self.end(&live, now);
        }
        let columns = StateColumns::from(&live.row.delivery.state);
        let sql = "UPDATE delivery SET state = ?2, due_at = ?3, reason = NULL WHERE id = ?1";
        self.execute(sql, params![id.as_bytes(), columns.number, columns.due_at])?;
        let held =
            self.first("SELECT held FROM delivery WHERE id = ?1", [id.as_bytes()], |row| row.get(0))?;
        if held == Some(0_i64) {
            self.hint(live.row.delivery);
        }
        Ok(())
    }

    /// Adds deliveries to an event that is there already.
    pub(super) fn owe(&mut self, event: EventId, owes: &[Delivery], now: Timestamp) -> rusqlite::Result<()> {
        if owes.is_empty() {
            return Ok(());
        }
        let known = "SELECT deliveries FROM event WHERE id = ?1";
        let ids: Option<Vec<u8>> = self.first(known, [event.as_bytes()], |row| row.get(0))?;
        let mut ids = ids.unwrap_or_default();
        for delivery in owes {
            ids.extend(delivery.id.as_bytes());
            if let Some(delivery) = self.add(delivery, now)? {
                self.hint(delivery);
            }
        }
        let sql = "UPDATE event SET deliveries = ?2 WHERE id = ?1";
        self.execute(sql, params![event.as_bytes(), ids]).map(|_| ())
    }
}
