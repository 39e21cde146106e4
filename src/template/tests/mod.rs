//! Templates as users write them: first the event, then rows, then the checks.

mod bounds;
mod dialect;
mod filled;
mod landing;
mod refused;
mod tree;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::*;
use crate::event::{Event, Format, Request};
use crate::id::EventId;
use crate::time::Timestamp;

/// An event with this payload, and with headers, a query and a path of its own.
fn event(payload: &str) -> Event {
    let mut headers = HeaderMap::new();
    for (name, value) in
        [("x-github-event", "push"), ("x-twice", "a"), ("x-twice", "b"), ("content-type", "application/json")]
    {
        headers.append(name, HeaderValue::from_static(value));
    }
    headers.insert("x-bytes", HeaderValue::from_bytes(b"\xff").unwrap());
    Event {
        id: EventId::new(1_795_271_582_114, [7; 10]),
        source: Arc::from("github"),
        kind: "push".to_owned(),
        dedupe_key: None,
        verified: String::new(),
        request: Request {
            method: Method::POST,
            path: "/sensors/berlin".to_owned(),
            params: vec![("site".to_owned(), "berlin".to_owned())],
            query: "a=1&b=x%20y&a=2&dotted.name=3".to_owned(),
            headers,
            body: Bytes::from(payload.to_owned()),
            peer: "127.0.0.1".parse().unwrap(),
            received_at: Timestamp::from_millis(1_795_271_582_114),
        },
        format: Format::Json,
        payload: serde_json::from_str(payload).unwrap(),
    }
}

fn text(template: &str, payload: &str) -> Result<String, String> {
    let template =
        Template::compile(template, Escape::None).unwrap_or_else(|error| panic!("{template}: {error}"));
    let event = event(payload);
    template.text(&Scope::new(&event, "CI")).map_err(|failure| failure.to_string())
}

#[test]
fn each_helper_does_what_its_row_says() {
    for helper in HELPERS {
        assert_eq!(text(helper.example, SAMPLE).as_deref(), Ok(helper.gives), "{}", helper.name);
        assert!(helper.example.contains(helper.name) && helper.summary.ends_with('.'), "{}", helper.name);
    }
}

#[test]
fn no_two_helpers_or_roots_have_one_name() {
    let mut names: Vec<_> =
        HELPERS.iter().map(|helper| helper.name).chain(ROOTS.iter().map(|root| root.name)).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
