//! What one part names of another: the sources of a rule and the connections of its actions.

use super::checked::Checked;
use crate::diagnostic::{Diagnostic, Place};
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
