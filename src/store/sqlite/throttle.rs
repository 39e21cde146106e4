//! Throttles: the mark of each key, moved in the commit that accepts.

use std::sync::Arc;

use rusqlite::params;

use super::work::Work;
use crate::delivery::Throttle;
use crate::limit;
use crate::time::Timestamp;

/// Marks that are past and are removed at once.
const FORGOTTEN_AT_ONCE: usize = limit::RETENTION_CHUNK / 4;

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
