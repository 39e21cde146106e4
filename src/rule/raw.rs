//! What a rule says that needs no compiler: plain values as serde reads them, and the tables of keys.

use serde::Deserialize;

use super::concurrency::CONCURRENCY_KEYS;
use super::debounce::DEBOUNCE_KEYS;
use super::throttle::THROTTLE_KEYS;
use crate::settings::{Key, Shape};

/// The keys of a rules file.
pub const TOP_KEYS: &[Key] = &[
    Key::new("version", Shape::Version, "the version of the rules language; 1 unless said"),
    Key::new(
        "include",
        Shape::Plains,
        "other rules files, relative to this one: `teams/*.yaml`; all are read as one",
    ),
    Key::new(
        "defaults",
        Shape::Map(DEFAULT_KEYS),
        "what counts for every action of all files where neither it nor its connection says otherwise",
    ),
    Key::new(
        "redact",
        Shape::Plains,
        "paths into payloads, such as `$.card.number`: what they find is shown nowhere; rules see it",
    ),
    Key::new("sources", Shape::Sources, "where webhooks arrive, and how each is proved genuine"),
    Key::new(
        "connections",
        Shape::Connections,
        "where actions go: secrets, limits and retries live here once",
    ),
    Key::new("rules", Shape::Rules, "what is done for which events; every rule that matches runs"),
    Key::new("tests", Shape::Cases, "test cases: what is sent and what is expected of it"),
];
/// The keys of `defaults`.
pub const DEFAULT_KEYS: &[Key] = &[
    Key::new("retry", Shape::Retry, "when and how often to try again, commands too"),
    Key::new("timeout", Shape::Duration, "the time for one attempt"),
    Key::new(
        "delivery",
        Shape::Word(&["at_least_once", "at_most_once"]),
        "whether a crash may make it happen twice",
    ),
];
/// The keys of a rule that are plain values.
pub(super) const PLAIN_KEYS: &[&str] = &["name", "description", "enabled", "shadow", "stop", "fallback"];
/// All keys of a rule.
pub const RULE_KEYS: &[Key] = &[
    Key::needed(
        "name",
        Shape::Name,
        "its name, which no other rule has: it stands in logs, proofs and the history",
    ),
    Key::new("description", Shape::AnyText, "what it is for, in your words"),
    Key::new("enabled", Shape::Truth, "`false` leaves it out"),
    Key::new(
        "shadow",
        Shape::Truth,
        "`true` writes down what it would do and does nothing; it neither stops the list nor keeps a fallback away",
    ),
    Key::new("from", Shape::Names, "the source it listens to, or several; any unless said"),
    Key::new("path", Shape::Path, "the path it listens to, such as `/sensors/{site}`; any unless said"),
    Key::new(
        "event",
        Shape::Names,
        "the event type it listens to, or several; `*` is any run of characters; any unless said",
    ),
    Key::new("if", Shape::Conditions, "what must hold of the event; every line of it"),
    Key::needed("do", Shape::Actions, "what is done: a list of actions, which run side by side"),
    Key::new(
        "on_failure",
        Shape::Actions,
        "what is done when an action of `do` has died: actions like those of `do`, with `{{ failure.reason }}`",
    ),
    Key::new("stop", Shape::Truth, "`true` ends the list for an event that this rule matches"),
    Key::new("fallback", Shape::Truth, "`true` runs it only if no other rule matched"),
    Key::new(
        "order_by",
        Shape::AnyText,
        "deliveries of one key keep their order; a template makes the key, such as `{{ $.repository.id }}`",
    ),
    Key::new(
        "concurrency",
        Shape::Map(CONCURRENCY_KEYS),
        "how many events of one key are worked on at once: `key`, `limit`, `on_conflict`",
    ),
    Key::new(
        "debounce",
        Shape::DurationOr(DEBOUNCE_KEYS),
        "of events that come within such a time, such as `30s`, only the last is done; `for`, `key` and `max`, where more is wanted",
    ),
    Key::new(
        "throttle",
        Shape::RateOr(THROTTLE_KEYS),
        "at most so many events in some time, such as `10/m`; nothing is done for one more; `rate` and `key`, where a key is wanted",
    ),
];

/// The plain values of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) description: Option<String>,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) shadow: bool,
    #[serde(default)]
    pub(super) stop: bool,
    #[serde(default)]
    pub(super) fallback: bool,
}

fn yes() -> bool {
    true
}
