//! Values as numbers of 64 bits: what is equal has one key, what differs nearly always another.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use crate::path::number;

/// Bytes of the start of a text that count; what is longer is cut.
const START_MAX_BYTES: usize = 64;

/// What starts each kind, so that `"1"` and `1` have different keys.
#[derive(Clone, Copy, Hash)]
enum Kind {
    Null,
    Bool,
    Number,
    Text,
    List,
    Map,
    Start,
}

/// The key of a value: of lists and objects only their length counts.
pub(super) fn value(value: &Value) -> u64 {
    match value {
        Value::Null => key(Kind::Null, |_| ()),
        Value::Bool(yes) => key(Kind::Bool, |state| yes.hash(state)),
        Value::Number(exact) => key(Kind::Number, |state| number::hash(exact, state)),
        Value::String(text) => self::text(text),
        Value::Array(items) => key(Kind::List, |state| items.len().hash(state)),
        Value::Object(members) => key(Kind::Map, |state| members.len().hash(state)),
    }
}

/// The key of a text.
pub(super) fn text(text: &str) -> u64 {
    key(Kind::Text, |state| state.write(text.as_bytes()))
}

/// How many bytes of a start count.
pub(super) fn start_length(start: &str) -> usize {
    start.len().min(START_MAX_BYTES)
}

/// The key of the first `length` bytes of a text; `None` when it is shorter.
pub(super) fn start(text: &str, length: usize) -> Option<u64> {
    let bytes = text.as_bytes().get(..length)?;
    Some(key(Kind::Start, |state| state.write(bytes)))
}

/// The nearest floating number: it keeps the order of exact ones, though neighbours may become one.
pub(super) fn rounded(number: &serde_json::Number) -> Option<f64> {
    number.as_str().parse().ok()
}

fn key(kind: Kind, feed: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut state = DefaultHasher::new();
    kind.hash(&mut state);
    feed(&mut state);
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_has_one_key() {
        for (one, other, same) in [
            ("1", "1.0", true),
            ("1", "10e-1", true),
            ("0", "-0.0", true),
            ("9007199254740993", "9007199254740992", false),
            ("1", "\"1\"", false),
            ("null", "false", false),
            ("\"a\"", "\"b\"", false),
            ("[1, 2.0]", "[1e0, 2]", true),
            (r#"{"a": 1, "b": 2}"#, r#"{"b": 2.0, "a": 1}"#, true),
            ("[]", "{}", false),
        ] {
            let key = |text: &str| value(&text.parse().unwrap());
            assert_eq!(key(one) == key(other), same, "{one} {other}");
        }
    }

    #[test]
    fn a_start_is_found_in_what_starts_so() {
        let long = "é".repeat(100);
        for (begin, text, found) in [
            ("refs/", "refs/heads/main", true),
            ("refs/", "refs/", true),
            ("refs/", "refs", false),
            ("refs/", "Refs/heads", false),
            (&long, &long, true),
        ] {
            let length = start_length(begin);
            assert_eq!(
                start(text, length).is_some_and(|key| Some(key) == start(begin, length)),
                found,
                "{text}"
            );
        }
    }
}
