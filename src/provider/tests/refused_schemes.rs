//! What a scheme of one's own may not say: public keys, digests, tokens, ways to choose from, values of the source.

use super::refused::check;
use super::{armed_raw, compile, event, preset, receive, request, source};
use crate::provider::PRESETS;

const SECRET: &str = "\nsecret: { env: S }";
const SIGNATURE: &str = "signature: { from: header:X }";

fn scheme(rest: &str) -> String {
    format!("verify: {{ {rest} }}{SECRET}")
}

#[test]
fn signatures() {
    let hmac = |rest: &str| scheme(&format!("kind: hmac, {SIGNATURE}, {rest}"));
    check(&hmac("signed: \"{secret}{body}\""), "E302", "the secret is the key here");
    check(&hmac("signed: \"{body|rot13}\""), "E302", "`rot13` is nothing that can be done to a part");
    check(&hmac("signed: \"{form}\""), "E302", "`form` and `sorted_pairs` belong together");
    check(&hmac("signed: \"{body|sorted_pairs}\""), "E302", "`form` and `sorted_pairs` belong together");
    check(&hmac("signed: \"{header:X-*}{body}\""), "E302", "would be a guess");
    check(&hmac("url_variants: host"), "E302", "`host` is not a `url_variants`");
    check(&hmac("signed: \"{config:Webhook}{body}\""), "E302", "`Webhook` cannot be a key of a source");
    check(&hmac("signed: \"{config:webhook_id}{body}\""), "E005", "`webhook_id` is missing");
    check(&hmac("signed: \"{config:path}{body}\""), "E302", "`path` is a key of every source");
    let digest = "body_digest: { from: query:d }";
    check(&hmac(digest), "E302", "the body's digest is not part of `signed`");
    check(&hmac(&format!("signed: \"{{header:X-D}}{{body}}\", {digest}")), "E302", "is not part of `signed`");
    check(&hmac("signed: \"{url}\", body_digest: {}\n"), "E005", "`from` is missing");
    check(&scheme(&format!("kind: digest, {SIGNATURE}, signed: \"{{body}}\"")), "E302", "anybody could make");
    check(&scheme(&format!("kind: digest, {SIGNATURE}, alg: x")), "E003", "`alg` is not a key here");
}

#[test]
fn public_keys_and_tokens() {
    let sig = |rest: &str| scheme(&format!("kind: sig, {SIGNATURE}, {rest}"));
    check(&sig("key: { encoding: pem }"), "E005", "`alg` is missing");
    check(&sig("alg: ed25519"), "E005", "`key` is missing");
    check(&sig("alg: ed448, key: { encoding: pem }"), "E302", "`ed448` is not a `alg`");
    check(&sig("alg: ed25519, key: { encoding: hex }"), "E302", "`hex` is not a `encoding`");
    check(&sig("alg: ed25519, key: {}"), "E005", "`encoding` is missing");
    check(&scheme("kind: sig, alg: ed25519, key: { encoding: pem }"), "E005", "`signature` is missing");
    let jwt = |rest: &str| scheme(&format!("kind: jwt, from: header:X, {rest}"));
    check(&jwt("prefix: x"), "E005", "`alg` is missing");
    check(&jwt("alg: none"), "E302", "by `none` anybody signs");
    check(&jwt("alg: RS256"), "E005", "`key` is missing");
    let shown = "jwks: https://issuer.example.com/keys";
    check(&jwt(&format!("alg: HS256, {shown}")), "E302", "HS256 does not go with `jwks`");
    check(&jwt(&format!("alg: None, {shown}")), "E302", "by `none` anybody signs");
    check(&jwt(&format!("alg: RS256, {shown}, key: {{ encoding: pem }}")), "E302", "one of the two");
    check(&jwt("alg: RS256, jwks: http://issuer.example.com/keys"), "E221", "is not such a URL");
    check(&jwt("alg: RS256, jwks: \"https://{config:host}/keys\""), "E221", "is not such a URL");
    check(&jwt("alg: RS256, jwks: \"https://a.example/{header:X}\""), "E302", "is whatever its sender likes");
    check(&jwt("alg: RS256, key: { encoding: pem, x509_url: {} }"), "E003", "`x509_url` is not a key here");
    let by_url =
        |rest: &str| sig(&format!("alg: rsa-sha256, key: {{ encoding: pem, x509_url: {{ {rest} }} }}"));
    check(&by_url("from: header:U"), "E005", "`allow` is missing");
    check(&by_url("allow: https://a.example/*"), "E005", "`from` is missing");
    check(&by_url("from: header:U, allow: https://*.example/x"), "E302", "would allow hosts of strangers");
    check(&by_url("from: header:U, allow: http://a.example/x"), "E302", "does not start with `https://`");
    check(&jwt("alg: HS256, claims: { iss: \"{header:X}\" }"), "E302", "is whatever its sender likes");
    check(&jwt("alg: HS256, body_digest: { hash: sha256 }"), "E005", "`claim` is missing");
    check(&jwt("alg: HS256, claims: { aud: \"{config:public_url}\" }"), "E005", "`public_url` is missing");
}

