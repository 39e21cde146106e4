//! What of the rules themselves is another: added, gone, changed, and where.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::source::{self, SourceChange};
use crate::rule::{File, Set};
use crate::yaml::Document;

/// Changes of one rule that are told.
const WORDS_MAX: usize = 6;
/// Letters of a value that are shown.
const VALUE_MAX: usize = 60;
/// Parts of a rule that decide whether it matches; the rest says what it does.
const MATCHING: &[&str] =
    &["name", "description", "enabled", "from", "path", "event", "if", "stop", "fallback"];

/// What became of a rule between two sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is new.
    Added,
    /// It is not there any more.
    Gone,
    /// It says something else.
    Changed,
    /// It is as it was.
    Same,
}

/// One rule and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub kind: Kind,
    /// What it says otherwise, part by part.
    pub words: Vec<String>,
    /// Whether what it does for one and the same event may be another.
    pub may_act_otherwise: bool,
}

/// The rules of a set by their names, and all that is not rules.
struct Outline {
    rules: BTreeMap<String, Value>,
    order: Vec<String>,
    sources: BTreeMap<String, Value>,
    rest: Value,
}

/// What became of each rule, in the order of the new set, where what is gone comes last; and of each source.
pub(super) fn changes(old_set: &Set, new_set: &Set) -> (Vec<Change>, Vec<SourceChange>) {
    let (old, new) = (outline(&old_set.files), outline(&new_set.files));
    let sources = source::changes((old_set, new_set), &old.sources, &new.sources);
    let rest_differs = old.rest != new.rest;
    let gone = old.order.iter().filter(|name| !new.rules.contains_key(*name));
    let names: Vec<&String> = new.order.iter().chain(gone).collect();
    let rules = names
        .into_iter()
        .map(|name| change(name, old.rules.get(name), new.rules.get(name), rest_differs))
        .collect();
    (rules, sources)
}

fn change(name: &str, old: Option<&Value>, new: Option<&Value>, rest_differs: bool) -> Change {
    let change =
        |kind, words, may_act_otherwise| Change { name: name.to_owned(), kind, words, may_act_otherwise };
    match (old, new) {
        (Some(old), Some(new)) if old == new => change(Kind::Same, Vec::new(), rest_differs),
        (Some(old), Some(new)) => {
            let mut words = Vec::new();
            differences("", old, new, &mut words);
            words.truncate(WORDS_MAX);
            change(Kind::Changed, words, rest_differs || acting(old) != acting(new))
        }
        (None, _) => change(Kind::Added, Vec::new(), false),
        (_, None) => change(Kind::Gone, Vec::new(), false),
    }
}

/// The parts of a rule that say what it does.
fn acting(rule: &Value) -> Vec<(&String, &Value)> {
    let parts = rule.as_object().into_iter().flatten();
    parts.filter(|(key, _)| !MATCHING.contains(&key.as_str())).collect()
}

fn outline(files: &[File]) -> Outline {
    let mut outline =
        Outline { rules: BTreeMap::new(), order: Vec::new(), sources: BTreeMap::new(), rest: Value::Null };
    let mut rest = Vec::new();
    for file in files {
        let Ok(document) = Document::parse(&file.name, &file.text) else { continue };
        for (key, node) in document.root().entries() {
            if key == "sources" {
                let named = node.entries().into_iter().map(|(name, source)| (name.to_owned(), source.json()));
                outline.sources.extend(named);
            }
            if key != "rules" {
                // Tests, and what a file is called, make nothing act otherwise.
                rest.extend((key != "tests").then(|| Value::from(vec![Value::from(key), node.json()])));
                continue;
            }
            for rule in node.items() {
                if let Some(name) = rule.get("name").and_then(|name| name.text().map(str::to_owned)) {
                    outline.rules.insert(name.clone(), rule.json());
                    outline.order.push(name);
                }
            }
        }
    }
    outline.rest = Value::from(rest);
    outline
}

/// `if $.amount gt  10000 -> 5000`, one for each place.
fn differences(at: &str, old: &Value, new: &Value, words: &mut Vec<String>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Value::Object(before), Value::Object(after)) => {
            let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for key in keys {
                let place = format!("{at} {key}");
                match (before.get(key), after.get(key)) {
                    (Some(one), Some(two)) => differences(&place, one, two, words),
                    (Some(one), None) => words.push(format!("{}  {} is gone", place.trim(), short(one))),
                    (None, Some(two)) => words.push(format!("{}  {} is new", place.trim(), short(two))),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (number, (one, two)) in (1..).zip(before.iter().zip(after)) {
                differences(&format!("{at} {number}."), one, two, words);
            }
        }
        _ => words.push(format!("{}  {} -> {}", at.trim(), short(old), short(new))),
    }
}

/// A value on one short line; texts without quotes.
pub(super) fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), |text| text.replace('\n', " "));
    match text.char_indices().nth(VALUE_MAX) {
        Some((byte, _)) => format!("{}…", text.get(..byte).unwrap_or_default()),
        None => text,
    }
}

/// The first letters of a digest, for people.
pub fn hex_short(digest: &[u8]) -> String {
    crate::hex::hex(digest.get(..2).unwrap_or(digest))
}
