//! Small writes beside events and deliveries: revisions, refused requests, and the proof that a commit is possible.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::params;

use super::queue::{Fault, Write};
use super::sealed;
use super::work::Work;
use crate::delivery::Digest;
use crate::limit;
use crate::store::Rejection;
use crate::store::seal::Whose;
use crate::time::Timestamp;

/// Refused requests that wait for the next commit; more are not kept.
const REJECTIONS_WAITING_MAX: usize = 512;
/// Why a request was refused, as its seal names it.
pub(super) const CAUSE: &str = "cause";
/// What was looked at in it.
pub(super) const EXAMINED: &str = "examined";
/// Characters kept of each text of a refused request.
const REJECTION_TEXT_MAX: usize = 500;

/// The text of a rule set.
pub(super) struct Revision {
    pub(super) digest: Digest,
    pub(super) text: String,
    pub(super) now: Timestamp,
}

impl Write for Revision {
    type Answer = ();

    fn write(&self, work: &mut Work<'_>) -> Result<(), Fault> {
        let sql = "INSERT INTO revision VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET kept_at = ?3";
        work.execute(sql, params![self.digest, self.text, self.now.millis()])?;
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.text.len()
    }
}

/// A commit that changes one number: when it works, others will.
pub(super) struct Probe;

impl Write for Probe {
    type Answer = ();

    fn write(&self, work: &mut Work<'_>) -> Result<(), Fault> {
        work.execute("UPDATE meta SET value = value + 1 WHERE name = 'probe'", [])?;
        Ok(())
    }
}

/// A place in the queue behind what waits: the refused requests before it are written with it.
pub(super) struct Flush;

impl Write for Flush {
    type Answer = ();

    fn write(&self, _work: &mut Work<'_>) -> Result<(), Fault> {
        Ok(())
    }
}

/// Refused requests on their way to the ring.
#[derive(Debug, Default)]
pub(super) struct Rejections {
    waiting: Mutex<Vec<Rejection>>,
    /// The writer was woken and has not heard it yet: one call is enough.
    is_called: AtomicBool,
}

impl Rejections {
    /// Adds one, if there is room; whether the writer must be woken.
    pub(super) fn add(&self, rejection: Rejection) -> bool {
        let mut waiting = self.waiting();
        if waiting.len() < REJECTIONS_WAITING_MAX {
            waiting.push(rejection);
        }
        !self.is_called.swap(true, Ordering::AcqRel)
    }

    /// The writer is awake.
    pub(super) fn heard(&self) {
        self.is_called.store(false, Ordering::Release);
    }

    /// Takes all that wait.
    pub(super) fn take(&self) -> Vec<Rejection> {
        std::mem::take(&mut *self.waiting())
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting().is_empty()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Rejection>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes them to the ring and lets the oldest go.
pub(super) fn write_rejections(work: &Work<'_>, rejections: &[Rejection]) -> rusqlite::Result<()> {
    for rejection in rejections {
        let seal = |column, text| sealed::value(work.keys, Whose::rejection(rejection.id, column), text);
        work.execute(
            "INSERT INTO rejection (id, at, source, status, cause, peer, examined) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                rejection.id.as_bytes(),
                rejection.at.millis(),
                head(&rejection.source),
                rejection.status,
                seal(CAUSE, Some(&head(&rejection.cause)))?,
                head(&rejection.peer),
                seal(EXAMINED, rejection.examined.as_deref())?,
            ],
        )?;
    }
    if !rejections.is_empty() {
        let sql = "DELETE FROM rejection WHERE sequence <= (SELECT max(sequence) FROM rejection) - ?1";
        work.execute(sql, [i64::try_from(limit::REJECTIONS_KEPT).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}

fn head(text: &str) -> String {
    text.chars().take(REJECTION_TEXT_MAX).collect()
}
