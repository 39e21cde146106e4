//! What a person may do with a delivery: have it attempted again, or give it up.

use rusqlite::params;

use super::queue::{Fault, Write};
use super::work::Work;
use crate::delivery::State;
use crate::id::DeliveryId;
use crate::limit;
use crate::store::{Changed, Error, Replay};
use crate::time::Timestamp;

/// A person wants an attempt now.
pub(super) struct Again {
    pub(super) delivery: DeliveryId,
    pub(super) now: Timestamp,
}

impl Write for Again {
    type Answer = Changed;

    fn write(&self, work: &mut Work<'_>) -> Result<Changed, Fault> {
        let id = self.delivery.as_bytes();
        if let Some(mut live) = work.live(self.delivery)? {
            if !matches!(live.row.delivery.state, State::Due { .. }) {
                return Ok(Changed::NotNow);
            }
            let sql = "UPDATE delivery SET due_at = ?2, held = 0 WHERE id = ?1";
            work.execute(sql, params![id, self.now.millis()])?;
            live.row.delivery.state = State::Due { at: self.now };
            work.hint(live.row.delivery);
            return Ok(Changed::Done);
        }
        let Some(mut ended) = work.done(self.delivery)? else { return Ok(Changed::Unknown) };
        if matches!(ended.row.delivery.state, State::Delivered) {
            return Ok(Changed::NotNow);
        }
        work.remove_done(&ended)?;
        ended.row.delivery.state = State::Due { at: self.now };
        work.insert(&ended, false)?;
        work.hint(ended.row.delivery);
        Ok(Changed::Done)
    }
}

/// A person wants something done anew for an event.
pub(super) struct Anew {
    pub(super) replay: Replay,
    pub(super) now: Timestamp,
}

impl Write for Anew {
    type Answer = Changed;

    fn write(&self, work: &mut Work<'_>) -> Result<Changed, Fault> {
        let Replay { event, deliveries, needs } = &self.replay;
        let length = "SELECT length(deliveries) / 16 FROM event WHERE id = ?1";
        let Some(owed) = work.first(length, [event.as_bytes()], |row| row.get::<_, i64>(0))? else {
            return Ok(Changed::Unknown);
        };
        if usize::try_from(owed).unwrap_or(usize::MAX).saturating_add(deliveries.len())
            > limit::DELIVERIES_OF_EVENT_MAX
        {
            return Ok(Changed::NotNow);
        }
        let more = u64::try_from(deliveries.len()).unwrap_or(u64::MAX);
        if work.census.live.saturating_add(more) > work.backlog_max {
            return Err(Fault::Refused(Error::Busy("too many deliveries are not at an end")));
        }
        for need in needs {
            work.need(need)?;
        }
        work.owe(*event, deliveries, self.now)?;
        Ok(Changed::Done)
    }
}

/// A person gives a delivery up.
pub(super) struct GiveUp {
    pub(super) delivery: DeliveryId,
    pub(super) now: Timestamp,
}

/// The reason that people read.
const DROPPED: &str = "dropped by a person";

impl Write for GiveUp {
    type Answer = Changed;

    fn write(&self, work: &mut Work<'_>) -> Result<Changed, Fault> {
        let cancelled = State::Cancelled { reason: DROPPED.to_owned() };
        if let Some(mut live) = work.live(self.delivery)? {
            live.row.delivery.state = cancelled;
            work.stops.push(self.delivery);
            work.end(&live, self.now)?;
            return Ok(Changed::Done);
        }
        let Some(mut ended) = work.done(self.delivery)? else { return Ok(Changed::Unknown) };
        if matches!(ended.row.delivery.state, State::Delivered | State::Cancelled { .. }) {
            return Ok(Changed::NotNow);
        }
        work.remove_done(&ended)?;
        ended.row.delivery.state = cancelled;
        work.insert_done(&ended, self.now)?;
        work.told(&ended.row.delivery, self.now)?;
        Ok(Changed::Done)
    }
}
