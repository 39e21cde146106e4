//! Rules that are sound one by one and yet not what was meant: what nothing uses, what nothing reaches, what anybody
//! may set off.

use std::collections::HashSet;

use super::checked::{Checked, CheckedRule, Declared};
use super::rules::Rule;
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::glob::Glob;
use crate::limit;
use crate::provider::Source;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    // What is broken may be what uses or reaches the rest, so nothing is said about that beside an error.
    if problems.iter().all(|problem| problem.severity != Severity::Error) {
        unused(checked, problems);
        unreached(checked, problems);
    }
    too_many(checked, problems);
    open(checked, problems);
    stopped(checked, problems);
}

fn warn(code: &'static str, message: String, place: &Place) -> Diagnostic {
    Diagnostic::warning(code, message).at(&place.file, place.span.clone())
}

fn too_many(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    if let Some(rule) = checked.rules.get(limit::RULES_WARN) {
        let message = format!("{} rules in one set", checked.rules.len());
        let found = warn("W305", message, &rule.place);
        problems
            .push(found.help("one rule whose templates or conditions cover many cases is easier to follow"));
    }
}

/// The rules that could be compiled and are enabled.
fn running(checked: &Checked) -> impl Iterator<Item = (&CheckedRule, &Rule)> {
    checked
        .rules
        .iter()
        .filter_map(|checked| Some((checked, checked.rule.as_ref()?)))
        .filter(|(_, rule)| rule.enabled)
}

/// Whether an event of this source may come to this rule.
fn reaches(source: &Declared<Source>, rule: &Rule) -> bool {
    // Of a source that could not be compiled nothing is known.
    let path = |source: &Source| rule.path.as_ref().is_none_or(|path| path.overlaps(source.pattern()));
    rule.takes_source(&source.name) && source.thing.as_ref().is_none_or(path)
}

fn unused(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    let rules = || checked.rules.iter().filter_map(|rule| rule.rule.as_ref());
    for source in checked.sources.iter().filter(|source| !rules().any(|rule| reaches(source, rule))) {
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

fn open(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    for source in checked.sources.iter().filter(|source| source.thing.as_ref().is_some_and(Source::is_open)) {
        let danger = running(checked)
            .filter(|(_, rule)| reaches(source, rule))
            .find_map(|(checked, _)| checked.actions.iter().find(|action| action.compiled.reaches_command()));
        if let Some(action) = danger {
            let message =
                format!("anybody who can reach the source `{}` can make a command run", source.name);
            problems.push(
                warn("W303", message, &source.place)
                    .also(action.place.clone(), "this command")
                    .help("say how its webhooks are verified; `verify: none` believes everybody"),
            );
        }
    }
}

fn unreached(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    for (place, rule) in running(checked).map(|(checked, rule)| (&checked.place, rule)) {
        if checked.sources.iter().any(|source| reaches(source, rule)) {
            continue;
        }
        let why = match &rule.path {
            Some(path) if !checked.sources.is_empty() => {
                format!(": none of its sources listens on `{}`", path.text())
            }
            _ => ": there is no source".to_owned(),
        };
        problems.push(warn("W304", format!("no event can reach the rule `{}`{why}", rule.name), place));
    }
}

/// Rules behind one that stops and asks for no more than they do.
fn stopped(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    let mut stops: Vec<(&CheckedRule, &Rule)> = Vec::new();
    for (later, rule) in running(checked).filter(|(_, rule)| !rule.fallback) {
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
    let event = |glob: &Glob| {
        earlier.events.contains(glob) || glob.literal().is_some_and(|kind| earlier.takes_kind(&kind))
    };
    let events = earlier.events.is_empty() || !rule.events.is_empty() && rule.events.iter().all(event);
    let paths = earlier.path.is_none() || earlier.path == rule.path;
    sources && events && paths && (first.asked.is_none() || first.asked == later.asked)
}
