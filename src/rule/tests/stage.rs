//! Rules files and events for the tests of this folder.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::event::{Event, Format, Request};
use crate::id::EventId;
use crate::rule::{File, Set, load};
use crate::time::Timestamp;

pub(in crate::rule) fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), text: text.to_owned() }
}

/// The set of one file without errors.
pub(in crate::rule) fn set(text: &str) -> Arc<Set> {
    let loaded = load(&[file("a.yaml", text)]);
    if loaded.set.is_some() {
        crate::schema::tests::takes_file(text);
    }
    loaded.set.unwrap_or_else(|| panic!("{:#?}", loaded.problems))
}

/// An event of a source, its type and payload, as it came to `/SOURCE`.
pub(in crate::rule) fn event(source: &str, kind: &str, payload: Value) -> Event {
    event_at(source, kind, &format!("/{source}"), payload)
}

pub(in crate::rule) fn event_at(source: &str, kind: &str, path: &str, payload: Value) -> Event {
    let request = Request {
        method: Method::POST,
        path: path.to_owned(),
        params: Vec::new(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::from(payload.to_string()),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        received_at: Timestamp::from_millis(0),
    };
    Event {
        id: EventId::new(0, [0; 10]),
        source: Arc::from(source),
        kind: kind.to_owned(),
        dedupe_key: None,
        verified: String::new(),
        request,
        format: Format::Json,
        payload,
    }
}
