//! From one entry under `sources:` to a checked source.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use ipnet::IpNet;

use crate::diagnostic::Diagnostic;
use crate::limit::DEDUPE_FOR;
use crate::route::Pattern;
use crate::secret::SecretRef;
use crate::settings;
use crate::yaml::{Node, listed, nearest};

use super::fields::{Fields, parsed, sound};
use super::params::{self, PUBLIC_URL};
use super::part::Wrong;
use super::preset::{PRESETS, Preset};
use super::profile::Profile;
use super::read_scheme;
use super::scheme::Scheme;
use super::source::Source;

/// The keys of a source.
pub(super) const KEYS: &[&str] = &[
    "verify",
    "secret",
    "path",
    "methods",
    "event",
    "id",
    "format",
    "dedupe",
    "allow_from",
    "body_max",
    "public_url",
    "respond",
    "batch",
    "rate",
];
/// The methods a webhook may come by.
pub(super) const METHODS: &[&str] = &["POST", "PUT", "PATCH", "GET", "DELETE"];

const VERIFY_HELP: &str =
    "name a preset (verify: github), a scheme (verify: { kind: hmac, … }), or say `verify: none` out loud";

impl Source {
    /// Reads the source of this name; every complaint goes to `problems`, and with an error there is no source.
    pub fn compile(name: &str, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let before = problems.len();
        let mut fields = Fields::map(node, problems)?;
        let verified = verify(&mut fields);
        let (preset, mut profile) = verified.clone().unwrap_or((None, Profile::of(Scheme::None)));
        let params = profile.all_params();
        fields.known(&[KEYS, &params.iter().map(|param| param.name.as_str()).collect::<Vec<_>>()].concat());
        profile.overlay(&mut fields);
        profile.of_items(&mut fields);
        if verified.is_some() {
            whole(name, &profile.scheme, &mut fields);
        }
        let pattern = pattern(name, &mut fields);
        let source = Self {
            name: Arc::from(name),
            preset,
            methods: methods(&mut fields),
            body_max_bytes: profile.body_max_bytes,
            rate: fields.get("rate").and_then(|node| settings::rate(&node, fields.problems)),
            dedupe_for: dedupe(profile.retries_for, &mut fields),
            respond: profile.respond,
            deadline: profile.deadline,
            scheme: profile.scheme,
            secrets: secrets(name, &mut fields),
            event: profile.event,
            action: profile.action,
            id: profile.id,
            format: profile.format,
            batch: profile.batch,
            sends: profile.sends,
            allow_from: networks(&mut fields),
            public_url: fields.parsed(PUBLIC_URL, public_url),
            values: params::values(&params, KEYS, &mut fields),
            handshakes: profile.handshakes,
            pattern: pattern?,
        };
        sound(source, problems, before)
    }
}

/// Whether what the scheme needs is there, and nothing that it does not use.
fn whole(name: &str, scheme: &Scheme, fields: &mut Fields<'_, '_>) {
    let example = || format!("secret: {{ env: {} }}", variable(name));
    let shows_keys = *scheme != Scheme::None && !scheme.needs_secret();
    match (scheme.needs_secret(), fields.get("secret")) {
        (true, None) => {
            let node = fields.get("verify");
            let error =
                node.map(|node| node.error("E304", "this verification needs a `secret`").help(example()));
            fields.problems.extend(error);
        }
        (false, Some(node)) if !shows_keys => {
            let error = node.key_error("E302", "`verify: none` makes no use of a secret");
            fields
                .problems
                .push(error.help("leave the secret out, or say how webhooks are verified with it"));
        }
        _ => {}
    }
}

fn secrets(name: &str, fields: &mut Fields<'_, '_>) -> Vec<SecretRef> {
    let Some(node) = fields.get("secret") else { return Vec::new() };
    if node.is_null() {
        let error = node.key_error("E304", "the secret is missing");
        fields.problems.push(error.help(format!("secret: {{ env: {} }}", variable(name))));
        return Vec::new();
    }
    settings::secrets(&node, fields.problems).unwrap_or_default()
}

/// A variable's name after a source's: `my-shop` -> `MY_SHOP_SECRET`.
pub(super) fn variable(source: &str) -> String {
    let letters = source.chars().map(|letter| match letter {
        letter if letter.is_ascii_alphanumeric() => letter.to_ascii_uppercase(),
        _ => '_',
    });
    letters.chain("_SECRET".chars()).collect()
}

