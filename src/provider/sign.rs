//! The inverse of receiving: what a sender adds to a request so that a source takes it for genuine. For trying rules out.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::event::{Format, Request};
use crate::path::{Path, Step};
use crate::payload;
use crate::secret::{Secret, SecretRef};
use crate::time::Timestamp;

use super::part::Part;
use super::sender_key::Pen;
use super::source::Source;
use super::text::Text;
use super::view::{Known, View};

/// What stands where a sender names itself beside the id of an event.
const STAND_IN: &str = "doorbell";

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
    /// The body; with moment and signature in it, where the sender puts them there.
    pub body: Bytes,
}

/// A request that is being signed.
pub(super) struct Draft<'a> {
    request: Request,
    known: Known<'a>,
    pub(super) now: Timestamp,
    /// Signs in place of the secret, where a private key is needed.
    pub(super) pen: Option<&'a Pen<'a>>,
}

impl Source {
    /// Signs a webhook as this source's sender would; `secret` is one of the source's, or any when it needs none.
    ///
    /// # Errors
    /// In words: when the secret cannot be decoded, or the scheme wants something that `unsigned` does not hold.
    pub fn sign(&self, secret: &Secret, unsigned: &Unsigned<'_>) -> Result<Signed, String> {
        self.signed(secret, None, unsigned)
    }

    pub(super) fn signed(
        &self,
        secret: &Secret,
        pen: Option<&Pen<'_>>,
        unsigned: &Unsigned<'_>,
    ) -> Result<Signed, String> {
        let mut draft = Draft::new(self, pen, unsigned);
        for (text, value) in [(&self.event, unsigned.event), (&self.id, unsigned.id)] {
            draft.name(text.as_ref(), value)?;
        }
        let reference = self.secrets.first().cloned().unwrap_or_else(|| SecretRef::Env(String::new()));
        self.scheme.sign((&reference, secret), &mut draft)?;
        let Request { method, headers, query, body, .. } = draft.request;
        Ok(Signed { method, headers, query, body })
    }

    /// The same request without a signature: for trying out what comes after verification.
    ///
    /// # Errors
    /// In words: when event type or id cannot stand where the source looks for them.
    pub fn write(&self, unsigned: &Unsigned<'_>) -> Result<Signed, String> {
        let mut draft = Draft::new(self, None, unsigned);
        let named = [(&self.event, unsigned.event), (&self.id, unsigned.id)];
        for (text, value) in named.into_iter().filter(|(_, value)| !value.is_empty()) {
            draft.name(text.as_ref(), value)?;
        }
        let Request { method, headers, query, body, .. } = draft.request;
        Ok(Signed { method, headers, query, body })
    }

    /// How its sender writes a body.
    pub(super) fn sent_format(&self) -> Option<&Format> {
        self.format.as_ref().or(self.sends.as_ref())
    }

    /// Where in the payload the event type stands, when it stands there.
    pub fn event_path(&self) -> Option<&Path> {
        self.event.as_ref().and_then(Text::only_path)
    }

    /// Where in the payload the id stands, when it stands there; the last place when it is made of several, but never
    /// that of the event type.
    pub fn id_path(&self) -> Option<&Path> {
        let paths = self.id.as_ref()?.parts().filter_map(|part| match part {
            Part::Json(path) => Some(path),
            _ => None,
        });
        paths.filter(|path| Some(*path) != self.event_path()).last()
    }
}

impl<'a> Draft<'a> {
    fn new(source: &'a Source, pen: Option<&'a Pen<'a>>, unsigned: &Unsigned<'_>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(payload::content_type(source.sent_format())));
        let method = source.methods.first().cloned().unwrap_or(Method::POST);
        let request = Request {
            query: unsigned.query.to_owned(),
            headers,
            body: Bytes::copy_from_slice(unsigned.body),
            ..Request::local(method, unsigned.path, unsigned.now)
        };
        Self { request, known: source.known(None), now: unsigned.now, pen }
    }

    /// The request so far, as the source will look at it.
    pub(super) fn view(&self) -> View<'_> {
        View::new(&self.request, self.known)
    }

    /// Puts the event type or the id where the source looks for it, when that is in headers.
    fn name(&mut self, text: Option<&Text>, value: &str) -> Result<(), String> {
        let parts: Vec<_> = text.map(|text| text.parts().collect()).unwrap_or_default();
        if !parts.iter().all(|part| matches!(part, Part::Header(_))) {
            return Ok(());
        }
        for (index, part) in parts.iter().enumerate() {
            let last = index + 1 == parts.len();
            self.put(part, if last { value } else { STAND_IN })?;
        }
        Ok(())
    }

    /// Puts a text where the source looks for it.
    pub(super) fn put(&mut self, part: &Part, text: &str) -> Result<(), String> {
        match part {
            Part::Header(name) => self.put_header(name, text),
            Part::Headers(start) => {
                let name = HeaderName::try_from(format!("{start}1")).map_err(|why| why.to_string())?;
                self.put_header(&name, text)
            }
            Part::Query(name) => {
                self.request.query = with_pair(self.request.query.as_bytes(), name, text);
                Ok(())
            }
            Part::Form(name) => {
                self.request.body = with_pair(&self.request.body, name, text).into();
                Ok(())
            }
            Part::Json(path) => self.put_json(path, text),
            other => Err(format!("nothing can be put in the {other}")),
        }
    }

    /// Into a body that is JSON; a number stays one.
    fn put_json(&mut self, path: &Path, text: &str) -> Result<(), String> {
        let unfit = || {
            format!("the source looks for its proof in the payload field {path}, which cannot be put there")
        };
        let mut payload: Value = serde_json::from_slice(&self.request.body).map_err(|_| unfit())?;
        let steps = path.singular_steps().ok_or_else(unfit)?;
        let place = steps.iter().try_fold(&mut payload, inside).ok_or_else(unfit)?;
        let number = place.is_number().then(|| serde_json::from_str(text).ok()).flatten();
        *place = number.unwrap_or_else(|| Value::from(text));
        self.request.body = payload.to_string().into();
        Ok(())
    }

    fn put_header(&mut self, name: &HeaderName, text: &str) -> Result<(), String> {
        let value = HeaderValue::from_str(text)
            .map_err(|_| format!("what belongs in header {name} cannot stand in a header"))?;
        self.request.headers.insert(name, value);
        Ok(())
    }
}

/// What one step finds; a missing member is made.
fn inside<'v>(value: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match step {
        Step::Name(name) => Some(value.as_object_mut()?.entry(name.to_string()).or_insert(Value::Null)),
        Step::Index(index) => value.get_mut(usize::try_from(*index).ok()?),
    }
}

/// The pairs of a query or a form, with this one in place of any that bore its name.
fn with_pair(pairs: &[u8], name: &str, value: &str) -> String {
    let others = form_urlencoded::parse(pairs).filter(|(other, _)| other != name);
    let mut all = form_urlencoded::Serializer::new(String::new());
    all.extend_pairs(others).append_pair(name, value).finish()
}
