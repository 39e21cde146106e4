//! What the keys of sources and schemes mean: one row each, for help and for the editor's schema. Which keys there are
//! is what the loader says; a key without a row here takes anything.

use crate::settings::{Key, Shape};

use super::age::UNITS;
use super::compile;
use super::encoding::ENCODINGS;
use super::hash::HASHES;
use super::params::Param;
use super::preset::Preset;
use super::public_key::{ALGORITHMS, WRITINGS};
use super::read_jwt;
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

/// The rows of a kind: what it proves, its own keys, and those of what is signed.
type Rows = (&'static str, &'static str, &'static [Key], &'static [Key]);

const SOURCE: &[Key] = &[
    Key::needed(
        "verify",
        Shape::Verification,
        "how its webhooks are proved genuine: a preset, a scheme of your own, or `none`",
    ),
    Key::new(
        "secret",
        Shape::Secrets,
        "the secret that the sender shares with us, or its public key; several while it is rotated",
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
    Key::new(
        "batch",
        Shape::Plain,
        "where the list stands of which each item is an event: `$`, `$.events`; `none` for one event of all",
    ),
    Key::new("dedupe", Shape::Map(DEDUPE), "for how long a repeat is recognised"),
    Key::new("allow_from", Shape::Networks, "the networks it takes webhooks from; all unless said"),
    Key::new(
        "rate",
        Shape::Rate,
        "how many genuine webhooks it takes in some time; past it the sender is told 429",
    ),
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

/// The kinds of `verify: { kind: … }`.
const KINDS: &[Rows] = &[
    (
        "hmac",
        "a keyed digest of what is sent",
        &[HASH, Key::new("key", Shape::Map(SECRET_KEY), SECRET_IS)],
        SIGNED,
    ),
    (
        "sig",
        "a signature that the sender's public key proves; the `secret` is that key",
        &[
            Key::needed("alg", Shape::Named(|| words(ALGORITHMS)), "by what is signed"),
            Key::needed("key", Shape::Map(PUBLIC_KEY), "how the public key is written"),
        ],
        SIGNED,
    ),
    (
        "digest",
        "a plain digest of the secret and what is sent",
        &[HASH, Key::new("key", Shape::Map(SECRET_KEY), SECRET_IS)],
        SIGNED,
    ),
    ("jwt", "a JSON Web Token", JWT, &[]),
    (
        "token",
        "a shared token that is sent along",
        &[
            Key::needed("from", Shape::Plain, PLACE),
            Key::new("prefix", Shape::AnyText, "what stands before it"),
        ],
        &[],
    ),
    (
        "basic",
        "HTTP Basic: user and password",
        &[Key::new("user", Shape::Plain, "the user; any unless said")],
        &[],
    ),
    ("none", "nothing: everybody is believed", &[], &[]),
];
const PLACE: &str = "where it stands: `header:NAME`, `query:NAME`, `form:NAME` or `json:$.path`";
const SECRET_IS: &str = "how the secret is written";
const HASH: Key = Key::new("hash", Shape::Named(|| words(HASHES)), "the digest; `sha256` unless said");
const ENCODING: Key =
    Key::new("encoding", Shape::Named(|| words(ENCODINGS)), "how it is written; `hex` unless said");
const SIGNED: &[Key] = &[
    Key::needed("signature", Shape::Map(SIGNATURE), "where the signature stands, and how it is written"),
    Key::new("signed", Shape::Plain, "what is signed, such as `{timestamp}.{body}`; the body unless said"),
    Key::new("timestamp", Shape::Map(TIMESTAMP), "where the moment of signing stands, and how old it may be"),
    Key::new(
        "url_variants",
        Shape::Word(&["port"]),
        "`port`: the URL may be signed with its port or without",
    ),
    Key::new(
        "body_digest",
        Shape::Map(BODY_DIGEST),
        "where a digest of the body stands that is signed in its place",
    ),
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
    ENCODING,
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
const BODY_DIGEST: &[Key] = &[Key::needed("from", Shape::Plain, PLACE), HASH, ENCODING];
const SECRET_KEY: &[Key] = &[
    Key::new("encoding", Shape::Named(|| words(ENCODINGS)), "how the secret is written; `utf8` unless said"),
    Key::new("strip", Shape::AnyTexts, "taken off its front when it is there, such as `whsec_`"),
];
const PUBLIC_KEY: &[Key] = &[
    Key::needed("encoding", Shape::Named(|| words(WRITINGS)), "how the public key is written"),
    Key::new("strip", Shape::AnyText, "taken off its front when it is there, such as `whpk_`"),
    Key::new(
        "x509_url",
        Shape::Map(X509_URL),
        "where the sender says that its certificate is, for sources without a `secret`",
    ),
];
const X509_URL: &[Key] = &[
    Key::needed("from", Shape::Plain, PLACE),
    Key::needed("allow", Shape::Plains, "the URLs it may be at: `https://certs.example.com/*.pem`"),
];
const JWT: &[Key] = &[
    Key::needed("from", Shape::Plain, PLACE),
    Key::new("prefix", Shape::AnyText, "what stands before it, such as `Bearer `"),
    Key::new("prefix_optional", Shape::Truth, "whether the prefix may be missing"),
    Key::needed(
        "alg",
        Shape::Named(|| words(read_jwt::ALGORITHMS)),
        "by what it is signed, and nothing else is taken",
    ),
    Key::new("key", Shape::Map(JWT_KEY), "how the secret, or the sender's public key, is written"),
    Key::new(
        "jwks",
        Shape::Plain,
        "the URL at which its issuer shows its public keys; a `secret` is such a set of keys, and then none is fetched",
    ),
    Key::new(
        "claims",
        Shape::Texts,
        "what its claims must be: texts, `{config:NAME}` or `{url}`; one of a list",
    ),
    Key::new("body_digest", Shape::Map(CLAIMED_DIGEST), "which claim holds a digest of the body"),
];
const JWT_KEY: &[Key] = &[
    Key::new("encoding", Shape::Named(|| [words(ENCODINGS), words(WRITINGS)].concat()), "how it is written"),
    Key::new("strip", Shape::AnyTexts, "taken off its front when it is there, such as `whsec_`"),
];
const CLAIMED_DIGEST: &[Key] = &[Key::needed("claim", Shape::Plain, "the claim: `sha256`"), HASH, ENCODING];

/// The keys of a source that have an engine in this version; a preset may want more.
pub fn source_keys() -> Vec<Key> {
    described(compile::KEYS.iter(), SOURCE)
}

/// The kinds of schemes.
pub fn scheme_kinds() -> Vec<SchemeKind> {
    let kind = |(name, own, signed): (&'static str, &'static [&'static str], &'static [&'static str])| {
        let row = KINDS.iter().find(|(kind, ..)| *kind == name);
        let (_, about, keys, of_signed) = row.copied().unwrap_or((name, "", &[], &[]));
        let keys = [described(own.iter(), keys), described(signed.iter(), of_signed)].concat();
        SchemeKind { name, about, keys }
    };
    read_scheme::kinds().map(kind).collect()
}

impl Preset {
    /// Whether a source of this preset cannot do without a secret.
    pub fn needs_secret(&self) -> bool {
        self.profile().is_ok_and(|profile| profile.scheme.needs_secret())
    }

    /// What a source of this preset has to say beside its secret.
    pub fn params(&self) -> Vec<Param> {
        self.profile().map(|profile| profile.all_params()).unwrap_or_default()
    }
}

fn described<'n>(names: impl Iterator<Item = &'n &'static str>, rows: &[Key]) -> Vec<Key> {
    let row = |name: &&'static str| rows.iter().find(|row| row.name == *name).copied();
    names.map(|name| row(name).unwrap_or(Key::new(name, Shape::Json, ""))).collect()
}

fn words<T>(table: &[(&'static str, T)]) -> Vec<&'static str> {
    table.iter().map(|(name, _)| *name).collect()
}
