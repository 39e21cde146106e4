//! `concurrency` of a rule: how many events of one key are worked on at once, and what becomes of one more.

use crate::action;
use crate::delivery::{OnConflict, Slots};
use crate::diagnostic::Diagnostic;
use crate::settings::{self, Key, Shape, names};
use crate::template::{self, Scope, Template};
use crate::yaml::Node;

/// The keys of `concurrency`.
pub const CONCURRENCY_KEYS: &[Key] = &[
    Key::new(
        "key",
        Shape::AnyText,
        "events of one key count together; a template makes it, such as `{{ $.repository.id }}`; all unless said",
    ),
    Key::new(
        "limit",
        Shape::Number(1, LIMIT_MAX as usize),
        "events worked on at once: from their acceptance until all that the rule owes for them has ended; 1 unless said",
    ),
    Key::new(
        "on_conflict",
        Shape::Word(WORDS),
        "what becomes of one more: `queue` lets it wait, `skip` leaves it out, `latest` lets it wait in place of those that wait, `cancel` ends what is under way and begins; `queue` unless said",
    ),
];
/// More at once than this is no limit.
const LIMIT_MAX: u32 = 1_000;
/// What may become of one more, by its word.
const ON_CONFLICT: &[(&str, OnConflict)] = &[
    ("queue", OnConflict::Queue),
    ("skip", OnConflict::Skip),
    ("latest", OnConflict::Latest),
    ("cancel", OnConflict::Cancel),
];
/// Their words.
const WORDS: &[&str] = &["queue", "skip", "latest", "cancel"];

/// How many events of one key are worked on at once.
#[derive(Debug)]
pub struct Concurrency {
    /// What makes the key; `None` for one key for all.
    key: Option<Template>,
    /// How many, and what becomes of one more.
    pub slots: Slots,
}

impl Concurrency {
    /// The key of an event.
    ///
    /// # Errors
    /// When the event has no value for it.
    pub fn key(&self, scope: &Scope<'_>) -> Result<String, template::Failure> {
        self.key.as_ref().map_or_else(|| Ok(String::new()), |template| template.text(scope))
    }
}

/// Reads `{ key, limit, on_conflict }`.
pub(super) fn compile(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Concurrency> {
    if !node.value().is_mapping() {
        let help = "write `concurrency: { key: \"{{ $.repository.id }}\", limit: 1, on_conflict: queue }`";
        problems.push(node.unwanted("a map").help(help));
        return None;
    }
    let mut read = Concurrency { key: None, slots: Slots { limit: 1, on_conflict: OnConflict::Queue } };
    for (key, value) in node.entries() {
        match key {
            "key" => read.key = action::key(&value, problems),
            "limit" => read.slots.limit = settings::count(&value, 1, LIMIT_MAX, problems).unwrap_or(1),
            "on_conflict" => {
                read.slots.on_conflict = on_conflict(&value, problems).unwrap_or(OnConflict::Queue);
            }
            _ if value.is_own() => {}
            _ => problems.push(value.unknown_key(&names(CONCURRENCY_KEYS))),
        }
    }
    Some(read)
}

fn on_conflict(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<OnConflict> {
    let word = settings::text(node, problems)?;
    let found = ON_CONFLICT.iter().find(|(known, _)| *known == word);
    if found.is_none() {
        problems.push(
            node.error("E004", format!("`{word}` is not a way out of a conflict"))
                .help("write `queue`, `skip`, `latest` or `cancel`"),
        );
    }
    found.map(|(_, on_conflict)| *on_conflict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_meaning() {
        assert!(ON_CONFLICT.iter().map(|(word, _)| *word).eq(WORDS.iter().copied()));
    }
}
