//! A request as a scheme looks at it: each part by its name, the body parsed only when a part inside it is asked for.

use std::borrow::Cow;
use std::cell::OnceCell;

use aws_lc_rs::hmac;
use http::header::HeaderValue;
use serde_json::Value;

use crate::event::{Format, Request};
use crate::secret::SecretRef;

use super::decode;
use super::fetched::Fetched;
use super::marks::Marks;
use super::part::Part;
use super::proof::Key;
use super::refusal::{Doubt, Refusal};
use super::url;

/// Why a part has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// It is not there.
    Missing(String),
    /// It is there more than once: which one was meant would be a guess.
    Several(String),
    /// It is a list or a map, which has no bytes of its own.
    Structure(String),
    /// The body it stands in cannot be read.
    Unreadable(Refusal),
}

/// What a decoded body is.
pub(super) type Payload = (Format, Value);

/// What a source knows beforehand of every request.
#[derive(Clone, Copy, Default)]
pub(super) struct Known<'r> {
    /// The source's public URL, when it has one.
    pub(super) public_url: Option<&'r str>,
    /// How the body is read; `None` leaves it to the content type.
    pub(super) format: Option<&'r Format>,
    /// The values its rules file gives besides the secret.
    pub(super) values: &'r [(String, String)],
    /// The first secret, for answers that are signed.
    pub(super) key: Option<&'r hmac::Key>,
    /// Where its secrets come from, in their order.
    pub(super) secrets: &'r [SecretRef],
    /// What was found at the URL where the sender shows its keys.
    pub(super) fetched: Option<&'r Fetched>,
}

/// One request under examination.
pub(super) struct View<'r> {
    pub(super) request: &'r Request,
    known: Known<'r>,
    payload: OnceCell<Result<Payload, Refusal>>,
    marks: OnceCell<Marks>,
}

impl<'r> View<'r> {
    pub(super) fn new(request: &'r Request, known: Known<'r>) -> Self {
        Self { request, known, payload: OnceCell::new(), marks: OnceCell::new() }
    }

    /// The view of a request whose body is known already.
    pub(super) fn known(request: &'r Request, format: &Format, payload: &Value) -> Self {
        Self::read(request, (format.clone(), payload.clone()))
    }

    /// The same, with a body to keep.
    pub(super) fn read(request: &'r Request, payload: Payload) -> Self {
        let view = Self::new(request, Known::default());
        let _empty_until_now = view.payload.set(Ok(payload));
        view
    }

    /// The same request with another body.
    pub(super) fn beside<'b>(&'b self, request: &'b Request) -> View<'b> {
        View::new(request, self.known)
    }