type Verified = (Option<&'static str>, Profile);

fn verify(fields: &mut Fields<'_, '_>) -> Option<Verified> {
    let node = match fields.get("verify") {
        Some(node) if !node.is_null() => node,
        _ => {
            fields.lacks("verify", VERIFY_HELP);
            return None;
        }
    };
    match (node.kind(), node.text()) {
        (_, Some("none")) => Some((None, Profile::of(Scheme::None))),
        (_, Some(id)) => preset(id, &node, fields.problems),
        ("a map" | "a list", _) => Some((None, Profile::of(read_scheme::scheme(&node, fields.problems)?))),
        _ => {
            fields.problems.push(node.unwanted("a preset or a scheme").help(VERIFY_HELP));
            None
        }
    }
}

fn preset(id: &str, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Verified> {
    let Some(preset) = Preset::find(id) else {
        let ids = || PRESETS.iter().map(|preset| preset.id);
        let hint = nearest(id, ids()).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        let error = node.error("E301", format!("`{id}` is not a preset{hint}"));
        problems
            .push(error.help("docs/reference.md lists the presets; or write a scheme: { kind: hmac, … }"));
        return None;
    };
    match preset.profile() {
        Ok(profile) => Some((Some(preset.id), profile)),
        Err(complaints) => {
            problems.extend(complaints);
            None
        }
    }
}

fn pattern(name: &str, fields: &mut Fields<'_, '_>) -> Option<Pattern> {
    let parse = |text: &str| {
        Pattern::parse(text)
            .map_err(|error| Wrong { code: "E305", ..Wrong::new(error.offset, error.message) })
    };
    if fields.get("path").is_some() {
        return fields.parsed("path", parse);
    }
    match parse(&format!("/{name}")) {
        Ok(pattern) => Some(pattern),
        Err(_) => {
            fields.lacks("path", "the name of this source cannot be a path: say on which one it listens");
            None
        }
    }
}

fn methods(fields: &mut Fields<'_, '_>) -> Vec<Method> {
    let nodes = fields.list("methods");
    if nodes.is_empty() {
        if let Some(node) = fields.get("methods") {
            fields
                .problems
                .push(node.error("E004", "`methods` names no method").help("leave it out for POST"));
        }
        return vec![Method::POST];
    }
    let known = |text: &str| {
        let found = METHODS.iter().find(|method| **method == text).and_then(|method| method.parse().ok());
        let help = format!("it is one of {}", listed(METHODS.iter().copied()));
        found.ok_or_else(|| {
            Wrong { code: "E004", ..Wrong::new(0, format!("`{text}` is not a method of webhooks")) }
                .help(help)
        })
    };
    nodes.iter().filter_map(|node| parsed(node, known, fields.problems)).collect()
}

/// Never shorter than the sender goes on sending the same again: a late repeat would run twice.
fn dedupe(retries_for: Option<Duration>, fields: &mut Fields<'_, '_>) -> Duration {
    let horizon = retries_for.unwrap_or_default();
    let usual = DEDUPE_FOR.max(horizon);
    let Some(node) = fields.get("dedupe") else { return usual };
    let Some(mut inner) = Fields::open(&node, &["for"], fields.problems) else { return usual };
    let Some(given) = inner.duration("for") else { return usual };
    if given < horizon {
        let hours = horizon.as_secs().div_ceil(3600);
        let help =
            format!("at least {hours}h: its sender goes on that long, and a late repeat would run twice");
        let error =
            inner.get("for").map(|node| node.error("E501", "`for` is shorter than the sender sends again"));
        inner.problems.extend(error.map(|error| error.help(help)));
    }
    given
}

/// An empty list would allow everybody, which nobody means by it.
fn networks(fields: &mut Fields<'_, '_>) -> Vec<IpNet> {
    let Some(node) = fields.get("allow_from") else { return Vec::new() };
    let networks = settings::networks(&node, fields.problems);
    if networks.as_ref().is_some_and(Vec::is_empty) {
        let error = node.error("E307", "`allow_from` names no network");
        fields.problems.push(error.help("leave it out to allow everybody"));
    }
    networks.unwrap_or_default()
}

fn public_url(text: &str) -> Result<String, Wrong> {
    let sound = url::Url::parse(text).is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    match sound {
        true => Ok(text.to_owned()),
        false => Err(Wrong { code: "E221", ..Wrong::new(0, format!("`{text}` is not such a URL")) }
            .help("the URL as the sender knows it, without a query: https://hooks.example.com/path")),
    }
}
