//! What a source may not say, and the words it is told in.

use super::compile;

const SECRET: &str = "\nsecret: { env: S }";
const HMAC: &str = "verify: { kind: hmac, signature: { from: header:X }";

/// YAML, code, a piece of the message.
pub(super) fn check(yaml: &str, code: &str, words: &str) {
    let problems = compile(yaml).err().unwrap_or_else(|| panic!("accepted: {yaml}"));
    let shown: Vec<_> =
        problems.iter().map(|it| format!("{} {} | {:?}", it.code, it.message, it.help)).collect();
    let found = problems.iter().any(|it| it.code == code && it.message.contains(words));
    assert!(found && problems.len() == 1, "{yaml}\nwanted {code} {words}\ngot {shown:#?}");
}

#[test]
fn verify() {
    check("path: /x", "E005", "`verify` is missing");
    check("verify:", "E005", "`verify` is missing");
    check(&format!("verify: githup{SECRET}"), "E301", "`githup` is not a preset; did you mean `github`?");
    check("verify: 7", "E004", "wanted a preset or a scheme");
    check(&format!("verify: []{SECRET}"), "E302", "names no way");
    check(&format!("verify: [github]{SECRET}"), "E004", "wanted a map");
    check(&format!("verify: {{ hash: sha256 }}{SECRET}"), "E005", "`kind` is missing");
    check(&format!("verify: {{ kind: hmak }}{SECRET}"), "E302", "did you mean `hmac`?");
    check(&format!("verify: {{ kind: jwt, alg: HS256 }}{SECRET}"), "E005", "`from` is missing");
    check(&format!("verify: {{ kind: token }}{SECRET}"), "E005", "`from` is missing");
    check(
        &format!("verify: {{ kind: token, from: body }}{SECRET}"),
        "E302",
        "nothing can be looked for in the body",
    );
    check(
        &format!("verify: {{ kind: token, from: heder:X }}{SECRET}"),
        "E302",
        "`heder:X` is no part of a request",
    );
}

#[test]
fn hmac() {
    let full = |rest: &str| format!("{HMAC}, {rest} }}{SECRET}");
    check(&format!("verify: {{ kind: hmac }}{SECRET}"), "E005", "`signature` is missing");
    check(&full("hash: md5"), "E302", "`md5` is not a `hash`");
    check(&full("algorithm: sha256"), "E003", "`algorithm` is not a key here");
    check(&full("signed: \"{bdy}\""), "E302", "`bdy` is no part of a request");
    check(&full("signed: \"{body\""), "E302", "without its `}`");
    check(&full("signed: \"body\""), "E302", "is the same for every webhook");
    check(&full("signed: \"{header:X-Id}\""), "E302", "the body is not part of `signed`");
    check(&full("signed: \"{timestamp}.{body}\""), "E302", "there is no `timestamp`");
    check(&full("timestamp: { from: header:T }"), "E302", "anybody could make an old webhook young");
    check(&full("signed: \"{json:$.a[*]}\""), "E101", "may find several values");
    check(&full("key: { encoding: rot13 }"), "E302", "`rot13` is not a `encoding`");
    check(
        &full("signed: \"{timestamp}{body}\", timestamp: { from: header:T, tolerance: soon }"),
        "E501",
        "`soon`",
    );
    check(&full("signed: \"{timestamp}{body}\", timestamp: { from: header:T, tolerance: 0 }"), "E501", "`0`");
    check(&full("signed: \"{url}{body}\""), "E005", "`public_url` is missing");
    let items = format!(
        "verify: {{ kind: hmac, signature: {{ from: header:X, items: \",\", assign: \"=\" }} }}{SECRET}"
    );
    check(&items, "E005", "`take` is missing");
}

#[test]
fn secrets() {
    check("verify: github", "E304", "needs a `secret`");
    check("verify: github\nsecret: hunter2", "E303", "a secret written in clear");
    check("verify: github\nsecret: 12345", "E004", "wanted `{ env: NAME }`");
    check("verify: github\nsecret:", "E304", "the secret is missing");
    check("verify: github\nsecret: {}", "E004", "a secret is missing here");
    check("verify: github\nsecret: { env: A, file: B }", "E004", "a secret comes from one place");
    check("verify: github\nsecret: { environment: A }", "E003", "`environment`");
    check("verify: none\nsecret: { env: A }", "E302", "makes no use of a secret");
    let clear = compile("verify: github\nsecret: hunter2").unwrap_err().remove(0);
    assert!(!clear.message.contains("hunter2") && clear.help.unwrap().contains("{ env: NAME }"));
}

#[test]
fn the_rest() {
    let with = |line: &str| format!("verify: none\n{line}");
    check(&with("batch: events"), "E101", "");
    check(&with("batch: $.a[*].b"), "E101", "`$.a[*].b` may find several lists");
    check(&with("batch: [$.a]"), "E004", "");
    check(&with("batch: $\nevent: form:kind"), "E302", "the form field kind is of the whole body");
    check(&with("rate: fast"), "E501", "rate");
    check(&with("format: yaml"), "E302", "`yaml` is not a format");
    check(&with("pth: /x"), "E003", "did you mean `path`?");
    check(&with("path: x"), "E305", "must start with `/`");
    check(&with("path: \"/a b\""), "E305", "spaces");
    check(&with("methods: post"), "E004", "`post` is not a method of webhooks");
    check(&with("methods: []"), "E004", "names no method");
    check(&with("event: $.a["), "E101", "");
    check(&with("event: \"\""), "E302", "an empty text says nothing");
    check(&with("event: \"{body}\""), "E302", "the body cannot stand here");
    check(&with("id: fixed"), "E302", "would be the id of every webhook");
    check(&with("dedupe: { for: 3 parsecs }"), "E501", "is not a duration");
    check(&with("dedupe: { for: 0s }"), "E501", "longer than nothing");
    check(&with("dedupe: 3d"), "E004", "wanted a map");
    check(&with("allow_from: 10.0.0.0/33"), "E307", "`10.0.0.0/33` is not a network");
    check(&with("allow_from: []"), "E307", "names no network");
    check(&with("body_max: 0"), "E501", "from 1 byte to 256 MiB");
    check(&with("body_max: 1GiB"), "E501", "from 1 byte to 256 MiB");
    check(&with("public_url: hooks.example.com"), "E221", "is not such a URL");
    check(&with("public_url: https://a.example/?x=1"), "E221", "is not such a URL");
    check(&with("respond: { status: 500 }"), "E004", "`500` is not such a status");
    check(&with("respond: { body: \"{{ $.x }}\" }"), "E212", "a template cannot stand here");
    check(&with("respond: { status: 204, body: x }"), "E004", "has no body");
}

#[test]
fn every_complaint_at_once() {
    let yaml = "verify: githup\nsecret: hunter2\npath: x\nrate: 1/s\nbody_max: none";
    let codes: Vec<_> = compile(yaml).unwrap_err().iter().map(|problem| problem.code).collect();
    for code in ["E301", "E303", "E305", "E501"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
}