    /// What was found at the URL where the sender shows its keys.
    pub(super) fn fetched(&self) -> Option<&'r Fetched> {
        self.known.fetched
    }

    /// The secret that fits, of so many.
    pub(super) fn secret(&self, index: usize, count: usize) -> Key<'r> {
        let named = count > 1 && self.known.secrets.len() == count;
        Key::Secret { index, count, name: self.known.secrets.get(index).filter(|_| named) }
    }

    /// The key of answers that are signed.
    pub(super) fn key(&self) -> Option<&hmac::Key> {
        self.known.key
    }

    /// The URL as the sender knows it, as far as the source says so.
    pub(super) fn url(&self) -> Option<String> {
        self.known.public_url.map(|public| url::full(public, self.request))
    }

    /// The values of all headers whose names start so.
    pub(super) fn headers(&self, start: &str) -> Vec<&'r [u8]> {
        let pairs = self.request.headers.iter().filter(|(name, _)| name.as_str().starts_with(start));
        pairs.map(|(_, value)| value.as_bytes()).collect()
    }

    /// From here on `sig:NAME` finds these items of the signature.
    pub(super) fn set_marks(&self, marks: Marks) {
        let _first_wins = self.marks.set(marks);
    }

    /// The body as the source reads it.
    pub(super) fn payload(&self) -> Result<&Payload, Refusal> {
        self.payload
            .get_or_init(|| {
                let format = decode::format(self.known.format, self.request)?;
                let value = decode::value(&format, self.request)?;
                Ok((format, value))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The body as the source reads it, for keeps.
    pub(super) fn into_payload(self) -> Result<Payload, Refusal> {
        self.payload()?;
        self.payload.into_inner().unwrap_or_else(|| Err(Refusal::unreadable("the body was not read")))
    }

    /// The bytes of a part.
    pub(super) fn find(&self, part: &Part) -> Result<Cow<'_, [u8]>, Lack> {
        match part {
            Part::Body | Part::Pairs => Ok(Cow::Borrowed(&self.request.body)),
            Part::Method => Ok(Cow::Borrowed(self.request.method.as_str().as_bytes())),
            Part::Path => Ok(Cow::Borrowed(self.request.path.as_bytes())),
            Part::Url => self.url().map(|url| Cow::Owned(url.into_bytes())).ok_or_else(|| missing(part)),
            Part::Canonical => {
                let public = self.known.public_url.ok_or_else(|| missing(part))?;
                url::canonical(public, self.request)
                    .map(|text| Cow::Owned(text.into_bytes()))
                    .ok_or_else(|| missing(part))
            }
            Part::Header(name) => {
                let values = self.request.headers.get_all(name).iter().map(HeaderValue::as_bytes);
                only(part, values).map(Cow::Borrowed)
            }
            Part::Query(name) => pair(part, self.request.query.as_bytes(), name),
            Part::Form(name) => pair(part, &self.request.body, name),
            Part::Mark(name) => only(part, self.marks.get().into_iter().flat_map(|marks| marks.named(name)))
                .map(Cow::Borrowed),
            Part::Json(path) => self.json(part, path),
            Part::Config(name) => self.value(part, name),
            Part::Headers(_) | Part::Secret | Part::Timestamp => Err(missing(part)),
        }
    }

    fn json(&self, part: &Part, path: &crate::path::Path) -> Result<Cow<'_, [u8]>, Lack> {
        let (_, value) = self.payload().map_err(Lack::Unreadable)?;
        match path.first(value) {
            Ok(Some(Value::String(text))) => Ok(Cow::Borrowed(text.as_bytes())),
            Ok(Some(Value::Number(number))) => Ok(Cow::Owned(number.to_string().into_bytes())),
            Ok(Some(Value::Bool(flag))) => Ok(Cow::Owned(flag.to_string().into_bytes())),
            Ok(Some(Value::Array(_) | Value::Object(_))) => Err(Lack::Structure(part.to_string())),
            Ok(Some(Value::Null) | None) | Err(_) => Err(missing(part)),
        }
    }

    fn value(&self, part: &Part, name: &str) -> Result<Cow<'_, [u8]>, Lack> {
        let value = match (name, self.known.public_url) {
            ("public_url", Some(url)) => Some(url),
            _ => self.known.values.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()),
        };
        value.map(|value| Cow::Borrowed(value.as_bytes())).ok_or_else(|| missing(part))
    }
}

fn missing(part: &Part) -> Lack {
    Lack::Missing(part.to_string())
}

/// The value of a pair in a query or a form. None of the others is kept: nobody has proved yet that they are few.
fn pair<'a>(part: &Part, pairs: &'a [u8], name: &str) -> Result<Cow<'a, [u8]>, Lack> {
    let values = form_urlencoded::parse(pairs).filter(|(key, _)| key == name).map(|(_, value)| value);
    Ok(match only(part, values)? {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    })
}

fn only<T>(part: &Part, mut values: impl Iterator<Item = T>) -> Result<T, Lack> {
    let first = values.next().ok_or_else(|| missing(part))?;
    match values.next() {
        None => Ok(first),
        Some(_) => Err(Lack::Several(part.to_string())),
    }
}

impl Lack {
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }
}

impl From<Lack> for Refusal {
    /// What a lack means while it is still to be proved that the request is genuine.
    fn from(lack: Lack) -> Self {
        match lack {
            Lack::Missing(what) => Self::unproven(format!("missing {what}")),
            Lack::Structure(what) => Self::unproven(format!("{what} is a list or a map")),
            Lack::Several(what) => Self::unproven(format!("{what} is there more than once")),
            Lack::Unreadable(refusal) => refusal,
        }
    }
}

impl From<Lack> for Doubt {
    fn from(lack: Lack) -> Self {
        Self::Refused(lack.into())
    }
}
