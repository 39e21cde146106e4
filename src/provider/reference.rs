//! What the keys of sources and schemes mean: one row each, for help and for the editor's schema. Which keys there are
//! is what the loader says; a key without a row here takes anything.

use crate::settings::{Key, Shape};

use super::age::UNITS;
use super::compile;
use super::encoding::ENCODINGS;
use super::hash::HASHES;
use super::read_scheme;

/// A way to prove a webhook genuine: what stands in `verify: { kind: … }`.
#[derive(Clone, Debug)]
pub struct SchemeKind {
    /// What stands behind `kind`.
    pub name: &'static str,
    /// What it proves, in one line.
    pub about: &'static str,
    /// Its keys besides `kind`.
    pub keys: Vec<Key>,
}

const SOURCE: &[Key] = &[
    Key::needed(
        "verify",
        Shape::Verification,
        "how its webhooks are proved genuine: a preset, a scheme of your own, or `none`",
    ),
    Key::new(
        "secret",
        Shape::Secrets,
        "the secret that the sender shares with us; several while it is rotated",
    ),
    Key::new("path", Shape::Path, "the path it listens on, such as `/sensors/{site}`; `/<name>` unless said"),
    Key::new("methods", Shape::Words(compile::METHODS), "the methods it takes; `POST` unless said"),
    Key::new("event", Shape::Plain, "where the event type is: `$.path`, `header:NAME`, or a fixed word"),
    Key::new(
        "id",
        Shape::Plain,
        "where the id is that makes a repeat recognisable: `$.path` or `header:NAME`",
    ),
    Key::new("format", Shape::Format, "what its bodies are; found by their content type unless said"),
    Key::new("dedupe", Shape::Map(DEDUPE), "for how long a repeat is recognised"),
    Key::new("allow_from", Shape::Networks, "the networks it takes webhooks from; all unless said"),
    Key::new("body_max", Shape::Size, "the largest body it takes, such as `256KiB`"),
    Key::new("public_url", Shape::Plain, "the URL as the sender knows it, for senders that sign it"),
    Key::new("respond", Shape::Map(RESPOND), "what the sender is answered when its event is safe"),
];
const DEDUPE: &[Key] = &[Key::new("for", Shape::Duration, "such as `72h`; 7 days unless said")];
const RESPOND: &[Key] = &[
    Key::new("status", Shape::Number(200, 299), "the status; 200 unless said"),
    Key::new("body", Shape::AnyText, "the body, the same for every event"),
    Key::new("content_type", Shape::Plain, "the type of the body"),
];

/// What the kinds of `verify: { kind: … }` prove.
const KINDS: &[(&str, &str)] = &[
    ("hmac", "a keyed digest of what is sent"),
    ("token", "a shared token that is sent along"),
    ("basic", "HTTP Basic: user and password"),
    ("none", "nothing: everybody is believed"),
];
const SCHEME: &[Key] = &[
    Key::new("hash", Shape::Named(|| words(HASHES)), "the digest; `sha256` unless said"),
    Key::needed("signature", Shape::Map(SIGNATURE), "where the signature stands, and how it is written"),
    Key::new("signed", Shape::Plain, "what is signed, such as `{timestamp}.{body}`; `{body}` unless said"),
    Key::new("timestamp", Shape::Map(TIMESTAMP), "where the moment of signing stands, and how old it may be"),
    Key::new("key", Shape::Map(KEY), "how the secret is written"),
    Key::needed(
        "from",
        Shape::Plain,
        "where the token stands: `header:NAME`, `query:NAME`, `form:NAME` or `json:$.path`",
    ),
    Key::new("prefix", Shape::AnyText, "what stands before it"),
    Key::new("user", Shape::Plain, "the user; any unless said"),
];
const SIGNATURE: &[Key] = &[
    Key::needed(
        "from",
        Shape::Plains,
        "`header:NAME`, `query:NAME`, `form:NAME` or `json:$.path`; the first that is there",
    ),
    Key::new("prefix", Shape::AnyText, "what stands before it, such as `sha256=`"),
    Key::new("items", Shape::Plain, "what parts several signatures, such as `,`; with `assign` and `take`"),
    Key::new("assign", Shape::Plain, "what parts the name of each from it, such as `=`"),
    Key::new("take", Shape::Plain, "the name of those that count, such as `v1`"),
    Key::new("encoding", Shape::Named(|| words(ENCODINGS)), "how it is written; `hex` unless said"),
];
const TIMESTAMP: &[Key] = &[
    Key::needed(
        "from",
        Shape::Plain,
        "`header:NAME`, `query:NAME`, `form:NAME`, `json:$.path`, or `sig:NAME` in the signature",
    ),
    Key::new("unit", Shape::Named(|| words(UNITS)), "how it is written; `s` unless said"),
    Key::new(
        "tolerance",
        Shape::Tolerance,
        "how far from now it may be, both ways: seconds, a duration, or `none`",
    ),
];
const KEY: &[Key] = &[
    Key::new("encoding", Shape::Named(|| words(ENCODINGS)), "how the secret is written; `utf8` unless said"),
    Key::new("strip", Shape::AnyText, "taken off its front when it is there, such as `whsec_`"),
];

/// What bodies can be read as, by `format`.
pub const FORMATS: &[&str] = &["auto", "json", "form", "form-json", "text"];

/// The keys of a source that have an engine in this version.
pub fn source_keys() -> Vec<Key> {
    described(compile::KEYS.iter().filter(|name| !compile::LATER.contains(name)), SOURCE)
}

/// The kinds of schemes.
pub fn scheme_kinds() -> Vec<SchemeKind> {
    let about = |name| KINDS.iter().find(|(kind, _)| *kind == name).map_or("", |(_, about)| about);
    let kinds = read_scheme::kinds();
    kinds
        .map(|(name, keys)| SchemeKind {
            name,
            about: about(name),
            keys: described(keys.iter().filter(|key| **key != "kind"), SCHEME),
        })
        .collect()
}

fn described<'n>(names: impl Iterator<Item = &'n &'static str>, rows: &[Key]) -> Vec<Key> {
    let row = |name: &&'static str| rows.iter().find(|row| row.name == *name).copied();
    names.map(|name| row(name).unwrap_or(Key::new(name, Shape::Json, ""))).collect()
}

fn words<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
    table.iter().map(|(name, _)| *name).collect()
}
