//! What people are not shown: headers that let somebody in, secrets wherever their values stand, and what rules files
//! name under `redact`. One list for pages, commands and streams.

use std::collections::HashSet;

use http::HeaderMap;
use serde_json::Value;

use crate::path::Path;
use crate::secret::{self, REDACTED, Vault};

/// A header whose name has one of these in it is never shown.
const HEADERS: &[&str] =
    &["authorization", "cookie", "api-key", "apikey", "token", "secret", "password", "credential"];
/// Shorter texts that a path finds are not looked for elsewhere: they would blacken half of every page.
const TEXT_MIN_BYTES: usize = 4;

/// Whether a header's value lets somebody in. The name is in lower case.
pub fn is_hidden(header: &str) -> bool {
    HEADERS.iter().any(|word| header.contains(word))
}

/// What is hidden.
#[derive(Clone, Copy, Debug)]
pub struct Redaction<'r> {
    /// The secrets, by their values.
    pub vault: &'r Vault,
    /// The parts of a payload.
    pub paths: &'r [Path],
}

impl Redaction<'_> {
    /// A text without secrets.
    pub fn text(&self, text: &str) -> String {
        self.vault.redact(text)
    }

    /// Headers as they are shown, in their order.
    pub fn headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let value = match is_hidden(name.as_str()) {
                true => REDACTED.to_owned(),
                false => self.text(&String::from_utf8_lossy(value.as_bytes())),
            };
            (name.as_str().to_owned(), value)
        };
        headers.iter().map(shown).collect()
    }

    /// A payload without what is hidden; `None` when nothing of it is.
    pub fn payload(&self, payload: &Value) -> Option<Value> {
        let hidden: HashSet<*const Value> = self.found(payload).into_iter().map(std::ptr::from_ref).collect();
        let shown = self.without(payload, &hidden);
        (shown != *payload).then_some(shown)
    }

    /// The texts that paths find in a payload, longest first, for a look at what was made of it.
    pub fn texts(&self, payload: &Value) -> Vec<String> {
        let mut texts: Vec<String> = self.found(payload).into_iter().flat_map(leaves).collect();
        texts.retain(|text| text.len() >= TEXT_MIN_BYTES);
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts
    }

    /// A path that takes too many steps hides all of the payload: what it would have found is not known.
    fn found<'v>(&self, payload: &'v Value) -> Vec<&'v Value> {
        let found = self.paths.iter().map(|path| path.all(payload));
        found.flat_map(|found| found.unwrap_or_else(|_| vec![payload])).collect()
    }

    fn without(&self, value: &Value, hidden: &HashSet<*const Value>) -> Value {
        if hidden.contains(&std::ptr::from_ref(value)) {
            return Value::String(REDACTED.to_owned());
        }
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.without(item, hidden)).collect(),
            Value::Object(map) => {
                map.iter().map(|(key, value)| (key.clone(), self.without(value, hidden))).collect()
            }
            other => other.clone(),
        }
    }
}

/// The texts and numbers in a value.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(map) => map.values().flat_map(leaves).collect(),
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

/// A text without these texts in it.
pub fn without(text: &str, hidden: &[String]) -> String {
    hidden.iter().fold(text.to_owned(), |text, hidden| {
        if text.contains(hidden) { text.replace(hidden, REDACTED) } else { text }
    })
}

/// The beginning of a text that goes on, up to where one of these texts may have begun in it.
pub fn before_open_end<'t>(text: &'t str, hidden: &[String]) -> &'t str {
    let open = secret::open_end(text.as_bytes(), &hidden.iter().map(String::as_bytes));
    text.get(..text.len() - open).unwrap_or_default()
}

/// What was made of a payload, such as a proof, without these texts in it.
pub fn scrub(value: &Value, hidden: &[String]) -> Value {
    match value {
        Value::String(text) => Value::String(without(text, hidden)),
        Value::Number(number) if hidden.contains(&number.to_string()) => Value::String(REDACTED.to_owned()),
        Value::Array(items) => items.iter().map(|item| scrub(item, hidden)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), scrub(value, hidden))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::{Secret, SecretRef};

    fn vault() -> Vault {
        let mut vault = Vault::default();
        vault.insert(SecretRef::Env("X".into()), Secret::new(*b"whsec_very_secret"));
        vault
    }

    #[test]
    fn what_is_hidden_is_nowhere() {
        let vault = vault();
        let paths: Vec<Path> = ["$.card.number", "$..email", "$.people[*].phone"]
            .iter()
            .map(|path| Path::parse(path).unwrap())
            .collect();
        let redaction = Redaction { vault: &vault, paths: &paths };
        let payload = json!({
            "card": { "number": 4_242_424_242_424_242_u64, "kind": "visa" },
            "note": "key whsec_very_secret", "to": { "email": ["a@b.example"] },
            "people": [{ "phone": "0123", "name": "A" }, { "phone": null }],
        });
        let shown = json!({
            "card": { "number": "[secret]", "kind": "visa" },
            "note": "key [secret]", "to": { "email": "[secret]" },
            "people": [{ "phone": "[secret]", "name": "A" }, { "phone": "[secret]" }],
        });
        assert_eq!(redaction.payload(&payload), Some(shown));
        assert_eq!(redaction.payload(&json!({ "card": {}, "n": [1, null, true] })), None);
        assert_eq!(redaction.texts(&payload), ["4242424242424242", "a@b.example", "0123"]);
        let texts = redaction.texts(&payload);
        assert_eq!(without("to a@b.example: 0123", &texts), "to [secret]: [secret]");
        assert_eq!(before_open_end("to a@b.example, a@b.ex", &texts), "to a@b.example, ");
        let proof = json!([{ "got": 4_242_424_242_424_242_u64, "words": "0123 is not 1", "line": 4242 }]);
        let shown = json!([{ "got": "[secret]", "words": "[secret] is not 1", "line": 4242 }]);
        assert_eq!(scrub(&proof, &texts), shown);
    }

    #[test]
    fn headers_that_let_somebody_in_are_hidden() {
        let vault = vault();
        let redaction = Redaction { vault: &vault, paths: &[] };
        let rows = [
            ("authorization", "Bearer x", true),
            ("proxy-authorization", "x", true),
            ("cookie", "a=b", true),
            ("x-gitlab-token", "x", true),
            ("x-telegram-bot-api-secret-token", "x", true),
            ("x-api-key", "x", true),
            ("x-note", "whsec_very_secret", true),
            ("x-hub-signature-256", "sha256=00", false),
            ("content-type", "text/plain", false),
        ];
        for (name, value, hidden) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            let shown = redaction.headers(&headers).remove(0).1;
            assert_eq!(shown == REDACTED, hidden, "{name}: {shown}");
        }
    }
}
