//! A copy of a store while it is served: one moment of it, whole, checked, and in one file.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::lock::refuse;
use super::{connect, schema, sound};
use crate::store::Error;

/// Pages copied between two words on how far it is: 16 MiB.
const PAGES_AT_ONCE: i32 = 4096;

/// Copies the store in `from` to the new file `to`; its size in bytes. `told` hears pages copied and pages in all.
/// Writers go on meanwhile: what they commit after the beginning is not in the copy.
///
/// # Errors
/// When `to` is there, when one of the two cannot be read or written, or when the copy is not sound.
pub fn backup(from: &Path, to: &Path, told: impl FnMut(u64, u64)) -> Result<u64, Error> {
    if to.exists() {
        return Err(refuse(to, "it is there already: name a new file"));
    }
    let source = connect::reader(from)?;
    schema::check(&source).map_err(|why| refuse(from, &why))?;
    let partial = partial(to);
    let copied = copy(&source, &partial, told).and_then(|()| finish(&partial, to));
    if copied.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    copied
}

/// Where a file is made before it gets its name.
pub(super) fn partial(to: &Path) -> PathBuf {
    let mut name = OsString::from(to);
    name.push(".partial");
    PathBuf::from(name)
}

/// A new file for the owner only, as a connection. What an earlier try left is removed.
pub(super) fn create(path: &Path) -> Result<Connection, Error> {
    let wrong = |why: String| refuse(path, &why);
    let _ = std::fs::remove_file(path);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| wrong(error.to_string()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| wrong(error.to_string()))
}

fn copy(source: &Connection, partial: &Path, mut told: impl FnMut(u64, u64)) -> Result<(), Error> {
    let wrong = |error: rusqlite::Error| refuse(partial, &error.to_string());
    // The moment that is copied: while it is held, other commits do not make the copy begin anew.
    source.execute_batch("BEGIN; SELECT count(*) FROM meta;").map_err(wrong)?;
    let mut target = create(partial)?;
    let copying = Backup::new(source, &mut target).map_err(wrong)?;
    while copying.step(PAGES_AT_ONCE).map_err(wrong)? != StepResult::Done {
        let progress = copying.progress();
        let all = u64::try_from(progress.pagecount).unwrap_or(0);
        told(all.saturating_sub(u64::try_from(progress.remaining).unwrap_or(0)), all);
    }
    drop(copying);
    // One file without a log; whoever serves it makes a log again.
    target.execute_batch("PRAGMA journal_mode = DELETE;").map_err(wrong)?;
    sound::before_serving(&target, partial)
}

/// Makes the file durable, and only then gives it its name.
pub(super) fn finish(partial: &Path, to: &Path) -> Result<u64, Error> {
    let finished = || -> std::io::Result<u64> {
        let file = File::open(partial)?;
        file.sync_all()?;
        std::fs::rename(partial, to)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file.metadata()?.len())
    };
    finished().map_err(|error| refuse(to, &error.to_string()))
}
