//! Rules files on the disk: where they are looked for, how they are read.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Permissions;
use crate::limit;
use crate::rule::File;

/// What is looked for, in the working directory and then upwards.
const NAMES: &[&str] = &["doorbell.yaml", "doorbell.yml", "rules"];
/// Files that one directory may hold.
pub(super) const FILES_MAX: usize = 10_000;
/// The bit of a file's mode by which everybody may write it.
const OTHERS_WRITE: u32 = 0o002;

/// Why there are no rules.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing was found.
    #[error(
        "no rules found: neither `doorbell.yaml` nor `rules/` is in this directory or above it; name a file: doorbell serve RULES.yaml"
    )]
    NoRules,
    /// A directory without any.
    #[error("`{}` has no rules file: put a `*.yaml` into it", .0.display())]
    NoneIn(PathBuf),
    /// One cannot be read.
    #[error("cannot read `{}`: {why}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// One is no text.
    #[error("`{}` is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// One is too large.
    #[error("`{}` is larger than {} bytes: split it; a directory merges all its files", .0.display(), limit::RULES_FILE_MAX_BYTES)]
    TooLarge(PathBuf),
    /// It, or the directory it stands in, is another user's or open to everybody.
    #[error("`{}` may be changed by somebody else, who could run commands as doorbell does: chown it to doorbell's user or root, chmod o-w it, or start with --loose-files", .0.display())]
    Foreign(PathBuf),
    /// A link to a file elsewhere.
    #[error("`{}` leads out of its directory of rules: name the file itself, or start with --loose-files", .0.display())]
    LeadsOut(PathBuf),
    /// Everybody may write it.
    #[error("everybody may write `{}`, so that anybody here could run commands: chmod o-w it, or start with --loose-files", .0.display())]
    WorldWritable(PathBuf),
}

/// The rules files and directories from the working directory upwards: the first directory that has any.
///
/// # Errors
/// When there are none.
pub fn find() -> Result<Vec<PathBuf>, Error> {
    let here = std::env::current_dir().map_err(|why| Error::Unreadable { path: PathBuf::from("."), why })?;
    for directory in here.ancestors() {
        let found: Vec<PathBuf> =
            NAMES.iter().map(|name| directory.join(name)).filter(|path| path.exists()).collect();
        if !found.is_empty() {
            let relative = |path: PathBuf| path.strip_prefix(&here).map(Path::to_path_buf).unwrap_or(path);
            return Ok(found.into_iter().map(relative).collect());
        }
    }
    Err(Error::NoRules)
}

/// The files at a path: itself, or of a directory all `*.yaml` and `*.yml` (by name; tests, `*.test.yaml`, left out).
pub(super) fn at(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let metadata = fs::metadata(path).map_err(|why| Error::Unreadable { path: path.to_path_buf(), why })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let inside = list(path)?;
    if inside.is_empty() {
        return Err(Error::NoneIn(path.to_path_buf()));
    }
    Ok(inside)
}

/// What tells that a file is another than before, without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    path: PathBuf,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

/// The marks of all rules files at these paths; a file that cannot be looked at has none.
pub fn marks(paths: &[PathBuf]) -> Vec<Mark> {
    let inside =
        |path: &PathBuf| if path.is_dir() { list(path).unwrap_or_default() } else { vec![path.clone()] };
    paths.iter().flat_map(inside).filter_map(mark).collect()
}

fn mark(path: PathBuf) -> Option<Mark> {
    let metadata = fs::metadata(&path).ok()?;
    let changed = (metadata.mtime(), metadata.mtime_nsec());
    Some(Mark { path, inode: metadata.ino(), bytes: metadata.len(), changed })
}

pub(super) fn list(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |why| Error::Unreadable { path: directory.to_path_buf(), why };
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)?.take(FILES_MAX) {
        let path = entry.map_err(unreadable)?.path();
        if is_rules_file(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_rules_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    yaml && !is_test_file(path) && !name.starts_with('.') && path.is_file()
}

/// Whether its name is that of a test file: `*.test.yaml`.
pub(super) fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.ends_with(".test.yaml") || name.ends_with(".test.yml")
}

/// Reads one file.
pub(super) fn read_one(path: &Path, permissions: Permissions) -> Result<File, Error> {
    let unreadable = |why| Error::Unreadable { path: path.to_path_buf(), why };
    let file = fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.mode() & OTHERS_WRITE != 0 && permissions == Permissions::Strict && metadata.is_file() {
        return Err(Error::WorldWritable(path.to_path_buf()));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(limit::RULES_FILE_MAX_BYTES).unwrap_or(u64::MAX);
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > limit::RULES_FILE_MAX_BYTES {
        return Err(Error::TooLarge(path.to_path_buf()));
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::NotText(path.to_path_buf()))?;
    Ok(File { name: path.display().to_string(), text })
}
