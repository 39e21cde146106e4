//! Sources that no rule listens to, connections that no action goes through.

use std::collections::HashSet;

use super::{listens, warn};
use crate::diagnostic::Diagnostic;
use crate::rule::checked::Checked;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    let rules = || checked.rules.iter().filter_map(|rule| rule.rule.as_ref());
    for source in checked.sources.iter().filter(|source| !rules().any(|rule| listens(source, rule))) {
        let found = warn("W302", format!("no rule listens to the source `{}`", source.name), &source.place);
        problems.push(found.help("its events are accepted and kept, and nothing else happens"));
    }
    let actions = checked.rules.iter().flat_map(|rule| &rule.actions);
    let used: HashSet<&str> = actions
        .filter_map(|action| action.compiled.connection.as_ref())
        .map(|named| named.name.as_str())
        .collect();
    for connection in checked.connections.iter().filter(|connection| !used.contains(&*connection.name)) {
        let message = format!("no action goes through the connection `{}`", connection.name);
        problems.push(warn("W302", message, &connection.place));
    }
}
