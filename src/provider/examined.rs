//! What a source looked at when it judged a request: which part stood where, and of what the signed text is made. For the
//! operator, to find out why a signature does not hold; never a secret, and never the digest that would be right.

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use serde::Serialize;

use crate::event::Request;
use crate::redact::{Redaction, is_hidden};
use crate::secret::REDACTED;

use super::message::Message;
use super::part::Part;
use super::scheme::Scheme;
use super::source::Source;
use super::text::{Fill, Piece};
use super::view::{Lack, View};

/// Parts that are told, of what is looked at and of what is signed.
const PARTS_MAX: usize = 24;
/// Bytes of a value that are looked through for secrets before it is cut.
const LOOKED_BYTES: usize = 512;
/// Characters of a value that are shown.
const SHOWN_CHARS: usize = 64;
/// Characters of a signature that are shown: enough to see how it is written.
const SIGNATURE_CHARS: usize = 16;

/// What a source looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// The way of proof, such as `hmac-sha256`.
    pub way: String,
    /// The parts that have to be there, each with its role.
    pub parts: Vec<Looked>,
    /// What is signed, piece by piece; empty where nothing is.
    pub signed: Vec<Looked>,
}

/// One part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// What it is for: `signature`, `moment`, `token`; `part` of what is signed, or a `text` that always stands there.
    pub role: &'static str,
    /// Its name, such as `header x-hub-signature-256`.
    pub part: String,
    /// The start of it; `None` when it is not there.
    pub value: Option<String>,
    /// How long it is.
    pub bytes: Option<usize>,
    /// Why it has no value.
    pub lack: Option<&'static str>,
    #[serde(skip)]
    of_body: bool,
}

impl Source {
    /// What it would look at in a request, without its secrets; `None` where nothing is verified.
    pub fn examine(&self, request: &Request) -> Option<Examined> {
        self.examined(&View::new(request, self.known(None)))
    }

    pub(super) fn examined(&self, view: &View<'_>) -> Option<Examined> {
        of_scheme(&self.scheme, view)
    }
}

impl Examined {
    /// The same without what people are not shown, and each value cut short.
    #[must_use]
    pub fn redacted(mut self, redaction: Redaction<'_>) -> Self {
        for looked in self.parts.iter_mut().chain(&mut self.signed) {
            // Which bytes of a body are hidden is known only once it is read.
            let is_hidden = looked.of_body && !redaction.paths.is_empty();
            looked.value = looked.value.take().map(|value| match is_hidden {
                true => REDACTED.to_owned(),
                false => cut(&redaction.text(&value), SHOWN_CHARS),
            });
        }
        self
    }
}

fn of_scheme(scheme: &Scheme, view: &View<'_>) -> Option<Examined> {
    let only =
        |way: &str, looked| Some(Examined { way: way.to_owned(), parts: vec![looked], signed: Vec::new() });
    match scheme {
        Scheme::None => None,
        Scheme::Token(token) => only("token", hidden("token", &token.from, view)),
        Scheme::Basic(_) => only("basic", hidden("credentials", &Part::Header(AUTHORIZATION), view)),
        Scheme::Jwt(jwt) => only("jwt", hidden("token", &jwt.from, view)),
        Scheme::Hmac(hmac) => Some(of_message(format!("hmac-{}", hmac.hash.name()), &hmac.message, view)),
        Scheme::Digest(digest) => Some(of_message(digest.hash.name().to_owned(), &digest.message, view)),
        Scheme::Sig(sig) => Some(of_message(sig.algorithm.name().to_owned(), &sig.message, view)),
        Scheme::Either(all) => match all.iter().find(|one| one.when.holds(view)) {
            Some(fitting) => of_scheme(&fitting.scheme, view),
            None => {
                let parts = all.iter().flat_map(|one| one.when.parts());
                let parts = parts.map(|part| looked("one of these", part, view)).take(PARTS_MAX).collect();
                Some(Examined { way: "one of several".to_owned(), parts, signed: Vec::new() })
            }
        },
    }
}

