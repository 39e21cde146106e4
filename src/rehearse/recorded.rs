//! A recorded event as `doorbell events show` prints it as JSON: where it came to, and what it said.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::id::EventId;
use crate::time::Timestamp;

/// One recorded event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// Its name, where it has one.
    pub id: Option<EventId>,
    /// The source it came to.
    pub source: Option<String>,
    /// Its type.
    pub kind: Option<String>,
    /// When it came.
    pub received_at: Option<Timestamp>,
    /// Its method.
    pub method: Option<String>,
    /// Its path.
    pub path: Option<String>,
    /// Its query, as sent.
    pub query: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Who sent it.
    pub peer: Option<IpAddr>,
    /// Its body as it was understood.
    pub payload: Value,
    /// The exact bytes of its body, where they are kept: the payload does not tell them all.
    pub body: Option<Vec<u8>>,
    /// The rules that matched it when it came.
    pub matched: Vec<String>,
}

impl Recorded {
    /// Reads one; `None` when it is no recorded event: it has neither source nor payload.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let source = text("source");
        if source.is_none() && value.get("payload").is_none() {
            return None;
        }
        Some(Self {
            id: text("id").and_then(|id| id.parse().ok()),
            source,
            kind: text("type"),
            received_at: text("received_at").and_then(|text| Timestamp::parse(&text)),
            method: text("method"),
            path: text("path"),
            query: text("query").unwrap_or_default(),
            headers: value.get("headers").map(headers).unwrap_or_default(),
            peer: text("peer").and_then(|peer| peer.parse().ok()),
            payload: value.get("payload").cloned().unwrap_or_default(),
            body: match text("body_base64") {
                Some(text) => STANDARD.decode(text).ok(),
                None => text("body").map(String::into_bytes),
            },
            matched: value.get("matched").map(names).unwrap_or_default(),
        })
    }
}

/// Pairs of a list, or the members of an object.
fn headers(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match value {
        Value::Array(pairs) => {
            pairs.iter().filter_map(|pair| Some((text(pair.get(0)?), text(pair.get(1)?)))).collect()
        }
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        _ => Vec::new(),
    }
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
