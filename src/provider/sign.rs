//! The inverse of receiving: what a sender adds to a request so that a source takes it for genuine. For trying rules out.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::event::{Format, Request};
use crate::path::Path;
use crate::payload;
use crate::secret::{Secret, SecretRef};
use crate::time::Timestamp;

use super::part::Part;
use super::source::Source;
use super::text::Text;
use super::view::View;

/// A webhook as it is before its sender has signed it.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// Where it goes, such as `/github`.
    pub path: &'a str,
    /// The query it has already, without the `?`.
    pub query: &'a str,
    /// The exact bytes of the body.
    pub body: &'a [u8],
    /// The event type; put where the source looks for it when that is a header, else it must stand in the body.
    pub event: &'a str,
    /// What makes a repeat recognisable; placed like the event type.
    pub id: &'a str,
    /// The moment of signing.
    pub now: Timestamp,
}

/// What a sender adds.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The method.
    pub method: Method,
    /// All headers: the body's type, event type, id, signature.
    pub headers: HeaderMap,
    /// The whole query, without the `?`.
    pub query: String,
}

/// A request that is being signed.
pub(super) struct Draft<'a> {
    request: Request,
    public_url: Option<&'a str>,
    format: Option<&'a Format>,
    pub(super) now: Timestamp,
}

impl Source {
    /// Signs a webhook as this source's sender would; `secret` is one of the source's, or any when it needs none.
    ///
    /// # Errors
    /// In words: when the secret cannot be decoded, or the scheme wants something that `unsigned` does not hold.
    pub fn sign(&self, secret: &Secret, unsigned: &Unsigned<'_>) -> Result<Signed, String> {
        let mut draft = Draft::new(self, unsigned);
        for (text, value) in [(&self.event, unsigned.event), (&self.id, unsigned.id)] {
            if let Some(part @ Part::Header(_)) = text.as_ref().and_then(Text::only_part) {
                draft.put(part, value)?;
            }
        }
        let reference = self.secrets.first().cloned().unwrap_or_else(|| SecretRef::Env(String::new()));
        self.scheme.sign((&reference, secret), &mut draft)?;
        let Request { method, headers, query, .. } = draft.request;
        Ok(Signed { method, headers, query })
    }

    /// The body a payload is sent in: JSON, or what this source reads.
    pub fn body(&self, payload: &Value) -> Vec<u8> {
        payload::write(self.format.as_ref(), payload)
    }

    /// Where in the payload the event type stands, when it stands there.
    pub fn event_path(&self) -> Option<&Path> {
        self.event.as_ref().and_then(Text::only_path)
    }

    /// Where in the payload the id stands, when it stands there.
    pub fn id_path(&self) -> Option<&Path> {
        self.id.as_ref().and_then(Text::only_path)
    }
}

impl<'a> Draft<'a> {
    fn new(source: &'a Source, unsigned: &Unsigned<'_>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(payload::content_type(source.format.as_ref())));
        let request = Request {
            method: source.methods.first().cloned().unwrap_or(Method::POST),
            path: unsigned.path.to_owned(),
            params: Vec::new(),
            query: unsigned.query.to_owned(),
            headers,
            body: Bytes::copy_from_slice(unsigned.body),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            received_at: unsigned.now,
        };
        let public_url = source.public_url.as_deref();
        Self { request, public_url, format: source.format.as_ref(), now: unsigned.now }
    }

    /// The request so far, as the source will look at it.
    pub(super) fn view(&self) -> View<'_> {
        View::new(&self.request, self.public_url, self.format)
    }

    /// Puts a text where the source looks for it.
    pub(super) fn put(&mut self, part: &Part, text: &str) -> Result<(), String> {
        match part {
            Part::Header(name) => self.put_header(name, text),
            Part::Query(name) => {
                let mut query = form_urlencoded::Serializer::new(std::mem::take(&mut self.request.query));
                self.request.query = query.append_pair(name, text).finish();
                Ok(())
            }
            other => Err(format!(
                "the source looks for its proof in the {other}, which cannot be added to a finished body"
            )),
        }
    }

    fn put_header(&mut self, name: &HeaderName, text: &str) -> Result<(), String> {
        let value = HeaderValue::from_str(text)
            .map_err(|_| format!("what belongs in header {name} cannot stand in a header"))?;
        self.request.headers.insert(name, value);
        Ok(())
    }
}
