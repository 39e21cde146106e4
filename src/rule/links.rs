//! What one part names of another: the sources of a rule and the connections of its actions.

use super::checked::Checked;
use crate::action::Named;
use crate::diagnostic::{Diagnostic, Place};
use crate::provider::Source;
use crate::yaml::{listed, nearest};

/// Names beyond this many are not listed in a mend.
const LISTED_MAX: usize = 12;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    let sources: Vec<&str> = checked.sources.iter().map(|source| &*source.name).collect();
    let connections: Vec<&str> = checked.connections.iter().map(|connection| &*connection.name).collect();
    for rule in &checked.rules {
        for (name, place) in &rule.from {
            if checked.source(name).is_none() {
                problems.push(unknown("E402", "source", (name, place), &sources));
            }
        }
        for action in &rule.actions {
            if let Some(named) = action.compiled.action.emits() {
                problems.extend(emits(checked, named));
            }
            let Some(named) = &action.compiled.connection else { continue };
            match checked.connection(&named.name) {
                None => {
                    problems.push(unknown("E403", "connection", (&named.name, &named.place), &connections));
                }
                Some(found) => {
                    problems.extend(found.thing.as_ref().and_then(|thing| action.compiled.misfit(thing)));
                }
            }
        }
    }
}

/// What is wrong with the source that an action emits events of.
fn emits(checked: &Checked, named: &Named) -> Option<Diagnostic> {
    let name = &named.name;
    let problem = match checked.source(name) {
        None => Diagnostic::error("E408", format!("there is no internal source `{name}`")),
        Some(found) if found.thing.as_ref().is_some_and(|source| !source.is_internal()) => {
            let message = format!("webhooks come to the source `{name}`: no action can emit its events");
            Diagnostic::error("E408", message).also(found.place.clone(), "the source")
        }
        Some(_) => return None,
    };
    let internal = |source: &Source| source.is_internal();
    let known = checked.sources.iter().filter(|source| source.thing.as_ref().is_some_and(internal));
    let known: Vec<&str> = known.map(|source| &*source.name).collect();
    let help = match known.as_slice() {
        [] => "declare one:  sources: { internal: { verify: internal } }".to_owned(),
        known => format!("write  source: …  with one of {}", listed(known.iter().copied())),
    };
    Some(problem.at(&named.place.file, named.place.span.clone()).help(help))
}

fn unknown(code: &'static str, kind: &str, (name, place): (&str, &Place), known: &[&str]) -> Diagnostic {
    let message = match nearest(name, known.iter().copied()) {
        Some(meant) => format!("there is no {kind} `{name}`; did you mean `{meant}`?"),
        None => format!("there is no {kind} `{name}`"),
    };
    let help = match known {
        [] => format!("declare it: {kind}s: {{ {name}: {{ … }} }}"),
        _ if known.len() > LISTED_MAX => format!("declare it under `{kind}s`, or name one that is there"),
        _ => format!("the {kind}s are {}", listed(known.iter().copied())),
    };
    Diagnostic::error(code, message).at(&place.file, place.span.clone()).help(help)
}
