//! Vectors of our own making, computed with another implementation of HMAC, so that nothing is needed beside this crate.

use super::{armed_raw, event, receive, request, source};

const SECRET: &str = "a secret of thirty-two characters";
const WHSEC: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const BODY: &str = r#"{"type":"invoice.paid","id":"one","amount":1.0,"name":"J\u00f6rg"}"#;

const SHA256: &str = "ac74ca417c9059bbfeb66c30765fbe3db0cec9036e86842bf38fdede43a0bde9";
const SHA256_PREFIXED: &str = "sha256=ac74ca417c9059bbfeb66c30765fbe3db0cec9036e86842bf38fdede43a0bde9";
const SHA256_BASE64: &str = "rHTKQXyQWbv+tmwwdl++PbDOyQNuhoQr84/e3kOgvek=";
const SHA1: &str = "91c4687231ae52a786e5899f60d5e632dfc3ec69";
const SHA512: &str = "4ab4cfb592c0fbc2b9d9beeec4d229ae8369c889b6f7512e701649569c8d3e72c804617fff468b69311e5045d21dba86bf3090b2363d696f305ae467b76a1b4d";
const STRIPE: &str = "t=1785600000,v1=7a337ae041e88db16402ca7270bd677c658901ea6262673a42e8040abc3abc21";
const SLACK: &str = "v0=72c6cb5d176c0582de17c500afd3fb6f2f514328203d97f599108716edc9de22";
const STANDARD: &str = "v1,E/0PGDJc8oZbY/zX0vPDePITjm2xxt1uSvTwSUoxDNE=";
const FORM: &str = "payload=%7B%22zen%22%3A%22Keep+it+simple%22%7D";
const FORM_SHA256: &str = "sha256=54cf44c9007b88815f2948addf5491cadaa2d11a7ce199be6e8aad26b91c4576";
const COMMAND: &str = "command=%2Fring&trigger_id=1.2.x";
const COMMAND_SLACK: &str = "v0=1801453f473f7eeec3f3eff27704e30644b105ec9a169b526bdc675298f75386";
const ALL_PARTS: &str = "f30514102ff22d6bee92e0938ba96040c36283ede82dd42fce196126e956a448";

const FORM_TYPE: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const NOW: &str = "1785600000";

