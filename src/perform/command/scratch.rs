//! A fresh empty directory for one run, removed with all that is in it. Those of one server stand in one directory that it
//! holds a lock on: what a server left that was killed is known by the lock that nobody holds, and removed by the next one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::perform::Ticket;

/// How the name of a server's directory begins; sixteen digits that nobody can guess follow.
const PREFIX: &str = "doorbell-run-";
const DIGITS: usize = 16;
/// Its mode: a command of another user passes through it to the directory that is its own, and sees nothing else.
const PASSED_THROUGH: u32 = 0o711;
/// A name is taken anew when it is there already, or was just swept away.
const TRIES: usize = 8;

/// Where the runs of this server stand; made with the first of them.
pub(super) struct Ground {
    parent: PathBuf,
    own: Mutex<Option<Held>>,
}

/// A directory with its lock, which the kernel frees however the server ends.
struct Held {
    path: PathBuf,
    #[expect(dead_code, reason = "the lock lives as long as the open directory")]
    lock: File,
}

impl Ground {
    /// In the system's directory for what is temporary.
    pub(super) fn of_system() -> Self {
        Self::under(std::env::temp_dir())
    }

    pub(super) fn under(parent: PathBuf) -> Self {
        Self { parent, own: Mutex::default() }
    }

    /// Removes what servers left that are gone: directories of our user, made as we make them, that nobody holds.
    pub(super) fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.parent) else { return };
        for entry in entries.flatten().filter(|entry| is_ours(&entry.file_name().to_string_lossy())) {
            let path = entry.path();
            let Ok(Some(_lock)) = left(&path) else { continue };
            if let Err(error) = fs::remove_dir_all(&path) {
                tracing::warn!(path = %path.display(), %error, "what a killed doorbell left could not be removed");
            }
        }
    }

    /// Makes a directory in ours. It must be new: whoever guesses its name cannot prepare it.
    fn make(&self, name: &str) -> io::Result<PathBuf> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..TRIES {
            let held = match own.take() {
                Some(held) => held,
                None => Held::new(&self.parent)?,
            };
            let path = held.path.join(name);
            match DirBuilder::new().mode(0o700).create(&path) {
                // Somebody cleaned up: ours has to be made anew.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                made => {
                    *own = Some(held);
                    return made.map(|()| path);
                }
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = own.take() {
            // What still stands in it is swept by the next server.
            let _in_use = fs::remove_dir(&held.path);
        }
    }
}

impl Held {
    /// Makes one and locks it. Between the two a sweep may take it for left: then it is another one's turn.
    fn new(parent: &Path) -> io::Result<Self> {
        for _ in 0..TRIES {
            let number = RandomState::new().hash_one(parent);
            let path = parent.join(format!("{PREFIX}{number:016x}"));
            match DirBuilder::new().mode(PASSED_THROUGH).create(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
            if let Ok(Some(lock)) = locked(&path) {
                // Whatever our umask says.
                fs::set_permissions(&path, fs::Permissions::from_mode(PASSED_THROUGH))?;
                return Ok(Self { path, lock });
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

/// Whether this is the name of a server's directory.
fn is_ours(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|number| number.len() == DIGITS && number.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The lock on a directory that nobody holds any more; `None` for one that is held, or is none of ours.
fn left(path: &Path) -> io::Result<Option<File>> {
    let about = fs::symlink_metadata(path)?;
    let is_as_made = about.is_dir()
        && about.uid() == rustix::process::geteuid().as_raw()
        && about.mode() & 0o7777 & !PASSED_THROUGH == 0;
    if is_as_made { locked(path) } else { Ok(None) }
}

/// The lock, where the directory by this name is still the one that was locked.
fn locked(path: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let directory = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    if flock(&directory, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Ok(None);
    }
    let (held, named) = (directory.metadata()?, fs::symlink_metadata(path)?);
    let is_same = (held.dev(), held.ino()) == (named.dev(), named.ino());
    Ok(is_same.then_some(directory))
}

/// The directory, as long as this lives; an empty path once it was removed.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one that only we may enter.
    pub(super) fn new(ground: &Ground, ticket: &Ticket) -> io::Result<Self> {
        let Ticket { delivery, attempt, .. } = ticket;
        // Another run of this attempt may still stand there.
        let run = RandomState::new().hash_one(delivery.as_bytes());
        Ok(Self(ground.make(&format!("{delivery}-{attempt}-{run:016x}"))?))
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

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_is_left_goes_and_what_is_held_or_anothers_stays() {
        let parent = TempDir::new().unwrap();
        let at = |name: &str| parent.path().join(name);
        let ground = || Ground::under(parent.path().to_owned());
        let lives = ground();
        let run = lives.make("dlv_a-1").unwrap();
        assert_eq!(fs::metadata(&run).unwrap().permissions().mode() & 0o777, 0o700);
        for (name, mode) in [
            ("doorbell-run-0123456789abcdef", 0o711),
            ("doorbell-run-0123456789abcde0", 0o700),
            ("doorbell-run-0123456789abcde1", 0o755),
            ("doorbell-run-0123456789abcde", 0o711),
            ("doorbell-run-0123456789abcdex", 0o711),
            ("doorbell-other", 0o711),
        ] {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join("file"), "x").unwrap();
            fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let elsewhere = TempDir::new().unwrap();
        fs::write(elsewhere.path().join("file"), "x").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), at("doorbell-run-0123456789abcde2")).unwrap();
        ground().sweep();
        assert!(run.is_dir() && elsewhere.path().join("file").exists());
        for (name, stays) in [
            ("doorbell-run-0123456789abcdef", false),
            ("doorbell-run-0123456789abcde0", false),
            ("doorbell-run-0123456789abcde1", true),
            ("doorbell-run-0123456789abcde", true),
            ("doorbell-run-0123456789abcdex", true),
            ("doorbell-other", true),
            ("doorbell-run-0123456789abcde2", true),
        ] {
            assert_eq!(at(name).exists(), stays, "{name}");
        }
        // Whoever cleans up behind us does not stop us.
        fs::remove_dir_all(run.parent().unwrap()).unwrap();
        let again = lives.make("dlv_b-1").unwrap();
        fs::remove_dir(&again).unwrap();
        drop(lives);
        assert!(!again.parent().unwrap().exists());
    }
}
