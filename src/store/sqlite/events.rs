//! Events in lists, newest first: one walk over ids by the narrowest index, each event then held against the rest of
//! the filter.

use rusqlite::{Connection, OptionalExtension as _, Statement, ToSql};

use super::readers::damaged;
use super::row::{self, STATES};
use crate::id::EventId;
use crate::store::{Error, EventFilter, EventRow};
use crate::time::Timestamp;

/// `received_at` and the moment within the id may differ by so much.
const SLACK_MS: i64 = 60_000;

/// An event as a row, with what only filters need.
struct Found {
    row: EventRow,
    status: i64,
}

/// Events that the filter lets through.
pub(super) fn list(connection: &Connection, filter: &EventFilter) -> Result<Vec<EventRow>, Error> {
    walk(connection, filter).map_err(|error| damaged(&error))
}

/// One event as a row.
pub(super) fn one(connection: &Connection, id: EventId) -> Result<Option<EventRow>, Error> {
    let mut look = Look::new(connection).map_err(|error| damaged(&error))?;
    let found = look.event(*id.as_bytes()).map_err(|error| damaged(&error))?;
    Ok(found.map(|found| found.row))
}

fn walk(connection: &Connection, filter: &EventFilter) -> rusqlite::Result<Vec<EventRow>> {
    let mut rows = Vec::new();
    let Some((sql, narrow)) = narrowest(filter) else { return Ok(rows) };
    let before = filter.before.map_or([0xff; 16], |id| *id.as_bytes());
    let since = first_id(filter.since);
    let mut look = Look::new(connection)?;
    let mut ids = connection.prepare_cached(sql)?;
    let values: &[&dyn ToSql] = &[&before, &since, &narrow];
    // Walks over everything have no third value.
    let mut ids = ids.query(values.get(..2 + usize::from(narrow.is_some())).unwrap_or(values))?;
    while rows.len() < filter.limit {
        let Some(id) = ids.next()? else { break };
        if let Some(found) = look.event(id.get(0)?)?
            && is_wanted(&found, filter)
        {
            rows.push(found.row);
        }
    }
    Ok(rows)
}

/// The walk over the fewest ids, with the value it is narrowed by; `None` when there is no such status.
fn narrowest(filter: &EventFilter) -> Option<(&'static str, Option<String>)> {
    let by_state = match filter.status.as_deref() {
        Some("unmatched") => {
            Some(("SELECT id FROM event WHERE status = 1 AND id < ?1 AND id >= ?2 ORDER BY id DESC", None))
        }
        Some("id_conflict") => {
            Some(("SELECT id FROM event WHERE status = 2 AND id < ?1 AND id >= ?2 ORDER BY id DESC", None))
        }
        Some(state) => match row::state_number(state)? {
            row::DELIVERED => None,
            number if row::is_end(number) => Some((BY_END, Some(number.to_string()))),
            number => Some((BY_LIVE_STATE, Some(number.to_string()))),
        },
        None => None,
    };
    Some(match (by_state, filter) {
        (Some(by_state), _) => by_state,
        (_, EventFilter { rule: Some(rule), .. }) => (BY_RULE, Some(rule.clone())),
        (_, EventFilter { kind: Some(kind), .. }) => (BY_KIND, Some(kind.clone())),
        (_, EventFilter { source: Some(source), .. }) => (BY_SOURCE, Some(source.clone())),
        _ => (ALL, None),
    })
}

const ALL: &str = "SELECT id FROM event WHERE id < ?1 AND id >= ?2 ORDER BY id DESC";
const BY_SOURCE: &str = "SELECT id FROM event WHERE source = ?3 AND id < ?1 AND id >= ?2 ORDER BY id DESC";
const BY_KIND: &str = "SELECT id FROM event WHERE kind = ?3 AND id < ?1 AND id >= ?2 ORDER BY id DESC";
const BY_RULE: &str =
    "SELECT event FROM event_rule WHERE rule = ?3 AND event < ?1 AND event >= ?2 ORDER BY event DESC";
