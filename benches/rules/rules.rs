//! Rules as tenants of a shared receiver have them: source, event type and one equality, every third an order as well.

use std::sync::Arc;

use doorbell::rule::{File, Set, load};

use super::events::KINDS;

/// Rules of one file, which keeps it well under its largest size.
const RULES_A_FILE: usize = 4_000;

/// The values of one rule.
pub(crate) struct Asked {
    pub(crate) kind: usize,
    pub(crate) value: usize,
    pub(crate) above: Option<usize>,
}

/// What the rule of this number asks.
pub(crate) fn asked(number: usize) -> Asked {
    let above = number.is_multiple_of(3).then_some(number % 10);
    Asked { kind: number % KINDS.len(), value: number / KINDS.len(), above }
}

/// Files with so many rules.
pub(crate) fn files(count: usize) -> Vec<File> {
    let mut files = vec![File { name: "sources.yaml".to_owned(), text: sources() }];
    for start in (0..count).step_by(RULES_A_FILE) {
        let rules: String = (start..count.min(start + RULES_A_FILE)).map(rule).collect();
        files.push(File { name: format!("rules-{start}.yaml"), text: format!("rules:\n{rules}") });
    }
    files
}

/// The same, loaded by a thread of its own, so that what is left of the work in its heap is not in the way of what is
/// measured; a server too reads rules on one thread and events on others.
pub(crate) fn set(count: usize) -> Arc<Set> {
    let loaded = std::thread::spawn(move || load(&files(count))).join().unwrap();
    loaded.set.unwrap_or_else(|| panic!("{:#?}", loaded.problems))
}

fn sources() -> String {
    let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.source).collect();
    names.dedup();
    let lines: String =
        names.iter().map(|name| format!("  {name}: {{ verify: none, event: header:X-Event }}\n")).collect();
    format!("sources:\n{lines}")
}

fn rule(number: usize) -> String {
    let Asked { kind, value, above } = asked(number);
    let kind = &KINDS[kind];
    let order =
        above.map_or(String::new(), |above| format!("    {}: {{ gt: {above} }}\n", kind.ordered_path));
    format!(
        "- name: rule {number}\n  from: {}\n  event: {}\n  if:\n    {}: {}\n{order}  do:\n    - log: \"{number}: {{{{ {} }}}} came\"\n",
        kind.source,
        kind.name,
        kind.path,
        (kind.value)(value),
        kind.path,
    )
}
