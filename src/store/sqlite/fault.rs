//! Places where a test makes SQLite fail, or the program die. In the program itself nothing ever happens there.

#[cfg(test)]
use std::sync::{Mutex, PoisonError};

/// Such a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// A transaction begins.
    Begin,
    /// It is about to be committed.
    Commit,
    /// It is committed, and nobody was told yet.
    Committed,
    /// The log is about to be copied into the file.
    Checkpoint,
    /// It is copied.
    Checkpointed,
    /// Retention has removed an event, and is not committed.
    Prune,
    /// A step of the tables' versions is made, and is not committed.
    Migrate,
    /// It is committed.
    Migrated,
}

/// The program comes through here.
#[cfg(not(test))]
pub(super) fn pass(_: Point) {}

/// The program comes through here; it dies when `DOORBELL_DIE_AT` says so: `Prune 3` for the third time at `Prune`.
#[cfg(test)]
pub(super) fn pass(point: Point) {
    static LEFT: Mutex<Option<(String, u32)>> = Mutex::new(None);
    let Ok(wanted) = std::env::var("DOORBELL_DIE_AT") else { return };
    let mut left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    let (name, times) = left.get_or_insert_with(|| {
        let (name, times) = wanted.split_once(' ').expect("a point and a number");
        (name.to_owned(), times.parse().expect("a number"))
    });
    if *name == format!("{point:?}") {
        *times -= 1;
        if *times == 0 {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
                .expect("killed");
        }
    }
}

/// Failures that tests plan: each a point, and the code with which SQLite fails there once.
#[derive(Debug, Default)]
pub(super) struct Faults {
    #[cfg(test)]
    planned: Mutex<Vec<(Point, i32)>>,
}

impl Faults {
    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same shape as in tests")]
    pub(super) fn at(&self, _point: Point) -> rusqlite::Result<()> {
        Ok(())
    }

    /// Fails when that is planned for this point.
    #[cfg(test)]
    pub(super) fn at(&self, point: Point) -> rusqlite::Result<()> {
        pass(point);
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        match planned.iter().position(|(at, _)| *at == point) {
            Some(place) => {
                let (_, code) = planned.remove(place);
                Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None))
            }
            None => Ok(()),
        }
    }

    #[cfg(test)]
    pub(super) fn plan(&self, faults: &[(Point, i32)]) {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(faults);
    }
}
