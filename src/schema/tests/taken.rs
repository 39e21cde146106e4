//! Whatever the loader takes, the schema takes: good files, and every file that is one change away from them and
//! still good.

use serde_json::{Value, json};

use super::{complaints, json_of, loaded, takes, takes_file};
use crate::action::VERBS;
use crate::condition::OPERATORS;
use crate::provider::{PRESETS, scheme_kinds};

/// Small files that have every key at least once, parted by `---`: small, since each is tried with each change.
const SMALL: &str = include_str!("good.yaml");
/// Files that people start from.
const LARGE: &[&str] = &[
    include_str!("../../rule/tests/example.yaml"),
    include_str!("../../../rules/ci.yaml"),
    include_str!("../../../rules/orders.yaml"),
    include_str!("../../../examples/slash-command/rules.yaml"),
];

/// What is put in the place of each value in turn.
fn others() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(1),
        json!(250),
        json!(1.5),
        json!(-1),
        json!(""),
        json!("text"),
        json!("/path/{x}"),
        json!("{{ $.x }}"),
        json!("15m"),
        json!("10/s"),
        json!("https://example.com/a"),
        json!("10.0.0.0/8"),
        json!("header:X-Y"),
        json!([]),
        json!(["text"]),
        json!([1, true]),
        json!({}),
        json!({ "env": "NAME" }),
        json!({ "path": "$.x" }),
        json!({ "x-own": 1 }),
        json!([{ "env": "NAME" }]),
    ]
}

/// The pointers of all values in a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                places(inner, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                places(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Every file that is one change away: a value for another, a key fewer, a key of the user's more.
fn changed(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let mut all = Vec::new();
    places(value, "", &mut all);
    for place in &all {
        for other in others() {
            let mut copy = value.clone();
            *copy.pointer_mut(place).unwrap() = other;
            found.push(copy);
        }
        if let Some(Value::Object(map)) = value.pointer(place) {
            for key in map.keys() {
                let mut copy = value.clone();
                copy.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(key);
                found.push(copy);
            }
            let mut copy = value.clone();
            copy.pointer_mut(place).unwrap()["x-own"] = json!([1]);
            found.push(copy);
        }
    }
    found
}

#[test]
fn good_files() {
    for text in SMALL.split("---\n").chain(LARGE.iter().copied()) {
        assert!(loaded(text).set.is_some(), "{text}\n{:#?}", loaded(text).problems);
        takes_file(text);
    }
}

#[test]
fn what_is_one_change_away_and_still_good() {
    let mut good = 0;
    let mut refused = Vec::new();
    for text in SMALL.split("---\n") {
        for value in changed(&json_of(text)) {
            if loaded(&value.to_string()).set.is_some() {
                good += 1;
                refused.extend(complaints("file", &value));
            }
        }
    }
    assert!(refused.is_empty(), "taken by the loader and not by the schema:\n{}", refused.join("\n"));
    assert!(good > 1000, "{good}");
}

#[test]
fn every_row_of_the_tables() {
    for verb in VERBS.iter() {
        takes("action", &json_of(verb.example));
        if let Some(service) = &verb.service {
            takes("connection", &json_of(service.example));
        }
    }
    for operator in OPERATORS {
        let example = operator.example.replace("$.items[?@.price > 100]", "'$.items[?@.price > 100]'");
        takes("conditions", &json_of(&example));
    }
    for preset in PRESETS {
        let mut source = json!({ "verify": preset.id, "secret": { "env": "S" } });
        for param in preset.params().iter().filter(|param| param.needed) {
            assert!(!complaints("source", &source).is_empty(), "{}", preset.id);
            source[&param.name] = json!("https://hooks.example.com/a");
        }
        takes("source", &source);
    }
    for kind in scheme_kinds() {
        assert!(!kind.about.is_empty(), "{}", kind.name);
        assert!(!complaints("verification", &json!({ "kind": kind.name, "zzzz": 1 })).is_empty());
    }
}
