//! The keys of test cases; the loader and the editor's schema are made of these tables.

use crate::settings::{Choice, Key, Shape};

/// The keys of a `*.test.yaml`.
pub const TEST_FILE_KEYS: &[Key] = &[
    Key::new("version", Shape::Version, "the version of the rules language; 1 unless said"),
    Key::new("tests", Shape::Cases, "test cases: what is sent and what is expected of it"),
];

/// The keys of a test case.
pub const CASE_KEYS: &[Key] = &[
    Key::needed("name", Shape::Name, "what has to be so, in your words; `doorbell test -k` finds it by them"),
    Key::new("send", Shape::Map(SEND_KEYS), "the webhook that comes"),
    Key::new("results", Shape::Entries, RESULTS),
    Key::new("expect", Shape::Expectation, EXPECT),
    Key::new("answer", Shape::Map(ANSWER_KEYS), "what the sender is answered"),
    Key::new("steps", Shape::Maps(STEP_KEYS), "several webhooks over simulated time, in place of one `send`"),
    Key::new("now", Shape::AnyText, "the moment of the first webhook; 2026-01-01T00:00:00Z unless said"),
];

const EXPECT: &str = "`nothing` when no rule may match; else everything that has to be done, as a list: names of rules, or \
     maps of `rule`, the action's verb and those of its fields that matter";

const RESULTS: &str =
    "what actions give to those that need them, by their ids: `{ build: { status: 200, json: { url: x } } }`";

const EXPECT_IN_THE_END: &str = "`nothing`, or a list as in a case with one webhook: what has been done for it when all has come \
     to its end; `after: 5m` in an item says how long after the webhook it began";

const TAKES: &str = "how long each action takes that is owed for it, for what waits for it or is left out meanwhile; no time \
     unless said";

/// The keys of one of several webhooks of a case.
pub const STEP_KEYS: &[Key] = &[
    Key::new("at", Shape::Duration, "how long after the start of the case it comes; at once unless said"),
    Key::needed("send", Shape::Map(SEND_KEYS), "the webhook that comes"),
    Key::new("takes", Shape::Duration, TAKES),
    Key::new("results", Shape::Entries, RESULTS),
    Key::new("expect", Shape::Expectation, EXPECT_IN_THE_END),
    Key::new("answer", Shape::Map(ANSWER_KEYS), "what the sender is answered"),
];

/// The keys of `send`.
pub const SEND_KEYS: &[Key] = &[
    Key::new("to", Shape::Name, "the source it comes to; the only one unless said"),
    Key::new("event", Shape::AnyText, "the event type; the one of body or sample unless said"),
    Key::new("id", Shape::AnyText, "what makes a repeat recognisable, put where the source looks for it"),
    Key::new("file", Shape::AnyText, "a file with the exact bytes of the body, named from this file on"),
    Key::new("json", Shape::Json, "the payload, sent in the way of the source"),
    Key::new("form", Shape::Entries, "the fields of a form"),
    Key::new("raw", Shape::AnyText, "the exact text of the body"),
    Key::new(
        "recorded",
        Shape::AnyText,
        "a recorded event: a file that `doorbell events show ID --as json` or `--as http` has written",
    ),
    Key::new(
        "set",
        Shape::Entries,
        "changes to the payload: a JSONPath and the value that stands there then",
    ),
    Key::new("headers", Shape::Entries, "headers, in place of those of the same name"),
    Key::new("query", Shape::Entries, "query parameters"),
    Key::new("path", Shape::AnyText, "the path it comes to, where that of the source has parameters"),
    Key::new("method", Shape::AnyText, "the method; the first of the source's unless said"),
    Key::new("ip", Shape::AnyText, "the address it comes from; 127.0.0.1 unless said"),
    Key::new(
        "signed",
        Shape::Truth,
        "`true` signs it with a secret made for the test and verifies it; else it is taken for genuine",
    ),
];

/// The keys of `answer`.
pub const ANSWER_KEYS: &[Key] = &[
    Key::new("status", Shape::Number(200, 599), "its status"),
    Key::new("json", Shape::Json, "its body, as JSON"),
    Key::new("text", Shape::AnyText, "its body, as text"),
    Key::new("headers", Shape::Entries, "headers that it has to have"),
];

/// What stands behind `expect` where a file holds it.
pub const EXPECTED_FILE: &[Key] = &[Key::needed(
    "file",
    Shape::AnyText,
    "a JSON file with all that has to be done; `doorbell test --update` writes it",
)];

/// What keys of `send` have to do with each other.
pub(super) const SEND_CHOICES: &[Choice] = &[Choice::AtMostOne(&["file", "json", "form", "raw", "recorded"])];
