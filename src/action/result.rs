//! What an action that succeeded gives to those that need it: `{{ steps.ID.status }}`, `.body`, `.stdout`, `.json`.

use serde_json::{Map, Value};

/// The result of an attempt, from what is kept of it: the head of the answer and its body, or a command's output, for
/// which the head is empty. `json` is there when the text is JSON, whole.
pub fn result(head: &str, text: &str) -> Value {
    let mut result = Map::new();
    match status(head) {
        Some(status) => {
            result.insert("status".to_owned(), Value::from(status));
            result.insert("body".to_owned(), Value::from(text));
        }
        None => {
            // As a shell's `$(…)` gives it: the last line without its end.
            let output = text.trim_end_matches(['\n', '\r']);
            result.insert("status".to_owned(), Value::from(0));
            result.insert("stdout".to_owned(), Value::from(output));
        }
    }
    if let Ok(json) = serde_json::from_str(text) {
        result.insert("json".to_owned(), json);
    }
    Value::Object(result)
}

/// The status in `HTTP/1.1 200 OK`.
fn status(head: &str) -> Option<u16> {
    head.strip_prefix("HTTP/")?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn results_are_told_by_their_heads() {
        for (head, text, wanted) in [
            (
                "HTTP/1.1 201 Created\nx: y",
                r#"{"a":1}"#,
                json!({ "status": 201, "body": r#"{"a":1}"#, "json": { "a": 1 } }),
            ),
            ("HTTP/2.0 200 OK", "fine", json!({ "status": 200, "body": "fine" })),
            ("", "v1.2\n", json!({ "status": 0, "stdout": "v1.2" })),
            ("", "[1]\n", json!({ "status": 0, "stdout": "[1]", "json": [1] })),
            ("", "", json!({ "status": 0, "stdout": "" })),
        ] {
            assert_eq!(result(head, text), wanted, "{head} {text}");
        }
    }
}
