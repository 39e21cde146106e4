//! Deliveries in lists, newest first, and one with its attempts.

use std::borrow::Cow;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params_from_iter};

use super::Looks;
use super::codec::unpack_texts;
use super::events::{first_behind, first_since};
use super::readers::damaged;
use super::settle::{CONTENT, WORDS};
use super::{row, sealed};
use crate::id::{DeliveryId, EventId};
use crate::store::seal::{Keys, Whose};
use crate::store::{AttemptRow, DeliveryFilter, DeliveryRow, Error, Page};
use crate::time::Timestamp;

/// The tables of deliveries, with what is read of them.
const TABLES: [(&str, &str); 2] = [("delivery", row::COLUMNS), ("delivery_done", row::COLUMNS_DONE)];

/// Deliveries that the filter lets through.
pub(super) fn list(
    connection: &Connection,
    keys: &Keys,
    filter: &DeliveryFilter,
    looks: Looks,
) -> Result<Page<DeliveryRow, DeliveryId>, Error> {
    let found = match filter.event {
        Some(event) => of_event(connection, keys, event, filter).map(|rows| (rows, None)),
        None => walk(connection, keys, filter, looks),
    };
    let (mut rows, ended_at) = found.map_err(|error| damaged(&error))?;
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.delivery.id));
    rows.truncate(filter.limit);
    let is_full = rows.len() == filter.limit;
    let next = if is_full { rows.last().map(|row| row.delivery.id) } else { ended_at };
    Ok(Page { rows, next })
}

/// A delivery, with its attempts in order.
pub(super) fn one(
    connection: &Connection,
    keys: &Keys,
    id: DeliveryId,
) -> Result<Option<(DeliveryRow, Vec<AttemptRow>)>, Error> {
    let found = by_id(connection, keys, id.as_bytes()).map_err(|error| damaged(&error))?;
    match found {
        Some(row) => Ok(Some((row, attempts(connection, keys, id)?))),
        None => Ok(None),
    }
}

