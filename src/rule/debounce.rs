//! `debounce` of a rule: of events of one key that come soon after each other, only the last is done.

use std::time::Duration;

use crate::action;
use crate::delivery::Debounce;
use crate::diagnostic::Diagnostic;
use crate::settings::{self, Key, Shape, names};
use crate::template::{self, Scope, Template};
use crate::time::Timestamp;
use crate::yaml::Node;

/// The keys of `debounce`, where it is more than a time.
pub const DEBOUNCE_KEYS: &[Key] = &[
    Key::needed("for", Shape::Duration, "how long it waits for one more event; each begins the wait anew"),
    Key::new(
        "key",
        Shape::AnyText,
        "events of one key count together; a template makes it, such as `{{ $.repository.id }}`; all unless said",
    ),
    Key::new("max", Shape::Duration, "the longest wait, however many come; ten times `for` unless said"),
];
/// A longer wait would look like a loss.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3600);
/// The longest wait in waits, where it is not said.
const LONGEST_TIMES: u32 = 10;

/// How long, and for what.
#[derive(Debug)]
pub struct Debounced {
    /// What makes the key; `None` for one key for all.
    key: Option<Template>,
    wait: Duration,
    longest: Duration,
}

impl Debounced {
    /// The key of an event.
    ///
    /// # Errors
    /// When the event has no value for it.
    pub fn key(&self, scope: &Scope<'_>) -> Result<String, template::Failure> {
        self.key.as_ref().map_or_else(|| Ok(String::new()), |template| template.text(scope))
    }

    /// What a delivery that is accepted at `now` waits for.
    pub fn begin(&self, now: Timestamp) -> Debounce {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Debounce { wait_ms: millis(self.wait), longest_ms: millis(self.longest), since: now.millis() }
    }
}

/// Reads `30s`, or `{ for, key, max }`.
pub(super) fn compile(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Debounced> {
    if !node.value().is_mapping() {
        let wait = wait(node, problems)?;
        return Some(Debounced { key: None, wait, longest: wait.saturating_mul(LONGEST_TIMES) });
    }
    for (key, value) in node.entries() {
        if !value.is_own() && !names(DEBOUNCE_KEYS).contains(&key) {
            problems.push(value.unknown_key(&names(DEBOUNCE_KEYS)));
        }
    }
    let key = node.get("key").and_then(|value| action::key(&value, problems));
    let longest = node.get("max").map(|value| (wait(&value, problems), value));
    let Some(time) = node.get("for") else {
        let found = node.key_error("E005", "`debounce` has no `for`");
        problems.push(found.help("write `debounce: { for: 30s, key: \"{{ $.repository.id }}\" }`"));
        return None;
    };
    let wait = wait(&time, problems)?;
    let longest = match longest {
        None => wait.saturating_mul(LONGEST_TIMES),
        Some((longest, value)) => {
            let longest = longest?;
            if longest < wait {
                let found = value.error("E004", "`max` is shorter than `for`");
                problems.push(found.help("the longest wait is at least as long as one wait"));
                return None;
            }
            longest
        }
    };
    Some(Debounced { key, wait, longest })
}

fn wait(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Duration> {
    let time = settings::duration(node, problems)?;
    if time.is_zero() || time > WAIT_MAX {
        let found = node.error("E501", format!("`{}` is not a time to wait for more events", node.raw()));
        problems.push(found.help("write a time from `1ms` to `24h`, such as `30s`"));
        return None;
    }
    Some(time)
}
