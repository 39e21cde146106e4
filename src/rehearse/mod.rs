//! Test cases of rules: what is sent, what has to come of it, and what came, without touching the world.
//!
//! Cases stand under `tests:` of a rules file or in a `*.test.yaml` beside it (`read`). Each sends one webhook or several
//! over simulated time (`send`, `run`); what the rules want done is held against what the case expects (`expect`,
//! `difference`). `coverage` counts which rules, conditions and actions the cases have been through.

mod came;
mod coverage;
mod curl;
mod difference;
mod edit;
mod expect;
mod keys;
mod nearest;
mod raw;
mod reach;
mod read;
mod read_send;
mod recorded;
mod replay;
mod run;
mod send;
mod shown;
mod signed;
mod wanted;

use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::{Diagnostic, Place};
use crate::rule::{File, Set};
use crate::time::Timestamp;

pub use coverage::{Count, Coverage, Gap};
pub use curl::{is_curl, parse as parse_curl};
pub use difference::Complaint;
pub use edit::{Edit, change, items};
pub use expect::{Answer, Expect, Item, NOTHING, Unequal};
pub use keys::{ANSWER_KEYS, CASE_KEYS, EXPECTED_FILE, SEND_KEYS, STEP_KEYS, TEST_FILE_KEYS};
pub use raw::{add_line as add_header_line, parse as parse_http};
pub use reach::{Reach, reach};
pub use recorded::Recorded;
pub use replay::replay;
pub use run::{Outcome, run};
pub use send::Send;
pub use shown::Shown;
pub use wanted::{Wanted, wanted};

/// Reads a file that a case names; the error is a sentence.
pub type Read<'r> = &'r dyn Fn(&str) -> Result<Vec<u8>, String>;

/// One test case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Where it starts.
    pub place: Place,
    /// The line it starts on, from 1.
    pub line: usize,
    /// The moment of its first webhook.
    pub now: Timestamp,
    /// What is sent, one after the other.
    pub steps: Vec<Step>,
}

/// One webhook of a case, and what has to come of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The line it starts on, from 1.
    pub line: usize,
    /// How long after the start of the case it is sent.
    pub at: Duration,
    /// What is sent.
    pub send: Send,
    /// What actions give to those that need them, by their ids.
    pub results: Option<serde_json::Value>,
    /// What has to be done for it; `None` when that does not matter.
    pub expect: Option<Expect>,
    /// What its sender has to be answered; `None` when that does not matter.
    pub answer: Option<Answer>,
}

/// The cases of some files.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The cases, in the order of the files.
    pub cases: Vec<Case>,
    /// What is wrong with them.
    pub problems: Vec<Diagnostic>,
}

/// Reads the cases of rules files and of test files. Names are held against `set` where there is one.
pub fn load(rules: &[File], tests: &[File], set: Option<&Set>) -> Loaded {
    let mut loaded = Loaded::default();
    for file in rules {
        read::rules_file(file, &mut loaded);
    }
    for file in tests {
        read::test_file(file, &mut loaded);
    }
    if let Some(set) = set {
        read::links(set, &mut loaded);
    }
    loaded
}

impl Case {
    /// The file it stands in, as the user knows it.
    pub fn file(&self) -> &Arc<str> {
        &self.place.file
    }

    /// The files it names, each with the place that names it.
    pub fn files(&self) -> Vec<(String, Place)> {
        let sent = self.steps.iter().filter_map(|step| step.send.file());
        sent.map(|(name, place)| (beside(self.file(), name), place.clone())).collect()
    }
}

/// A file's name as seen from where the program runs; the test names it as seen from its own file.
fn beside(file: &str, name: &str) -> String {
    match file.rsplit_once('/') {
        Some((directory, _)) if !name.starts_with('/') => format!("{directory}/{name}"),
        _ => name.to_owned(),
    }
}