fn by_id(connection: &Connection, keys: &Keys, id: &[u8]) -> rusqlite::Result<Option<DeliveryRow>> {
    for (table, columns) in TABLES {
        let mut statement =
            connection.prepare_cached(&format!("SELECT {columns} FROM {table} WHERE id = ?1"))?;
        if let Some(row) = statement.query_row([id], |row| row::read(row, keys)).optional()? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

fn of_event(
    connection: &Connection,
    keys: &Keys,
    event: EventId,
    filter: &DeliveryFilter,
) -> rusqlite::Result<Vec<DeliveryRow>> {
    let sql = "SELECT deliveries FROM event WHERE id = ?1";
    let ids: Option<Vec<u8>> = connection.query_row(sql, [event.as_bytes()], |row| row.get(0)).optional()?;
    let mut rows = Vec::new();
    for id in ids.unwrap_or_default().chunks_exact(16) {
        rows.extend(by_id(connection, keys, id)?.filter(|row| is_wanted(row, filter)));
    }
    Ok(rows)
}

fn is_wanted(row: &DeliveryRow, filter: &DeliveryFilter) -> bool {
    let is = |wanted: &Option<String>, got: &str| wanted.as_deref().is_none_or(|wanted| wanted == got);
    let accepted_at = row.delivery.accepted_at;
    is(&filter.state, row.delivery.state.name())
        && is(&filter.destination, &row.delivery.destination)
        && is(&filter.rule, &row.delivery.rule)
        && filter.before.is_none_or(|before| row.delivery.id < before)
        && filter.since.is_none_or(|since| accepted_at >= since)
        && filter.until.is_none_or(|until| accepted_at <= until)
        && filter
            .error
            .as_deref()
            .is_none_or(|error| row.last_error.as_ref().is_some_and(|last| last.contains(error)))
}

/// What was found, and where looking ended before the end of the tables.
type Walked = (Vec<DeliveryRow>, Option<DeliveryId>);

fn walk(
    connection: &Connection,
    keys: &Keys,
    filter: &DeliveryFilter,
    looks: Looks,
) -> rusqlite::Result<Walked> {
    let state = match filter.state.as_deref().map(row::state_number) {
        Some(None) => return Ok((Vec::new(), None)),
        Some(known) => known,
        None => None,
    };
    let (mut rows, mut ended_at) = (Vec::new(), None);
    for (table, columns) in TABLES {
        if state.is_some_and(|number| row::is_end(number) != (table == "delivery_done")) {
            continue;
        }
        let (clause, values) = conditions(filter, state);
        let sql = format!("SELECT {columns} FROM {table} WHERE {clause} ORDER BY id DESC");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut found = statement.query_map(params_from_iter(values), |row| row::read(row, keys))?;
        let (mut looks, mut wanted) = (looks, 0);
        while wanted < filter.limit {
            let Some(row) = found.next().transpose()? else { break };
            let id = row.delivery.id;
            if is_wanted(&row, filter) {
                rows.push(row);
                wanted += 1;
            }
            if !looks.spend(1, 0) {
                ended_at = ended_at.max(Some(id));
                break;
            }
        }
    }
    // Behind the place where one table was left, the other is not the whole list.
    rows.retain(|row| ended_at.is_none_or(|end| row.delivery.id >= end));
    Ok((rows, ended_at))
}

/// The filter in SQL. A `+` keeps an index out of the way: a rare end leads, then the destination, then the rule.
fn conditions(filter: &DeliveryFilter, state: Option<i64>) -> (String, Vec<Box<dyn ToSql>>) {
    let rare = state.filter(|number| row::is_end(*number) && *number != row::DELIVERED);
    let before = filter.before.map_or([0xff; 16], |id| *id.as_bytes());
    let mut values: Vec<Box<dyn ToSql>> =
        vec![Box::new(before.min(first_behind(filter.until))), Box::new(first_since(filter.since))];
    let mut clause = "id < ? AND id >= ?".to_owned();
    if let Some(number) = state {
        // A literal, so that the index over the ends other than `delivered` applies.
        clause.push_str(&format!(" AND state = {number}"));
        if rare.is_some() {
            clause.push_str(" AND state <> 3");
        }
    }
    let mut is_led = rare.is_some();
    for (column, wanted) in [("destination", &filter.destination), ("rule", &filter.rule)] {
        if let Some(wanted) = wanted {
            clause.push_str(if is_led { " AND +" } else { " AND " });
            clause.push_str(&format!("{column} = ?"));
            values.push(Box::new(wanted.clone()));
            is_led = true;
        }
    }
    (clause, values)
}

fn attempts(connection: &Connection, keys: &Keys, id: DeliveryId) -> Result<Vec<AttemptRow>, Error> {
    let sql = "SELECT number, started_at, took_ms, kind, words, stale, bytes FROM attempt \
         LEFT JOIN content ON place = content WHERE delivery = ?1 ORDER BY number, started_at, stale";
    let mut statement = connection.prepare_cached(sql).map_err(|error| damaged(&error))?;
    let read = |row: &Row<'_>| {
        let attempt = attempt(row, keys, id)?;
        let whose = Whose::attempt(id, CONTENT, attempt.number, attempt.started_at);
        let texts = row.get_ref(6)?.as_blob().map(|bytes| keys.open(whose, bytes).map(Cow::into_owned));
        Ok((attempt, texts))
    };
    let rows = statement.query_map([id.as_bytes()], read);
    let mut attempts = Vec::new();
    for row in rows.map_err(|error| damaged(&error))? {
        let (mut attempt, texts) = row.map_err(|error| damaged(&error))?;
        let broken = |what: &str| Error::Damaged(format!("an attempt of `{id}`: {what}"));
        let texts =
            texts.map_err(|_| broken("its texts are gone"))?.map_err(|why| broken(&why.to_string()))?;
        let [sent, head, body] = unpack_texts(&texts).map_err(broken)?;
        (attempt.sent, attempt.got_head, attempt.got_body) = (sent, head, body);
        attempts.push(attempt);
    }
    Ok(attempts)
}

fn attempt(row: &Row<'_>, keys: &Keys, id: DeliveryId) -> rusqlite::Result<AttemptRow> {
    let (number, started_at) = (row.get(0)?, Timestamp::from_millis(row.get(1)?));
    Ok(AttemptRow {
        number,
        started_at,
        took: Duration::from_millis(row.get::<_, i64>(2)?.unsigned_abs()),
        kind: row.get(3)?,
        words: sealed::text(keys, Whose::attempt(id, WORDS, number, started_at), row, 4)?.unwrap_or_default(),
        sent: String::new(),
        got_head: String::new(),
        got_body: String::new(),
        stale: row.get::<_, i64>(5)? > 0,
    })
}
