//! A fresh empty directory for one run, removed with all that is in it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::perform::Ticket;

/// Names that are tried.
const NAMES_MAX: u32 = 100;

/// The directory, as long as this lives.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one that only we may enter. It must be new: whoever guesses its name cannot prepare it.
    pub(super) fn new(ticket: &Ticket) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.mode(0o700);
        let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
        // A crash may have left the directory of an earlier run of this attempt.
        for number in 0..NAMES_MAX {
            let name = format!("doorbell-{}-{}-{number}", ticket.delivery, ticket.attempt);
            let path = std::env::temp_dir().join(name);
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
                Err(error) => return Err(error),
            }
        }
        Err(taken)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "the directory of a command could not be removed");
        }
    }
}
