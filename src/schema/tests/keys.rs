//! The keys of the schema are those that the loader names when it is given one that it does not know.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::action::{VERBS, Verb};
use crate::provider::PRESETS;
use crate::yaml::Document;

use super::{document, loaded};

/// What the loader says of a key that has no engine yet; the schema does not have it.
const UNSUPPORTED: &str = "is not supported by this version";

/// A map of the schema, and a rules file with the key `zzzz` in such a map.
const MAPS: &[(&str, &str)] = &[
    ("", "zzzz: 1"),
    ("/properties/defaults", "defaults: { zzzz: 1 }"),
    ("/properties/services/additionalProperties", "services: { a: { zzzz: 1 } }"),
    (
        "/properties/services/additionalProperties/properties/connection",
        "services: { a: { connection: { zzzz: 1 } } }",
    ),
    (
        "/properties/services/additionalProperties/properties/connection/properties/settings/additionalProperties",
        "services: { a: { connection: { settings: { s: { about: x, zzzz: 1 } } } } }",
    ),
    (
        "/properties/services/additionalProperties/properties/settings/additionalProperties",
        "services: { a: { connection: {}, settings: { s: { about: x, zzzz: 1 } } } }",
    ),
    (
        "/properties/services/additionalProperties/properties/answer",
        "services: { a: { connection: {}, answer: { zzzz: 1 } } }",
    ),
    ("/$defs/rule", "rules: [{ name: r, do: [{ log: x }], zzzz: 1 }]"),
    ("/$defs/case", "tests: [{ name: t, send: {}, zzzz: 1 }]"),
    ("/$defs/case/properties/send", "tests: [{ name: t, send: { zzzz: 1 } }]"),
    ("/$defs/case/properties/answer", "tests: [{ name: t, send: {}, answer: { zzzz: 1 } }]"),
    ("/$defs/case/properties/steps/items", "tests: [{ name: t, steps: [{ send: {}, zzzz: 1 }] }]"),
    ("/$defs/source-of-a-preset", "sources: { a: { verify: none, zzzz: 1 } }"),
    ("/$defs/source-of-a-preset/properties/dedupe", "sources: { a: { verify: none, dedupe: { zzzz: 1 } } }"),
    (
        "/$defs/source-of-a-preset/properties/respond",
        "sources: { a: { verify: none, respond: { zzzz: 1 } } }",
    ),
    ("/$defs/secret", "sources: { a: { verify: github, secret: { zzzz: 1 } } }"),
    ("/$defs/scheme-hmac", "sources: { a: { verify: [{ kind: hmac, zzzz: 1 }] } }"),
    (
        "/$defs/scheme-hmac/properties/signature",
        "sources: { a: { verify: { kind: hmac, signature: { from: header:X, zzzz: 1 } } } }",
    ),
    (
        "/$defs/scheme-hmac/properties/timestamp",
        "sources: { a: { verify: { kind: hmac, signature: { from: header:X }, timestamp: { zzzz: 1 } } } }",
    ),
    (
        "/$defs/scheme-hmac/properties/key",
        "sources: { a: { verify: { kind: hmac, signature: { from: header:X }, key: { zzzz: 1 } } } }",
    ),
    ("/$defs/scheme-sig", "sources: { a: { verify: [{ kind: sig, zzzz: 1 }] } }"),
    (
        "/$defs/scheme-sig/properties/key",
        "sources: { a: { verify: { kind: sig, alg: ed25519, signature: { from: header:X }, key: { zzzz: 1 } } } }",
    ),
    ("/$defs/scheme-digest", "sources: { a: { verify: [{ kind: digest, zzzz: 1 }] } }"),
    ("/$defs/scheme-jwt", "sources: { a: { verify: [{ kind: jwt, zzzz: 1 }] } }"),
    (
        "/$defs/scheme-jwt/properties/key",
        "sources: { a: { verify: { kind: jwt, alg: RS256, from: header:X, key: { zzzz: 1 } } } }",
    ),
    ("/$defs/scheme-token", "sources: { a: { verify: [{ kind: token, zzzz: 1 }] } }"),
    ("/$defs/scheme-basic", "sources: { a: { verify: [{ kind: basic, zzzz: 1 }] } }"),
    ("/$defs/scheme-none", "sources: { a: { verify: [{ kind: none, zzzz: 1 }] } }"),
    ("/$defs/connection-http", "connections: { a: { http: { url: https://x.example }, zzzz: 1 } }"),
    ("/$defs/connection-slack", "connections: { a: { slack: { url: { env: U } }, zzzz: 1 } }"),
    (
        "/$defs/connection-http/properties/http",
        "connections: { a: { http: { url: https://x.example, zzzz: 1 } } }",
    ),
    (
        "/$defs/connection-slack/properties/slack",
        "connections: { a: { slack: { url: { env: U }, zzzz: 1 } } }",
    ),
    ("/$defs/retry", "connections: { a: { slack: { url: { env: U } }, retry: { zzzz: 1 } } }"),
    ("/$defs/action-run", "rules: [{ name: r, do: { run: [a], zzzz: 1 } }]"),
    ("/$defs/action-shell", "rules: [{ name: r, do: { shell: a, zzzz: 1 } }]"),
    ("/$defs/action-http", "rules: [{ name: r, do: { http: a, zzzz: 1 } }]"),
    ("/$defs/action-forward", "rules: [{ name: r, do: { forward: a, zzzz: 1 } }]"),
    (
        "/$defs/action-forward/properties/sign",
        "rules: [{ name: r, do: { forward: https://x.example, sign: { zzzz: 1 } } }]",
    ),
    (
        "/$defs/action-forward/properties/sign/properties/standard_webhooks",
        "rules: [{ name: r, do: { forward: https://x.example, sign: { standard_webhooks: { zzzz: 1 } } } }]",
    ),
    (
        "/$defs/connection-http/properties/http/properties/sign",
        "connections: { a: { http: { url: https://x.example, sign: { zzzz: 1 } } } }",
    ),
    (
        "/$defs/connection-http/properties/http/properties/sign/properties/standard_webhooks",
        "connections: { a: { http: { url: https://x.example, sign: { standard_webhooks: { zzzz: 1 } } } } }",
    ),
    (
        "/$defs/action-email",
        "rules: [{ name: r, do: { email: a, to: a@b.c, subject: x, text: y, zzzz: 1 } }]",
    ),
    ("/$defs/connection-email", "connections: { a: { email: { host: a.example, from: a@b.c }, zzzz: 1 } }"),
    (
        "/$defs/connection-email/properties/email",
        "connections: { a: { email: { host: a.example, from: a@b.c, zzzz: 1 } } }",
    ),
    ("/$defs/action-slack", "rules: [{ name: r, do: { slack: a, text: b, zzzz: 1 } }]"),
    ("/$defs/action-emit", "rules: [{ name: r, do: { emit: a, zzzz: 1 } }]"),
    ("/$defs/action-log", "rules: [{ name: r, do: { log: a, zzzz: 1 } }]"),
    ("/$defs/action-respond", "rules: [{ name: r, do: { respond: 200, zzzz: 1 } }]"),
    ("/$defs/operators", "rules: [{ name: r, if: { method: { zzzz: 1 } }, do: { log: a } }]"),
];