struct Row {
    yaml: &'static str,
    secret: &'static str,
    headers: &'static [(&'static str, &'static str)],
    query: &'static str,
    body: &'static str,
    /// Event type, id (empty for none) and how it was verified.
    wanted: (&'static str, &'static str, &'static str),
}

const fn row(
    yaml: &'static str,
    headers: &'static [(&'static str, &'static str)],
    wanted: (&'static str, &'static str, &'static str),
) -> Row {
    Row { yaml, secret: SECRET, headers, query: "", body: BODY, wanted }
}

const HMAC: &str = "hmac-sha256, secret 1 of 1";
const HMAC_TIMED: &str = "hmac-sha256, secret 1 of 1, signed 0 s ago (limit 300 s)";

const ROWS: &[Row] = &[
    row(
        "verify: github",
        &[("X-Hub-Signature-256", SHA256_PREFIXED), ("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "d1")],
        ("push", "d1", HMAC),
    ),
    Row {
        body: FORM,
        ..row(
            "verify: github-form",
            &[("X-Hub-Signature-256", FORM_SHA256), ("X-GitHub-Event", "ping"), FORM_TYPE],
            ("ping", "", HMAC),
        )
    },
    row(
        "verify: bitbucket",
        &[("X-Hub-Signature", SHA256_PREFIXED), ("X-Event-Key", "repo:push"), ("X-Request-UUID", "u")],
        ("repo:push", "u", HMAC),
    ),
    row("verify: gitea", &[("X-Gitea-Signature", SHA256), ("X-Gitea-Event", "push")], ("push", "", HMAC)),
    row(
        "verify: forgejo",
        &[("X-Forgejo-Signature", SHA256), ("X-Forgejo-Event", "push")],
        ("push", "", HMAC),
    ),
    row("verify: gogs", &[("X-Gogs-Signature", SHA256), ("X-Gogs-Event", "push")], ("push", "", HMAC)),
    row(
        "verify: gitlab-token",
        &[("X-Gitlab-Token", SECRET), ("X-Gitlab-Event", "Push Hook"), ("Idempotency-Key", "k")],
        ("Push Hook", "k", "token, secret 1 of 1"),
    ),
    Row {
        secret: WHSEC,
        ..row(
            "verify: gitlab",
            &[
                ("webhook-signature", STANDARD),
                ("webhook-id", "msg_1"),
                ("webhook-timestamp", NOW),
                ("X-Gitlab-Event", "Push Hook"),
            ],
            ("Push Hook", "msg_1", HMAC_TIMED),
        )
    },
    row("verify: stripe", &[("Stripe-Signature", STRIPE)], ("invoice.paid", "one", HMAC_TIMED)),
    row(
        "verify: shopify",
        &[
            ("X-Shopify-Hmac-Sha256", SHA256_BASE64),
            ("X-Shopify-Topic", "orders/paid"),
            ("X-Shopify-Event-Id", "e"),
        ],
        ("orders/paid", "e", HMAC),
    ),
    row("verify: shopify", &[("Shopify-Hmac-Sha256", SHA256_BASE64)], ("", "", HMAC)),
    row(
        "verify: slack",
        &[("X-Slack-Signature", SLACK), ("X-Slack-Request-Timestamp", NOW)],
        ("", "", HMAC_TIMED),
    ),
    Row {
        body: COMMAND,
        ..row(
            "verify: slack-command",
            &[("X-Slack-Signature", COMMAND_SLACK), ("X-Slack-Request-Timestamp", NOW), FORM_TYPE],
            ("/ring", "1.2.x", HMAC_TIMED),
        )
    },
    Row {
        secret: WHSEC,
        ..row(
            "verify: standard-webhooks",
            &[("webhook-signature", STANDARD), ("webhook-id", "msg_1"), ("webhook-timestamp", NOW)],
            ("invoice.paid", "msg_1", HMAC_TIMED),
        )
    },
    Row {
        secret: WHSEC,
        ..row(
            "verify: svix",
            &[("svix-signature", STANDARD), ("svix-id", "msg_1"), ("svix-timestamp", NOW)],
            ("invoice.paid", "msg_1", HMAC_TIMED),
        )
    },
    row(
        "verify: { kind: hmac, hash: sha1, signature: { from: header:X-S } }\nevent: $.type\nid: $.id",
        &[("X-S", SHA1)],
        ("invoice.paid", "one", "hmac-sha1, secret 1 of 1"),
    ),
    row(
        "verify: { kind: hmac, hash: sha512, signature: { from: header:X-S } }\nevent: header:X-Kind",
        &[("X-S", SHA512), ("X-Kind", "k")],
        ("k", "", "hmac-sha512, secret 1 of 1"),
    ),
    Row {
        query: "a=1&token=x",
        ..row(
            "verify:\n  kind: hmac\n  signature: { from: header:X-S }\n  signed: \"{method}{path}{url}{timestamp}{body}\"\n  \
             timestamp: { from: header:X-T, unit: ms, tolerance: 5m }\npublic_url: https://hooks.example.com\n\
             event: \"{query:token}/{json:$.amount}\"",
            &[("X-S", ALL_PARTS), ("X-T", "1785600000000")],
            ("x/1.0", "", HMAC_TIMED),
        )
    },
    row(
        "verify: { kind: basic }\nevent: fixed",
        &[("Authorization", "basic cm9iaW46b3BlbjpzZXNhbWU=")],
        ("fixed", "", "basic, secret 1 of 1"),
    ),
];

#[test]
fn what_a_sender_really_sends_is_accepted() {
    for row in ROWS {
        let secret = if row.yaml.contains("basic") { "robin:open:sesame" } else { row.secret };
        let armed = armed_raw(source(&format!("{}\nsecret: {{ env: S }}", row.yaml)), &[secret]);
        let got = event(receive(&armed, &request(row.headers, row.query, row.body.as_bytes())));
        let id = got.dedupe_key.unwrap_or_default();
        assert_eq!((got.kind.as_str(), id.as_str(), got.verified.as_str()), row.wanted, "{}", row.yaml);
    }
}

#[test]
fn a_form_that_holds_json_is_that_json() {
    let armed = armed_raw(source("verify: github-form\nsecret: { env: S }"), &[SECRET]);
    let got = event(receive(&armed, &request(&[("X-Hub-Signature-256", FORM_SHA256)], "", FORM.as_bytes())));
    assert_eq!(got.payload["zen"], "Keep it simple");
}

#[test]
fn the_secret_that_matched_is_named() {
    let armed =
        armed_raw(source("verify: gitea\nsecret: { env: [A, B] }"), &["another secret entirely", SECRET]);
    let got = event(receive(&armed, &request(&[("X-Gitea-Signature", SHA256)], "", BODY.as_bytes())));
    assert_eq!(got.verified, "hmac-sha256, secret 2 of 2 (env B)");
}

#[test]
fn an_action_stands_beside_the_type() {
    let armed = armed_raw(source("verify: none\nevent: header:X-Kind"), &[]);
    let request = request(&[("X-Kind", "issues")], "", br#"{"action":"opened"}"#);
    let got = event(receive(&armed, &request));
    assert_eq!(armed.source().action(&got), None);
    assert_eq!(super::preset("github").action(&got).as_deref(), Some("opened"));
}
