//! Rules that are sound one by one and yet not what was meant: what nothing uses, what nothing reaches, what can never
//! hold, what anybody may set off.

mod guarded;
mod kinds;
mod never;
mod open;
mod stopped;
mod unreached;
mod unused;

use super::checked::{Checked, CheckedRule, Declared};
use super::rules::Rule;
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::limit;
use crate::provider::Source;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    // What is broken may be what uses or reaches the rest, so nothing is said about that beside an error.
    if problems.iter().all(|problem| problem.severity != Severity::Error) {
        unused::check(checked, problems);
        unreached::check(checked, problems);
    }
    too_many(checked, problems);
    open::check(checked, problems);
    guarded::check(checked, problems);
    stopped::check(checked, problems);
    never::check(checked, problems);
    kinds::check(checked, problems);
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

/// Whether the rule listens to this source and to paths on which the source listens.
fn listens(source: &Declared<Source>, rule: &Rule) -> bool {
    // Of a source that could not be compiled nothing is known.
    let path = |source: &Source| {
        rule.path.as_ref().is_none_or(|path| !source.is_internal() && path.overlaps(source.pattern()))
    };
    rule.takes_source(&source.name) && source.thing.as_ref().is_none_or(path)
}

/// Whether an event of this source may come to this rule.
fn reaches(source: &Declared<Source>, rule: &Rule) -> bool {
    let kind = |source: &Source| source.fixed_kind().is_none_or(|kind| rule.takes_kind(&kind));
    listens(source, rule) && source.thing.as_ref().is_none_or(kind)
}
