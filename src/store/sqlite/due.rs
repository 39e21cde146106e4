//! What the dispatcher reads: due deliveries, their shards, and events as they were accepted.

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::archive::Stored;
use super::readers::damaged;
use super::row;
use crate::delivery::Digest;
use crate::event::Event;
use crate::id::{DeliveryId, EventId};
use crate::store::seal::Keys;
use crate::store::{Error, Ready};
use crate::time::Timestamp;

/// Which due deliveries are asked for.
pub(super) struct Wanted {
    pub(super) shard: u16,
    pub(super) until: Timestamp,
    pub(super) except: HashSet<DeliveryId>,
    pub(super) limit: usize,
}

/// The due deliveries of a shard, earliest first. A held one (its order key's turn has not come) is not due.
pub(super) fn due(connection: &Connection, keys: &Keys, wanted: &Wanted) -> Result<Vec<Ready>, Error> {
    let mut found = Vec::new();
    let mut statement = connection.prepare_cached(DUE).map_err(|error| damaged(&error))?;
    let values = params![wanted.shard, wanted.until.millis()];
    let mut rows = statement.query(values).map_err(|error| damaged(&error))?;
    while found.len() < wanted.limit {
        let Some(row) = rows.next().map_err(|error| damaged(&error))? else { break };
        let delivery = row::read(row, keys).map_err(|error| damaged(&error))?.delivery;
        if !wanted.except.contains(&delivery.id) {
            found.push(Ready { delivery, made: None });
        }
    }
    Ok(found)
}

const DUE: &str = "SELECT id, event, rule, revision, action, verb, destination, order_key, mode, accepted_at, \
     attempts, state, due_at, reason, last_error, context FROM delivery INDEXED BY delivery_due \
     WHERE state = 1 AND held = 0 AND shard = ?1 AND due_at <= ?2 ORDER BY due_at, id";

/// The shards with due deliveries: one step of the index for each, however many deliveries there are.
pub(super) fn shards(connection: &Connection) -> Result<Vec<(u16, Timestamp)>, Error> {
    let sql = "SELECT shard, due_at FROM delivery INDEXED BY delivery_due \
         WHERE state = 1 AND held = 0 AND shard > ?1 ORDER BY shard, due_at LIMIT 1";
    let mut statement = connection.prepare_cached(sql).map_err(|error| damaged(&error))?;
    let (mut found, mut last) = (Vec::new(), -1_i64);
    loop {
        let next = statement
            .query_row([last], |row| Ok((row.get::<_, u16>(0)?, row.get::<_, i64>(1)?)))
            .optional()
            .map_err(|error| damaged(&error))?;
        let Some((shard, due_at)) = next else { return Ok(found) };
        found.push((shard, Timestamp::from_millis(due_at)));
        last = i64::from(shard);
    }
}

/// An event with its request and its payload, parsed anew.
pub(super) fn event(connection: &Connection, keys: &Keys, id: EventId) -> Result<Option<Arc<Event>>, Error> {
    let sql = "SELECT source, kind, received_at, dedupe_key, bytes FROM event \
         LEFT JOIN content ON place = content WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(|error| damaged(&error))?;
    let found = statement.query_row([id.as_bytes()], |row| Stored::read(row, keys, id)).optional();
    let found = found.map_err(|error| damaged(&error))?;
    found.map(|stored| stored.event().map(Arc::new)).transpose()
}

/// The text of a rule set.
pub(super) fn revision(connection: &Connection, digest: Digest) -> Result<Option<String>, Error> {
    connection
        .query_row("SELECT text FROM revision WHERE digest = ?1", [digest], |row| row.get(0))
        .optional()
        .map_err(|error| damaged(&error))
}
