//! The JSON Schema of the rules file, for editors: keys to complete, words on hover, mistakes underlined while typing.
//!
//! It is made from the tables that the loader reads by, so a new row of them is in it by itself. It takes whatever the
//! loader takes; what needs more than one place to be seen (names, JSONPaths, templates) is left to `doorbell check`.

mod action;
mod condition;
mod map;
mod shape;
mod source;
mod text;

#[cfg(test)]
pub(crate) mod tests;

use serde_json::{Map, Value, json};

use crate::action::Verbs;
use crate::rehearse::CASE_KEYS;
use crate::rule::{RULE_KEYS, TOP_KEYS, VERSION};

/// The draft that it is written in.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Parts that others name by `$ref`, under their names.
type Parts = Vec<(String, Value)>;

/// The schema of a rules file.
pub fn document() -> Value {
    document_with(&Verbs::default())
}

/// The same where rules files define verbs of their own.
pub fn document_with(verbs: &Verbs) -> Value {
    let mut parts: Parts =
        vec![("rule".to_owned(), map::of(RULE_KEYS)), ("case".to_owned(), map::of(CASE_KEYS))];
    parts.extend(text::parts());
    parts.extend(source::parts());
    parts.extend(action::parts(verbs));
    parts.extend(condition::parts());
    let defs: Map<String, Value> = parts.into_iter().collect();
    let mut document = map::of(TOP_KEYS);
    map::put(&mut document, "$schema", json!(DRAFT));
    map::put(
        &mut document,
        "$comment",
        json!(format!("The rules file of doorbell, version {VERSION}; made by `doorbell schema`.")),
    );
    map::put(&mut document, "$defs", Value::Object(defs));
    document
}

/// A part of this name.
fn part(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// One of these.
fn any(of: impl IntoIterator<Item = Value>) -> Value {
    json!({ "anyOf": of.into_iter().collect::<Vec<_>>() })
}

/// One, or a list that is not empty. Which of the two is meant is plain, so a mistake in it is told as such.
fn one_or_many(of: &Value) -> Value {
    json!({ "if": { "type": "array" }, "then": many(of), "else": of })
}

/// A list that is not empty.
fn many(of: &Value) -> Value {
    json!({ "type": "array", "items": of, "minItems": 1 })
}
