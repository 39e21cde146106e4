//! Events in lists: one walk over ids by the narrowest index, each event then held against the rest of the filter. A
//! page looks at a bounded number of them.

use rusqlite::{Connection, OptionalExtension as _, Statement, ToSql};

use super::Looks;
use super::readers::damaged;
use super::row::{self, STATES};
use super::{codec, due};
use crate::id::EventId;
use crate::store::seal::{Keys, Whose};
use crate::store::{Error, EventFilter, EventRow, Order, Page, Text};
use crate::time::Timestamp;

/// An event as a row, with what only filters need.
struct Found {
    row: EventRow,
    status: i64,
}

/// Events that the filter lets through.
pub(super) fn list(
    connection: &Connection,
    keys: &Keys,
    filter: &EventFilter,
    looks: Looks,
) -> Result<Page<EventRow, EventId>, Error> {
    walk(connection, keys, filter, looks).map_err(|error| damaged(&error))
}

/// One event as a row.
pub(super) fn one(connection: &Connection, id: EventId) -> Result<Option<EventRow>, Error> {
    let mut look = Look::new(connection).map_err(|error| damaged(&error))?;
    let found = look.event(*id.as_bytes()).map_err(|error| damaged(&error))?;
    Ok(found.map(|found| found.row))
}

fn walk(
    connection: &Connection,
    keys: &Keys,
    filter: &EventFilter,
    mut looks: Looks,
) -> rusqlite::Result<Page<EventRow, EventId>> {
    let mut page = Page { rows: Vec::new(), next: None };
    let Some(walk) = Walk::narrowest(filter) else { return Ok(page) };
    let (first, behind) = bounds(filter);
    let mut look = Look::new(connection)?;
    let mut ids = connection.prepare_cached(&walk.sql(filter.order))?;
    let values: &[&dyn ToSql] = &[&first, &behind, &walk.value];
    // Walks over everything have no third value.
    let mut ids = ids.query(values.get(..2 + usize::from(walk.value.is_some())).unwrap_or(values))?;
    while page.rows.len() < filter.limit {
        let Some(id) = ids.next()? else { return Ok(page) };
        let id = id.get(0)?;
        if let Some(found) = look.event(id)?
            && is_wanted(&found, filter)
            && look.has_text(id, keys, filter.text.as_ref(), &mut looks)?
            && is_shown(connection, keys, id, filter.text.as_ref())
        {
            page.rows.push(found.row);
        }
        if !looks.spend(1, 0) {
            page.next = Some(EventId::from_bytes(id));
            return Ok(page);
        }
    }
    page.next = page.rows.last().map(|row| row.id);
    Ok(page)
}

/// A walk over ids.
struct Walk {
    table: &'static str,
    id: &'static str,
    narrowed: &'static str,
    value: Option<String>,
}

/// Ends other than `delivered` have an index of their own.
const ENDED: &str = "delivery_done INDEXED BY done_event";

impl Walk {
    /// The walk over the fewest ids, with the value it is narrowed by; `None` when there is no such status.
    fn narrowest(filter: &EventFilter) -> Option<Self> {
        let of = |table, id, narrowed, value| Self { table, id, narrowed, value };
        let by_state = match filter.status.as_deref() {
            Some("unmatched") => Some(of("event", "id", "status = 1 AND", None)),
            Some("id_conflict") => Some(of("event", "id", "status = 2 AND", None)),
            Some(state) => match row::state_number(state)? {
                row::DELIVERED => None,
                number => {
                    let (table, narrowed) = if row::is_end(number) {
                        (ENDED, "state <> 3 AND state = CAST(?3 AS INTEGER) AND")
                    } else {
                        ("delivery", "state = CAST(?3 AS INTEGER) AND")
                    };
                    Some(of(table, "event", narrowed, Some(number.to_string())))
                }
            },
            None => None,
        };
        Some(match (by_state, filter) {
            (Some(by_state), _) => by_state,
            (_, EventFilter { rule: Some(rule), .. }) => {
                of("event_rule", "event", "rule = ?3 AND", Some(rule.clone()))
            }
            (_, EventFilter { kind: Some(kind), .. }) => {
                of("event", "id", "kind = ?3 AND", Some(kind.clone()))
            }
            (_, EventFilter { source: Some(source), .. }) => {
                of("event", "id", "source = ?3 AND", Some(source.clone()))
            }
            _ => of("event", "id", "", None),
        })
    }

