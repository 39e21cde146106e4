//! A recorded event in other shapes: as a test case, as JSON, and as the request that it was.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::letter::Letter;
use crate::secret;

/// Headers that belong to the way a request came, and tell a rule nothing.
const TRAVEL: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
];

/// The shape of a recorded event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    /// A test file with one case: what was sent, and the rules that matched
    Test,
    /// What `send: { recorded: … }` and `plan --events` read
    Json,
    /// The request as a line for a shell, to the address of DOORBELL_LISTEN; values of credentials are left out
    Curl,
    /// The request as it travelled, the exact bytes of its body last; values of credentials are left out
    Http,
}

/// A test file with one case, which passes while the same rules match.
pub(super) fn case(event: &Value) -> String {
    let part = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{} from {}, as {} came", part("type"), part("source"), part("id"));
    let mut lines = vec!["tests:".to_owned(), format!("  - name: {}", json!(name))];
    lines.push(format!("    now: {}", part("received_at")));
    lines.push("    send:".to_owned());
    for (key, value) in sent(event) {
        lines.push(format!("      {key}: {value}"));
    }
    let payload = serde_json::to_string_pretty(event.get("payload").unwrap_or(&Value::Null));
    lines.push(format!("      json: {}", payload.unwrap_or_default().replace('\n', "\n      ")));
    let matched = event.get("matched").filter(|matched| matched.get(0).is_some());
    lines.push(
        matched.map_or_else(|| "    expect: nothing".to_owned(), |matched| format!("    expect: {matched}")),
    );
    lines.join("\n") + "\n"
}

/// Where it came to and what came with it, beside its body.
fn sent(event: &Value) -> Vec<(&'static str, Value)> {
    let text = |key: &str| event.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let query = text("query").map(|query| {
        form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), json!(value)))
            .collect::<Value>()
    });
    let headers: serde_json::Map<String, Value> = headers(event)
        .filter(|(name, _)| !TRAVEL.contains(name))
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let all = [
        ("to", text("source").map(Value::from)),
        ("event", text("type").map(Value::from)),
        ("method", text("method").filter(|method| *method != "POST").map(Value::from)),
        ("path", text("path").map(Value::from)),
        ("query", query),
        ("ip", text("peer").filter(|peer| *peer != "127.0.0.1").map(Value::from)),
        ("headers", Some(Value::Object(headers)).filter(|headers| *headers != json!({}))),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// Its headers, without those whose values are kept secret.
fn headers(event: &Value) -> impl Iterator<Item = (&str, &str)> {
    let pairs = event.get("headers").and_then(Value::as_array).into_iter().flatten();
    let pairs = pairs.filter_map(|pair| Some((pair.get(0)?.as_str()?, pair.get(1)?.as_str()?)));
    pairs.filter(|(_, value)| *value != secret::REDACTED)
}

/// The event with its exact body beside the payload: as text, else as Base64. It is left out where the payload says the
/// same, and where something of it is hidden.
pub(super) fn with_body(mut event: Value, body: Vec<u8>) -> Value {
    let is_hidden = event.get("redacted") == Some(&Value::Bool(true));
    let says_more = serde_json::from_slice(&body).ok().as_ref() != event.get("payload");
    if let Some(map) = event.as_object_mut().filter(|_| !is_hidden && says_more) {
        let (key, text) = match String::from_utf8(body) {
            Ok(text) => ("body", text),
            Err(bytes) => ("body_base64", STANDARD.encode(bytes.as_bytes())),
        };
        map.insert(key.to_owned(), Value::String(text));
    }
    event
}

/// The request as a line for a shell. A signature in it holds only while its sender lets it.
pub(super) fn curl(event: &Value, body: Vec<u8>) -> String {
    let part = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let query = part("query");
    let mark = if query.is_empty() { "" } else { "?" };
    let listen = std::env::var("DOORBELL_LISTEN").unwrap_or_else(|_| "127.0.0.1:4980".to_owned());
    let mut to = http::HeaderMap::new();
    for (name, value) in headers(event).filter(|(name, _)| *name == "content-type" || !TRAVEL.contains(name))
    {
        if let (Ok(name), Ok(value)) = (http::HeaderName::from_bytes(name.as_bytes()), value.parse()) {
            to.append(name, value);
        }
    }
    let url = format!("http://{listen}{}{mark}{query}", part("path"));
    Letter { method: part("method").parse().unwrap_or(http::Method::POST), url, headers: to, body }.curl()
}

/// The request: start line, headers, a blank line, the body.
pub(super) fn request(event: &Value, body: &[u8]) -> Vec<u8> {
    let part = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let query = part("query");
    let mark = if query.is_empty() { "" } else { "?" };
    let mut head = format!("{} {}{mark}{query} HTTP/1.1\r\n", part("method"), part("path"));
    for (name, value) in headers(event) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}
