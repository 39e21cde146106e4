//! What a rule does: the items of `do` and `on_failure`, checked one by one and then against each other.

use super::checked::CheckedAction;
use super::{needs, results};
use crate::action::{self, Verbs};
use crate::condition::Condition;
use crate::diagnostic::{Diagnostic, Place};
use crate::settings;
use crate::yaml::Node;

/// Options that make no sense once an action has died.
const NOT_ON_FAILURE: &[(&str, &str)] = &[
    ("needs", "it waits for nothing: leave it out"),
    ("for_each", "loop inside a template: {{#each $.items}}"),
    ("respond", "the sender was answered long ago: use another verb"),
];

/// Reads all actions of a rule, those of `do` first.
pub(super) fn read(
    rule: &Node<'_>,
    place: &Place,
    verbs: &Verbs,
    problems: &mut Vec<Diagnostic>,
) -> Vec<CheckedAction> {
    let Some(node) = rule.get("do") else {
        let found = Diagnostic::error("E005", "this rule does nothing: `do` is missing");
        problems.push(
            found
                .at(&place.file, place.span.clone())
                .help("write `do:` and a list of actions, such as `- log: seen`"),
        );
        return Vec::new();
    };
    let mut ids: Vec<(String, Place)> = Vec::new();
    let items = settings::one_or_many(&node);
    if items.is_empty() {
        problems
            .push(node.error("E005", "`do` is an empty list").help("write an action, such as `- log: seen`"));
    }
    let mut found = list(&items, (false, verbs), &mut ids, problems);
    needs::check(&items, problems);
    results::check(&items, problems);
    if let Some(node) = rule.get("on_failure") {
        let items = settings::one_or_many(&node);
        if items.is_empty() {
            let problem = node.error("E005", "`on_failure` is an empty list");
            problems.push(problem.help("write an action, such as `- log: \"{{ failure.reason }}\"`"));
        }
        refuse(&items, problems);
        results::check_on_failure(&items, problems);
        found.extend(list(&items, (true, verbs), &mut ids, problems));
    }
    found
}

fn list(
    items: &[Node<'_>],
    (is_on_failure, verbs): (bool, &Verbs),
    ids: &mut Vec<(String, Place)>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<CheckedAction> {
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let condition = item.get("if").and_then(|entry| Condition::compile(&entry, problems)).map(Box::new);
        let Some(compiled) = action::compile(item, verbs, problems) else { continue };
        if let Some(id) = &compiled.id {
            unique(item, id, ids, problems);
        }
        let (place, line) = (item.place(), item.line());
        found.push(CheckedAction { place, line, is_on_failure, condition, compiled });
    }
    found
}

fn refuse(items: &[Node<'_>], problems: &mut Vec<Diagnostic>) {
    for item in items {
        for (key, help) in NOT_ON_FAILURE {
            if let Some(entry) = item.get(key) {
                let problem = entry.key_error("E004", format!("`{key}` under `on_failure`"));
                problems.push(problem.help(*help));
            }
        }
    }
}

fn unique(item: &Node<'_>, id: &str, ids: &mut Vec<(String, Place)>, problems: &mut Vec<Diagnostic>) {
    let place = item.get("id").map_or_else(|| item.place(), |node| node.place());
    match ids.iter().find(|(known, _)| known == id) {
        Some((_, first)) => problems.push(
            Diagnostic::error("E401", format!("two actions of this rule have the id `{id}`"))
                .at(&place.file, place.span)
                .also(first.clone(), "the first is here"),
        ),
        None => ids.push((id.to_owned(), place)),
    }
}