    fn sql(&self, order: Order) -> String {
        let Self { table, id, narrowed, .. } = self;
        let order = match order {
            Order::NewestFirst => "DESC",
            Order::OldestFirst => "ASC",
        };
        format!(
            "SELECT DISTINCT {id} FROM {table} WHERE {narrowed} {id} >= ?1 AND {id} < ?2 ORDER BY {id} {order}"
        )
    }
}

/// The first id that may be in the list, and the first behind it.
fn bounds(filter: &EventFilter) -> ([u8; 16], [u8; 16]) {
    let since = first_since(filter.since);
    let after = filter.after.map_or([0; 16], |after| next_id(*after.as_bytes()));
    let until = first_behind(filter.until);
    let before = filter.before.map_or([0xff; 16], |before| *before.as_bytes());
    (since.max(after), until.min(before))
}

/// The smallest id of what came since then: an id is made at the moment that is kept.
pub(super) fn first_since(since: Option<Timestamp>) -> [u8; 16] {
    since.map_or([0; 16], |since| first_id(since.millis()))
}

/// The smallest id behind what came until then, that millisecond with it.
pub(super) fn first_behind(until: Option<Timestamp>) -> [u8; 16] {
    until.map_or([0xff; 16], |until| first_id(until.millis().saturating_add(1)))
}

/// The smallest id that something made at this moment can have.
fn first_id(millis: i64) -> [u8; 16] {
    let mut id = [0; 16];
    // The upper 48 bits of a UUID version 7 are milliseconds.
    for (place, byte) in id.iter_mut().zip(millis.max(0).to_be_bytes().into_iter().skip(2)) {
        *place = byte;
    }
    id
}

fn next_id(id: [u8; 16]) -> [u8; 16] {
    u128::from_be_bytes(id).saturating_add(1).to_be_bytes()
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
        && filter.until.is_none_or(|until| row.received_at <= until)
}

/// Whether people see the text that they ask for. What cannot be read is not shown.
fn is_shown(connection: &Connection, keys: &Keys, id: [u8; 16], text: Option<&Text>) -> bool {
    let Some(Text { text, shows: Some(shows) }) = text else { return true };
    let event = due::event(connection, keys, EventId::from_bytes(id));
    event.ok().flatten().is_some_and(|event| (shows.0)(&event, text))
}

/// Prepared questions: an event, the state of a delivery, a body.
struct Look<'c> {
    event: Statement<'c>,
    state: Statement<'c>,
    content: Statement<'c>,
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
            content: connection
                .prepare("SELECT bytes FROM event JOIN content ON place = content WHERE id = ?1")?,
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

    /// Whether a body has this text in it. One that cannot be read has not.
    fn has_text(
        &mut self,
        id: [u8; 16],
        keys: &Keys,
        text: Option<&Text>,
        looks: &mut Looks,
    ) -> rusqlite::Result<bool> {
        let Some(text) = text else { return Ok(true) };
        let whose = Whose::event(EventId::from_bytes(id));
        let read = |row: &rusqlite::Row<'_>| {
            let plain = keys.open(whose, row.get_ref(0)?.as_blob()?);
            Ok(plain.map_err(|_| "a seal").and_then(|bytes| codec::body(&bytes)))
        };
        let Some(Ok(body)) = self.content.query_row([id], read).optional()? else { return Ok(false) };
        looks.spend(0, body.len());
        Ok(memchr::memmem::find(&body, text.text.as_bytes()).is_some())
    }
}
