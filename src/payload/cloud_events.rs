//! CloudEvents 1.0 over HTTP: structured, binary or batched, each event the JSON object that the structured mode sends.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::budget::Budget;
use super::error::{At, Error, shorten};
use super::format::essence;
use super::json;
use crate::event::Request;
use crate::limit;

/// The version of the specification that is read.
const VERSION: &str = "1.0";
/// Attributes without which nothing is a CloudEvent.
const NEEDED: &[&str] = &["id", "source", "type"];
/// What is no attribute, or comes in a header of its own.
const NOT_IN_HEADERS: &[&str] = &["data", "data_base64", "datacontenttype"];
/// The type of one event as a JSON object.
pub(super) const STRUCTURED: &str = "application/cloudevents+json";
const BATCHED: &str = "application/cloudevents-batch+json";

/// How events travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// One, as JSON.
    Structured,
    /// A list of them, as JSON.
    Batched,
    /// Attributes in headers, data in the body.
    Binary,
}

/// The mode that a content type means; `None` for an encoding that is not read.
pub(super) fn mode(content_type: &str) -> Option<Mode> {
    match essence(content_type).as_str() {
        STRUCTURED => Some(Mode::Structured),
        BATCHED => Some(Mode::Batched),
        other => (!other.starts_with("application/cloudevents")).then_some(Mode::Binary),
    }
}

/// Reads a request: an object, or a list of objects when it is a batch.
pub(super) fn read(request: &Request) -> Result<Value, Error> {
    let refuse = |what: String| Error::CloudEvent { what };
    match mode(request.header("content-type").unwrap_or_default()) {
        None => Err(refuse("it comes in an encoding that is not read".to_owned())),
        Some(Mode::Binary) => binary(request),
        Some(Mode::Structured) => {
            let event = json::parse(super::text(&request.body)?)?;
            check(&event).map_err(refuse)?;
            Ok(event)
        }
        Some(Mode::Batched) => {
            let batch = json::parse(super::text(&request.body)?)?;
            let events = batch.as_array().ok_or_else(|| refuse("the batch is not a list".to_owned()))?;
            for (number, event) in (1..).zip(events) {
                check(event).map_err(|what| refuse(format!("item {number} of the batch: {what}")))?;
            }
            Ok(batch)
        }
    }
}

fn binary(request: &Request) -> Result<Value, Error> {
    let mut event = attributes(request).map_err(|what| Error::CloudEvent { what })?;
    let mut budget = Budget::whole();
    budget.spend(event.len() + 2).ok_or(Error::TooMany(At::start()))?;
    if !request.body.is_empty() {
        let (key, data) = data(request, &mut budget)?;
        event.insert(key.to_owned(), data);
    }
    let event = Value::Object(event);
    check(&event).map_err(|what| Error::CloudEvent { what })?;
    Ok(event)
}

/// The attributes in the headers, all of them texts.
fn attributes(request: &Request) -> Result<Map<String, Value>, String> {
    let mut event = Map::new();
    for (header, value) in &request.headers {
        let Some(name) = header.as_str().strip_prefix("ce-").filter(|name| !name.is_empty()) else {
            continue;
        };
        if NOT_IN_HEADERS.contains(&name) {
            return Err(format!("the header `{header}` cannot be"));
        }
        let text = decode(value).ok_or_else(|| format!("the header `{header}` cannot be read"))?;
        if event.insert(name.to_owned(), Value::String(text)).is_some() {
            return Err(format!("the header `{header}` is there twice"));
        }
    }
    if let Some(content_type) = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
        event.insert("datacontenttype".to_owned(), Value::from(content_type));
    }
    Ok(event)
}

/// Quotes are taken away first, then what is percent-encoded is decoded, once.
fn decode(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let plain = match text.strip_prefix('"') {
        Some(quoted) => unquoted(quoted)?,
        None => text.to_owned(),
    };
    percent_decode_str(&plain).decode_utf8().ok().map(|text| text.into_owned())
}

fn unquoted(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next()? {
            '"' => return letters.as_str().is_empty().then_some(plain),
            '\\' => plain.push(letters.next()?),
            letter => plain.push(letter),
        }
    }
}

/// JSON as it is, other text as a text, and anything else as base64.
fn data(request: &Request, budget: &mut Budget) -> Result<(&'static str, Value), Error> {
    let essence = essence(request.header("content-type").unwrap_or_default());
    if essence.is_empty() || essence == "application/json" || essence.ends_with("+json") {
        let data = json::parse_within(super::text(&request.body)?, 1, budget)?;
        return Ok(("data", data));
    }
    let (key, text) = match std::str::from_utf8(&request.body) {
        Ok(text) if is_text(&essence) => ("data", text.to_owned()),
        _ => ("data_base64", STANDARD.encode(&request.body)),
    };
    if text.len() > limit::JSON_TEXT_MAX_BYTES {
        return Err(Error::TextTooLong(At::start()));
    }
    Ok((key, Value::String(text)))
}

fn is_text(essence: &str) -> bool {
    essence.starts_with("text/")
        || essence.ends_with("+xml")
        || ["application/xml", "application/x-www-form-urlencoded"].contains(&essence)
}

/// Whether this is a CloudEvent: what is not, in words.
fn check(event: &Value) -> Result<(), String> {
    let event = event.as_object().ok_or("it is not an object")?;
    match event.get("specversion") {
        Some(Value::String(version)) if version == VERSION => {}
        Some(Value::String(version)) => {
            return Err(format!("its `specversion` is `{}`, not {VERSION}", shorten(version)));
        }
        _ => return Err("it has no `specversion`".to_owned()),
    }
    for name in NEEDED {
        match event.get(*name) {
            Some(Value::String(text)) if !text.is_empty() => {}
            None | Some(Value::Null) => return Err(format!("it has no `{name}`")),
            Some(_) => return Err(format!("its `{name}` is not a text, or empty")),
        }
    }
    match (event.get("data"), event.get("data_base64")) {
        (Some(_), Some(_)) => Err("it has both `data` and `data_base64`".to_owned()),
        (_, None | Some(Value::String(_))) => Ok(()),
        _ => Err("its `data_base64` is not a text".to_owned()),
    }
}

/// A CloudEvent of what there is of one, for trying rules out.
pub(super) fn write(payload: &Value) -> Vec<u8> {
    let mut event = payload.as_object().cloned().unwrap_or_default();
    for (name, usual) in
        [("specversion", VERSION), ("id", "1"), ("source", "/doorbell"), ("type", "doorbell.ring")]
    {
        event.entry(name).or_insert_with(|| Value::from(usual));
    }
    Value::Object(event).to_string().into_bytes()
}
