//! What a case sends: from the words of the case to the request that its source reads.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

use super::{Read, Recorded, beside, change, items, parse_http, raw};
use crate::diagnostic::Place;
use crate::event::Request;
use crate::id::EventId;
use crate::path::Path;
use crate::provider::{About, Preset, Signed, Source, Unsigned, form};
use crate::secret::Secret;
use crate::time::Timestamp;

/// The type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// One webhook as a case says it.
#[derive(Clone, Debug, Default)]
pub struct Send {
    /// The source it comes to, and where that is named; the only one when it is `None`.
    pub to: Option<(String, Place)>,
    /// The event type.
    pub event: Option<String>,
    pub(super) id: Option<String>,
    pub(super) body: Body,
    pub(super) sets: Vec<(Path, Value)>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) path: Option<String>,
    pub(super) method: Option<Method>,
    pub(super) ip: Option<IpAddr>,
    /// Whether it is signed and verified.
    pub signed: bool,
}

/// Where the body comes from.
#[derive(Clone, Debug, Default)]
pub(super) enum Body {
    /// The sample of the source's preset.
    #[default]
    Sample,
    /// The exact bytes of a file.
    File(String, Place),
    /// A payload.
    Json(Value),
    /// The fields of a form.
    Form(Map<String, Value>),
    /// A text.
    Raw(String),
    /// A recorded event.
    Recorded(String, Place),
}

/// The moment at which a webhook is made, and its name.
#[derive(Clone, Copy)]
pub(super) struct Moment<'m> {
    pub(super) now: Timestamp,
    pub(super) id: EventId,
    /// The file of the case, from which other files are named.
    pub(super) file: &'m str,
}

/// A request that is being made.
#[derive(Default)]
struct Draft {
    body: Vec<u8>,
    payload: Option<Value>,
    is_form: bool,
    kind: Option<String>,
    headers: HeaderMap,
    query: String,
    path: Option<String>,
    method: Option<Method>,
    peer: Option<IpAddr>,
}

impl Draft {
    /// Writes the body anew. A type that it came with counts no more, unless it is of JSON as well.
    fn write(&mut self, source: &Source, payload: &Value) {
        self.body = if self.is_form { form(payload) } else { source.body(payload) };
        let is_json = |value: &HeaderValue| value.to_str().is_ok_and(|kind| kind.contains("json"));
        if !self.is_form && !self.headers.get(CONTENT_TYPE).is_some_and(is_json) {
            self.headers.remove(CONTENT_TYPE);
        }
    }
}

impl Send {
    /// The file it names, and where.
    pub(super) fn file(&self) -> Option<(&str, &Place)> {
        match &self.body {
            Body::File(name, place) | Body::Recorded(name, place) => Some((name, place)),
            _ => None,
        }
    }

    /// The request as its source reads it, signed where a secret is given, and the event type where it is said.
    pub(super) fn request(
        &self,
        source: &Source,
        moment: Moment<'_>,
        secret: Option<&Secret>,
        read: Read<'_>,
    ) -> Result<(Request, Option<String>), String> {
        let mut draft = self.draft(source, moment, read)?;
        self.edit(source, moment, &mut draft)?;
        let path = self.path(source, &draft)?;
        let kind = self.event.clone().or_else(|| draft.kind.clone());
        let id = self.id.clone().unwrap_or_else(|| moment.id.to_string());
        let unsigned = Unsigned {
            path: &path,
            query: &self.query(&draft.query),
            body: &draft.body,
            event: kind.as_deref().unwrap_or_default(),
            id: &id,
            now: moment.now,
        };
        let made = match secret {
            Some(secret) => source.sign(secret, &unsigned)?,
            None => source.write(&unsigned)?,
        };
        let method = self.method.clone().or(draft.method.take()).unwrap_or_else(|| made.method.clone());
        let Signed { query, body, headers, .. } = made;
        let local = Request::local(method, &path, moment.now);
        let request = Request {
            params: source.pattern().matches(&path).unwrap_or_default(),
            query,
            headers: self.headers(headers, &draft),
            body,
            peer: self.ip.or(draft.peer).unwrap_or(local.peer),
            ..local
        };
        Ok((request, kind))
    }

    fn draft(&self, source: &Source, moment: Moment<'_>, read: Read<'_>) -> Result<Draft, String> {
        let file = |name: &str| read(&beside(moment.file, name));
        Ok(match &self.body {
            Body::Sample => sample(source),
            Body::Json(payload) => of(source, payload.clone()),
            Body::Raw(text) => Draft { body: text.clone().into_bytes(), ..Draft::default() },
            Body::File(name, _) => Draft { body: file(name)?, ..Draft::default() },
            Body::Form(fields) => {
                let fields = Value::Object(fields.clone());
                Draft { body: form(&fields), payload: Some(fields), is_form: true, ..Draft::default() }
            }
            Body::Recorded(name, _) => recorded(source, name, &file(name)?, moment)?,
        })
    }

    /// Puts event type, id and what the case sets into the payload, where they belong there.
    fn edit(&self, source: &Source, moment: Moment<'_>, draft: &mut Draft) -> Result<(), String> {
        let is_written = matches!(self.body, Body::Sample | Body::Json(_) | Body::Form(_));
        let named = [(source.event_path(), &self.event), (source.id_path(), &self.id)];
        let named = named
            .into_iter()
            .filter(|_| is_written)
            .filter_map(|(path, value)| Some((path?.clone(), Value::from(value.as_deref()?))));
        let edits: Vec<(Path, Value)> = named.chain(self.sets.iter().cloned()).collect();
        if edits.is_empty() {
            return Ok(());
        }
        let mut payload = match draft.payload.take() {
            Some(payload) => payload,
            None => self.understood(source, moment, draft)?,
        };
        for (path, value) in edits {
            change(source, &mut payload, &path, &value)?;
        }
        draft.write(source, &payload);
        draft.payload = Some(payload);
        Ok(())
    }

