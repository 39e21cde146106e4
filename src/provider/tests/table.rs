//! What must not pass for a signature: one row for each trick, with the cause our log tells.

use super::{NOW_SECONDS, armed_raw, receive, receive_at, request, source};
use crate::provider::encoding::Encoding;
use crate::provider::receive::Armed;

const SECRET: &str = "a secret of thirty-two characters";
const BODY: &[u8] = br#"{"type":"invoice.paid","id":"one","n":1.0,"name":"J\u00f6rg"}"#;

fn digest(key: &[u8], signed: &[u8]) -> String {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
    Encoding::Hex.encode(sign(&Key::new(HMAC_SHA256, key), signed).as_ref())
}

fn sha1(signed: &[u8]) -> String {
    use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
    Encoding::Hex.encode(sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes()), signed).as_ref())
}

fn armed(id: &str, secret: &str) -> Armed {
    armed_raw(source(&format!("verify: {id}\nsecret: {{ env: S }}")), &[secret])
}

/// `Ok` or the words of the refusal.
type Wanted<'w> = Result<(), &'w str>;

fn check(armed: &Armed, headers: &[(&str, &str)], query: &str, body: &[u8], wanted: Wanted<'_>, what: &str) {
    let got = receive(armed, &request(headers, query, body));
    let wanted = wanted.map_err(|cause| (401, cause.to_owned()));
    assert_eq!(got.map(|_| ()).map_err(|refusal| (refusal.status, refusal.cause)), wanted, "{what}");
}

const NO_MATCH: &str = "signature does not match (1 secret tried)";
const NO_PREFIX: &str = "wrong prefix: header x-hub-signature-256 does not start with `sha256=`";
const NOT_HEX: &str = "header x-hub-signature-256 is not hex";

#[test]
fn github() {
    let right = digest(SECRET.as_bytes(), BODY);
    let full = format!("sha256={right}");
    let wrong = digest(b"another secret of some length", BODY);
    let flipped = [&BODY[..BODY.len() - 1], b"]"].concat();
    let armed = armed("github", SECRET);
    let one = |value: &str, body: &[u8], wanted: Wanted<'_>, what: &str| {
        check(&armed, &[("X-Hub-Signature-256", value)], "", body, wanted, what);
    };
    one(&full, BODY, Ok(()), "control");
    one("sha256=", BODY, Err(NOT_HEX), "prefix only");
    one("", BODY, Err("header x-hub-signature-256 is empty"), "nothing");
    one(full.get(..15).unwrap(), BODY, Err(NO_MATCH), "truncated");
    one(&format!("{full}00"), BODY, Err(NO_MATCH), "trailing bytes");
    one(&format!("{full} "), BODY, Err(NOT_HEX), "a trailing blank");
    one(&full, &flipped, Err(NO_MATCH), "one body byte");
    one(&format!("sha256={wrong}"), BODY, Err(NO_MATCH), "wrong secret");
    one(&format!("sha256={}", digest(b"", BODY)), BODY, Err(NO_MATCH), "the empty key");
    one(&right, BODY, Err(NO_PREFIX), "no prefix");
    one(&format!("sha1={right}"), BODY, Err(NO_PREFIX), "prefix of another digest");
    one(&format!("SHA256={right}"), BODY, Err(NO_PREFIX), "prefix in capitals");
    one(&format!("sha256=0,{full}"), BODY, Err(NOT_HEX), "a list where there are none");
    one(&format!("sha256={wrong},{full}"), BODY, Err(NOT_HEX), "a list, second right");
    let sha1 = format!("sha1={}", sha1(BODY));
    let missing = Err("missing header x-hub-signature-256");
    check(&armed, &[], "", BODY, missing, "missing");
    check(&armed, &[("X-Hub-Signature", &sha1)], "", BODY, missing, "downgrade to SHA-1");
    check(&armed, &[], &format!("X-Hub-Signature-256={full}"), BODY, missing, "in the query");
    let twice = [("X-Hub-Signature-256", full.as_str()), ("X-Hub-Signature-256", &full)];
    check(&armed, &twice, "", BODY, Err("header x-hub-signature-256 is there more than once"), "twice");
}

