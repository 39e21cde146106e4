//! A fresh empty directory for one run, removed with all that is in it.

use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::perform::Ticket;

/// The directory, as long as this lives; an empty path once it was removed.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one that only we may enter. It must be new: whoever guesses its name cannot prepare it.
    pub(super) fn new(ticket: &Ticket) -> io::Result<Self> {
        let Ticket { delivery, attempt, .. } = ticket;
        // A crash may have left the directory of an earlier run of this attempt.
        let run = RandomState::new().hash_one(delivery.as_bytes());
        let path = std::env::temp_dir().join(format!("doorbell-{delivery}-{attempt}-{run:016x}"));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Removes it when nothing was left there, which takes no time; gives it back otherwise.
    pub(super) fn remove_empty(mut self) -> Option<Self> {
        match fs::remove_dir(&self.0) {
            Ok(()) => {
                self.0 = PathBuf::new();
                None
            }
            Err(_) => Some(self),
        }
    }

    /// Makes it another's.
    pub(super) fn give_to(&self, user: u32, group: u32) -> io::Result<()> {
        std::os::unix::fs::chown(&self.0, Some(user), Some(group))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.0.as_os_str().is_empty() {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "the directory of a command could not be removed");
        }
    }
}
