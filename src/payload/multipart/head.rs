//! What stands before a part's bytes: its name, the name of its file, its type.

use percent_encoding::percent_decode_str;

use super::boundary::Broken;
use crate::limit;
use crate::payload::format::essence;
use crate::payload::params::{only, params};

/// The type of a part that names none: <https://www.rfc-editor.org/rfc/rfc7578#section-4.4>.
const USUAL_TYPE: &str = "text/plain";
/// How bytes may travel; anything else would have to be unpacked.
const ENCODINGS: &[&str] = &["7bit", "8bit", "binary"];
/// Character sets in which a text is read as it stands.
const CHARSETS: &[&str] = &["utf-8", "utf8", "us-ascii"];

/// A part that is understood as far as its head goes.
pub(super) struct Head {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    /// Without parameters, in small letters.
    pub(super) content_type: String,
    /// Whether a text in it would be UTF-8.
    pub(super) is_utf8: bool,
}

/// Reads the head of a part that begins at `at`; what is left are its bytes.
pub(super) fn read(part: &[u8], at: usize) -> Result<(Head, &[u8]), Broken> {
    let most = part.get(..part.len().min(limit::PART_HEAD_MAX_BYTES)).unwrap_or_default();
    let Some(end) = most.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Err(("the head of a part does not end, or is too long", at));
    };
    let text = most.get(..end).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let head = text.ok_or(("the head of a part is not UTF-8", at))?;
    let (mut disposition, mut content_type) = (None, None);
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or(("a line of a part's head is no header", at))?;
        let place = match name.to_ascii_lowercase().as_str() {
            "content-disposition" => &mut disposition,
            "content-type" => &mut content_type,
            "content-transfer-encoding" if !is_plain(value) => return Err(("a part is packed", at)),
            _ => continue,
        };
        if place.replace(value.trim_ascii()).is_some() {
            return Err(("a part has a header twice", at));
        }
    }
    let content_type = content_type.unwrap_or(USUAL_TYPE);
    let (name, filename) = names(disposition.unwrap_or_default()).ok_or(("a part has no name", at))?;
    let head = Head { name, filename, content_type: essence(content_type), is_utf8: is_utf8(content_type) };
    Ok((head, part.get(end + 4..).unwrap_or_default()))
}

fn is_plain(encoding: &str) -> bool {
    ENCODINGS.contains(&encoding.trim_ascii().to_ascii_lowercase().as_str())
}

/// The names in `form-data; name="a"; filename="b"`.
fn names(disposition: &str) -> Option<(String, Option<String>)> {
    let end = disposition.find(';').unwrap_or(disposition.len());
    let (kind, after) = disposition.split_at_checked(end)?;
    if !kind.trim_ascii().eq_ignore_ascii_case("form-data") {
        return None;
    }
    let params = params(after)?;
    let name = only(&params, "name")?.to_owned();
    match params.iter().any(|(name, _)| name == "filename") {
        true => Some((name, Some(only(&params, "filename")?.to_owned()))),
        false => Some((name, only(&params, "filename*").and_then(extended))),
    }
}

/// `utf-8''na%C3%AFve.txt`, which some senders write for a name beyond ASCII.
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_language, name) = rest.split_once('\'')?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    charset.eq_ignore_ascii_case("utf-8").then(|| name.into_owned())
}

fn is_utf8(content_type: &str) -> bool {
    let after = content_type.find(';').and_then(|at| content_type.get(at..)).unwrap_or_default();
    params(after).is_some_and(|params| {
        let mut charsets = params.iter().filter(|(name, _)| name == "charset").map(|(_, value)| value);
        charsets.all(|charset| CHARSETS.contains(&charset.to_ascii_lowercase().as_str()))
    })
}
