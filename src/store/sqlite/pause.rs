//! Connections that a person stopped: written here, read by whoever dispatches.

use rusqlite::{Connection, params};

use super::queue::{Fault, Write};
use super::readers::damaged;
use super::work::Work;
use crate::store::{Changed, Error, Pause};
use crate::time::Timestamp;

/// Nothing goes through a connection from now on.
pub(super) struct Pausing(pub(super) Pause);

impl Write for Pausing {
    type Answer = Changed;

    fn write(&self, work: &mut Work<'_>) -> Result<Changed, Fault> {
        let Pause { connection, since, reason } = &self.0;
        let sql = "INSERT INTO pause (connection, since, reason) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let rows = work.execute(sql, params![connection, since.millis(), reason])?;
        Ok(work.turned(rows))
    }
}

/// Its deliveries go on.
pub(super) struct Resuming(pub(super) String);

impl Write for Resuming {
    type Answer = Changed;

    fn write(&self, work: &mut Work<'_>) -> Result<Changed, Fault> {
        let rows = work.execute("DELETE FROM pause WHERE connection = ?1", [&self.0])?;
        Ok(work.turned(rows))
    }
}

impl Work<'_> {
    fn turned(&mut self, rows: usize) -> Changed {
        if rows == 0 {
            return Changed::NotNow;
        }
        self.asks_rescan = true;
        Changed::Done
    }
}

/// All that are stopped, by name.
pub(super) fn list(connection: &Connection) -> Result<Vec<Pause>, Error> {
    let found = || -> rusqlite::Result<Vec<Pause>> {
        let mut statement =
            connection.prepare_cached("SELECT connection, since, reason FROM pause ORDER BY connection")?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Pause {
                connection: row.get(0)?,
                since: Timestamp::from_millis(row.get(1)?),
                reason: row.get(2)?,
            })
        };
        statement.query_map([], read)?.collect()
    };
    found().map_err(|error| damaged(&error))
}
