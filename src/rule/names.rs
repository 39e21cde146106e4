//! Names across all files: one name, one thing; one path, one source.

use std::collections::HashMap;
use std::sync::Arc;

use super::checked::{Checked, Declared};
use crate::diagnostic::{Diagnostic, Place};
use crate::provider::Source;
use crate::route::Table;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    once(checked.sources.iter().map(|source| (&source.name, &source.place)), "sources", problems);
    once(
        checked.connections.iter().map(|connection| (&connection.name, &connection.place)),
        "connections",
        problems,
    );
    let named = checked.rules.iter().filter_map(|rule| rule.name.as_ref());
    once(named.map(|(name, place)| (name, place)), "rules", problems);
    paths(&checked.sources, problems);
}

fn once<'c>(
    named: impl Iterator<Item = (&'c Arc<str>, &'c Place)>,
    kind: &str,
    problems: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for (name, place) in named {
        match seen.get(&**name) {
            Some(first) => problems.push(
                Diagnostic::error("E401", format!("two {kind} are named `{name}`"))
                    .at(&place.file, place.span.clone())
                    .also((*first).clone(), "the first is here")
                    .help("give one of them another name"),
            ),
            None => {
                seen.insert(name, place);
            }
        }
    }
}

fn paths(sources: &[Declared<Source>], problems: &mut Vec<Diagnostic>) {
    let mut table = Table::default();
    let mut known: Vec<(&Declared<Source>, &Source)> = Vec::new();
    for declared in sources {
        let Some(source) = declared.thing.as_ref().filter(|source| !source.is_internal()) else { continue };
        let conflict = table.insert(source.pattern());
        if let Err(index) = conflict
            && let Some((first, other)) = known.get(index)
            // Two of one name have one path by default; their name was complained about.
            && first.name != declared.name
        {
            let (path, theirs) = (source.pattern().text(), other.pattern().text());
            let message = if path == theirs {
                format!("two sources listen on `{path}`")
            } else {
                format!("two sources listen on one path: `{theirs}` and `{path}` match the same requests")
            };
            problems.push(
                Diagnostic::error("E306", message)
                    .at(&declared.place.file, declared.place.span.clone())
                    .also(first.place.clone(), "the first is here")
                    .help("give one of them a `path` of its own"),
            );
        }
        known.push((declared, source));
    }
}
