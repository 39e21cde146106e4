//! Sources that believe everybody, before a command.

use super::{reaches, running, warn};
use crate::diagnostic::Diagnostic;
use crate::provider::Source;
use crate::rule::checked::Checked;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
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
