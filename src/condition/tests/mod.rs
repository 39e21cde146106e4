//! What conditions mean, row by row.

mod ahead;
mod equal;
mod event;
mod every;
mod joined;
mod many;
mod order;
mod proof;
mod random;
mod refused;
mod shape;
mod steps;
mod table;
mod text;
mod time;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use super::{Condition, Proof};
use crate::diagnostic::Diagnostic;
use crate::event::{Event, Format, Request};
use crate::id::EventId;
use crate::path::Steps;
use crate::time::Timestamp;
use crate::yaml::Document;

/// An `if`, a payload, and whether it holds.
type Row = (&'static str, &'static str, bool);

const HEADERS: &[(&str, &str)] = &[
    ("X-GitHub-Event", "push"),
    ("x-multi", "one"),
    ("x-multi", "two"),
    ("x-count", "12"),
    ("authorization", "Bearer very-secret"),
];

/// A `POST /sensors/berlin` to the source `github`, of the type `push`, at noon.
fn event(payload: &str) -> Event {
    let headers: HeaderMap = HEADERS
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        })
        .collect();
    Event {
        id: EventId::new(0, [0; 10]),
        source: Arc::from("github"),
        kind: "push".to_owned(),
        dedupe_key: None,
        verified: String::new(),
        request: Request {
            method: Method::POST,
            path: "/sensors/berlin".to_owned(),
            params: vec![("site".to_owned(), "berlin".to_owned())],
            query: "a=1&a=2&q=x%20y&empty=".to_owned(),
            headers,
            body: Bytes::new(),
            peer: IpAddr::from([203, 0, 113, 9]),
            received_at: Timestamp::parse("2026-11-21T12:00:00Z").unwrap(),
        },
        format: Format::Json,
        payload: payload.parse::<Value>().unwrap_or_else(|why| panic!("{why}: {payload}")),
    }
}

fn compile(text: &str) -> Result<Condition, Vec<Diagnostic>> {
    let document = Document::parse("rules.yaml", text)?;
    let mut problems = Vec::new();
    let condition = Condition::compile(&document.root(), &mut problems);
    assert_eq!(condition.is_none(), !problems.is_empty(), "{text}: {problems:?}");
    if condition.is_some() {
        crate::schema::tests::takes("conditions", &document.root().json());
    }
    condition.ok_or(problems)
}

fn compiled(text: &str) -> Condition {
    compile(text).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"))
}

fn check(rows: &[Row]) {
    for (text, payload, wanted) in rows {
        check_event(text, &event(payload), *wanted);
    }
}

/// Both ways of judging must give the answer.
fn check_event(text: &str, event: &Event, wanted: bool) -> Proof {
    let condition = compiled(text);
    let proof = condition.prove(event);
    let context = || format!("{text}\non {}\n{proof:#?}", event.payload);
    assert_eq!(condition.holds(event, &mut Steps::default()), Ok(wanted), "{}", context());
    assert_eq!(proof.holds(), wanted, "{}", context());
    proof
}
