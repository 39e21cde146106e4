//! From the keys that all signatures have in common to a message: `signature`, `signed`, `timestamp`, `body_digest`.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::limit::SIGNATURE_TOLERANCE;
use crate::unit;
use crate::yaml::Node;

use super::age::{Age, UNITS, Unit};
use super::encoding::{ENCODINGS, Encoding};
use super::fields::{Fields, parsed};
use super::hash::{HASHES, Hash};
use super::message::{BodyDigest, Message};
use super::part::{Part, Wrong};
use super::signature::{Items, Signature};
use super::text::Text;

/// The keys of a message.
pub(super) const KEYS: &[&str] = &["signature", "signed", "timestamp", "url_variants", "body_digest"];

const PLACES: &str = "write header:NAME, query:NAME, form:NAME or json:$.path";

/// Reads a message; `secret` says whether the secret itself is among what is signed.
pub(super) fn message(fields: &mut Fields<'_, '_>, secret: Secret) -> Option<Message> {
    let age = fields.get("timestamp").and_then(|node| age(&node, fields.problems));
    let text = match fields.get("signed") {
        Some(node) => parsed(&node, |text| signed(text, secret), fields.problems),
        None => Text::parse(secret.usual()).ok(),
    };
    let signature = match fields.get("signature") {
        Some(node) => signature(&node, fields.problems),
        None => {
            fields.lacks(
                "signature",
                "signature: { from: header:X-Signature, prefix: \"sha256=\", encoding: hex }",
            );
            None
        }
    };
    let url_variants = fields.word("url_variants", &[("port", true)]).unwrap_or(false);
    let body_digest = fields.get("body_digest").and_then(|node| body_digest(&node, fields.problems));
    let message = Message { signature: signature?, signed: text?, age, url_variants, body_digest };
    bound(&message, fields);
    covered(&message, fields);
    Some(message)
}

/// Whether the secret is part of the signed text, or the key beside it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Secret {
    Inside,
    Beside,
}

impl Secret {
    fn usual(self) -> &'static str {
        match self {
            Self::Inside => "{secret}{body}",
            Self::Beside => "{body}",
        }
    }
}

/// A moment that is not signed could be put forward by anybody; one that is named must be there.
fn bound(message: &Message, fields: &mut Fields<'_, '_>) {
    let names_it = message.signed.names(&Part::Timestamp);
    let complaint = match &message.age {
        None if names_it && fields.get("timestamp").is_none() => {
            "`signed` names {timestamp}, and there is no `timestamp`"
        }
        Some(age) if !names_it && !message.signed.names(&age.from) && !in_body(age, message) => {
            "the timestamp is not part of `signed`: anybody could make an old webhook young"
        }
        _ => return,
    };
    let help = "timestamp: { from: header:X-Timestamp, unit: s }   signed: \"{timestamp}.{body}\"";
    complain(fields, complaint, help);
}

fn in_body(age: &Age, message: &Message) -> bool {
    matches!(age.from, Part::Json(_) | Part::Form(_)) && message.signed.names(&Part::Body)
}

/// A digest of the body binds it only where it is signed itself.
fn covered(message: &Message, fields: &mut Fields<'_, '_>) {
    let Some(digest) = &message.body_digest else { return };
    let in_url = matches!(digest.from, Part::Query(_)) && message.signed.names(&Part::Url);
    if !in_url && !message.signed.names(&digest.from) {
        let complaint = "the body's digest is not part of `signed`: anybody could put another in its place";
        complain(fields, complaint, "body_digest: { from: query:bodySHA256 }   signed: \"{url}\"");
    }
}

fn complain(fields: &mut Fields<'_, '_>, complaint: &str, help: &str) {
    let keys = ["signed", "timestamp", "body_digest"];
    let node = keys.iter().find_map(|key| fields.get(key));
    let error = node.map(|node| node.error("E302", complaint).help(help));
    fields.problems.extend(error);
}

fn signed(text: &str, secret: Secret) -> Result<Text, Wrong> {
    let compiled = Text::parse(text)?;
    if compiled.parts().next().is_none() {
        return Err(Wrong::new(0, format!("`{text}` is the same for every webhook"))
            .help("name what is signed, such as {body} or {timestamp}.{body}"));
    }
    if let Some(part) = compiled.parts().find(|part| matches!(part, Part::Headers(_))) {
        return Err(Wrong::new(0, format!("which of the {part} is signed would be a guess")));
    }
    if !compiled.parts().any(is_content) {
        return Err(Wrong::new(
            0,
            "the body is not part of `signed`: anybody could put another in its place",
        )
        .help("name {body}, or what of it is signed, such as {json:$.id}"));
    }
    match (secret, compiled.names(&Part::Secret)) {
        (Secret::Inside, false) => {
            Err(Wrong::new(0, "the secret is not part of `signed`: anybody could make this digest")
                .help("name {secret}, such as {secret}{body}"))
        }
        (Secret::Beside, true) => Err(Wrong::new(0, "the secret is the key here, and no part of `signed`")
            .help("where it is digested along with the rest, write kind: digest")),
        _ => Ok(compiled),
    }
}

