//! `throttle` of a rule: at most so many events of one key in a time, and nothing is done for one more.

use crate::action;
use crate::diagnostic::Diagnostic;
use crate::settings::{self, Key, Shape, names};
use crate::template::{self, Scope, Template};
use crate::unit::Rate;
use crate::yaml::Node;

/// The keys of `throttle`, where it is more than a rate.
pub const THROTTLE_KEYS: &[Key] = &[
    Key::needed("rate", Shape::Rate, "how many events in some time; so many may come at once, then evenly"),
    Key::new(
        "key",
        Shape::AnyText,
        "events of one key count together; a template makes it, such as `{{ $.host }}`; all unless said",
    ),
];

/// How many events of one key in some time.
#[derive(Debug)]
pub struct Throttled {
    /// What makes the key; `None` for one key for all.
    key: Option<Template>,
    /// How many.
    pub rate: Rate,
}

impl Throttled {
    /// The key of an event.
    ///
    /// # Errors
    /// When the event has no value for it.
    pub fn key(&self, scope: &Scope<'_>) -> Result<String, template::Failure> {
        self.key.as_ref().map_or_else(|| Ok(String::new()), |template| template.text(scope))
    }
}

/// Reads `10/m`, or `{ rate, key }`.
pub(super) fn compile(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Throttled> {
    if !node.value().is_mapping() {
        return Some(Throttled { key: None, rate: settings::rate(node, problems)? });
    }
    for (key, value) in node.entries() {
        if !value.is_own() && !names(THROTTLE_KEYS).contains(&key) {
            problems.push(value.unknown_key(&names(THROTTLE_KEYS)));
        }
    }
    let key = node.get("key").and_then(|value| action::key(&value, problems));
    let Some(rate) = node.get("rate") else {
        let found = node.key_error("E005", "`throttle` has no `rate`");
        problems.push(found.help("write `throttle: { rate: 1/h, key: \"{{ $.host }}\" }`"));
        return None;
    };
    Some(Throttled { key, rate: settings::rate(&rate, problems)? })
}
