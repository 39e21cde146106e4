//! From a preset's `handshake:` to a question a sender asks and its answer.

use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

use super::allow::Allowed;
use super::fields::{Fields, parsed};
use super::handshake::{Body, Fetch, Handshake, Tree};
use super::read_respond::status;
use super::read_when;
use super::text::Text;

/// Reads one question and its answer.
pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Handshake> {
    let mut fields =
        Fields::open(node, &["match", "signed", "respond", "capture", "fetch", "allow"], problems)?;
    let when =
        fields.get("match").map(|node| read_when::question(&node, fields.problems)).unwrap_or_default();
    let signed = fields.get("signed").is_none_or(|node| node.raw() != "false");
    let capture = fields.parsed("capture", Text::parse);
    let url = fields.parsed("fetch", Text::parse);
    let allow = fields.list("allow");
    let allow = allow.iter().filter_map(|node| parsed(node, Allowed::parse, fields.problems)).collect();
    let fetch = url.map(|url| Fetch { url, allow });
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
    Some(Handshake { when, signed, status, headers, body, capture, fetch })
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
