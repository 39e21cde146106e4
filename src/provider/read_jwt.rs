//! From `verify: { kind: jwt, … }` to a scheme.

use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::yaml::Node;

use super::fields::{Fields, parsed};
use super::jwt::{Jwt, Maker};
use super::message::DigestForm;
use super::part::{Part, Wrong};
use super::public_key::Algorithm;
use super::read_message::{digest_form, place};
use super::read_scheme::{key, public_key};
use super::scheme::Scheme;
use super::text::Text;

/// The keys of a token.
pub(super) const KEYS: &[&str] =
    &["from", "prefix", "prefix_optional", "alg", "key", "jwks", "claims", "body_digest"];

/// By what a token is signed; `None` for a shared secret.
pub(super) const ALGORITHMS: &[(&str, Option<Algorithm>)] =
    &[("HS256", None), ("RS256", Some(Algorithm::RsaSha256)), ("ES256", Some(Algorithm::Es256))];

pub(super) fn jwt(fields: &mut Fields<'_, '_>) -> Option<Scheme> {
    for (name, help) in [
        ("from", "say where the token stands: from: header:Authorization"),
        ("alg", "say by what it is signed, and nothing else is taken: alg: HS256"),
    ] {
        if fields.get(name).is_none() {
            fields.lacks(name, help);
        }
    }
    let prefix = fields.text("prefix").unwrap_or_default().to_owned();
    let optional = fields.get("prefix_optional");
    let prefix_optional = optional.and_then(|node| settings::truth(&node, fields.problems)).unwrap_or(false);
    let maker = if unsigned(fields) { None } else { maker(fields) };
    let claims = fields.get("claims").map(|node| claims(&node, fields.problems)).unwrap_or_default();
    let body_digest = fields.get("body_digest").and_then(|node| body_digest(&node, fields.problems));
    let from = fields.parsed("from", place)?;
    let jwt = Jwt { from, prefix, prefix_optional, maker: maker?, claims, body_digest };
    Some(Scheme::Jwt(Box::new(jwt)))
}

/// Whether it names the one algorithm that is none.
fn unsigned(fields: &mut Fields<'_, '_>) -> bool {
    let none = |node: &Node<'_>| node.text().is_some_and(|text| text.eq_ignore_ascii_case("none"));
    let Some(node) = fields.get("alg").filter(none) else { return false };
    let error = node.error("E302", "by `none` anybody signs");
    fields.problems.push(error.help("say by what its sender signs: alg: RS256"));
    true
}

fn maker(fields: &mut Fields<'_, '_>) -> Option<Maker> {
    let written = fields.get("key");
    let algorithm = fields.word("alg", ALGORITHMS)?;
    if let Some(node) = fields.get("jwks") {
        return shown(&node, algorithm, fields);
    }
    match (algorithm, written) {
        (None, written) => {
            let form = written.and_then(|node| key(&node, fields.problems));
            Some(Maker::Secret(form.unwrap_or_default()))
        }
        (Some(algorithm), Some(node)) => {
            public_key(&node, &["encoding", "strip"], fields.problems).map(|form| Maker::Key(algorithm, form))
        }
        (Some(_), None) => {
            fields.lacks("key", "say how the public key is written: key: { encoding: pem }");
            None
        }
    }
}

/// Keys that their issuer shows to everybody: a secret among them would be no secret.
fn shown(node: &Node<'_>, algorithm: Option<Algorithm>, fields: &mut Fields<'_, '_>) -> Option<Maker> {
    if let Some(key) = fields.get("key") {
        let error = key
            .key_error("E302", "`key` says how a key is written, and `jwks` where keys are: one of the two");
        fields.problems.push(error.help("leave `key` out: a set of keys says itself how they are written"));
    }
    let Some(algorithm) = algorithm else {
        let error = node
            .error("E302", "keys that everybody can read cannot be secrets: HS256 does not go with `jwks`");
        fields.problems.push(error.help("say by what the issuer signs: alg: RS256"));
        return None;
    };
    parsed(node, key_url, fields.problems).map(|url| Maker::Shown(algorithm, url))
}

/// The URL of a set of keys: values of the source may stand in its path, and never in its host.
fn key_url(text: &str) -> Result<Text, Wrong> {
    let help = "write it whole: https://issuer.example.com/keys; {config:NAME} may stand in its path";
    let host =
        text.strip_prefix("https://").and_then(|rest| rest.split_once('/')).map_or("", |(host, _)| host);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
    if host.is_empty() || !host.chars().all(plain) {
        return Err(Wrong { code: "E221", ..Wrong::new(0, format!("`{text}` is not such a URL")) }.help(help));
    }
    let compiled = Text::parse(text)?;
    if let Some(part) = compiled.parts().find(|part| !matches!(part, Part::Config(_))) {
        return Err(Wrong::new(0, format!("the {part} is whatever its sender likes")).help(help));
    }
    Ok(compiled)
}

fn claims(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(String, Vec<Text>)> {
    let entries = node.entries();
    let mut claims = Vec::new();
    for (name, node) in &entries {
        let texts = settings::one_or_many(node);
        let texts: Vec<_> = texts.iter().filter_map(|node| parsed(node, wanted, problems)).collect();
        if !texts.is_empty() {
            claims.push(((*name).to_owned(), texts));
        }
    }
    claims
}

/// What a claim must be is the source's to say, and nothing that comes along with it.
fn wanted(text: &str) -> Result<Text, Wrong> {
    let compiled = Text::parse(text)?;
    if let Some(part) =
        compiled.parts().find(|part| !matches!(part, Part::Config(_) | Part::Url | Part::Canonical))
    {
        let wrong = Wrong::new(0, format!("the {part} is whatever its sender likes"));
        return Err(wrong.help("write a text, {config:NAME} or {url}"));
    }
    Ok(compiled)
}

fn body_digest(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<(String, DigestForm)> {
    let mut fields = Fields::open(node, &["claim", "hash", "encoding"], problems)?;
    if fields.get("claim").is_none() {
        fields.lacks("claim", "say which claim holds the body's digest: claim: sha256");
    }
    let form = digest_form(&mut fields);
    Some((fields.filled("claim")?.to_owned(), form))
}