/// Whether it is something that a webhook says, and not only when it came.
fn is_content(part: &Part) -> bool {
    matches!(part, Part::Body | Part::Json(_) | Part::Form(_) | Part::Pairs | Part::Url)
}

/// A part in which a sender can put something of its own.
pub(super) fn place(text: &str) -> Result<Part, Wrong> {
    match Part::parse(text)? {
        part @ (Part::Header(_) | Part::Query(_) | Part::Form(_) | Part::Json(_)) => Ok(part),
        other => Err(Wrong::new(0, format!("nothing can be looked for in the {other}")).help(PLACES)),
    }
}

fn places(text: &str) -> Result<Part, Wrong> {
    match Part::parse(text)? {
        part @ Part::Headers(_) => Ok(part),
        _ => place(text),
    }
}

fn moment(text: &str) -> Result<Part, Wrong> {
    match Part::parse(text)? {
        part @ Part::Mark(_) => Ok(part),
        _ => place(text),
    }
}

fn signature(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Signature> {
    let mut fields =
        Fields::open(node, &["from", "prefix", "items", "assign", "take", "encoding"], problems)?;
    if fields.get("from").is_none() {
        fields.lacks("from", "say where the signature stands: from: header:X-Signature");
    }
    let from = fields.list("from");
    let from = from.iter().filter_map(|node| parsed(node, places, fields.problems)).collect();
    let prefix = fields.text("prefix").unwrap_or_default().to_owned();
    let encoding = fields.word("encoding", ENCODINGS).unwrap_or(Encoding::Hex);
    let items = items(&mut fields);
    Some(Signature { from, prefix, items, encoding })
}

fn items(fields: &mut Fields<'_, '_>) -> Option<Items> {
    let keys = ["items", "assign", "take"];
    let given = keys.iter().filter(|key| fields.get(key).is_some()).count();
    if given == 0 {
        return None;
    }
    for key in keys {
        if fields.get(key).is_none() {
            fields.lacks(
                key,
                "a list of named signatures needs all three: items: \",\", assign: \"=\", take: v1",
            );
        }
    }
    let [separator, assign, take] = keys.map(|key| fields.filled(key).map(str::to_owned));
    Some(Items { separator: separator?, assign: assign?, take: take? })
}

/// Reads where a digest of the body stands.
pub(super) fn body_digest(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<BodyDigest> {
    let mut fields = Fields::open(node, &["from", "hash", "encoding"], problems)?;
    if fields.get("from").is_none() {
        fields.lacks("from", "say where the body's digest stands: from: query:bodySHA256");
    }
    let hash = fields.word("hash", HASHES).unwrap_or(Hash::Sha256);
    let encoding = fields.word("encoding", ENCODINGS).unwrap_or(Encoding::Hex);
    Some(BodyDigest { from: fields.parsed("from", place)?, hash, encoding })
}

fn age(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Age> {
    let mut fields = Fields::open(node, &["from", "unit", "tolerance"], problems)?;
    if fields.get("from").is_none() {
        fields.lacks("from", "say where the moment of signing stands: from: header:X-Timestamp");
    }
    let unit = fields.word("unit", UNITS).unwrap_or(Unit::Seconds);
    let tolerance = match fields.get("tolerance") {
        None => Some(SIGNATURE_TOLERANCE),
        Some(node) => tolerance(&node, fields.problems),
    };
    let from = fields.parsed("from", moment)?;
    Some(Age { from, unit, tolerance })
}

/// Seconds, a duration, or `none` for a sender whose retries keep their first moment.
fn tolerance(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Duration> {
    let text = node.text().unwrap_or_else(|| node.raw());
    if text == "none" {
        return None;
    }
    let seconds = text.parse().ok().map(Duration::from_secs);
    let found = seconds.or_else(|| unit::duration(text).ok()).filter(|tolerance| !tolerance.is_zero());
    if found.is_none() {
        let help = "write seconds (300), a duration (5m), or none";
        problems.push(node.error("E501", format!("`{text}` is not a tolerance")).help(help));
    }
    found
}