#[test]
fn the_exact_bytes_are_signed() {
    let armed = armed("github", SECRET);
    for body in [
        b"{ \"b\" : 1.0,\r\n\t\"a\":\"\\u001B \\/\" }".as_slice(),
        b"\xef\xbb\xbf{\"a\":1}",
        b"{\"a\":\"\xff\"}",
        b"",
        b"not json",
    ] {
        let signature = format!("sha256={}", digest(SECRET.as_bytes(), body));
        for kind in ["application/json", "application/json; charset=iso-8859-1", "application/xml"] {
            let headers = [("X-Hub-Signature-256", signature.as_str()), ("Content-Type", kind)];
            let status =
                receive(&armed, &request(&headers, "", body)).map(|_| 202).unwrap_or_else(|no| no.status);
            assert!([202, 400, 415].contains(&status), "{kind} {body:?}: {status}");
        }
    }
}

#[test]
fn another_method_is_refused_before_its_signature() {
    let armed = armed("github", SECRET);
    let signature = format!("sha256={}", digest(SECRET.as_bytes(), b""));
    let mut request = request(&[("X-Hub-Signature-256", &signature)], "", b"");
    request.method = http::Method::GET;
    assert_eq!(receive(&armed, &request).unwrap_err().status, 405);
}

fn stripe(signed_at: &str, claimed: &str, scheme: &str) -> String {
    let signature = digest(SECRET.as_bytes(), &[signed_at.as_bytes(), b".", BODY].concat());
    format!("t={claimed},{scheme}={signature}")
}

