//! Sources: the presets, the schemes, and the secret that goes with them.

use serde_json::{Value, json};

use crate::provider::{PRESETS, SchemeKind, scheme_kinds, source_keys};

use super::{Parts, any, map, part};

/// What stands behind `verify` when nothing is proved; also a kind of scheme.
const NONE: &str = "none";

/// The parts that others name.
pub(super) fn parts() -> Parts {
    let kinds = scheme_kinds();
    let mut parts: Parts = kinds.iter().map(|kind| (scheme_name(kind), scheme(kind))).collect();
    parts.push(("source".to_owned(), source()));
    parts.push(("verification".to_owned(), verification(&kinds)));
    parts
}

fn source() -> Value {
    let mut source = map::of(&source_keys());
    let kind = json!({ "type": "object", "properties": { "kind": { "const": NONE } }, "required": ["kind"] });
    let open = any([json!({ "const": NONE }), kind]);
    map::put(&mut source, "if", json!({ "required": ["verify"], "properties": { "verify": open } }));
    map::put(&mut source, "then", json!({ "properties": { "secret": false } }));
    map::put(&mut source, "else", json!({ "required": ["secret"] }));
    source
}

fn verification(kinds: &[SchemeKind]) -> Value {
    let presets = PRESETS.iter().map(
        |preset| json!({ "const": preset.id, "description": format!("{}: {}", preset.name, preset.summary) }),
    );
    let none = json!({ "const": NONE, "description": "not at all: everybody who can reach it is believed" });
    any(presets.chain([none, by_kind(kinds)]))
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
    }
    let mut needed: Vec<&str> = vec!["kind"];
    needed.extend(kind.keys.iter().filter(|key| key.is_needed).map(|key| key.name));
    map::put(&mut scheme, "required", json!(needed));
    scheme
}
