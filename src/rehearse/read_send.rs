//! What a case sends, out of its file: where the body comes from, what is set in it, headers and query.

use std::str::FromStr;

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::keys::{SEND_CHOICES, SEND_KEYS};
use super::read::{known, words};
use super::send::{Body, Send};
use crate::diagnostic::Diagnostic;
use crate::path::Path;
use crate::settings::{self, Choice};
use crate::yaml::Node;

/// Reads `send`.
pub(super) fn send(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Send> {
    if !node.value().is_mapping() {
        problems.push(node.unwanted("a map").help("write  send: { to: SOURCE, event: TYPE }"));
        return None;
    }
    known(node, SEND_KEYS, problems);
    for choice in SEND_CHOICES {
        only_one(node, choice, problems);
    }
    let mut text =
        |key: &str| node.get(key).and_then(|entry| settings::text(&entry, problems).map(str::to_owned));
    let (event, id, path) = (text("event"), text("id"), text("path"));
    Some(Send {
        to: node.get("to").and_then(|to| Some((words(&to, problems)?, to.place()))),
        event,
        id,
        path,
        body: body(node, problems),
        sets: node.get("set").map(|set| edits(&set, problems)).unwrap_or_default(),
        headers: node.get("headers").map(|headers| lines(&headers, problems)).unwrap_or_default(),
        query: node.get("query").map(|query| pairs(&query, problems)).unwrap_or_default(),
        signed: node.get("signed").and_then(|entry| settings::truth(&entry, problems)).unwrap_or(false),
        method: parsed(node, "method", "a method", problems),
        ip: parsed(node, "ip", "an address", problems),
    })
}

/// A text that is read further; what it should be is said in words.
fn parsed<T: FromStr>(node: &Node<'_>, key: &str, wanted: &str, problems: &mut Vec<Diagnostic>) -> Option<T> {
    let entry = node.get(key)?;
    let found = settings::text(&entry, problems)?.parse().ok();
    if found.is_none() {
        problems.push(entry.error("E004", format!("`{}` is not {wanted}", entry.raw())));
    }
    found
}

fn only_one(node: &Node<'_>, choice: &Choice, problems: &mut Vec<Diagnostic>) {
    let Choice::AtMostOne(keys) = choice else { return };
    let mut there = keys.iter().filter_map(|key| node.get(key));
    if let (Some(first), Some(second)) = (there.next(), there.next()) {
        let (one, two) = (first.key().unwrap_or_default(), second.key().unwrap_or_default());
        let found = second.key_error("E004", format!("`{one}` and `{two}`: a webhook has one body"));
        problems.push(found.help("leave one of them out"));
    }
}

fn body(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Body {
    let mut file = |key: &str| {
        let entry = node.get(key)?;
        Some((settings::text(&entry, problems)?.to_owned(), entry.place()))
    };
    if let Some((name, place)) = file("file") {
        return Body::File(name, place);
    }
    if let Some((name, place)) = file("recorded") {
        return Body::Recorded(name, place);
    }
    if let Some(json) = node.get("json") {
        return Body::Json(json.json());
    }
    if let Some(form) = node.get("form") {
        return Body::Form(object(&form, problems));
    }
    match node.get("raw").and_then(|raw| settings::text(&raw, problems)) {
        Some(text) => Body::Raw(text.to_owned()),
        None => Body::Sample,
    }
}

/// A map as JSON; anything else is a complaint.
pub(super) fn object(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Map<String, Value> {
    match node.json() {
        Value::Object(map) => map,
        _ => {
            problems.push(node.unwanted("a map"));
            Map::new()
        }
    }
}

fn edits(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(Path, Value)> {
    if !node.value().is_mapping() {
        problems.push(node.unwanted("a map of paths and values"));
    }
    let mut edits = Vec::new();
    for (key, entry) in node.entries() {
        match Path::parse(key) {
            Ok(path) if path.is_singular() => edits.push((path, entry.json())),
            Ok(_) => {
                let found = entry.key_error("E101", format!("`{key}` may name many places"));
                problems.push(found.help("use names and indexes only, such as `$.items[0].id`"));
            }
            Err(why) => {
                let found = entry.key_error("E101", format!("`{key}`: {why}"));
                problems.push(found.help("write a path into the payload, such as `$.ref`"));
            }
        }
    }
    edits
}

fn lines(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(HeaderName, HeaderValue)> {
    let mut found = Vec::new();
    let entries = node.entries();
    for ((name, value), (_, entry)) in pairs(node, problems).into_iter().zip(&entries) {
        match (HeaderName::try_from(&name), HeaderValue::try_from(&value)) {
            (Ok(name), Ok(value)) => found.push((name, value)),
            _ => problems.push(entry.key_error("E004", format!("`{name}: {value}` is no header"))),
        }
    }
    found
}

/// A map of names to texts, numbers and truths.
fn pairs(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(String, String)> {
    if !node.value().is_mapping() {
        problems.push(node.unwanted("a map"));
    }
    let mut found = Vec::new();
    for (name, entry) in node.entries() {
        let value = match entry.json() {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => entry.raw().to_owned(),
            _ => {
                problems.push(entry.unwanted("a text"));
                String::new()
            }
        };
        found.push((name.to_owned(), value));
    }
    found
}
