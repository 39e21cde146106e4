//! From files and environment to rules in force: find, read, check, look secrets up, arm the sources.

mod cases;
mod files;
mod include;
mod keys;
mod owner;
mod secrets;
mod tls;

use std::env::VarError;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity};
use crate::live::Live;
use crate::rule::{self, File};

pub use cases::{Paths, missing_files};
pub use files::{Error, Mark, find, marks};
pub use include::{Gathered, gather};
pub use keys::keys;
pub use tls::TlsFiles;

/// How strict we are with what others may do to our files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// A secret that others may read, or rules that others may write, are refused; to serve, rules of another user too.
    Strict,
    /// They are taken as they are.
    Loose,
}

/// What was read, and what came of it.
#[derive(Debug)]
pub struct Loaded {
    /// The rules files, for drawing complaints and for keeping.
    pub files: Vec<File>,
    /// All complaints, warnings too.
    pub problems: Vec<Diagnostic>,
    /// The rules in force; `None` when a complaint is an error.
    pub live: Option<Arc<Live>>,
}

/// Where secrets are looked up, and how strictly.
#[derive(Clone, Copy)]
pub struct Surroundings<'e> {
    /// The environment variable of a name.
    pub variable: &'e dyn Fn(&str) -> Result<String, VarError>,
    /// How strict we are with what others may do to our files.
    pub permissions: Permissions,
    /// Whether every secret must be there.
    pub secrets: Secrets,
}

/// Whether a secret that is not set is an error (to serve) or a warning (to check somewhere else).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// All must be there.
    Needed,
    /// What is there must be right.
    AsFound,
}

/// Reads the rules at these paths, or the ones found from the working directory upwards when there are none.
///
/// # Errors
/// When there are no rules files, one cannot be read, or somebody else may change one that is to be served. What is wrong inside them is in `problems`.
pub fn load(paths: &[PathBuf], permissions: Permissions, wanted: Secrets) -> Result<Loaded, Error> {
    let paths = if paths.is_empty() { find()? } else { paths.to_vec() };
    let gathered = gather(&paths, permissions)?;
    if permissions == Permissions::Strict && wanted == Secrets::Needed {
        owner::hold(&paths, &gathered.files)?;
    }
    let variable = |name: &str| std::env::var(name);
    let mut loaded =
        judge(gathered.files, Surroundings { variable: &variable, permissions, secrets: wanted });
    if gathered.problems.iter().any(|problem| problem.severity == Severity::Error) {
        loaded.live = None;
    }
    loaded.problems.splice(0..0, gathered.problems);
    Ok(loaded)
}

/// Checks rules files that were read already, and their secrets.
pub fn judge(files: Vec<File>, surroundings: Surroundings<'_>) -> Loaded {
    let rule::Loaded { set, mut problems } = rule::load(&files);
    let Some(set) = set else { return Loaded { files, problems, live: None } };
    let vault = secrets::look_up(&set, surroundings, &mut problems);
    let sources = secrets::arm(&set, &vault, surroundings.secrets, &mut problems);
    let broken = problems.iter().any(|problem| problem.severity == Severity::Error);
    let live = (!broken).then(|| Arc::new(Live { set, sources, vault }));
    Loaded { files, problems, live }
}
