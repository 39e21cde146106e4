//! Commands that only the event type guards, where the sender does not sign it: who holds one genuine webhook can send
//! it again under another type.

use super::{reaches, running, warn};
use crate::condition::{Condition, Subject};
use crate::diagnostic::Diagnostic;
use crate::rule::checked::{Checked, CheckedAction, CheckedRule};
use crate::rule::rules::Rule;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    for (place, rule) in running(checked).filter(|(_, rule)| !rule.events.is_empty()) {
        problems.extend(guarded(checked, place, rule));
    }
}

fn guarded(checked: &Checked, place: &CheckedRule, rule: &Rule) -> Option<Diagnostic> {
    let looks = |condition: Option<&Condition>| condition.is_some_and(looks_at_payload);
    let is_bare =
        |action: &&CheckedAction| action.compiled.reaches_command() && !looks(action.condition.as_deref());
    let action = place.actions.iter().find(is_bare).filter(|_| !looks(rule.condition.as_ref()))?;
    let (source, from) = checked
        .sources
        .iter()
        .filter(|source| reaches(source, rule))
        .find_map(|source| Some((source, source.thing.as_ref()?.unsigned_kind()?)))?;
    let (_, event) = place.events.first()?;
    let message = format!(
        "only the event type guards this command, and `{}` does not sign it: it comes from the {from}",
        source.name
    );
    Some(
        warn("W309", message, event)
            .also(action.place.clone(), "this command")
            .help("ask for something in the payload too, which is signed:  if: { $.ref: refs/heads/main }"),
    )
}

fn looks_at_payload(condition: &Condition) -> bool {
    condition.fields().iter().any(|field| matches!(field.subject(), Subject::Payload(_)))
}