/// The same for the verbs of services, which are data.
fn services() -> Vec<(String, String)> {
    let listed = |name: &str| MAPS.iter().any(|(map, _)| *map == format!("/$defs/action-{name}"));
    let row = |verb: &&Verb| {
        let (name, service) = (verb.name, verb.service.as_ref().unwrap());
        let mut connection = json_of(service.example);
        connection["zzzz"] = json!(1);
        let mut under = json_of(service.example);
        under[name]["zzzz"] = json!(1);
        let mut action = json_of(verb.example);
        action["zzzz"] = json!(1);
        [
            (format!("/$defs/connection-{name}"), json!({ "connections": { "a": connection } })),
            (format!("/$defs/connection-{name}/properties/{name}"), json!({ "connections": { "a": under } })),
            (format!("/$defs/action-{name}"), json!({ "rules": [{ "name": "r", "do": action }] })),
        ]
        .map(|(map, text)| (map, text.to_string()))
    };
    VERBS.iter().filter(|verb| !listed(verb.name)).flat_map(|verb| row(&verb)).collect()
}

/// All of them.
fn maps() -> Vec<(String, String)> {
    let own = MAPS.iter().map(|(map, text)| ((*map).to_owned(), (*text).to_owned()));
    own.chain(services()).collect()
}

fn json_of(text: &str) -> Value {
    Document::parse("row", text).unwrap().root().json()
}

/// The keys that the loader knows at the place of `zzzz`.
fn known(text: &str) -> BTreeSet<String> {
    let problems = loaded(text).problems;
    let problem = problems.iter().find(|problem| problem.message.contains("`zzzz`"));
    let help = problem.and_then(|problem| problem.help.as_deref()).unwrap_or_else(|| panic!("{problems:#?}"));
    help.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn is_unsupported(text: &str, key: &str) -> bool {
    let problems = loaded(&text.replace("zzzz", key)).problems;
    problems.iter().any(|problem| problem.message == format!("`{key}` {UNSUPPORTED}"))
}

#[test]
fn they_are_the_loaders() {
    let schema = document();
    for (map, text) in maps() {
        let text = text.as_str();
        let properties = schema.pointer(&format!("{map}/properties")).and_then(Value::as_object);
        let ours: BTreeSet<String> = properties.unwrap_or_else(|| panic!("{map}")).keys().cloned().collect();
        let mut theirs = known(text);
        theirs.retain(|key| !is_unsupported(text, key));
        if map == "/$defs/source-of-a-preset" {
            theirs.extend(PRESETS.iter().flat_map(|preset| preset.params()).map(|param| param.name));
        }
        assert_eq!(ours, theirs, "{map}");
    }
}

#[test]
fn every_kind_of_map_is_looked_at() {
    let schema = document();
    let parts = schema["$defs"].as_object().unwrap();
    let maps = maps();
    for (name, part) in parts.iter().filter(|(_, part)| part["additionalProperties"] == Value::Bool(false)) {
        let listed = maps.iter().any(|(map, _)| *map == format!("/$defs/{name}"));
        let elsewhere = ["conditions", "path", "amount-operators"].contains(&name.as_str());
        assert!(listed || elsewhere, "{name}: {part}");
    }
}

#[test]
fn every_key_says_what_it_means() {
    let schema = document();
    for (map, _) in maps() {
        let properties = schema.pointer(&format!("{map}/properties")).and_then(Value::as_object);
        for (key, property) in properties.unwrap() {
            let is_told = property["description"].as_str().is_some_and(|words| !words.is_empty());
            assert!(is_told || property["const"].is_string(), "{map} {key}: {property}");
        }
    }
}
