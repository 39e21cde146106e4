//! `as`: the only way a value becomes one of another kind.

use serde_json::Value;

use super::moment;
use super::reason::Reason;
use super::seen::{Kind, Seen};
use crate::path::number;
use crate::time::Timestamp;

/// What values are read as before the tests of the same map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    Number,
    Text,
    Bool,
    Time,
}

/// What `as` takes: name, meaning, and the words for it in a sentence.
const NAMES: &[(&str, As, &str)] = &[
    ("number", As::Number, "a number"),
    ("string", As::Text, "text"),
    ("bool", As::Bool, "true or false"),
    ("time", As::Time, "a time"),
];

/// A value after conversion: untouched, or made anew.
pub(super) enum Cast<'v> {
    Seen(Seen<'v>),
    Made(Value),
}

impl Cast<'_> {
    pub(super) fn seen(&self) -> Seen<'_> {
        match self {
            Self::Seen(seen) => *seen,
            Self::Made(value) => Seen::Json(value),
        }
    }
}

impl As {
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _, _)| *name)
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _, _)| *known == name).map(|(_, cast, _)| *cast)
    }

    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, cast, _)| *cast == self).map_or("", |(name, _, _)| name)
    }

    pub(super) fn words(self) -> &'static str {
        NAMES.iter().find(|(_, cast, _)| *cast == self).map_or("", |(_, _, words)| words)
    }

    /// The kind of what it makes.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Number => Kind::Number,
            Self::Text => Kind::Text,
            Self::Bool => Kind::Bool,
            Self::Time => Kind::Moment,
        }
    }

    /// The conversion that would make what is wanted of a value, if one does.
    pub(super) fn mend(seen: Seen<'_>, wanted: Kind) -> Option<Self> {
        let (_, cast, _) = NAMES.iter().find(|(_, cast, _)| cast.kind() == wanted)?;
        (seen.kind() != wanted && cast.convert(seen).is_ok()).then_some(*cast)
    }

    /// Converts one value.
    fn convert(self, seen: Seen<'_>) -> Result<Made, Reason> {
        if seen.kind() == self.kind() {
            return Ok(Made::Same);
        }
        let made = match (self, seen) {
            (Self::Number, _) => {
                seen.text().and_then(number::parse_text).map(|number| Made::Value(Value::Number(number)))
            }
            (Self::Text, Seen::Json(Value::Number(number))) => {
                Some(Made::Value(Value::String(number.as_str().to_owned())))
            }
            (Self::Text, Seen::Json(Value::Bool(truth))) => {
                Some(Made::Value(Value::String(truth.to_string())))
            }
            (Self::Bool, _) => {
                seen.text().and_then(|text| text.parse().ok()).map(|truth| Made::Value(Value::Bool(truth)))
            }
            (Self::Time, _) => moment::read(seen).map(Made::Moment),
            _ => None,
        };
        made.ok_or(Reason::Cast(self))
    }
}

enum Made {
    Same,
    Value(Value),
    Moment(Timestamp),
}

/// Converts by one `as` after the other; mostly there is none.
pub(super) fn cast<'v>(casts: &[As], seen: Seen<'v>) -> Result<Cast<'v>, Reason> {
    let mut now = Cast::Seen(seen);
    for cast in casts {
        match cast.convert(now.seen())? {
            Made::Same => {}
            Made::Value(value) => now = Cast::Made(value),
            Made::Moment(moment) => now = Cast::Seen(Seen::Moment(moment)),
        }
    }
    Ok(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &[(&str, &str, Option<&str>)] = &[
        ("number", r#""409.94""#, Some("409.94")),
        ("number", r#""12345678901234567890.10""#, Some("12345678901234567890.10")),
        ("number", "7", Some("7")),
        ("number", r#"" 7""#, None),
        ("number", r#""+7""#, None),
        ("number", r#""1,000""#, None),
        ("number", r#""""#, None),
        ("number", "true", None),
        ("number", "null", None),
        ("string", "1.50", Some(r#""1.50""#)),
        ("string", "true", Some(r#""true""#)),
        ("string", r#""x""#, Some(r#""x""#)),
        ("string", "null", None),
        ("string", "[1]", None),
        ("bool", r#""true""#, Some("true")),
        ("bool", r#""false""#, Some("false")),
        ("bool", r#""True""#, None),
        ("bool", r#""yes""#, None),
        ("bool", "1", None),
        ("time", "true", None),
    ];

    #[test]
    fn converts_exactly_or_not_at_all() {
        for (name, json, wanted) in ROWS {
            let value: Value = json.parse().unwrap();
            let made = cast(&[As::named(name).unwrap()], Seen::Json(&value));
            let shown = made.ok().map(|made| super::super::show::seen(made.seen()));
            assert_eq!(shown.as_deref(), *wanted, "{json} as {name}");
        }
    }
}
