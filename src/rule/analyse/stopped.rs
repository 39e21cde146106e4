//! Rules behind one that stops and asks for no more than they do.

use super::{running, warn};
use crate::diagnostic::Diagnostic;
use crate::glob::Glob;
use crate::limit;
use crate::rule::checked::{Checked, CheckedRule};
use crate::rule::rules::Rule;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    let mut stops: Vec<(&CheckedRule, &Rule)> = Vec::new();
    let mut left = limit::RULES_COMPARED_MAX;
    for (later, rule) in running(checked).filter(|(_, rule)| !rule.fallback) {
        let Some(rest) = left.checked_sub(stops.len()) else { return };
        left = rest;
        if let Some((first, earlier)) =
            stops.iter().find(|(first, earlier)| covers(first, earlier, later, rule))
        {
            let message = format!(
                "the rule `{}` can never run: `{}` stops and matches all that it matches",
                rule.name, earlier.name
            );
            problems.push(
                warn("W301", message, &later.place)
                    .also(first.place.clone(), "this one stops")
                    .help("put the narrower rule first, or leave `stop` out"),
            );
        }
        if rule.stop {
            stops.push((later, rule));
        }
    }
}

fn covers(first: &CheckedRule, earlier: &Rule, later: &CheckedRule, rule: &Rule) -> bool {
    let sources = earlier.from.is_empty()
        || !rule.from.is_empty() && rule.from.iter().all(|name| earlier.takes_source(name));
    let events = earlier.events.is_empty()
        || !rule.events.is_empty() && rule.events.iter().all(|glob| takes(&earlier.events, glob));
    let paths = earlier.path.is_none() || earlier.path == rule.path;
    sources && events && paths && asks_less(first, earlier, later, rule)
}

/// Whether every text that the narrow glob takes is taken by one of the wide ones.
fn takes(wide: &[Glob], narrow: &Glob) -> bool {
    wide.iter().any(|glob| match narrow.literal() {
        Some(kind) => glob.matches(&kind),
        // A run takes the signs of another glob like any letter; `?` would take only one.
        None => {
            glob == narrow
                || !glob.text().contains('?') && !narrow.text().contains('\\') && glob.matches(narrow.text())
        }
    })
}

/// Whether the conditions of the earlier rule hold wherever those of the later one do.
fn asks_less(first: &CheckedRule, earlier: &Rule, later: &CheckedRule, rule: &Rule) -> bool {
    let Some(wide) = &earlier.condition else { return true };
    first.asked.iter().all(|line| later.asked.contains(line))
        || rule.condition.as_ref().is_some_and(|narrow| wide.covers(narrow))
}
