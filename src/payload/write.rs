//! The way back, from a payload to a body: for whoever tries rules out, and for tests.

use serde_json::Value;

use super::{cloud_events, form, multipart, xml};
use crate::event::Format;

const FORM: &str = "application/x-www-form-urlencoded";

/// A body that is read as this payload in this format; JSON when it is left to the content type.
///
/// A payload that the format cannot express becomes something near it.
pub fn write(format: Option<&Format>, payload: &Value) -> Vec<u8> {
    match format {
        None | Some(Format::Json) => payload.to_string().into_bytes(),
        Some(Format::Text) => plain(payload).into_bytes(),
        Some(Format::Xml) => xml::write(payload).into_bytes(),
        Some(Format::CloudEvents) => cloud_events::write(payload),
        Some(Format::Multipart) => multipart::write(payload),
        Some(Format::FormJson { field }) => form::write([(field.as_str(), payload.to_string())]),
        Some(Format::Form) => {
            let fields = payload.as_object().into_iter().flatten();
            form::write(fields.map(|(name, value)| (name.as_str(), plain(value))))
        }
    }
}

/// The content type of such a body.
pub fn content_type(format: Option<&Format>) -> &'static str {
    match format {
        None | Some(Format::Json) => "application/json",
        Some(Format::Text) => "text/plain; charset=utf-8",
        Some(Format::Xml) => "application/xml",
        Some(Format::CloudEvents) => cloud_events::STRUCTURED,
        Some(Format::Multipart) => multipart::CONTENT_TYPE,
        Some(Format::Form | Format::FormJson { .. }) => FORM,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