#[test]
fn stripe_signatures() {
    let armed = armed("stripe", SECRET);
    let now = NOW_SECONDS.to_string();
    let at = |offset: i64| (NOW_SECONDS + offset).to_string();
    let good = stripe(&now, &now, "v1");
    let other = digest(b"the secret before this one", BODY);
    let no_v1 = "no `v1` signature in header stripe-signature";
    let no_time = "`t` of the signature is not a time";
    let old_and_new = format!("t={},{}", at(-1000), stripe(&at(-1000), &now, "v1"));
    let rows: &[(String, Wanted<'_>, &str)] = &[
        (good.clone(), Ok(()), "control"),
        (stripe(&at(-300), &at(-300), "v1"), Ok(()), "just young enough"),
        (stripe(&at(-301), &at(-301), "v1"), Err("stale by 1 s (signed 301 s ago, limit 300 s)"), "old"),
        (stripe(&at(301), &at(301), "v1"), Err("301 s in the future (limit 300 s)"), "from the future"),
        (stripe(&at(-1000), &now, "v1"), Err(NO_MATCH), "a fresh moment over an old signature"),
        (good.replace("v1=", &format!("v1={other},v1=")), Ok(()), "two, second right"),
        (format!("{good},v1={other}"), Ok(()), "two, first right"),
        (format!("{good},v1=potato,v9"), Ok(()), "one of them nonsense"),
        (format!("t={now},v1={other}"), Err(NO_MATCH), "one, wrong"),
        (format!("t={now},v1="), Err(NO_MATCH), "an empty signature"),
        (stripe(&now, &now, "v0"), Err(no_v1), "the test scheme"),
        (format!("t={now}"), Err(no_v1), "no signature"),
        ("I'm not even a signature".into(), Err(no_v1), "prose"),
        (good.replace("t=", "x="), Err("missing `t` of the signature"), "no moment"),
        (old_and_new, Err("`t` of the signature is there more than once"), "two moments"),
        (
            format!("{good},t={now}"),
            Err("`t` of the signature is there more than once"),
            "the same moment twice",
        ),
        (stripe("1e99", "1e99", "v1"), Err(no_time), "1e99"),
        (stripe("99999999999999999999", "99999999999999999999", "v1"), Err(no_time), "huge"),
        (stripe("0x10", "0x10", "v1"), Err(no_time), "hexadecimal"),
        (stripe("", "", "v1"), Err(no_time), "empty"),
        (stripe("NaN", "NaN", "v1"), Err(no_time), "not a number"),
        (stripe("-1785600000", "-1785600000", "v1"), Err(no_time), "negative"),
        (
            format!("t={now}{}", ",v1=00".repeat(17)),
            Err("too many `v1` signature in header stripe-signature"),
            "a flood",
        ),
    ];
    for (value, wanted, what) in rows {
        check(&armed, &[("Stripe-Signature", value)], "", BODY, *wanted, what);
    }
}

#[test]
fn standard_webhooks() {
    let whsec = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let armed = armed("standard-webhooks", whsec);
    let now = NOW_SECONDS.to_string();
    let key: Vec<u8> = (0..32).collect();
    let signed = [format!("msg_1.{now}.").as_bytes(), BODY].concat();
    let tag = Encoding::Hex.signature(digest(&key, &signed).as_bytes()).unwrap();
    let good = format!("v1,{}", Encoding::Base64.encode(&tag));
    let no_v1 = "no `v1` signature in header webhook-signature";
    for (signature, id, wanted) in [
        (good.as_str(), Some("msg_1"), Ok(())),
        (&format!("v2,xxxx v1,AAAA {good}"), Some("msg_1"), Ok(())),
        (&good, Some("msg_2"), Err(NO_MATCH)),
        (&good, None, Err("missing header webhook-id")),
        ("v1,", Some("msg_1"), Err(NO_MATCH)),
        ("v1", Some("msg_1"), Err(no_v1)),
        (&good.replace("v1,", "v1a,"), Some("msg_1"), Err(no_v1)),
        (&good.replace(',', "="), Some("msg_1"), Err(no_v1)),
    ] {
        let mut headers = vec![("webhook-signature", signature), ("webhook-timestamp", &now)];
        headers.extend(id.map(|id| ("webhook-id", id)));
        check(&armed, &headers, "", BODY, wanted, signature);
    }
}

#[test]
fn tokens() {
    let armed = armed("gitlab-token", "sampleToken!+more");
    let no_match = Err("the token in header x-gitlab-token does not match (1 secret tried)");
    for (token, wanted) in [
        ("sampleToken!+more", Ok(())),
        ("sampletoken!+more", no_match),
        ("sampleToken!+mor", no_match),
        ("sampleToken!+more ", no_match),
        ("", no_match),
    ] {
        check(&armed, &[("X-Gitlab-Token", token)], "", BODY, wanted, token);
    }
    let missing = Err("missing header x-gitlab-token");
    check(&armed, &[], "X-Gitlab-Token=sampleToken!%2Bmore", BODY, missing, "in the query");
    let yaml = "verify: { kind: token, from: query:token }\nsecret: { env: S }";
    let query = armed_raw(source(yaml), &["sampleToken!+more"]);
    check(&query, &[], "token=sampleToken!%2Bmore", BODY, Ok(()), "where the scheme says so");
    let twice = Err("query parameter token is there more than once");
    check(&query, &[], "token=x&token=sampleToken!%2Bmore", BODY, twice, "twice");
}

#[test]
fn basic() {
    let yaml = "verify: { kind: basic, user: robin }\nsecret: { env: S }";
    let basic = super::super::basic::Basic { user: Some("robin".into()) };
    let pair = basic.credentials(b"open:sesame").unwrap();
    let lock = super::super::scheme::Lock::Basic(super::super::basic::Basic::lock(vec![pair]));
    let armed = Armed::new(source(yaml), lock);
    let header = |pair: &str| format!("Basic {}", Encoding::Base64.encode(pair.as_bytes()));
    let no_match = Err("user or password does not match (1 secret tried)");
    for (value, wanted) in [
        (header("robin:open:sesame"), Ok(())),
        (header("robin:open"), no_match),
        (header("Robin:open:sesame"), no_match),
        (header(""), no_match),
        ("Basic".into(), Err("wrong prefix: header authorization does not start with `Basic `")),
        ("Bearer x".into(), Err("wrong prefix: header authorization does not start with `Basic `")),
        ("Basic !".into(), Err("header authorization is not base64")),
    ] {
        check(&armed, &[("Authorization", &value)], "", BODY, wanted, &value);
    }
    check(&armed, &[], "", BODY, Err("missing header authorization"), "nothing");
}

#[test]
fn no_cause_tells_the_right_signature() {
    let armed = armed("github", SECRET);
    let right = digest(SECRET.as_bytes(), BODY);
    for value in ["sha256=", "sha256=00", "nonsense", "sha256=zz"] {
        let refusal = receive(&armed, &request(&[("X-Hub-Signature-256", value)], "", BODY)).unwrap_err();
        let shown = format!("{refusal} {refusal:?}");
        assert!(
            !shown.contains(&right) && !shown.contains(right.get(..8).unwrap()) && !shown.contains(SECRET),
            "{shown}"
        );
    }
}

#[test]
fn a_clock_that_jumps_is_no_panic() {
    let armed = armed("stripe", SECRET);
    let now = NOW_SECONDS.to_string();
    let request = request(&[("Stripe-Signature", &stripe(&now, &now, "v1"))], "", BODY);
    for now in [0, -NOW_SECONDS, i64::MAX / 1000, i64::MIN / 1000] {
        assert_eq!(receive_at(&armed, &request, now).unwrap_err().status, 401, "{now}");
    }
}
