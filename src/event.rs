//! The two words for what arrives: a `Request`, of which nothing is to be believed, and an `Event`, which is proven.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::id::EventId;
use crate::time::Timestamp;

/// How a body becomes a JSON value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// JSON, guarded: depth, number of values, no duplicate keys.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`: an object of texts, nested by `a[b]`, a repeated name is a list.
    Form,
    /// A form of which one field holds JSON.
    FormJson {
        /// The name of that field.
        field: String,
    },
    /// The body as one JSON text.
    Text,
    /// XML: an object by element names, attributes under `@name`, text under `#text`.
    Xml,
    /// `multipart/form-data`: an object as of a form, with an object for each file. The boundary stands in the content type.
    Multipart,
    /// CloudEvents 1.0 as JSON objects; the headers say in which mode they travel, and may hold their attributes.
    CloudEvents,
}

/// One HTTP request as it was read, bounded but unproven.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method; sources usually take `POST` only.
    pub method: Method,
    /// The path as sent, percent-encoding kept.
    pub path: String,
    /// What the path pattern captured, decoded: `{site}` -> `("site", "berlin")`.
    pub params: Vec<(String, String)>,
    /// The query as sent, without the `?`; empty when there is none.
    pub query: String,
    /// All headers as sent.
    pub headers: HeaderMap,
    /// The exact bytes of the body.
    pub body: Bytes,
    /// Who sent it.
    pub peer: IpAddr,
    /// When it was read.
    pub received_at: Timestamp,
}

/// One webhook whose signature held (or whose source asks for none), with its body understood.
///
/// Only a source's verification and a store reading back make one; a test holds that.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its own name.
    pub id: EventId,
    /// The name of the source in the rules file.
    pub source: Arc<str>,
    /// The event type, such as `push`; empty when the source has none.
    pub kind: String,
    /// What makes a repeat recognisable, given by the sender; `None` when the sender gives nothing.
    pub dedupe_key: Option<String>,
    /// How it was proved genuine, in words: `hmac-sha256, secret 1 of 2`.
    pub verified: String,
    /// The request behind it.
    pub request: Request,
    /// How the body was read.
    pub format: Format,
    /// The body as a JSON value; numbers keep their exact text.
    pub payload: Value,
}

impl Request {
    /// A request that did not come over the wire: from this machine, with no query, headers or body yet.
    pub fn local(method: Method, path: &str, now: Timestamp) -> Self {
        Self {
            method,
            path: path.to_owned(),
            params: Vec::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            received_at: now,
        }
    }

    /// The first value of a header, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The first value of a query parameter, decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// What the path pattern captured under this name.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
