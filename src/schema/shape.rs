//! What may stand behind a key, shape by shape.

use serde_json::{Value, json};

use crate::provider::FORMATS;
use crate::rehearse::{EXPECTED_FILE, NOTHING};
use crate::rule::VERSION;
use crate::settings::{Key, Shape};

use super::{any, many, map, one_or_many, part, text};

/// The field that a form's JSON stands in, where `format` names it.
const FORM_JSON: &[Key] = &[Key::new("form-json", Shape::Plain, "the field of the form that holds the JSON")];

/// The schema of a shape.
pub(super) fn of(shape: Shape) -> Value {
    match shape {
        Shape::Text => text::literal(),
        Shape::Identifier => text::identifier(),
        Shape::Ids => one_or_many(&text::identifier()),
        Shape::Place => text::matching(r"^\$", "a path into the payload: `$.items`"),
        Shape::Connection => text::connection(),
        Shape::Template => text::scalar(),
        Shape::Plain => json!({ "type": "string", "minLength": 1 }),
        Shape::AnyText => json!({ "type": "string" }),
        Shape::Name => text::matching(text::NAME, "a name, and no template in it"),
        Shape::Path => text::matching("^/[^?# ]*$", "a path that starts with `/`: `/sensors/{site}`"),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::True => json!({ "const": true }),
        Shape::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Decimal(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
        Shape::Version => json!({ "const": VERSION }),
        Shape::Json => json!(true),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Named(words) => json!({ "enum": words() }),
        Shape::OneOf(keys) => map::one_of(keys),
        Shape::Map(keys) => map::of(keys),
        other => named(other).unwrap_or_else(|| several(other)),
    }
}

/// Shapes that stand in many places: parts of the schema.
fn named(shape: Shape) -> Option<Value> {
    Some(part(match shape {
        Shape::Duration => "duration",
        Shape::Size => "size",
        Shape::Rate => "rate",
        Shape::Networks => "networks",
        Shape::Retry => "retry",
        Shape::Conditions => "conditions",
        Shape::Secrets => "secrets",
        Shape::Verification => "verification",
        _ => return None,
    }))
}

/// Lists and maps of things, and one thing or another.
fn several(shape: Shape) -> Value {
    match shape {
        Shape::DurationOr(keys) => any([part("duration"), map::of(keys)]),
        Shape::RateOr(keys) => any([part("rate"), map::of(keys)]),
        Shape::Templates => many(&text::scalar()),
        Shape::List => json!({ "type": "array" }),
        Shape::Words(words) => one_or_many(&json!({ "enum": words })),
        Shape::Names => one_or_many(&text::matching(text::NO_TEMPLATE, "a text without a template")),
        Shape::Plains => any([of(Shape::Plain), json!({ "type": "array", "items": of(Shape::Plain) })]),
        Shape::AnyTexts => any([of(Shape::AnyText), json!({ "type": "array", "items": of(Shape::AnyText) })]),
        Shape::Texts => json!({ "type": "object", "additionalProperties": of(Shape::AnyTexts) }),
        Shape::Variables => one_or_many(&text::variable()),
        Shape::Fields => fields(&text::scalar()),
        Shape::Settings => fields(&text::or_secret(&text::scalar())),
        Shape::Codes => one_or_many(&json!({ "type": "integer", "minimum": 0, "maximum": 255 })),
        Shape::Secret => one_or_only(&part("secret")),
        Shape::TextOrSecret => text::or_secret(&text::literal()),
        Shape::Failures => text::failures(),
        Shape::Tolerance => text::tolerance(),
        Shape::Format => any([json!({ "enum": FORMATS }), map::of(FORM_JSON)]),
        Shape::Sources => or_nothing(map::named(&part("source"))),
        Shape::Connections => or_nothing(map::named(&part("connection"))),
        Shape::Rules => or_nothing(json!({ "type": "array", "items": part("rule") })),
        Shape::Maps(keys) => many(&map::of(keys)),
        Shape::Cases => json!({ "type": "array", "items": part("case") }),
        Shape::Expectation => expectation(),
        Shape::Entries => json!({ "type": "object" }),
        Shape::Actions => one_or_many(&part("action")),
        _ => json!(true),
    }
}

/// What a test case expects.
fn expectation() -> Value {
    any([
        json!({ "const": NOTHING }),
        json!({ "type": "array", "items": { "type": ["string", "object"] } }),
        map::of(EXPECTED_FILE),
    ])
}

/// One, perhaps as the only item of a list.
fn one_or_only(of: &Value) -> Value {
    let mut schema = one_or_many(of);
    if let Some(list) = schema.get_mut("then") {
        map::put(list, "maxItems", json!(1));
    }
    schema
}

/// A map of names, in which no template may stand, to values.
fn fields(value: &Value) -> Value {
    json!({
        "type": "object",
        "propertyNames": { "pattern": text::NO_TEMPLATE },
        "additionalProperties": value,
    })
}

/// The same with nothing at all behind the key, as while a file is begun.
fn or_nothing(mut schema: Value) -> Value {
    let kind = schema.get("type").cloned().unwrap_or_default();
    map::put(&mut schema, "type", json!([kind, "null"]));
    schema
}
