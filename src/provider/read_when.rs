//! From `match:` and `when:` to conditions on a request.

use http::Method;
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

use super::fields::{Fields, parsed};
use super::part::{Part, Wrong};
use super::text::Text;
use super::when::{Want, When};

/// `header:X` asks that it is there, a map may ask for more: `{ header:X: true, json:$.type: ping }`.
pub(super) fn presence(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> When {
    let wants = match node.kind() {
        "a map" => wants(node, problems),
        _ => parsed(node, Part::parse, problems).map(|part| (part, Want::Present)).into_iter().collect(),
    };
    When { method: None, wants }
}

/// `{ method: POST, where: { … } }`.
pub(super) fn question(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> When {
    let Some(mut fields) = Fields::open(node, &["method", "where"], problems) else {
        return When::default();
    };
    let method = fields.parsed("method", |text| {
        Method::from_bytes(text.as_bytes()).map_err(|_| Wrong::new(0, format!("`{text}` is not a method")))
    });
    let wants = fields.get("where").map(|node| wants(&node, fields.problems)).unwrap_or_default();
    When { method, wants }
}

fn wants(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(Part, Want)> {
    node.entries().iter().filter_map(|(key, node)| condition(key, node, problems)).collect()
}

/// `true` asks that it is there, `false` that it is not, a text that it is this text.
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
        Value::Bool(false) => Want::Missing,
        Value::String(_) => Want::Equal(parsed(node, Text::parse, problems)?),
        _ => {
            problems.push(node.unwanted("a text, true or false"));
            return None;
        }
    };
    Some((part, want))
}
