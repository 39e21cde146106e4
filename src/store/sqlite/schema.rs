//! The tables, and how an older file becomes one of today: `PRAGMA user_version` counts the steps below.
//!
//! `event` is small so that lists stay fast; what is long (request, body, what an attempt sent and got) stands in
//! `content`. `delivery` holds live work only and stays small; what ended moves to `delivery_done`. The states are
//! the numbers of `row::STATES`.

use rusqlite::Connection;

use super::fault::{Point, pass};

/// Marks a file as ours (`PRAGMA application_id`): `door` in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x646f_6f72;

/// Each step is applied once, in order, in one transaction; the version of a file is how many it has had.
const STEPS: &[&str] = &[FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH];

const FIRST: &str = "
CREATE TABLE content (place INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

CREATE TABLE event (
    id BLOB PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, received_at INTEGER NOT NULL,
    body_bytes INTEGER NOT NULL, status INTEGER NOT NULL, duplicates INTEGER NOT NULL, conflict_with BLOB,
    dedupe_key TEXT, matched TEXT NOT NULL, deliveries BLOB NOT NULL, content INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX event_source ON event (source, id);
CREATE INDEX event_kind ON event (kind, id);
CREATE INDEX event_status ON event (status, id) WHERE status <> 0;

CREATE TABLE event_rule (rule TEXT NOT NULL, event BLOB NOT NULL, PRIMARY KEY (rule, event)) WITHOUT ROWID;

CREATE TABLE dedupe (
    key_hash BLOB PRIMARY KEY, body_hash BLOB NOT NULL, event BLOB NOT NULL, expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX dedupe_expires ON dedupe (expires_at);

CREATE TABLE delivery (
    id BLOB PRIMARY KEY, event BLOB NOT NULL, rule TEXT NOT NULL, revision BLOB NOT NULL, action INTEGER NOT NULL,
    verb TEXT NOT NULL, destination TEXT NOT NULL, order_key TEXT, mode INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL, attempts INTEGER NOT NULL, state INTEGER NOT NULL, due_at INTEGER,
    reason TEXT, last_error TEXT, sequence INTEGER NOT NULL, shard INTEGER NOT NULL, held INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (shard, due_at, id) WHERE state = 1 AND held = 0;
CREATE INDEX delivery_order ON delivery (order_key, held, sequence) WHERE order_key IS NOT NULL;

CREATE TABLE delivery_done (
    id BLOB PRIMARY KEY, event BLOB NOT NULL, rule TEXT NOT NULL, revision BLOB NOT NULL, action INTEGER NOT NULL,
    verb TEXT NOT NULL, destination TEXT NOT NULL, order_key TEXT, mode INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL, attempts INTEGER NOT NULL, state INTEGER NOT NULL, finished_at INTEGER,
    reason TEXT, last_error TEXT, sequence INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX done_state ON delivery_done (state, id) WHERE state <> 3;
CREATE INDEX done_event ON delivery_done (state, event) WHERE state <> 3;
CREATE INDEX done_destination ON delivery_done (destination, id);
CREATE INDEX done_rule ON delivery_done (rule, id);

CREATE TABLE attempt (
    delivery BLOB NOT NULL, number INTEGER NOT NULL, stale INTEGER NOT NULL, started_at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL, kind TEXT NOT NULL, words TEXT NOT NULL, content INTEGER NOT NULL,
    PRIMARY KEY (delivery, number, stale)
) WITHOUT ROWID;

CREATE TABLE revision (digest BLOB PRIMARY KEY, text TEXT NOT NULL, kept_at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE rejection (
    sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, status INTEGER NOT NULL,
    cause TEXT NOT NULL, peer TEXT NOT NULL
);

CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('probe', 0);
";

/// `context` is the JSON of what sets a delivery apart. A row of `need`: `delivery` waits for the success of `needed`.
const SECOND: &str = "
ALTER TABLE delivery ADD COLUMN context TEXT;
ALTER TABLE delivery_done ADD COLUMN context TEXT;
CREATE TABLE need (
    needed BLOB NOT NULL, delivery BLOB NOT NULL, name TEXT NOT NULL, PRIMARY KEY (needed, delivery)
) WITHOUT ROWID;
CREATE INDEX need_delivery ON need (delivery);
";

/// Connections that a person stopped.
const THIRD: &str = "
CREATE TABLE pause (connection TEXT PRIMARY KEY, since INTEGER NOT NULL, reason TEXT) WITHOUT ROWID;
";

/// The marks of throttles: see `delivery::Throttle`.
const FOURTH: &str = "
CREATE TABLE throttle (key TEXT PRIMARY KEY, mark INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX throttle_mark ON throttle (mark);
";

/// The name of a refusal, and what was looked at in the request, as JSON.
const FIFTH: &str = "
ALTER TABLE rejection ADD COLUMN id BLOB;
ALTER TABLE rejection ADD COLUMN examined TEXT;
";

/// The ids of keys that have sealed something: see `sealed`.
const SIXTH: &str = "
CREATE TABLE seal (key BLOB PRIMARY KEY) WITHOUT ROWID;
";

/// What attempts under way have said: see `saying`.
const SEVENTH: &str = "
CREATE TABLE saying (
    delivery BLOB PRIMARY KEY, number INTEGER NOT NULL, started_at INTEGER NOT NULL, at INTEGER NOT NULL,
    content BLOB NOT NULL
);
";

/// Refuses a file that is not ours, or newer than we are. Changes nothing.
pub(super) fn check(connection: &Connection) -> Result<(), String> {
    match (pragma(connection, "application_id")?, pragma(connection, "user_version")?) {
        (APPLICATION_ID, version) if version > known() => Err(format!(
            "it was written by a newer doorbell (tables of version {version}, this one knows {}): \
             use the newer doorbell, or restore an older backup",
            known()
        )),
        (APPLICATION_ID, _) => Ok(()),
        (0, 0) if pragma(connection, "schema_version")? == 0 => Ok(()),
        _ => Err("it is an SQLite file of another program: name another file with --store".to_owned()),
    }
}

/// Brings the file to today's version.
pub(super) fn migrate(connection: &Connection) -> Result<(), String> {
    apply(connection, STEPS)
}

/// Makes the tables as they were at this version; to open the file brings them to today's.
pub(super) fn make(connection: &Connection, version: i64) -> Result<(), String> {
    let steps = usize::try_from(version).ok().filter(|count| *count > 0).and_then(|count| STEPS.get(..count));
    let why = || format!("it holds tables of version {version}, and this doorbell knows up to {}", known());
    apply(connection, steps.ok_or_else(why)?)
}

/// How many steps a file has had.
pub(super) fn version(connection: &Connection) -> Result<i64, String> {
    pragma(connection, "user_version")
}

/// Whether it has had all steps.
pub(super) fn is_of_today(connection: &Connection) -> bool {
    version(connection) == Ok(known())
}

/// Each step in a transaction of its own: one that is cut off leaves the file as it was before it.
fn apply(connection: &Connection, steps: &[&str]) -> Result<(), String> {
    let version = version(connection)?;
    for (step, number) in steps.iter().zip(1_i64..).filter(|(_, number)| *number > version) {
        let text = format!(
            "BEGIN IMMEDIATE; {step} PRAGMA application_id = {APPLICATION_ID}; \
             PRAGMA user_version = {number};"
        );
        let made = connection.execute_batch(&text).and_then(|()| {
            pass(Point::Migrate);
            connection.execute_batch("COMMIT")
        });
        if let Err(error) = made {
            let _ = connection.execute_batch("ROLLBACK");
            return Err(words(&error));
        }
        pass(Point::Migrated);
    }
    Ok(())
}

fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, String> {
    connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map_err(|error| words(&error))
}

fn words(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            "it is not a doorbell store: name another file with --store".to_owned()
        }
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            format!("it is damaged ({error}): keep a copy of it, and put a backup in its place")
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_goes_forward_and_a_step_that_fails_changes_nothing() {
        let connection = Connection::open_in_memory().unwrap();
        let steps = ["CREATE TABLE a (x); INSERT INTO a VALUES (1);", "ALTER TABLE a ADD y DEFAULT 2;"];
        apply(&connection, &steps[..1]).unwrap();
        assert!(
            apply(&connection, &[steps[0], "CREATE TABLE b (x); INSERT INTO nothing VALUES (1);"]).is_err()
        );
        assert_eq!(version(&connection).unwrap(), 1);
        apply(&connection, &steps).unwrap();
        apply(&connection, &steps).unwrap();
        assert_eq!(version(&connection).unwrap(), 2);
        let row = connection.query_row("SELECT x + y FROM a", [], |row| row.get::<_, i64>(0));
        assert_eq!(row.unwrap(), 3);
        assert!(connection.execute_batch("SELECT * FROM b").is_err(), "half a step is no step");
    }
}
