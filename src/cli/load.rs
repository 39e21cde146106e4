//! The rules at some paths, for commands that need no secrets; what is wrong with them is said.

use std::path::PathBuf;
use std::sync::Arc;

use super::End;
use crate::config::{self, Permissions};
use crate::diagnostic::Severity;
use crate::draw::{self, Style, Texts};
use crate::rule::{self, Set};

/// Reads them; without paths those that are found from here upwards.
pub(super) fn set(paths: &[PathBuf], permissions: Permissions) -> Result<Arc<Set>, End> {
    let could_not = |error: config::Error| End::CouldNot(error.to_string());
    let paths = if paths.is_empty() { config::find().map_err(could_not)? } else { paths.to_vec() };
    let gathered = config::gather(&paths, permissions).map_err(could_not)?;
    let loaded = rule::load(&gathered.files);
    let mut problems = gathered.problems;
    problems.extend(loaded.problems);
    problems.retain(|problem| problem.severity == Severity::Error);
    loaded.set.filter(|_| problems.is_empty()).ok_or_else(|| {
        let texts: Texts<'_> =
            gathered.files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
        let drawn = draw::diagnostics(&problems, &texts, Style::Plain);
        super::complain(&format!("the rules are wrong\n{drawn}"), 1);
        End::No
    })
}
