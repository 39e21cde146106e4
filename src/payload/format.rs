//! Which format a body has: what the source declares, or what its content type says.

use super::error::shorten;
use super::{cloud_events, multipart};
use crate::event::Format;

/// A body we do not read: answered with 415.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a body of type `{content_type}` {why}")]
pub struct Unsupported {
    content_type: String,
    why: &'static str,
}

const UNKNOWN: &str = "is not read by itself; say what it is: `format: json`, `form` or `text` at the source";
const NO_BOUNDARY: &str = "names no boundary, or one that is none";
const NOT_JSON: &str = "is an encoding of CloudEvents that is not read; they must be sent as JSON";
const CONTRADICTION: &str = "contradicts the `format` of the source";

/// The format of a body.
///
/// Without a declared one, `application/json`, `…+json` and no type at all mean JSON, `application/xml`, `text/xml` and
/// `…+xml` mean XML, `text/plain` means text, `application/x-www-form-urlencoded` a form and `multipart/form-data` what it says. A declared one is taken, unless
/// the sender says clearly that it is another: a form is never read as JSON, nor JSON as a form.
///
/// # Errors
/// When the type is none of these, contradicts what is declared, or lacks the boundary of its parts.
pub fn format_for(content_type: Option<&str>, declared: Option<Format>) -> Result<Format, Unsupported> {
    let essence = essence(content_type.unwrap_or_default());
    let refuse = |why| Err(Unsupported { content_type: shorten(&essence), why });
    let format = match (declared, said(&essence)) {
        (Some(declared), Some(said)) if !essence.is_empty() && contradict(&declared, &said) => {
            return refuse(CONTRADICTION);
        }
        (Some(declared), _) => declared,
        (None, Some(said)) => said,
        (None, None) => return refuse(UNKNOWN),
    };
    match format {
        Format::Multipart if multipart::boundary(content_type.unwrap_or_default()).is_none() => {
            refuse(NO_BOUNDARY)
        }
        Format::CloudEvents if cloud_events::mode(content_type.unwrap_or_default()).is_none() => {
            refuse(NOT_JSON)
        }
        format => Ok(format),
    }
}

/// The type without its parameters, in small letters.
pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn said(essence: &str) -> Option<Format> {
    match essence {
        "" | "application/json" => Some(Format::Json),
        "application/x-www-form-urlencoded" => Some(Format::Form),
        "multipart/form-data" => Some(Format::Multipart),
        "text/plain" => Some(Format::Text),
        "application/xml" | "text/xml" => Some(Format::Xml),
        other if other.ends_with("+json") => Some(Format::Json),
        other if other.ends_with("+xml") => Some(Format::Xml),
        _ => None,
    }
}

/// Text may be anything, anything may be read as text and be the data of a CloudEvent; of the others each is clearly not another.
fn contradict(declared: &Format, said: &Format) -> bool {
    match (declared, said) {
        (Format::Text | Format::CloudEvents, _)
        | (_, Format::Text)
        | (Format::FormJson { .. }, Format::Form) => false,
        (declared, said) => declared != said,
    }
}
