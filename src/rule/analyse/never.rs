//! Conditions that can never hold together: those of a rule, and those of an action beside its rule's.

use super::running;
use crate::diagnostic::Diagnostic;
use crate::rule::checked::Checked;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    for (place, rule) in running(checked) {
        let rules = rule.condition.as_ref();
        problems.extend(rules.iter().flat_map(|condition| condition.clashes(None)));
        let actions = place.actions.iter().filter_map(|action| action.condition.as_deref());
        problems.extend(actions.flat_map(|condition| condition.clashes(rules)));
    }
}
