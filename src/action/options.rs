//! The options that every verb takes.

use std::time::Duration;

use crate::delivery::{Mode, Retry};
use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::yaml::Node;

use super::each::{self, Each, Need};
use super::field;
use super::verb::{Key, Shape};

/// The options of every action.
pub const OPTIONS: &[Key] = &[
    Key::new("id", Shape::Identifier, "what other actions of the rule call it"),
    Key::new("name", Shape::Text, "what people call it"),
    Key::new("if", Shape::Conditions, "it is owed only when these hold too"),
    Key::new(
        "for_each",
        Shape::Place,
        "a path to a list: one delivery for each of its elements, `{{ item }}`; of more than 1000 elements none, and one that is dead and says so",
    ),
    Key::new("as", Shape::Identifier, "what `for_each` calls an element, where `item` does not do"),
    Key::new(
        "needs",
        Shape::Ids,
        "the ids of actions of this rule that must have succeeded; `{{ steps.ID.json.url }}`",
    ),
    Key::new("timeout", Shape::Duration, "the time for one attempt"),
    Key::new("retry", Shape::Retry, "when and how often to try again"),
    Key::new(
        "delivery",
        Shape::Word(&["at_least_once", "at_most_once"]),
        "whether a crash may make it happen twice",
    ),
];

/// The options of one action, read.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) each: Option<Each>,
    pub(super) needs: Vec<Need>,
    pub(super) timeout: Option<Duration>,
    pub(super) retry: Option<Retry>,
    pub(super) mode: Option<Mode>,
}

impl Options {
    /// Reads the options of an item; what is wrong goes to `problems` and counts as not said.
    pub(super) fn read(item: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Self {
        Self {
            id: item.get("id").and_then(|node| id(&node, problems)),
            name: item.get("name").and_then(|node| field::literal(&node, problems)),
            each: each::read(item, problems),
            needs: item.get("needs").map_or_else(Vec::new, |node| each::needs(&node, problems)),
            timeout: item.get("timeout").and_then(|node| field::timeout(&node, problems)),
            retry: item.get("retry").and_then(|node| settings::retry(&node, problems)),
            mode: item.get("delivery").and_then(|node| mode(&node, problems)),
        }
    }
}

/// Reads the name that other actions use, which may stand in a template.
pub(super) fn id(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let text = field::literal(node, problems)?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && text.chars().all(plain) {
        return Some(text);
    }
    problems.push(
        node.error("E004", format!("`{text}` cannot be an `id`"))
            .help("an id starts with a letter and goes on with letters, digits and `_`: `id: notify_sales`"),
    );
    None
}

/// Reads `at_least_once` or `at_most_once`.
pub fn mode(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Mode> {
    match node.text() {
        Some("at_least_once") => Some(Mode::AtLeastOnce),
        Some("at_most_once") => Some(Mode::AtMostOnce),
        _ => {
            let problem = node.error("E004", "`delivery` is neither `at_least_once` nor `at_most_once`");
            problems.push(
                problem.help("at_least_once may repeat after a crash; at_most_once is then left in doubt"),
            );
            None
        }
    }
}
