//! The rule set: rules files in, a set that routes events out, and between them every complaint of all files at once.
//!
//! A file goes through three forms: `raw` (what the YAML says), `checked` (with its places, one file at a time, then
//! all of them against each other) and `Set` (what events meet). Nothing in a set can fail to parse any more.

mod actions;
mod analyse;
mod checked;
mod concurrency;
mod debounce;
mod defaults;
mod explain;
mod file;
mod include;
mod index;
mod links;
mod make;
mod names;
mod needs;
mod owed;
mod raw;
mod results;
mod route;
mod rules;
mod set;
mod throttle;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};

pub use concurrency::{CONCURRENCY_KEYS, Concurrency};
pub use debounce::{DEBOUNCE_KEYS, Debounced};
pub use explain::{Explained, Held, Verdict};
pub use file::VERSION;
pub use include::{Include, includes};
pub use owed::{Desk, Owed};
pub use raw::{DEFAULT_KEYS, RULE_KEYS, TOP_KEYS};
pub use route::{Error, Routed};
pub use rules::{Rule, RuleAction};
pub use set::Set;
pub use throttle::{THROTTLE_KEYS, Throttled};

/// One rules file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct File {
    /// Its name as the user knows it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What came of some rules files.
#[derive(Debug)]
pub struct Loaded {
    /// The set; `None` when any complaint is an error.
    pub set: Option<Arc<Set>>,
    /// All complaints of all files, in the order of the files and their lines.
    pub problems: Vec<Diagnostic>,
}

/// Makes one set of all files. A file that is given twice counts once.
pub fn load(files: &[File]) -> Loaded {
    let files = once_each(files);
    let mut problems = Vec::new();
    let mut checked = checked::Checked::default();
    let verbs = file::verbs(&files, &mut problems);
    for file in &files {
        file::check(file, &verbs, &mut checked, &mut problems);
    }
    checked.verbs = verbs;
    names::check(&checked, &mut problems);
    if checked.is_whole {
        links::check(&checked, &mut problems);
        analyse::check(&checked, &mut problems);
    }
    sort(&files, &mut problems);
    let is_sound = problems.iter().all(|problem| problem.severity != Severity::Error);
    let set = is_sound.then(|| Arc::new(Set::new(files, checked)));
    Loaded { set, problems }
}

fn once_each(files: &[File]) -> Vec<File> {
    let mut kept: Vec<File> = Vec::new();
    for file in files {
        if !kept.contains(file) {
            kept.push(file.clone());
        }
    }
    kept
}

/// By file and place. A value behind an alias is read again at each use: what is said twice is kept once.
fn sort(files: &[File], problems: &mut Vec<Diagnostic>) {
    let order = |problem: &Diagnostic| {
        problem.place.as_ref().map(|place| {
            let file = files.iter().position(|file| *file.name == *place.file);
            (file, place.span.start, place.span.end)
        })
    };
    problems.sort_by_cached_key(|problem| (order(problem), problem.code));
    problems.dedup();
}
