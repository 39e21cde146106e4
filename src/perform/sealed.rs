//! Secrets inside a path or a body: each enters where `[secret]` stands for it, by its place and never by its look, so that
//! nothing an event holds can ask for one.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::shown::Shown;
use crate::effect::{Http, Landing, Sealed};
use crate::secret::{REDACTED, Secret, Vault};

/// What a secret needs no coding of as a segment of a path (RFC 3986, section 3.3); `:` stands in tokens of bots.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// The path and the body as they are sent.
///
/// # Errors
/// Names the secret that is missing, or cannot stand where it is to stand.
pub(super) fn opened(effect: &Http, vault: &Vault, shown: &mut Shown<'_>) -> Result<(String, Bytes), String> {
    if effect.sealed.is_empty() {
        return Ok((effect.path.clone(), effect.body.clone()));
    }
    let (mut path, mut body) = (effect.path.clone().into_bytes(), effect.body.to_vec());
    let mut sealed: Vec<&Sealed> = effect.sealed.iter().collect();
    // From the end, so that the places before stay where they are.
    sealed.sort_by_key(|sealed| std::cmp::Reverse(sealed.at));
    for seal in sealed {
        let secret = vault.get(&seal.secret).map_err(|missing| missing.to_string())?;
        let coded = coded(seal, secret)?;
        let text = if seal.place == Landing::Path { &mut path } else { &mut body };
        let end = seal.at.saturating_add(REDACTED.len());
        if text.get(seal.at..end) != Some(REDACTED.as_bytes()) {
            return Err(format!("the secret `{}` has no place in the request", seal.secret));
        }
        text.splice(seal.at..end, coded.bytes());
        shown.hide(coded);
    }
    let path = String::from_utf8(path).map_err(|_| "the path is not text".to_owned())?;
    Ok((path, body.into()))
}

/// A secret as it is written there.
fn coded(seal: &Sealed, secret: &Secret) -> Result<String, String> {
    let text = secret.expose_text().ok_or_else(|| format!("the secret `{}` is not text", seal.secret))?;
    match seal.place {
        Landing::Path if text.is_empty() || text == "." || text == ".." => {
            Err(format!("the secret `{}` cannot be a part of a path", seal.secret))
        }
        Landing::Path => Ok(utf8_percent_encode(text, SEGMENT).to_string()),
        Landing::Form => Ok(form_urlencoded::byte_serialize(text.as_bytes()).collect()),
        Landing::Json => {
            let quoted = serde_json::Value::from(text).to_string();
            let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            Ok(inside.unwrap_or_default().to_owned())
        }
    }
}
