//! Why a digest may be wrong, for the operator's log: a secret read in another way than it is written, or a body that was
//! changed on its way. Only looked for when a webhook has been turned away, and nothing of it makes one pass.

use bytes::Bytes;

use crate::event::Request;
use crate::secret::Secret;

use super::encoding::Encoding;
use super::key::Form;

/// Bytes of the largest body that is tried in other forms: whoever sends nonsense must not cost much.
const BODY_MAX_BYTES: usize = 64 * 1024;

/// Ways in which a secret may be read, and how each is called.
const READINGS: &[(Encoding, &str)] = &[
    (Encoding::Utf8, "it would with the secret taken as it stands, character by character"),
    (Encoding::Base64, "it would with the secret read as base64"),
    (Encoding::Base64Url, "it would with the secret read as base64url"),
    (Encoding::Hex, "it would with the secret read as hex"),
];
type Change = fn(&[u8]) -> Vec<u8>;

/// Ways in which a body is changed by what stands before us.
const CHANGES: &[(Change, &str)] = &[
    (
        |body| body.trim_ascii_end().to_vec(),
        "it is the digest of other bytes: those of this body without the blanks at its end",
    ),
    (
        |body| [body, b"\n"].concat(),
        "it is the digest of other bytes: those of this body with a line break at its end",
    ),
    (
        without_blanks,
        "it is the digest of other bytes: those of the same JSON without blanks; something rewrites bodies on their way",
    ),
    (|_| Vec::new(), "it is the digest of other bytes: those of no body at all"),
];

/// Other keys that a secret could stand for, each with the words for it.
pub(super) fn readings(secret: &Secret, form: &Form) -> Vec<(Vec<u8>, &'static str)> {
    let written = secret.expose();
    let trimmed = written.trim_ascii();
    let right = form.decode(secret).unwrap_or_default();
    let bare = form.strip.iter().find_map(|start| trimmed.strip_prefix(start.as_bytes())).unwrap_or(trimmed);
    let mut found: Vec<(Vec<u8>, &'static str)> = Vec::new();
    for (encoding, words) in READINGS {
        found.extend(encoding.secret(bare).map(|key| (key, *words)));
    }
    found.push((trimmed.to_vec(), "it would with the secret as it stands, nothing taken off its front"));
    found.retain(|(key, _)| *key != right && !key.is_empty());
    found
}

/// The same request with other bodies, each with the words for it.
pub(super) fn changed(request: &Request) -> impl Iterator<Item = (Request, &'static str)> {
    let short = request.body.len() <= BODY_MAX_BYTES;
    let changes = CHANGES.iter().filter(move |_| short);
    changes.filter_map(|(change, words)| {
        let body = change(&request.body);
        let other = *body != *request.body;
        other.then(|| (Request { body: Bytes::from(body), ..request.clone() }, *words))
    })
}

/// JSON without what stands between its values.
fn without_blanks(body: &[u8]) -> Vec<u8> {
    let (mut in_text, mut escaped) = (false, false);
    let keep = |byte: &&u8| {
        let blank = !in_text && byte.is_ascii_whitespace();
        if in_text {
            in_text = escaped || **byte != b'"';
            escaped = !escaped && **byte == b'\\';
        } else {
            in_text = **byte == b'"';
        }
        !blank
    };
    body.iter().filter(keep).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_go_where_they_mean_nothing() {
        for (body, wanted) in [
            ("{ \"a b\" :\n[1, 2] }", "{\"a b\":[1,2]}"),
            ("{\"a\\\" b\": \" \\\\\" , \"c\": 1}", "{\"a\\\" b\":\" \\\\\",\"c\":1}"),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8(without_blanks(body.as_bytes())).unwrap(), wanted);
        }
    }
}