    /// The payload of a body that is known by its bytes only.
    fn understood(&self, source: &Source, moment: Moment<'_>, draft: &Draft) -> Result<Value, String> {
        let unsigned =
            Unsigned { path: "/", query: "", body: &draft.body, event: "", id: "", now: moment.now };
        let Signed { method, headers, query, body } = source.write(&unsigned)?;
        let headers = self.headers(headers, draft);
        let request = Request { query, headers, body, ..Request::local(method, "/", moment.now) };
        source
            .understand(&request)
            .map_err(|refusal| format!("nothing can be `set` in its body: {}", refusal.cause))
    }

    fn path(&self, source: &Source, draft: &Draft) -> Result<String, String> {
        let pattern = source.pattern();
        match self.path.as_ref().or(draft.path.as_ref()) {
            Some(path) => Ok(path.clone()),
            None if pattern.is_literal() => Ok(pattern.text().to_owned()),
            None => Err(format!(
                "the path `{}` of source `{}` has parameters: say `path:` in `send`",
                pattern.text(),
                source.name
            )),
        }
    }

    fn query(&self, before: &str) -> String {
        if self.query.is_empty() {
            return before.to_owned();
        }
        let is_own = |name: &str| self.query.iter().any(|(own, _)| own == name);
        let kept = form_urlencoded::parse(before.as_bytes()).filter(|(name, _)| !is_own(name));
        let mut all = form_urlencoded::Serializer::new(String::new());
        all.extend_pairs(kept).extend_pairs(&self.query).finish()
    }

    /// What the source's sender writes, in its place what was recorded, in its place what the case says.
    fn headers(&self, mut headers: HeaderMap, draft: &Draft) -> HeaderMap {
        if draft.is_form {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
        }
        for (name, value) in &draft.headers {
            headers.insert(name.clone(), value.clone());
        }
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        headers
    }
}

/// A payload in the way of the source.
fn of(source: &Source, payload: Value) -> Draft {
    Draft { body: source.body(&payload), payload: Some(payload), ..Draft::default() }
}

/// What the source's provider is known to send; an empty object for a sender of one's own.
fn sample(source: &Source) -> Draft {
    let about = source.preset.and_then(Preset::find).and_then(|preset| preset.about().ok());
    match about {
        Some(About { mut payload, event, .. }) => {
            // A case is about one event, unless it says itself what is sent.
            if let Some(items) = source.batch_path().and_then(|path| items(&mut payload, path)) {
                items.truncate(1);
            }
            Draft { kind: Some(event), ..of(source, payload) }
        }
        None => of(source, Value::Object(Map::new())),
    }
}

fn recorded(source: &Source, name: &str, bytes: &[u8], moment: Moment<'_>) -> Result<Draft, String> {
    let strange = |why: &str| format!("`{name}` is no recorded event: {why}");
    if name.ends_with(".http") {
        let request = parse_http(bytes, moment.now).map_err(|why| strange(&why))?;
        return Ok(Draft {
            body: request.body.to_vec(),
            headers: request.headers,
            query: request.query,
            path: Some(request.path),
            method: Some(request.method),
            ..Draft::default()
        });
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|why| strange(&why.to_string()))?;
    let recorded = Recorded::read(&value).ok_or_else(|| strange("it has neither `source` nor `payload`"))?;
    Ok(replayed(source, recorded))
}

/// The request of a recorded event; a body that is not kept is written anew from its payload.
fn replayed(source: &Source, recorded: Recorded) -> Draft {
    let mut headers = HeaderMap::new();
    for (name, value) in &recorded.headers {
        let _unwritable_are_left_out = raw::add(&mut headers, name, value);
    }
    headers.remove(http::header::CONTENT_LENGTH);
    // A source that always reads forms says itself how it does.
    let is_form = !source.content_type().starts_with(FORM)
        && headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(FORM.as_bytes()));
    let mut draft = Draft {
        is_form,
        kind: recorded.kind,
        headers,
        query: recorded.query,
        path: recorded.path.filter(|path| source.pattern().matches(path).is_some()),
        method: recorded.method.and_then(|method| method.parse().ok()),
        peer: recorded.peer,
        ..Draft::default()
    };
    match recorded.body {
        Some(body) => draft.body = body,
        None => draft.write(source, &recorded.payload),
    }
    draft.payload = Some(recorded.payload);
    draft
}

/// The request of a recorded event as its source reads it, and its type.
pub(super) fn request_of(source: &Source, recorded: Recorded, now: Timestamp) -> (Request, Option<String>) {
    let draft = replayed(source, recorded);
    let path = draft.path.unwrap_or_else(|| source.pattern().text().to_owned());
    let mut headers = draft.headers;
    let written = Unsigned { path: &path, query: "", body: &[], event: "", id: "", now };
    if let (Ok(made), false) = (source.write(&written), headers.contains_key(CONTENT_TYPE)) {
        headers.extend(made.headers);
    }
    let local = Request::local(draft.method.unwrap_or(Method::POST), &path, now);
    let request = Request {
        params: source.pattern().matches(&path).unwrap_or_default(),
        query: draft.query,
        headers,
        body: Bytes::from(draft.body),
        peer: draft.peer.unwrap_or(local.peer),
        ..local
    };
    (request, draft.kind)
}
