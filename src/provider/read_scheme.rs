//! From `verify: { kind: hmac, … }` to a scheme: the same object in a preset and in a user's own file.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::limit::SIGNATURE_TOLERANCE;
use crate::unit;
use crate::yaml::{Node, nearest};

use super::age::{Age, UNITS, Unit};
use super::basic::Basic;
use super::encoding::{ENCODINGS, Encoding};
use super::fields::{Fields, parsed, sound, unsupported};
use super::hmac::{HASHES, Hash, Hmac};
use super::key::Form;
use super::part::{Part, Wrong};
use super::scheme::Scheme;
use super::signature::{Items, Signature};
use super::text::Text;
use super::token::Token;

/// A way to prove a webhook genuine.
struct Kind {
    name: &'static str,
    keys: &'static [&'static str],
    read: fn(&mut Fields<'_, '_>) -> Option<Scheme>,
}

/// All of them.
const KINDS: &[Kind] = &[
    Kind { name: "hmac", keys: &["kind", "hash", "signature", "signed", "timestamp", "key"], read: hmac },
    Kind { name: "token", keys: &["kind", "from", "prefix"], read: token },
    Kind { name: "basic", keys: &["kind", "user"], read: basic },
    Kind { name: "none", keys: &["kind"], read: |_| Some(Scheme::None) },
];
/// Kinds that providers use and that have no engine yet.
const LATER: &[&str] = &["digest", "sig", "jwt"];

const PLACES: &str = "write header:NAME, query:NAME, form:NAME or json:$.path";

/// Reads a scheme.
pub(super) fn scheme(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Scheme> {
    let before = problems.len();
    let kind = kind(node, problems)?;
    let mut fields = Fields::open(node, kind.keys, problems)?;
    let scheme = (kind.read)(&mut fields)?;
    sound(scheme, problems, before)
}

fn kind(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<&'static Kind> {
    let names = || KINDS.iter().map(|kind| kind.name);
    let help = "verify: { kind: hmac, … }, or token, basic, none";
    let Some(named) = node.get("kind") else {
        problems.push(node.key_error("E005", "`kind` is missing").help(help));
        return None;
    };
    let Some(name) = named.text() else {
        problems.push(named.unwanted("a text"));
        return None;
    };
    let found = KINDS.iter().find(|kind| kind.name == name);
    if found.is_none() {
        problems.push(if LATER.contains(&name) {
            unsupported(&named, &format!("kind: {name}"))
        } else {
            let hint =
                nearest(name, names()).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            named.error("E302", format!("`{name}` is no way to prove a webhook genuine{hint}")).help(help)
        });
    }
    found
}

/// The names of all kinds and of their keys.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    KINDS.iter().map(|kind| (kind.name, kind.keys))
}

fn token(fields: &mut Fields<'_, '_>) -> Option<Scheme> {
    if fields.get("from").is_none() {
        fields.lacks("from", "say where the token stands: from: header:X-Token");
    }
    let prefix = fields.text("prefix").unwrap_or_default().to_owned();
    let from = fields.parsed("from", place)?;
    Some(Scheme::Token(Token { from, prefix }))
}

fn basic(fields: &mut Fields<'_, '_>) -> Option<Scheme> {
    let user = fields.filled("user").map(str::to_owned);
    Some(Scheme::Basic(Basic { user }))
}

fn hmac(fields: &mut Fields<'_, '_>) -> Option<Scheme> {
    let hash = fields.word("hash", HASHES).unwrap_or(Hash::Sha256);
    let key = fields.get("key").and_then(|node| key(&node, fields.problems)).unwrap_or_default();
    let age = fields.get("timestamp").and_then(|node| age(&node, fields.problems));
    let signed = match fields.get("signed") {
        Some(node) => parsed(&node, signed, fields.problems),
        None => Text::parse("{body}").ok(),
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
    let hmac = Hmac { hash, signature: signature?, signed: signed?, age, key };
    bound(&hmac, fields);
    Some(Scheme::Hmac(Box::new(hmac)))
}

/// A moment that is not signed could be put forward by anybody; one that is named must be there.
fn bound(hmac: &Hmac, fields: &mut Fields<'_, '_>) {
    let names_it = hmac.signed.names(&Part::Timestamp);
    let complaint = match &hmac.age {
        None if names_it && fields.get("timestamp").is_none() => {
            "`signed` names {timestamp}, and there is no `timestamp`"
        }
        Some(age) if !names_it && !hmac.signed.names(&age.from) && !in_body(age, hmac) => {
            "the timestamp is not part of `signed`: anybody could make an old webhook young"
        }
        _ => return,
    };
    let node = fields.get("signed").or_else(|| fields.get("timestamp"));
    let error = node.map(|node| node.error("E302", complaint));
    let help = "timestamp: { from: header:X-Timestamp, unit: s }   signed: \"{timestamp}.{body}\"";
    fields.problems.extend(error.map(|error| error.help(help)));
}

/// Whether what a webhook says is signed, and not only when it came.
fn covers_content(signed: &Text) -> bool {
    let content = |part: &Part| matches!(part, Part::Body | Part::Json(_) | Part::Form(_) | Part::Url);
    signed.parts().any(content)
}

fn in_body(age: &Age, hmac: &Hmac) -> bool {
    matches!(age.from, Part::Json(_) | Part::Form(_)) && hmac.signed.names(&Part::Body)
}

fn signed(text: &str) -> Result<Text, Wrong> {
    let compiled = Text::parse(text)?;
    if compiled.parts().next().is_none() {
        return Err(Wrong::new(0, format!("`{text}` is the same for every webhook"))
            .help("name what is signed, such as {body} or {timestamp}.{body}"));
    }
    if !covers_content(&compiled) {
        return Err(Wrong::new(
            0,
            "the body is not part of `signed`: anybody could put another in its place",
        )
        .help("name {body}, or what of it is signed, such as {json:$.id}"));
    }
    Ok(compiled)
}

/// A part in which a sender can put something of its own.
fn place(text: &str) -> Result<Part, Wrong> {
    match Part::parse(text)? {
        part @ (Part::Header(_) | Part::Query(_) | Part::Form(_) | Part::Json(_)) => Ok(part),
        other => Err(Wrong::new(0, format!("nothing can be looked for in the {other}")).help(PLACES)),
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
    let from = from.iter().filter_map(|node| parsed(node, place, fields.problems)).collect();
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

fn key(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Form> {
    let mut fields = Fields::open(node, &["encoding", "strip"], problems)?;
    let encoding = fields.word("encoding", ENCODINGS).unwrap_or(Encoding::Utf8);
    let strip = fields.text("strip").unwrap_or_default().to_owned();
    Some(Form { encoding, strip })
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