fn of_message(way: String, message: &Message, view: &View<'_>) -> Examined {
    // What stands beside a signature is found once the signature was taken apart.
    let _why_not_is_told = message.signature.claims(view);
    let mut parts: Vec<Looked> = message.signature.from.iter().map(|part| signature(part, view)).collect();
    let stamp = message.age.as_ref().and_then(|age| view.find(&age.from).ok());
    parts.extend(message.age.iter().map(|age| looked("moment", &age.from, view)));
    parts.extend(message.body_digest.iter().map(|digest| looked("body digest", &digest.from, view)));
    parts.truncate(PARTS_MAX);
    let fill = Fill { stamp: stamp.as_deref(), ..Fill::of(view) };
    let signed = message.signed.pieces().iter().take(PARTS_MAX).map(|piece| signed(piece, &fill)).collect();
    Examined { way, parts, signed }
}

fn signed(piece: &Piece, fill: &Fill<'_>) -> Looked {
    match piece {
        Piece::Literal(text) => Looked {
            role: "text",
            part: "text".to_owned(),
            value: Some(text.clone()),
            bytes: Some(text.len()),
            lack: None,
            of_body: false,
        },
        Piece::Slot(slot) => {
            let filters: String = slot.filters.iter().map(|filter| format!("|{}", filter.name())).collect();
            let looked = found("part", &slot.part, || fill.find(&slot.part));
            Looked { part: looked.part + &filters, ..looked }
        }
    }
}

fn signature(part: &Part, view: &View<'_>) -> Looked {
    let mut found = looked("signature", part, view);
    if let Part::Headers(start) = part {
        let count = view.headers(start).len();
        (found.value, found.lack) = match count {
            0 => (None, Some("missing")),
            _ => (Some(format!("{count} of them")), None),
        };
    }
    found.value = found.value.map(|value| cut(&value, SIGNATURE_CHARS));
    found
}

/// A part that lets somebody in: only whether it is there.
fn hidden(role: &'static str, part: &Part, view: &View<'_>) -> Looked {
    let found = looked(role, part, view);
    Looked { value: found.value.map(|_| REDACTED.to_owned()), ..found }
}

fn looked(role: &'static str, part: &Part, view: &View<'_>) -> Looked {
    found(role, part, || view.find(part))
}

fn found<'a>(role: &'static str, part: &Part, find: impl FnOnce() -> Result<Cow<'a, [u8]>, Lack>) -> Looked {
    let of_body = matches!(part, Part::Body | Part::Pairs | Part::Form(_) | Part::Json(_));
    let named = |value, bytes, lack| Looked { role, part: part.to_string(), value, bytes, lack, of_body };
    if *part == Part::Secret {
        return named(Some(REDACTED.to_owned()), None, None);
    }
    match find() {
        Ok(found) if lets_in(part) => named(Some(REDACTED.to_owned()), Some(found.len()), None),
        Ok(found) => named(Some(head(&found)), Some(found.len()), None),
        Err(lack) => named(None, None, Some(words(&lack))),
    }
}

/// Whether its name says that it lets somebody in.
fn lets_in(part: &Part) -> bool {
    match part {
        Part::Header(name) => is_hidden(name.as_str()),
        Part::Query(name) | Part::Form(name) => is_hidden(&name.to_ascii_lowercase()),
        _ => false,
    }
}

fn words(lack: &Lack) -> &'static str {
    match lack {
        Lack::Missing(_) => "missing",
        Lack::Several(_) => "there more than once",
        Lack::Structure(_) => "a list or a map",
        Lack::Unreadable(_) => "in a body that cannot be read",
    }
}

fn head(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..LOOKED_BYTES).unwrap_or(bytes)).into_owned()
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((byte, _)) => format!("{}…", text.get(..byte).unwrap_or_default()),
        None => text.to_owned(),
    }
}
