//! The values of the settings for one event: the action's, else the connection's, else what they are unless said.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use crate::effect::{Landing, Sealed};
use crate::secret::{REDACTED, SecretRef};

use super::super::Failure;
use super::md5;
use super::table::Piece;

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One value.
#[derive(Debug)]
pub(super) enum Filled {
    Json(Json),
    Secret(SecretRef),
}

/// All values that are there.
#[derive(Debug, Default)]
pub(super) struct Values(Vec<(&'static str, Filled)>);

impl Values {
    /// Puts one in, in place of an older one.
    pub(super) fn put(&mut self, name: &'static str, value: Filled) {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value));
    }

    pub(super) fn get(&self, name: &str) -> Option<&Filled> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The text of a value that is no secret.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.get(name)? {
            Filled::Json(Json::String(text)) => Some(Cow::Borrowed(text)),
            Filled::Json(other) => Some(Cow::Owned(other.to_string())),
            Filled::Secret(_) => None,
        }
    }

    /// A text of pieces, each value as `write` writes it; `None` when one is absent. Secrets are sealed where `at` the
    /// text begins.
    pub(super) fn join(
        &self,
        pieces: &[Piece],
        landing: Landing,
        at: usize,
        sealed: &mut Vec<Sealed>,
        write: impl Fn(&str) -> Result<String, Failure>,
    ) -> Result<Option<String>, Failure> {
        let (mut out, mut secrets) = (String::new(), Vec::new());
        for piece in pieces {
            let (Piece::Setting(name) | Piece::Segments(name, _) | Piece::Md5(name)) = piece else {
                out.push_str(&plain(piece, landing, &write)?);
                continue;
            };
            match (self.get(name), self.text(name)) {
                (Some(Filled::Secret(secret)), _) => {
                    secrets.push(Sealed { place: landing, at: at + out.len(), secret: secret.clone() });
                    out.push_str(REDACTED);
                }
                (Some(Filled::Json(_)), Some(text)) => match piece {
                    Piece::Segments(_, between) => {
                        let segments = text.split('/').map(&write).collect::<Result<Vec<_>, _>>()?;
                        out.push_str(&segments.join(between));
                    }
                    Piece::Md5(_) => out.push_str(&md5::hex(&text.to_lowercase())),
                    _ => out.push_str(&write(&text)?),
                },
                _ => return Ok(None),
            }
        }
        sealed.extend(secrets);
        Ok(Some(out))
    }
}

/// A piece that is no setting; in a path it is written as it is to stand.
fn plain(
    piece: &Piece,
    landing: Landing,
    write: impl Fn(&str) -> Result<String, Failure>,
) -> Result<String, Failure> {
    match (piece, landing) {
        (Piece::Plain(text), Landing::Path) => Ok(text.clone()),
        (Piece::Plain(text), _) => write(text),
        _ => Ok(String::new()),
    }
}

/// A value as one segment of a path: neither empty nor climbing.
pub(super) fn segment(value: &str) -> Result<String, Failure> {
    if value.is_empty() || value == "." || value == ".." {
        return Err(Failure::Refused(
            "a value that is empty, `.` or `..` cannot be a part of the path; look at what the settings hold"
                .to_owned(),
        ));
    }
    Ok(utf8_percent_encode(value, RESERVED).to_string())
}

/// A value in a text of JSON, without its quotes.
pub(super) fn json(value: &str) -> String {
    let quoted = Json::from(value).to_string();
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}
