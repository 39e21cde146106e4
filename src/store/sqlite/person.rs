//! What a person may do with a delivery: have it attempted again, or give it up.

use rusqlite::params;

use super::queue::{Fault, Write};
use super::work::Work;
use crate::delivery::State;
use crate::id::DeliveryId;
use crate::store::Changed;
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
