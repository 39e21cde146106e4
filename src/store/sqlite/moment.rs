//! The moment as the store knows it, so that a clock that was set back delays nothing, across restarts too.

use std::time::Duration;

use rusqlite::params;

use super::queue::{Fault, Write};
use super::work::Work;
use crate::time::Timestamp;

/// Clocks are put right by less than this all the time.
const SET_BACK_MIN: Duration = Duration::from_secs(60);

/// The moment is noted.
pub(super) struct Moment {
    /// The latest moment that whoever asks knows of.
    pub(super) seen: Timestamp,
    pub(super) now: Timestamp,
}

impl Write for Moment {
    type Answer = Duration;

    fn write(&self, work: &mut Work<'_>) -> Result<Duration, Fault> {
        let noted = work.first("SELECT value FROM meta WHERE name = 'clock'", [], |row| row.get(0))?;
        let latest = noted.map_or(self.seen, |noted| self.seen.max(Timestamp::from_millis(noted)));
        let by = latest.since(self.now);
        work.execute("INSERT OR REPLACE INTO meta VALUES ('clock', ?1)", [self.now.millis()])?;
        if by <= SET_BACK_MIN {
            return Ok(Duration::ZERO);
        }
        let sql = "UPDATE delivery SET due_at = max(due_at - ?1, ?2) WHERE state = 1 AND due_at > ?2";
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        work.execute(sql, params![millis, self.now.millis()])?;
        work.asks_rescan = true;
        Ok(by)
    }
}
