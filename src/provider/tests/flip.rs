//! What `sign` makes, `receive` accepts; with any one byte of it changed, it is refused.

use http::HeaderValue;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{NOW_SECONDS, armed_raw, event, preset, receive, request, seconds, secret, source};
use crate::event::Request;
use crate::provider::receive::Armed;
use crate::provider::sign::{Signed, Unsigned};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Presets that sign, with the headers they sign: what else is sent may be changed by anybody.
const SIGNING: &[(&str, &[&str])] = &[
    ("github", &["x-hub-signature-256"]),
    ("gitlab", &["webhook-signature", "webhook-id", "webhook-timestamp"]),
    ("bitbucket", &["x-hub-signature"]),
    ("gitea", &["x-gitea-signature"]),
    ("shopify", &["x-shopify-hmac-sha256"]),
    ("slack", &["x-slack-signature", "x-slack-request-timestamp"]),
    ("stripe", &["stripe-signature"]),
    ("standard-webhooks", &["webhook-signature", "webhook-id", "webhook-timestamp"]),
    ("gitlab-token", &["x-gitlab-token"]),
];

fn signed(id: &str, body: &[u8]) -> (Armed, Request) {
    let source = preset(id);
    let unsigned =
        Unsigned { path: "/test", query: "", body, event: "kind", id: "msg_1", now: seconds(NOW_SECONDS) };
    let Signed { headers, query, .. } = source.sign(&secret(SECRET), &unsigned).unwrap();
    let mut sent = request(&[], &query, body);
    sent.headers = headers;
    (armed_raw(source, &[SECRET]), sent)
}

fn is_unproven(armed: &Armed, request: &Request) -> bool {
    receive(armed, request).is_err_and(|refusal| refusal.status == 401)
}

#[test]
fn each_byte_of_signature_moment_and_id_counts() {
    for (id, names) in SIGNING {
        let (armed, sent) = signed(id, b"{\"a\":1}");
        event(receive(&armed, &sent));
        for name in *names {
            let value = sent.headers[*name].as_bytes().to_vec();
            for at in 0..value.len() {
                for other in (0x20..0x7f).filter(|other| *other != value[at]) {
                    let mut changed = value.clone();
                    changed[at] = other;
                    let mut request = sent.clone();
                    request.headers.insert(*name, HeaderValue::from_bytes(&changed).unwrap());
                    assert!(
                        is_unproven(&armed, &request),
                        "{id} {name}: {}",
                        String::from_utf8_lossy(&changed)
                    );
                }
            }
        }
    }
}

#[test]
fn each_byte_of_the_body_counts() {
    for (id, _) in SIGNING.iter().filter(|(id, _)| *id != "gitlab-token") {
        let (armed, sent) = signed(id, b"{\"a\":\"b\",\"c\":[1,2.50]}");
        for at in 0..sent.body.len() {
            for bit in 0..8 {
                let mut body = sent.body.to_vec();
                body[at] ^= 1 << bit;
                assert!(
                    is_unproven(&armed, &Request { body: body.into(), ..sent.clone() }),
                    "{id} {at} {bit}"
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_signed_says_why() {
    let yaml = "verify: { kind: hmac, signature: { from: json:$.s } }\nsecret: { env: S }";
    let unsigned =
        Unsigned { path: "/test", query: "", body: b"[1]", event: "", id: "", now: seconds(NOW_SECONDS) };
    let why = source(yaml).sign(&secret(SECRET), &unsigned).unwrap_err();
    assert!(why.contains("payload field $.s"), "{why}");
    let id = Unsigned { id: "a\nb", ..unsigned };
    assert!(preset("github").sign(&secret(SECRET), &id).unwrap_err().contains("x-github-delivery"));
    assert!(preset("svix").sign(&secret("whsec_!"), &unsigned).unwrap_err().contains("base64"));
}

/// The cases are the same in every run.
const SEED: RngSeed = RngSeed::Fixed(20_261_121);

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: SEED, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_body_that_is_signed_is_proven(body in prop::collection::vec(any::<u8>(), 0..200), which in 0..SIGNING.len()) {
        let (armed, sent) = signed(SIGNING[which].0, &body);
        prop_assert!(!is_unproven(&armed, &sent));
    }

    #[test]
    fn nothing_a_stranger_sends_is_a_panic_or_a_pass(
        value in "[ -~]{0,80}",
        stamp in "[ -~]{0,30}",
        body in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        for (id, names) in SIGNING {
            let armed = armed_raw(preset(id), &[SECRET]);
            let mut headers = vec![(names[0], value.as_str())];
            headers.extend(names.iter().skip(1).map(|name| (*name, stamp.as_str())));
            prop_assert!(is_unproven(&armed, &request(&headers, "", &body)));
        }
    }
}
