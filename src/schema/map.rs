//! Maps: the keys that may stand in them, and what they have to do with each other.

use serde_json::{Map, Value, json};

use crate::settings::{Choice, Key};

use super::{any, shape};

/// Keys that are the user's own.
const OWN: &str = "^x-";

/// A map with these keys, and those of the user.
pub(super) fn of(keys: &[Key]) -> Value {
    let properties: Map<String, Value> =
        keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let needed: Vec<&str> = keys.iter().filter(|key| key.is_needed).map(|key| key.name).collect();
    let mut map = json!({
        "type": "object",
        "properties": properties,
        "patternProperties": { OWN: true },
        "additionalProperties": false,
    });
    if !needed.is_empty() {
        put(&mut map, "required", json!(needed));
    }
    map
}

/// A map of names that the user chooses.
pub(super) fn named(of: &Value) -> Value {
    json!({ "type": "object", "patternProperties": { OWN: true }, "additionalProperties": of })
}

/// A map with exactly one of these keys.
pub(super) fn one_of(keys: &[Key]) -> Value {
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    let mut map = of(keys);
    put(&mut map, "allOf", Value::Array(vec![present(&names), alone(&names)]));
    map
}

/// What stands behind a key, with what it means.
pub(super) fn property(key: &Key) -> Value {
    let mut property = shape::of(key.shape);
    if !key.about.is_empty() {
        put(&mut property, "description", json!(key.about));
    }
    property
}

/// The same map, held to what its keys have to do with each other.
pub(super) fn chosen(mut map: Value, choices: &[Choice]) -> Value {
    if !choices.is_empty() {
        put(&mut map, "allOf", choices.iter().map(choice).collect());
    }
    map
}

/// What holds of a map that has this key.
pub(super) fn with(key: &str, then: &Value) -> Value {
    json!({ "if": { "type": "object", "required": [key] }, "then": then })
}

/// One of these keys is there, or more.
pub(super) fn present(keys: &[&str]) -> Value {
    any(keys.iter().map(|key| json!({ "required": [key] })))
}

/// Puts a keyword into a schema.
pub(super) fn put(schema: &mut Value, keyword: &str, value: Value) {
    match schema {
        Value::Object(map) => drop(map.insert(keyword.to_owned(), value)),
        // `true`: anything.
        other => *other = json!({ keyword: value }),
    }
}

fn choice(choice: &Choice) -> Value {
    match choice {
        Choice::AtLeastOne(keys) => present(keys),
        Choice::AtMostOne(keys) => alone(keys),
        Choice::ExactlyOne(keys) => json!({ "allOf": [present(keys), alone(keys)] }),
        Choice::Needs(key, keys) => with(key, &present(keys)),
    }
}

/// No two of these keys are there: with each, those behind it are not.
fn alone(keys: &[&str]) -> Value {
    let others = |at: usize| -> Map<String, Value> {
        keys.iter().skip(at + 1).map(|key| ((*key).to_owned(), json!(false))).collect()
    };
    let each = keys.iter().enumerate().take(keys.len().saturating_sub(1));
    json!({ "allOf": each.map(|(at, key)| with(key, &json!({ "properties": others(at) }))).collect::<Vec<_>>() })
}
