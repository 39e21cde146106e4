//! Retention: what may go is looked for by a reader, from where the last look ended; the writer looks again at each
//! and removes it in one bounded chunk.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::fault::{Point, pass};
use super::queue::{Fault, Write};
use super::readers::damaged;
use super::row;
use super::work::Work;
use crate::id::{DeliveryId, EventId};
use crate::limit;
use crate::store::{Error, Retention};
use crate::time::Timestamp;

/// Events handed to the writer at once: each has two rows at least.
const CANDIDATES_MAX: usize = limit::RETENTION_CHUNK / 2;

/// Events that may go, oldest first, behind `after`; fewer than `CANDIDATES_MAX` when the end is reached.
pub(super) fn candidates(
    connection: &Connection,
    retention: Retention,
    after: EventId,
) -> Result<Vec<EventId>, Error> {
    let found = || -> rusqlite::Result<Vec<EventId>> {
        let sql = "SELECT id, received_at, deliveries FROM event WHERE id > ?1 ORDER BY id";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([after.as_bytes()])?;
        let mut found = Vec::new();
        while found.len() < CANDIDATES_MAX {
            let Some(row) = rows.next()? else { break };
            let (id, received_at) = (row.get(0)?, row.get::<_, i64>(1)?);
            // Ids are in the order of these moments.
            if received_at >= retention.ended_before.millis() {
                break;
            }
            if may_go(connection, row.get_ref(2)?.as_blob()?, retention)? {
                found.push(EventId::from_bytes(id));
            }
        }
        Ok(found)
    };
    found().map_err(|error| damaged(&error))
}

/// Whether all deliveries of an event ended long enough ago. One that is gone already ended.
fn may_go(connection: &Connection, ids: &[u8], retention: Retention) -> rusqlite::Result<bool> {
    let mut live = connection.prepare_cached("SELECT 1 FROM delivery WHERE id = ?1")?;
    let mut ended =
        connection.prepare_cached("SELECT state, finished_at FROM delivery_done WHERE id = ?1")?;
    for id in ids.chunks_exact(16) {
        if live.exists([id])? {
            return Ok(false);
        }
        let end = ended.query_row([id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)));
        if end.optional()?.is_some_and(|(state, finished_at)| !is_past(state, finished_at, retention)) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_past(state: i64, finished_at: Option<i64>, retention: Retention) -> bool {
    let before = match state {
        row::DEAD | row::IN_DOUBT => retention.dead_before,
        _ => retention.ended_before,
    };
    finished_at.unwrap_or(0) < before.millis()
}

/// Removes what may go of these events.
pub(super) struct Pruning {
    pub(super) events: Vec<EventId>,
    pub(super) retention: Retention,
    pub(super) now: Timestamp,
}

/// What one chunk removed.
#[derive(Debug, Default)]
pub(super) struct Pruned {
    /// Rows of all tables.
    pub(super) rows: usize,
    /// The last event that is done with; those behind it did not fit.
    pub(super) last: Option<EventId>,
}

impl Write for Pruning {
    type Answer = Pruned;

    fn write(&self, work: &mut Work<'_>) -> Result<Pruned, Fault> {
        let rows = forget_keys(work, self.now)? + work.forget_marks(self.now)?;
        let mut pruned = Pruned { rows, last: None };
        for event in &self.events {
            if pruned.rows >= limit::RETENTION_CHUNK || !self.remove(work, *event, &mut pruned.rows)? {
                break;
            }
            pass(Point::Prune);
            pruned.last = Some(*event);
        }
        Ok(pruned)
    }
}

impl Pruning {
    /// Removes an event with its deliveries and their attempts; `false` when the chunk is full before its end.
    fn remove(&self, work: &mut Work<'_>, event: EventId, rows: &mut usize) -> rusqlite::Result<bool> {
        let sql = "SELECT deliveries, content FROM event WHERE id = ?1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?));
        let Some((ids, content)) = work.first(sql, [event.as_bytes()], read)? else { return Ok(true) };
        if !may_go(work.connection(), &ids, self.retention)? {
            return Ok(true);
        }
        for id in ids.chunks_exact(16) {
            let id = DeliveryId::from_bytes(id.try_into().unwrap_or_default());
            *rows += remove_delivery(work, id)?;
            if *rows >= limit::RETENTION_CHUNK {
                return Ok(false);
            }
        }
        *rows += forget_rules(work, event)?;
        *rows += work.execute("DELETE FROM content WHERE place = ?1", [content])?;
        *rows += work.execute("DELETE FROM event WHERE id = ?1", [event.as_bytes()])?;
        work.census.events = work.census.events.saturating_sub(1);
        Ok(true)
    }
}

fn remove_delivery(work: &mut Work<'_>, id: DeliveryId) -> rusqlite::Result<usize> {
    let Some(ended) = work.done(id)? else { return Ok(0) };
    let said = work.forget_said(id)?;
    let id = id.as_bytes();
    let contents = "DELETE FROM content WHERE place IN (SELECT content FROM attempt WHERE delivery = ?1)";
    let rows =
        work.execute(contents, [id])? + work.execute("DELETE FROM attempt WHERE delivery = ?1", [id])?;
    work.remove_done(&ended)?;
    Ok(rows + said + 1)
}

fn forget_rules(work: &Work<'_>, event: EventId) -> rusqlite::Result<usize> {
    let matched: Option<String> =
        work.first("SELECT matched FROM event WHERE id = ?1", [event.as_bytes()], |row| row.get(0))?;
    let rules: Vec<String> =
        matched.and_then(|matched| serde_json::from_str(&matched).ok()).unwrap_or_default();
    let mut rows = 0;
    for rule in rules {
        let sql = "DELETE FROM event_rule WHERE rule = ?1 AND event = ?2";
        rows += work.execute(sql, params![rule, event.as_bytes()])?;
    }
    Ok(rows)
}

/// Dedupe keys outlive their events: they go when their own window ends.
fn forget_keys(work: &Work<'_>, now: Timestamp) -> rusqlite::Result<usize> {
    let chunk = i64::try_from(limit::RETENTION_CHUNK / 2).unwrap_or(1);
    work.execute(
        "DELETE FROM dedupe WHERE key_hash IN \
         (SELECT key_hash FROM dedupe WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
        params![now.millis(), chunk],
    )
}
