//! Which file a command runs, and where: the argument vector, the program behind its first word, the directory.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Surroundings;
use crate::effect::Command;
use crate::limit;

/// A program that is there.
#[derive(Debug)]
pub(super) struct Program {
    /// Its whole path.
    pub(super) file: PathBuf,
    /// Where it runs; `None` for a fresh directory.
    pub(super) directory: Option<PathBuf>,
}

/// Checks the argument vector and finds its program.
///
/// # Errors
/// Names the culprit and the mend.
pub(super) fn find(effect: &Command, surroundings: &Surroundings, search: &OsStr) -> Result<Program, String> {
    check_arguments(&effect.argv)?;
    let name = effect.argv.first().map(String::as_str).unwrap_or_default();
    let directory = effect.cwd.as_deref().map(|cwd| directory(cwd, surroundings)).transpose()?;
    if !name.contains('/') {
        return Ok(Program { file: on_path(name, search)?, directory });
    }
    if Path::new(name).is_absolute() {
        return Ok(Program { file: runnable(name, PathBuf::from(name))?, directory });
    }
    // Who names a program by where it is, means that place.
    let directory = directory.unwrap_or_else(|| surroundings.directory.clone());
    let file = runnable(name, directory.join(name))?;
    Ok(Program { file, directory: Some(directory) })
}

fn check_arguments(argv: &[String]) -> Result<(), String> {
    if argv.first().is_none_or(String::is_empty) {
        return Err("the command is empty: its first word is the program".to_owned());
    }
    for (place, argument) in argv.iter().enumerate() {
        if argument.contains('\0') {
            return Err(format!(
                "argument {place} has a NUL byte, which no program can be given; pass the value on standard input"
            ));
        }
        if argument.len() > limit::ARGUMENT_MAX_BYTES {
            return Err(format!(
                "argument {place} has {} bytes, at most {} are passed; pass it on standard input",
                argument.len(),
                limit::ARGUMENT_MAX_BYTES
            ));
        }
    }
    Ok(())
}

fn directory(cwd: &str, surroundings: &Surroundings) -> Result<PathBuf, String> {
    if cwd.is_empty() || cwd.contains('\0') {
        return Err(format!("`cwd: {}` is no directory's name", cwd.escape_debug()));
    }
    let path = surroundings.directory.join(cwd);
    if path.is_dir() { Ok(path) } else { Err(format!("`cwd: {cwd}` is not a directory; make it first")) }
}

fn on_path(name: &str, search: &OsStr) -> Result<PathBuf, String> {
    // Relative entries are skipped: what they find depends on where one stands.
    std::env::split_paths(search)
        .filter(|place| place.is_absolute())
        .map(|place| place.join(name))
        .find(|file| is_runnable(file))
        .ok_or_else(|| {
            format!(
                "the program `{name}` is not on the PATH (`{}`); install it, or name it by its path",
                search.to_string_lossy()
            )
        })
}

fn runnable(name: &str, file: PathBuf) -> Result<PathBuf, String> {
    if is_runnable(&file) {
        Ok(file)
    } else if file.is_file() {
        Err(format!("the program `{name}` may not be run; allow it with `chmod +x {}`", file.display()))
    } else {
        Err(format!("there is no program `{name}`: looked for `{}`", file.display()))
    }
}

fn is_runnable(file: &Path) -> bool {
    file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}
