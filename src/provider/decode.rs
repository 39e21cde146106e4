//! From the bytes of a body to a JSON value, when its headers leave no doubt about how to read it.

use http::HeaderName;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use crate::event::{Format, Request};
use crate::payload;

use super::refusal::Refusal;

/// Character sets in which a body is read as it stands.
const CHARSETS: &[&str] = &["utf-8", "utf8", "us-ascii"];

/// The format of this request's body.
pub(super) fn format(declared: Option<&Format>, request: &Request) -> Result<Format, Refusal> {
    if let Some(packing) = only(request, &CONTENT_ENCODING)?.filter(|packing| *packing != "identity") {
        return Err(Refusal::media_type(format!(
            "the body is packed as `{}`; it must be plain",
            short(packing)
        )));
    }
    let content_type = only(request, &CONTENT_TYPE)?;
    charset(content_type.unwrap_or_default())?;
    payload::format_for(content_type, declared.cloned()).map_err(|why| Refusal::media_type(why.to_string()))
}

/// The value of this request's body.
pub(super) fn value(format: &Format, request: &Request) -> Result<Value, Refusal> {
    payload::read(format, request).map_err(|why| Refusal::unreadable(why.to_string()))
}

/// The one value of a header; two of them could be read in two ways.
fn only<'r>(request: &'r Request, name: &HeaderName) -> Result<Option<&'r str>, Refusal> {
    let mut values = request.headers.get_all(name).iter();
    let first = values.next().map(HeaderValue::to_str).transpose();
    match (first, values.next()) {
        (Ok(first), None) => Ok(first.map(str::trim)),
        (Err(_), _) => Err(Refusal::media_type(format!("header {name} is not text"))),
        (_, Some(_)) => Err(Refusal::media_type(format!("header {name} is there more than once"))),
    }
}

fn charset(content_type: &str) -> Result<(), Refusal> {
    let fields = content_type.split(';').skip(1).filter_map(|field| field.trim().split_once('='));
    for (key, value) in fields {
        let charset = value.trim_matches('"').to_ascii_lowercase();
        if key.eq_ignore_ascii_case("charset") && !CHARSETS.contains(&charset.as_str()) {
            return Err(Refusal::media_type(format!(
                "the body's charset is `{}`, not utf-8",
                short(&charset)
            )));
        }
    }
    Ok(())
}

/// What a stranger wrote, short enough for a log.
fn short(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_default).collect()
}
