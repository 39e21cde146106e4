//! Sources that believe everybody, before a command: straight, or behind events that their rules emit.

use super::{reaches, running, warn};
use crate::diagnostic::Diagnostic;
use crate::provider::Source;
use crate::rule::checked::{Checked, CheckedAction, Declared};

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    for source in checked.sources.iter().filter(|source| source.thing.as_ref().is_some_and(Source::is_open)) {
        let actions = actions_behind(checked, source);
        if let Some(action) = actions.iter().find(|action| action.compiled.reaches_command()) {
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

/// What is done because of the events of a source, and of those that are emitted because of them.
fn actions_behind<'c>(checked: &'c Checked, source: &'c Declared<Source>) -> Vec<&'c CheckedAction> {
    let (mut sources, mut actions) = (vec![source], Vec::new());
    let mut next = 0;
    while let Some(source) = sources.get(next).copied() {
        next += 1;
        for action in running(checked)
            .filter(|(_, rule)| reaches(source, rule))
            .flat_map(|(checked, _)| &checked.actions)
        {
            actions.push(action);
            let emitted = action.compiled.action.emits().and_then(|named| checked.source(&named.name));
            sources.extend(emitted.filter(|emitted| sources.iter().all(|known| known.name != emitted.name)));
        }
    }
    actions
}
