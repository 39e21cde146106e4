//! From `verify: { kind: hmac, … }` to a scheme: the same object in a preset and in a user's own file.

use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::yaml::{Node, nearest};

use super::allow::Allowed;
use super::basic::Basic;
use super::digest::Digest;
use super::encoding::{ENCODINGS, Encoding};
use super::fetched::ByUrl;
use super::fields::{Fields, parsed, sound};
use super::hash::{HASHES, Hash};
use super::hmac::Hmac;
use super::key;
use super::public_key::{self, ALGORITHMS, WRITINGS};
use super::read_jwt;
use super::read_message::{self, Secret, message, place};
use super::read_when;
use super::scheme::{Alternative, Scheme};
use super::sig::Sig;
use super::token::Token;

/// A way to prove a webhook genuine.
struct Kind {
    name: &'static str,
    /// Its own keys.
    keys: &'static [&'static str],
    /// Those of a signature, where it has one.
    message: &'static [&'static str],
    read: fn(&mut Fields<'_, '_>) -> Option<Scheme>,
}

/// All of them.
const KINDS: &[Kind] = &[
    Kind { name: "hmac", keys: &["hash", "key"], message: read_message::KEYS, read: hmac },
    Kind { name: "sig", keys: &["alg", "key"], message: read_message::KEYS, read: sig },
    Kind { name: "digest", keys: &["hash", "key"], message: read_message::KEYS, read: digest },
    Kind { name: "jwt", keys: read_jwt::KEYS, message: &[], read: read_jwt::jwt },
    Kind { name: "token", keys: &["from", "prefix"], message: &[], read: token },
    Kind { name: "basic", keys: &["user"], message: &[], read: basic },
    Kind { name: "none", keys: &[], message: &[], read: |_| Some(Scheme::None) },
];

/// Reads a scheme, or a list of which the first that applies decides.
pub(super) fn scheme(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Scheme> {
    if node.kind() == "a list" { either(node, problems) } else { one(node, &[], problems) }
}

fn one(node: &Node<'_>, besides: &[&str], problems: &mut Vec<Diagnostic>) -> Option<Scheme> {
    let before = problems.len();
    let kind = kind(node, problems)?;
    let keys = [&["kind"], kind.keys, kind.message, besides].concat();
    let mut fields = Fields::open(node, &keys, problems)?;
    let scheme = (kind.read)(&mut fields)?;
    sound(scheme, problems, before)
}

/// The first that applies decides, and none after it: what fails one way must not be tried another way.
fn either(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Scheme> {
    let before = problems.len();
    let items = node.items();
    if items.is_empty() {
        problems.push(node.error("E302", "`verify` names no way to prove a webhook genuine"));
    }
    let mut all = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let when = item.get("when");
        if when.is_none() && index + 1 < items.len() {
            let error =
                item.error("E302", "without `when` this way always applies, and those after it never");
            problems.push(error.help("when: header:X-Signature, or move it to the end"));
        }
        let when = when.map(|node| read_when::presence(&node, problems));
        let scheme = one(item, &["when"], problems);
        if scheme == Some(Scheme::None) {
            let error = item.error("E302", "`kind: none` in a list would let everybody in");
            problems.push(error.help("leave it out: what no way applies to is refused"));
        }
        all.extend(scheme.map(|scheme| Alternative { when: when.unwrap_or_default(), scheme }));
    }
    sound(Scheme::Either(all), problems, before)
}

fn kind(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<&'static Kind> {
    let names = || KINDS.iter().map(|kind| kind.name);
    let help = "verify: { kind: hmac, … }, or sig, digest, jwt, token, basic, none";
    if node.kind() != "a map" {
        problems.push(node.unwanted("a map"));
        return None;
    }
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
        let hint = nearest(name, names()).map(|meant| format!("; did you mean `{meant}`?"));
        let hint = hint.unwrap_or_default();
        let message = format!("`{name}` is no way to prove a webhook genuine{hint}");
        problems.push(named.error("E302", message).help(help));
    }
    found
}

/// The names of all kinds, of their own keys and of those of what is signed.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, &'static [&'static str], &'static [&'static str])>
{
    KINDS.iter().map(|kind| (kind.name, kind.keys, kind.message))
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
    Some(Scheme::Hmac(Box::new(Hmac { hash, key, message: message(fields, Secret::Beside)? })))
}

fn digest(fields: &mut Fields<'_, '_>) -> Option<Scheme> {
    let hash = fields.word("hash", HASHES).unwrap_or(Hash::Sha256);
    let key = fields.get("key").and_then(|node| key(&node, fields.problems)).unwrap_or_default();
    Some(Scheme::Digest(Box::new(Digest { hash, key, message: message(fields, Secret::Inside)? })))
}

fn sig(fields: &mut Fields<'_, '_>) -> Option<Scheme> {
    for (name, help) in [
        ("alg", "say by what is signed: alg: ed25519"),
        ("key", "say how the public key is written: key: { encoding: raw-hex }"),
    ] {
        if fields.get(name).is_none() {
            fields.lacks(name, help);
        }
    }
    let algorithm = fields.word("alg", ALGORITHMS);
    let by_url = fields.get("key").and_then(|node| by_url(&node, fields.problems));
    let key = fields
        .get("key")
        .and_then(|node| public_key(&node, &["encoding", "strip", "x509_url"], fields.problems));
    let message = message(fields, Secret::Beside);
    Some(Scheme::Sig(Box::new(Sig { algorithm: algorithm?, key: key?, by_url, message: message? })))
}

/// Where a sender says that its certificate is, and at which URLs it may be.
fn by_url(key: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<ByUrl> {
    let mut fields = Fields::open(&key.get("x509_url")?, &["from", "allow"], problems)?;
    for (name, help) in [
        ("from", "say where the URL of the certificate stands: from: header:X-Cert-Url"),
        ("allow", "say at which URLs it may be: allow: https://certs.example.com/*.pem"),
    ] {
        if fields.get(name).is_none() {
            fields.lacks(name, help);
        }
    }
    let allow = fields.list("allow");
    let allow = allow.iter().filter_map(|node| parsed(node, Allowed::parse, fields.problems)).collect();
    Some(ByUrl { from: fields.parsed("from", place)?, allow })
}

pub(super) fn key(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<key::Form> {
    let mut fields = Fields::open(node, &["encoding", "strip"], problems)?;
    let encoding = fields.word("encoding", ENCODINGS).unwrap_or(Encoding::Utf8);
    let strip = fields.list("strip");
    let strip = strip.iter().filter_map(|node| settings::text(node, fields.problems)).map(str::to_owned);
    Some(key::Form { encoding, strip: strip.collect() })
}

/// How a public key is written; `keys` are those that may say it.
pub(super) fn public_key(
    node: &Node<'_>,
    keys: &[&str],
    problems: &mut Vec<Diagnostic>,
) -> Option<public_key::Form> {
    let mut fields = Fields::open(node, keys, problems)?;
    if fields.get("encoding").is_none() {
        fields.lacks("encoding", "say how the public key is written: encoding: pem");
    }
    let strip = fields.text("strip").unwrap_or_default().to_owned();
    Some(public_key::Form { writing: fields.word("encoding", WRITINGS)?, strip })
}
