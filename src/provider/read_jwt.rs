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
    &["from", "prefix", "prefix_optional", "alg", "key", "claims", "body_digest"];

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
    let maker = maker(fields);
    let claims = fields.get("claims").map(|node| claims(&node, fields.problems)).unwrap_or_default();
    let body_digest = fields.get("body_digest").and_then(|node| body_digest(&node, fields.problems));
    let from = fields.parsed("from", place)?;
    let jwt = Jwt { from, prefix, prefix_optional, maker: maker?, claims, body_digest };
    Some(Scheme::Jwt(Box::new(jwt)))
}

fn maker(fields: &mut Fields<'_, '_>) -> Option<Maker> {
    let written = fields.get("key");
    match (fields.word("alg", ALGORITHMS)?, written) {
        (None, written) => {
            let form = written.and_then(|node| key(&node, fields.problems));
            Some(Maker::Secret(form.unwrap_or_default()))
        }
        (Some(algorithm), Some(node)) => {
            public_key(&node, fields.problems).map(|form| Maker::Key(algorithm, form))
        }
        (Some(_), None) => {
            fields.lacks("key", "say how the public key is written: key: { encoding: pem }");
            None
        }
    }
}

fn claims(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(String, Text)> {
    let entries = node.entries();
    let claim = |(name, node): &(&str, Node<'_>)| Some(((*name).to_owned(), parsed(node, wanted, problems)?));
    entries.iter().filter_map(claim).collect()
}

/// What a claim must be is the source's to say, and nothing that comes along with it.
fn wanted(text: &str) -> Result<Text, Wrong> {
    let compiled = Text::parse(text)?;
    if let Some(part) = compiled.parts().find(|part| !matches!(part, Part::Config(_) | Part::Url)) {
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
