//! Sources: the presets, the schemes, and the secret that goes with them.

use serde_json::{Map, Value, json};

use crate::provider::{PRESETS, Param, SchemeKind, scheme_kinds, source_keys};

use super::{Parts, any, map, part};

/// What stands behind `verify` when nothing is proved; also a kind of scheme.
const NONE: &str = "none";
/// The same for a source of which no webhooks are.
const INTERNAL: &str = "internal";
const OF_A_PRESET: &str = "source-of-a-preset";
const OF_A_SCHEME: &str = "source-of-a-scheme";

/// The parts that others name.
pub(super) fn parts() -> Parts {
    let kinds = scheme_kinds();
    let mut parts: Parts = kinds.iter().map(|kind| (scheme_name(kind), scheme(kind))).collect();
    parts.push(("source".to_owned(), source()));
    parts.push((OF_A_PRESET.to_owned(), of_a_preset()));
    parts.push((OF_A_SCHEME.to_owned(), of_a_scheme()));
    parts.push(("verification".to_owned(), verification(&kinds)));
    parts
}

/// What else may stand in a source depends on its preset; what a scheme of the user's own names is the user's own.
fn source() -> Value {
    let by_name = json!({ "properties": { "verify": { "type": "string" } } });
    json!({ "type": "object", "if": by_name, "then": part(OF_A_PRESET), "else": part(OF_A_SCHEME) })
}

/// A source of a preset, with what that preset wants to know.
fn of_a_preset() -> Value {
    let mut source = map::of(&source_keys());
    let mut known = Map::new();
    let free: Vec<&str> =
        PRESETS.iter().filter(|preset| !preset.needs_secret()).map(|preset| preset.id).collect();
    let mut rows = vec![secret_unless(&json!({ "enum": [NONE, INTERNAL] }), &json!({ "enum": free }))];
    for preset in PRESETS {
        let params = preset.params();
        let is_needed = |param: &&Param| param.needed;
        let needed: Vec<&str> = params.iter().filter(is_needed).map(|param| param.name.as_str()).collect();
        if !needed.is_empty() {
            let is_it = json!({ "properties": { "verify": { "const": preset.id } } });
            rows.push(json!({ "if": is_it, "then": { "required": needed } }));
        }
        known.extend(params.iter().map(|param| (param.name.clone(), asked(param))));
    }
    if let Some(Value::Object(properties)) = source.get_mut("properties") {
        known.append(properties);
        *properties = known;
    }
    map::put(&mut source, "allOf", Value::Array(rows));
    source
}

/// A source with a scheme of the user's own, and with whatever that names.
fn of_a_scheme() -> Value {
    let mut source = map::of(&source_keys());
    map::put(&mut source, "additionalProperties", json!({ "type": "string" }));
    let open = json!({ "type": "object", "properties": { "kind": { "const": NONE } }, "required": ["kind"] });
    let shown = json!({ "anyOf": [
        { "type": "object", "required": ["jwks"] },
        { "type": "object", "required": ["key"], "properties": { "key": { "required": ["x509_url"] } } },
        { "type": "array" },
    ] });
    map::put(&mut source, "allOf", Value::Array(vec![secret_unless(&open, &shown)]));
    source
}

/// There is a secret, or, where `verify` is like this, none; where the sender shows its keys there may be one.
fn secret_unless(open: &Value, shown: &Value) -> Value {
    let verified = |like: &Value| json!({ "required": ["verify"], "properties": { "verify": like } });
    json!({
        "if": verified(open),
        "then": { "properties": { "secret": false } },
        "else": { "if": verified(shown), "else": { "required": ["secret"] } },
    })
}

fn asked(param: &Param) -> Value {
    json!({ "type": "string", "minLength": 1, "description": param.help })
}

fn verification(kinds: &[SchemeKind]) -> Value {
    let presets = PRESETS.iter().map(
        |preset| json!({ "const": preset.id, "description": format!("{}: {}", preset.name, preset.summary) }),
    );
    let none = json!({ "const": NONE, "description": "not at all: everybody who can reach it is believed" });
    let internal = json!({ "const": INTERNAL, "description": "nothing arrives: actions emit its events" });
    let ways = json!({
        "type": "array",
        "minItems": 1,
        "items": by_kind(kinds),
        "description": "the first of these whose `when` holds decides, and none after it",
    });
    let mut alone = by_kind(kinds);
    map::put(&mut alone, "not", json!({ "required": ["when"] }));
    any(presets.chain([none, internal, alone, ways]))
}

/// A scheme, whose kind says what else may stand in it.
fn by_kind(kinds: &[SchemeKind]) -> Value {
    let named = |kind: &SchemeKind| json!({ "const": kind.name, "description": kind.about });
    let each = kinds.iter().map(|kind| {
        let is_it = json!({ "required": ["kind"], "properties": { "kind": { "const": kind.name } } });
        json!({ "if": is_it, "then": part(&scheme_name(kind)) })
    });
    json!({
        "type": "object",
        "required": ["kind"],
        "properties": { "kind": any(kinds.iter().map(named)) },
        "allOf": each.collect::<Vec<_>>(),
    })
}

fn scheme_name(kind: &SchemeKind) -> String {
    format!("scheme-{}", kind.name)
}

fn scheme(kind: &SchemeKind) -> Value {
    let mut scheme = map::of(&kind.keys);
    map::put(&mut scheme, "description", json!(kind.about));
    if let Some(Value::Object(properties)) = scheme.get_mut("properties") {
        properties.insert("kind".to_owned(), json!({ "const": kind.name }));
        properties.insert("when".to_owned(), when());
    }
    let mut needed: Vec<&str> = vec!["kind"];
    needed.extend(kind.keys.iter().filter(|key| key.is_needed).map(|key| key.name));
    map::put(&mut scheme, "required", json!(needed));
    scheme
}

/// In a list of schemes: to which webhooks one applies.
fn when() -> Value {
    json!({
        "type": ["string", "object"],
        "additionalProperties": { "type": ["string", "boolean"] },
        "description": "in a list: what must be there, such as `header:X-Signature`, or `{ header:X: true }`",
    })
}
