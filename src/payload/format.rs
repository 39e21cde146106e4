//! Which format a body has: what the source declares, or what its content type says.

use crate::event::Format;

/// A body we do not read: answered with 415.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a body of type `{content_type}` {why}")]
pub struct Unsupported {
    content_type: String,
    why: &'static str,
}

const UNKNOWN: &str = "is not read by itself; say what it is: `format: json`, `form` or `text` at the source";
const CONTRADICTION: &str = "contradicts the `format` of the source";

/// The format of a body.
///
/// Without a declared one, `application/json`, `…+json` and no type at all mean JSON, `text/plain` means text and
/// `application/x-www-form-urlencoded` a form. A declared one is taken, unless the sender says clearly that it is another:
/// a form is never read as JSON, nor JSON as a form.
///
/// # Errors
/// When the type is none of these, or contradicts what is declared.
pub fn format_for(content_type: Option<&str>, declared: Option<Format>) -> Result<Format, Unsupported> {
    let full = content_type.unwrap_or_default();
    let essence = full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let said = said(&essence);
    let refuse = |why| Err(Unsupported { content_type: super::error::shorten(&essence), why });
    match (declared, said) {
        (Some(Format::Json), Some(Format::Form))
        | (Some(Format::Form | Format::FormJson { .. }), Some(Format::Json))
            if !essence.is_empty() =>
        {
            refuse(CONTRADICTION)
        }
        (Some(declared), _) => Ok(declared),
        (None, Some(said)) => Ok(said),
        (None, None) => refuse(UNKNOWN),
    }
}

fn said(essence: &str) -> Option<Format> {
    match essence {
        "" | "application/json" => Some(Format::Json),
        "application/x-www-form-urlencoded" => Some(Format::Form),
        "text/plain" => Some(Format::Text),
        other => other.ends_with("+json").then_some(Format::Json),
    }
}
