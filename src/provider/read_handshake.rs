//! From a preset's `handshake:` to a question a sender asks and its answer.

use http::Method;
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

use super::fields::{Fields, parsed};
use super::handshake::{Body, Handshake, Tree, Want};
use super::part::{Part, Wrong};
use super::read_respond::status;
use super::text::Text;

/// Reads one question and its answer.
pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Handshake> {
    let mut fields = Fields::open(node, &["match", "signed", "respond"], problems)?;
    let (method, when) = fields.get("match").map(|node| question(&node, fields.problems)).unwrap_or_default();
    let signed = fields.get("signed").is_none_or(|node| node.raw() != "false");
    let Some(respond) = fields.get("respond") else {
        fields.lacks("respond", "say what the sender wants to hear");
        return None;
    };
    let mut fields = Fields::open(&respond, &["status", "headers", "text", "json"], problems)?;
    let status = status(&mut fields, 200);
    let headers = fields.get("headers").map(|node| texts(&node, fields.problems)).unwrap_or_default();
    let body = match (fields.get("json"), fields.get("text")) {
        (Some(json), _) => Body::Json(tree(&json, fields.problems)?),
        (None, Some(text)) => Body::Text(parsed(&text, Text::parse, fields.problems)?),
        (None, None) => Body::Text(Text::parse("").ok()?),
    };
    Some(Handshake { method, when, signed, status, headers, body })
}

type Question = (Option<Method>, Vec<(Part, Want)>);

fn question(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Question {
    let Some(mut fields) = Fields::open(node, &["method", "where"], problems) else {
        return Question::default();
    };
    let method = fields.parsed("method", |text| {
        Method::from_bytes(text.as_bytes()).map_err(|_| Wrong::new(0, format!("`{text}` is not a method")))
    });
    let conditions = fields.get("where").map(|node| node.entries()).unwrap_or_default();
    let when = conditions.iter().filter_map(|(key, node)| condition(key, node, fields.problems)).collect();
    (method, when)
}

/// `true` asks that it is there, a text that it is this text.
fn condition(key: &str, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<(Part, Want)> {
    let part = match Part::parse(key) {
        Ok(part) => part,
        Err(wrong) => {
            problems.push(node.key_error(wrong.code, wrong.message));
            return None;
        }
    };
    let want = match node.json() {
        Value::Bool(true) => Want::Present,
        Value::String(text) => Want::Equal(text),
        _ => {
            problems.push(node.unwanted("a text"));
            return None;
        }
    };
    Some((part, want))
}

fn texts(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(String, Text)> {
    let entries = node.entries();
    let text =
        |(key, node): &(&str, Node<'_>)| Some(((*key).to_owned(), parsed(node, Text::parse, problems)?));
    entries.iter().filter_map(text).collect()
}

fn tree(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Tree> {
    match node.kind() {
        "a text" => parsed(node, Text::parse, problems).map(Tree::Text),
        "a list" => {
            node.items().iter().map(|item| tree(item, problems)).collect::<Option<_>>().map(Tree::List)
        }
        "a map" => {
            let entries = node.entries();
            let pairs = entries.iter().map(|(key, node)| Some(((*key).to_owned(), tree(node, problems)?)));
            pairs.collect::<Option<_>>().map(Tree::Map)
        }
        _ => Some(Tree::Fixed(node.json())),
    }
}