/// Ends other than `delivered` have an index of their own.
const BY_END: &str = "SELECT DISTINCT event FROM delivery_done INDEXED BY done_event \
     WHERE state <> 3 AND state = CAST(?3 AS INTEGER) AND event < ?1 AND event >= ?2 ORDER BY event DESC";
/// Live deliveries are few.
const BY_LIVE_STATE: &str = "SELECT DISTINCT event FROM delivery \
     WHERE state = CAST(?3 AS INTEGER) AND event < ?1 AND event >= ?2 ORDER BY event DESC";

/// The smallest id that an event received then can have.
pub(super) fn first_id(since: Option<Timestamp>) -> [u8; 16] {
    let millis = since.map_or(0, |since| since.millis().saturating_sub(SLACK_MS).max(0));
    let mut id = [0; 16];
    // The upper 48 bits of a UUID version 7 are milliseconds.
    for (place, byte) in id.iter_mut().zip(millis.to_be_bytes().into_iter().skip(2)) {
        *place = byte;
    }
    id
}

fn is_wanted(found: &Found, filter: &EventFilter) -> bool {
    let row = &found.row;
    let is = |wanted: &Option<String>, got: &str| wanted.as_deref().is_none_or(|wanted| wanted == got);
    let status = match filter.status.as_deref() {
        None => true,
        Some("unmatched") => found.status == 1,
        Some("id_conflict") => found.status == 2,
        Some(state) => row.deliveries.iter().any(|(name, _)| name == state),
    };
    status
        && is(&filter.source, &row.source)
        && is(&filter.kind, &row.kind)
        && filter.rule.as_ref().is_none_or(|rule| row.matched.contains(rule))
        && filter.since.is_none_or(|since| row.received_at >= since)
}

/// Two prepared questions: an event, and the state of a delivery.
struct Look<'c> {
    event: Statement<'c>,
    state: Statement<'c>,
}

impl<'c> Look<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            event: connection.prepare(
                "SELECT source, kind, received_at, body_bytes, duplicates, conflict_with, matched, deliveries, status \
                 FROM event WHERE id = ?1",
            )?,
            state: connection.prepare(
                "SELECT state FROM delivery_done WHERE id = ?1 UNION ALL SELECT state FROM delivery WHERE id = ?1",
            )?,
        })
    }

    fn event(&mut self, id: [u8; 16]) -> rusqlite::Result<Option<Found>> {
        let read = |row: &rusqlite::Row<'_>| {
            let found = Found {
                row: EventRow {
                    id: EventId::from_bytes(id),
                    source: row.get(0)?,
                    kind: row.get(1)?,
                    received_at: Timestamp::from_millis(row.get(2)?),
                    body_bytes: row.get::<_, i64>(3)?.unsigned_abs(),
                    duplicates: row.get::<_, i64>(4)?.unsigned_abs(),
                    conflict_with: row.get::<_, Option<[u8; 16]>>(5)?.map(EventId::from_bytes),
                    matched: serde_json::from_str(row.get_ref(6)?.as_str()?).unwrap_or_default(),
                    deliveries: Vec::new(),
                },
                status: row.get(8)?,
            };
            Ok((found, row.get::<_, Vec<u8>>(7)?))
        };
        let Some((mut found, ids)) = self.event.query_row([id], read).optional()? else { return Ok(None) };
        found.row.deliveries = self.states(&ids)?;
        Ok(Some(found))
    }

    fn states(&mut self, ids: &[u8]) -> rusqlite::Result<Vec<(String, u64)>> {
        let mut counts = vec![0_u64; STATES.len()];
        for id in ids.chunks_exact(16) {
            let state: Option<u8> = self.state.query_row([id], |row| row.get(0)).optional()?;
            if let Some(count) = state.and_then(|state| counts.get_mut(usize::from(state))) {
                *count += 1;
            }
        }
        let named = STATES.iter().map(|name| (*name).to_owned()).zip(counts);
        Ok(named.filter(|(_, count)| *count > 0).collect())
    }
}
