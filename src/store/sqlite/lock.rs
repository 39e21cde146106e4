//! One doorbell a store: a locked file beside it, freed by the kernel however the program ends.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::store::Error;

/// Read and written by the owner only: bodies of webhooks are nobody else's business.
const OWNER_ONLY: u32 = 0o600;

/// Holds the store until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    /// The store's file. It must outlive every connection: closing it frees SQLite's own locks on it, as POSIX has it.
    pub(super) store: Arc<File>,
    #[expect(dead_code, reason = "the lock lives as long as the open file")]
    lock: File,
}

impl Lock {
    /// Takes the lock, and makes sure that the store's file is there and can be written.
    pub(super) fn take(path: &Path) -> Result<Self, Error> {
        let file = open(path, &beside(path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(Error::Locked { path: path.display().to_string() }),
            Err(errno) => {
                return Err(refuse(path, &format!("its lock `{}` fails: {errno}", beside(path).display())));
            }
        }
        Ok(Self { store: Arc::new(open(path, path)?), lock: file })
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    PathBuf::from(name)
}

/// Opens a file for writing, made for the owner only when it is not there; nothing of it is lost.
fn open(store: &Path, path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(OWNER_ONLY)
        .open(path)
        .map_err(|error| refuse(store, &words(path, &error)))
}

fn words(path: &Path, error: &io::Error) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let is_there = folder.is_dir();
    let folder = folder.display();
    match error.kind() {
        io::ErrorKind::NotFound if !is_there => {
            format!("the folder `{folder}` is not there: make it with `mkdir -p {folder}`")
        }
        io::ErrorKind::NotADirectory => format!("`{folder}` is not a folder"),
        io::ErrorKind::IsADirectory => format!("`{}` is a folder: name a file in it", path.display()),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            format!("`{}` cannot be written ({error}): check its owner and rights", path.display())
        }
        _ => format!("`{}`: {error}", path.display()),
    }
}

/// Why the store at `path` cannot be opened.
pub(super) fn refuse(path: &Path, why: &str) -> Error {
    Error::Open { path: path.display().to_string(), why: why.to_owned() }
}
