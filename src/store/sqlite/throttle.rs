//! Throttles: the mark of each key, moved in the commit that accepts; and the marks of destinations with a rate.

use std::sync::Arc;

use rusqlite::{Connection, params};

use super::queue::{Fault, Write};
use super::readers::damaged;
use super::work::Work;
use crate::delivery::Throttle;
use crate::limit;
use crate::store::Error;
use crate::time::Timestamp;

/// Marks that are past and are removed at once.
const FORGOTTEN_AT_ONCE: usize = limit::RETENTION_CHUNK / 4;

/// What stands before the name of a destination; no rule's key begins so.
const RATE: &str = "\u{1}rate ";

/// How much of their rates destinations have used.
pub(super) struct Rates {
    pub(super) marks: Vec<(Arc<str>, i64)>,
}

impl Write for Rates {
    type Answer = ();

    fn write(&self, work: &mut Work<'_>) -> Result<(), Fault> {
        for (destination, mark) in &self.marks {
            let sql = "INSERT OR REPLACE INTO throttle (key, mark) VALUES (?1, ?2)";
            work.execute(sql, params![format!("{RATE}{destination}"), mark])?;
        }
        Ok(())
    }
}

/// What was noted of destinations.
pub(super) fn rates(connection: &Connection) -> Result<Vec<(Arc<str>, i64)>, Error> {
    let read = || {
        let sql = "SELECT substr(key, length(?1) + 1), mark FROM throttle WHERE key >= ?1 AND key < ?1 || char(1114111)";
        let mut statement = connection.prepare_cached(sql)?;
        let rows =
            statement.query_map([RATE], |row| Ok((Arc::from(row.get::<_, String>(0)?), row.get(1)?)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    read().map_err(|error| damaged(&error))
}

impl Work<'_> {
    /// The rules that have no room for one more event, each with why.
    pub(super) fn pass(
        &self,
        throttles: &[Throttle],
        now: Timestamp,
    ) -> rusqlite::Result<Vec<(Arc<str>, String)>> {
        let mut full = Vec::new();
        for throttle in throttles {
            let mark =
                self.first("SELECT mark FROM throttle WHERE key = ?1", [&throttle.key], |row| row.get(0))?;
            match throttle.pass(mark, now) {
                Some(next) => {
                    let sql = "INSERT OR REPLACE INTO throttle (key, mark) VALUES (?1, ?2)";
                    self.execute(sql, params![throttle.key, next])?;
                }
                None => full.push((Arc::clone(&throttle.rule), throttle.full())),
            }
        }
        Ok(full)
    }

    /// Removes marks that say no more than none.
    pub(super) fn forget_marks(&self, now: Timestamp) -> rusqlite::Result<usize> {
        let chunk = i64::try_from(FORGOTTEN_AT_ONCE).unwrap_or(1);
        let sql = "DELETE FROM throttle WHERE key IN \
             (SELECT key FROM throttle WHERE mark <= ?1 ORDER BY mark LIMIT ?2)";
        self.execute(sql, params![crate::delivery::micros(now), chunk])
    }
}
