//! From the bytes of a body to one JSON value, guarded: whatever is sent, the answer is a value within bounds or an error.
//!
//! `format` says how a body is read, [`read`] reads it. [`write()`] is the way back, for trying rules out.

mod budget;
mod cloud_events;
mod error;
mod form;
mod format;
mod json;
mod multipart;
mod params;
mod write;
mod xml;

use http::Method;
use serde_json::Value;

use crate::event::{Format, Request};
use crate::limit;

pub use error::{At, Error};
pub use format::{Unsupported, format_for};
pub use write::{content_type, write};

/// The key under which `serde_json` hands over a number that is kept as text. An object of a payload that has it would be
/// taken for a number as soon as anybody reads it back, so no payload may have it.
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Reads the body of a request; one that has none by its nature, such as a GET, is `null`.
///
/// A byte order mark is dropped. Scalars are values too. Numbers keep all their digits: `0.10` stays as sent, `1e400` is
/// kept as `1e+400`.
///
/// # Errors
/// When the body is not UTF-8 or not of that format, when an object has one key twice, or when a bound of
/// [`crate::limit`] is passed. The sender learns only that it was refused; the error is for our log.
pub fn read(format: &Format, request: &Request) -> Result<Value, Error> {
    let bodiless = [Method::GET, Method::HEAD, Method::DELETE].contains(&request.method);
    if bodiless && request.body.is_empty() {
        return Ok(Value::Null);
    }
    let body = &*request.body;
    match format {
        Format::Json => json::parse(text(body)?),
        Format::Form => form::parse(text(body)?),
        Format::FormJson { field } => json::parse(&form::field(text(body)?, field)?),
        Format::Text if body.len() > limit::JSON_TEXT_MAX_BYTES => Err(Error::TextTooLong(At::start())),
        Format::Text => Ok(Value::String(text(body)?.to_owned())),
        Format::Xml => xml::parse(text(body)?),
        Format::CloudEvents => cloud_events::read(request),
        Format::Multipart => match multipart::boundary(request.header("content-type").unwrap_or_default()) {
            Some(boundary) => multipart::parse(&boundary, body),
            None => Err(Error::NotMultipart { what: "its type names no boundary", at: At::start() }),
        },
    }
}

/// Reads JSON that stands elsewhere than in a body, within the same bounds.
///
/// # Errors
/// As [`read`].
pub fn read_json(bytes: &[u8]) -> Result<Value, Error> {
    json::parse(text(bytes)?)
}

fn text(body: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(body).map_err(|error| Error::NotUtf8 { byte: error.valid_up_to() })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
mod tests;
