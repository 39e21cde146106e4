//! The keys of a service's definition, for help and for the editor's schema.

use crate::settings::{Key, Shape};

/// The keys of a definition under `services`.
pub const SERVICE_KEYS: &[Key] = &[
    Key::needed("summary", Shape::Plain, "what its verb does, in one line"),
    Key::new("docs", Shape::Plain, "the service's own page about it"),
    Key::new("example", Shape::AnyText, "an action, as YAML"),
    Key::needed("connection", Shape::Map(CONNECTION), "what its connections have"),
    Key::new("settings", Shape::MapsOf(SETTING), "what its actions have beside the verb"),
    Key::new("exactly_one", Shape::Names, "settings of which an action has one"),
    Key::new("at_least_one", Shape::Names, "settings of which an action has one or more"),
    Key::new("first", Shape::Entries, "a request that is made before, for a token or a crumb"),
    Key::needed("request", Shape::Anything, "the request; of a list the first whose `with` is there"),
    Key::new("answer", Shape::Map(ANSWER), "what the service's answers mean"),
];
/// The largest `max`.
pub(super) const MAX: usize = 1_000_000;
const CONNECTION: &[Key] = &[
    Key::new("example", Shape::AnyText, "a connection, as YAML"),
    Key::new("settings", Shape::MapsOf(SETTING), "its settings"),
];
const SETTING: &[Key] = &[
    Key::new(
        "kind",
        Shape::Word(&["template", "json", "list", "text", "secret", "url", "text or secret"]),
        "what stands behind it",
    ),
    Key::needed("about", Shape::Plain, "what it is, in a few words"),
    Key::new("needed", Shape::Truth, "whether nothing is done without it"),
    Key::new("default", Shape::Text, "what it is unless said"),
    Key::new("one_of", Shape::Names, "the words it may be"),
    Key::new("max", Shape::Number(1, MAX), "the most characters of a text, or entries of a list or map"),
    Key::new(
        "cut",
        Shape::Truth,
        "whether a longer text is cut, with `…` at its end; it is refused unless said",
    ),
    Key::new("only_with", Shape::Entries, "another setting and its words, without which it does not count"),
];
const ANSWER: &[Key] = &[
    Key::new("done", Shape::Entries, "a pointer into a 2xx, and what stands there when it is done"),
    Key::new("fails", Shape::Plain, "a pointer that finds something in a 2xx only when it is not done"),
    Key::new(
        "why",
        Shape::AnyTexts,
        "pointers to the words for why not; an empty one finds the first line of a plain text",
    ),
    Key::new("wait", Shape::Plain, "a pointer to the seconds after which to come back"),
    Key::new(
        "again",
        Shape::Entries,
        "pointers, and words there that say that it is to be tried again; or statuses that do",
    ),
    Key::new(
        "until",
        Shape::Plains,
        "two headers: how many requests are left, and the second since 1970 of more",
    ),
    Key::new(
        "pause",
        Shape::Duration,
        "how long to wait when it is tried again and nothing says for how long",
    ),
];