#[test]
fn ways_to_choose_from() {
    let list = |items: &str| format!("verify:\n{items}{SECRET}");
    let one = "{ kind: token, from: header:A }";
    check(&list(&format!("- {one}\n- {one}")), "E302", "without `when` this way always applies");
    check(&list("- { kind: none, when: header:A }"), "E302", "would let everybody in");
    check(&list("- { kind: token, from: header:A, when: hedaer:A }"), "E302", "is no part of a request");
    check(&list("- { kind: token, from: header:A, when: { header:A: 7 } }"), "E004", "a text, true or false");
    check(&list("- { when: header:A }"), "E005", "`kind` is missing");
}

/// The first that applies decides: what fails it is not tried another way, and what nothing applies to is refused.
#[test]
fn no_way_is_a_way_around_another() {
    let yaml = format!(
        "verify:\n- {{ kind: token, from: header:A, when: header:A }}\n\
         - {{ kind: token, from: header:B, when: {{ header:B: true, header:C: \"1\" }} }}{SECRET}"
    );
    let armed = armed_raw(source(&yaml), &["a secret of thirty-two characters"]);
    let right = "a secret of thirty-two characters";
    let no_way = "it is signed in no way that this source knows";
    let no_match = "the token in header a does not match (1 secret tried)";
    for (headers, wanted) in [
        (&[("A", right)][..], ""),
        (&[("B", right), ("C", "1")], ""),
        (&[("A", "wrong"), ("B", right), ("C", "1")], no_match),
        (&[("A", ""), ("B", right), ("C", "1")], no_match),
        (&[("B", right)], no_way),
        (&[("B", right), ("C", "2")], no_way),
        (&[], no_way),
    ] {
        let got = receive(&armed, &request(headers, "", b"{}")).err().map(|refusal| refusal.cause);
        assert_eq!(got.unwrap_or_default(), wanted, "{headers:?}");
    }
}

#[test]
fn values_of_the_source() {
    check(&format!("verify: paypal{SECRET}"), "E005", "`webhook_id` is missing");
    check(&format!("verify: paypal\nwebhook_id: \"\"{SECRET}"), "E004", "`webhook_id` is empty");
    check(&format!("verify: square{SECRET}"), "E005", "`public_url` is missing");
    check(&format!("verify: github\nwebhook_id: x{SECRET}"), "E003", "`webhook_id` is not a key here");
    check(
        &format!("verify: meta\nverify_toke: x\nverify_token: y{SECRET}"),
        "E003",
        "did you mean `verify_token`?",
    );
    let missing = compile(&format!("verify: paypal{SECRET}")).unwrap_err().remove(0);
    assert!(missing.help.unwrap().contains("webhook_id: 8PT597110X687430L"));
}

/// A repeat that comes late is still known for one.
#[test]
fn an_id_is_remembered_for_as_long_as_its_sender_repeats_it() {
    for row in PRESETS {
        let horizon = row.profile().unwrap().retries_for.unwrap_or_default();
        assert!(preset(row.id).dedupe_for >= horizon, "{}", row.id);
    }
    assert_eq!(preset("adyen").dedupe_for.as_secs(), 170 * 3600);
    let with = |hours: u32| format!("verify: stripe{SECRET}\ndedupe: {{ for: {hours}h }}");
    check(&with(71), "E501", "`for` is shorter than the sender sends again");
    assert_eq!(source(&with(72)).dedupe_for.as_secs(), 72 * 3600);
}

#[test]
fn any_of_many_headers_will_do() {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
    let secret = "a secret of thirty-two characters";
    let right = crate::provider::encoding::Encoding::Base64
        .encode(sign(&Key::new(HMAC_SHA256, secret.as_bytes()), b"{}").as_ref());
    let armed = armed_raw(preset("docusign"), &[secret]);
    let names: Vec<_> = (1..=101).map(|number| format!("X-DocuSign-Signature-{number}")).collect();
    for (count, place, wanted) in [
        (1, 0, ""),
        (3, 2, ""),
        (100, 99, ""),
        (101, 0, "too many headers x-docusign-signature-*"),
        (2, 9, "signature does not match (1 secret tried)"),
        (0, 0, "missing headers x-docusign-signature-*"),
    ] {
        let headers: Vec<_> = names
            .iter()
            .take(count)
            .enumerate()
            .map(|(at, name)| (name.as_str(), if at == place { right.as_str() } else { "AAAA" }))
            .collect();
        let got = receive(&armed, &request(&headers, "", b"{}"));
        assert_eq!(got.map(|_| String::new()).unwrap_or_else(|refusal| refusal.cause), wanted, "{count}");
    }
}

#[test]
fn a_digest_of_the_body_is_its_id() {
    let armed = armed_raw(source("verify: none\nid: \"{body|sha256|hex}\"\nmethods: [POST, GET]"), &[]);
    let id = |body: &[u8]| event(receive(&armed, &request(&[], "", body))).dedupe_key;
    assert_eq!(
        id(b"{}").as_deref(),
        Some("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
    );
    assert_ne!(id(b"{}"), id(b"{ }"));
    let mut empty = request(&[], "", b"");
    empty.method = http::Method::GET;
    assert_eq!(event(receive(&armed, &empty)).dedupe_key, None);
}
