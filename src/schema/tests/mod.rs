//! The schema against the loader: it takes what the loader takes, refuses what it can, and knows the same keys.

mod keys;
mod refused;
mod taken;

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::document;
use crate::diagnostic::Severity;
use crate::rehearse;
use crate::rule::{File, Loaded, load};
use crate::yaml::Document;

/// The name of the whole.
const FILE: &str = "file";

/// One validator for the whole, and one for each part of it.
static VALIDATORS: LazyLock<HashMap<String, Validator>> = LazyLock::new(|| {
    let schema = document();
    let parts = schema["$defs"].as_object().unwrap();
    let part = |name: &String| {
        let part = json!({ "$schema": schema["$schema"], "$ref": format!("#/$defs/{name}"), "$defs": parts });
        (name.clone(), jsonschema::validator_for(&part).unwrap())
    };
    let whole = (FILE.to_owned(), jsonschema::validator_for(&schema).unwrap());
    parts.keys().map(part).chain([whole]).collect()
});

/// Holds what a loader has taken against a part of the schema: `conditions`, `source`, `action`, `connection`. The
/// tests of those loaders call it, so that every good row of their tables is a row here.
#[track_caller]
pub(crate) fn takes(part: &str, value: &Value) {
    let complaints = complaints(part, value);
    assert!(
        complaints.is_empty(),
        "the loader takes it, the schema's `{part}` does not:\n{value}\n{complaints:#?}"
    );
}

/// The same for a whole rules file.
#[track_caller]
pub(crate) fn takes_file(text: &str) {
    takes(FILE, &json_of(text));
}

fn complaints(part: &str, value: &Value) -> Vec<String> {
    let told = VALIDATORS[part].iter_errors(value);
    told.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn json_of(text: &str) -> Value {
    Document::parse("a.yaml", text).unwrap_or_else(|why| panic!("{text}\n{why:#?}")).root().json()
}

/// What the loader says, of test cases too.
fn loaded(text: &str) -> Loaded {
    let files = [File { name: "a.yaml".to_owned(), text: text.to_owned() }];
    let mut loaded = load(&files);
    loaded.problems.extend(rehearse::load(&files, &[], loaded.set.as_deref()).problems);
    if loaded.problems.iter().any(|problem| problem.severity == Severity::Error) {
        loaded.set = None;
    }
    loaded
}

#[test]
fn it_is_a_schema_of_its_draft() {
    assert!(jsonschema::meta::is_valid(&document()));
}

#[test]
fn every_part_is_named_by_another_and_every_name_is_a_part() {
    let text = document().to_string();
    let schema = document();
    for name in schema["$defs"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("\"#/$defs/{name}\"")), "nobody names `{name}`");
    }
    for name in text.split("\"#/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(schema.pointer(&format!("/{name}")).is_some(), "there is no `{name}`");
    }
}
