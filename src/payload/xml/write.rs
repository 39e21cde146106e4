//! The way back: an XML document for a payload of the shape that reading one gives, for trying rules out.

use serde_json::{Map, Value};

use super::element::TEXT;
use super::name::{continues_name, is_legal, is_name};

/// The root of a payload that does not name one.
const ROOT: &str = "payload";

/// A document that is read as this value, when the value has such a shape; something near it otherwise.
pub(in crate::payload) fn write(value: &Value) -> String {
    let mut out = String::new();
    let only =
        value.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
    match only {
        Some((name, root)) if !root.is_array() && is_name(name) => element(name, root, &mut out),
        _ => element(ROOT, value, &mut out),
    }
    out
}

fn element(name: &str, value: &Value, out: &mut String) {
    let name = fitting(name);
    match value {
        Value::Array(items) => items.iter().for_each(|item| element(&name, item, out)),
        Value::Object(members) => {
            out.extend(["<", &name]);
            attributes(members, out);
            out.push('>');
            for (key, member) in members.iter().filter(|(key, _)| !key.starts_with('@')) {
                if key == TEXT { escape(&plain(member), out) } else { element(key, member, out) }
            }
            out.extend(["</", &name, ">"]);
        }
        other => {
            out.extend(["<", &name, ">"]);
            escape(&plain(other), out);
            out.extend(["</", &name, ">"]);
        }
    }
}

fn attributes(members: &Map<String, Value>, out: &mut String) {
    for (key, value) in members {
        if let Some(name) = key.strip_prefix('@') {
            out.extend([" ", &fitting(name), "=\""]);
            escape(&plain(value), out);
            out.push('"');
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A name as near to this one as XML allows.
fn fitting(name: &str) -> String {
    let letters: String = name
        .chars()
        .map(|letter| if continues_name(letter) && is_legal(letter) { letter } else { '_' })
        .collect();
    if is_name(&letters) { letters } else { format!("_{letters}") }
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '<' | '>' | '&' | '"' | '\r' | '\n' | '\t' => {
                out.push_str(&format!("&#{};", u32::from(letter)));
            }
            letter if is_legal(letter) => out.push(letter),
            _ => out.push('\u{fffd}'),
        }
    }
}
