//! A refusal as people read it: why, which part of the request stood where, and what the signed text is made of.

use serde_json::Value;

use crate::telemetry::escape;

/// Columns of a role and of a part's name.
const COLUMNS: (usize, usize) = (12, 40);

/// A refusal that is kept.
pub(super) fn kept(answer: &Value) -> Vec<String> {
    let empty = Value::Null;
    let row = answer.get("rejection").unwrap_or(&empty);
    let mut lines = vec![
        format!(
            "{}  {}  {}  from {}",
            text(row, "id"),
            text(row, "source"),
            text(row, "at"),
            text(row, "peer")
        ),
        format!("  refused    {} {}", text(row, "status"), text(row, "cause")),
    ];
    lines.extend(examined(answer.get("examined")));
    lines
}

/// What was looked at in a request; nothing where there is nothing to tell.
pub(super) fn examined(examined: Option<&Value>) -> Vec<String> {
    let Some(examined) = examined.filter(|examined| examined.is_object()) else { return Vec::new() };
    let list = |key: &str| examined.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut lines = vec![format!("  by         {}", text(examined, "way"))];
    lines.extend(list("parts").iter().map(|looked| line(&text(looked, "role"), looked)));
    let signed = list("signed");
    lines.extend(
        signed.iter().enumerate().map(|(index, looked)| line(if index == 0 { "signed" } else { "" }, looked)),
    );
    lines
}

fn line(role: &str, looked: &Value) -> String {
    let (roles, parts) = COLUMNS;
    let (mark, value) = match looked.get("lack").and_then(Value::as_str) {
        Some(lack) => ("✗", lack.to_owned()),
        None => (" ", text(looked, "value")),
    };
    let bytes = looked.get("bytes").and_then(Value::as_u64);
    let bytes = bytes.filter(|_| text(looked, "part") != "text").map(|bytes| format!("   {bytes} bytes"));
    let part = text(looked, "part");
    format!("  {mark} {role:<roles$} {part:<parts$} {value}{}", bytes.unwrap_or_default())
        .trim_end()
        .to_owned()
}

fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => escape(text),
        Some(other) => other.to_string(),
    }
}
