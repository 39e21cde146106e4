//! What a source says of itself, what a request becomes, and which secrets are too weak to arm it.

use std::time::Duration;

use http::Method;

use super::{armed_raw, compile, event, preset, receive, request, secret, source, vault};
use crate::provider::receive::Received;
use crate::provider::source::Source;
use crate::secret::SecretRef;

#[test]
fn defaults() {
    let plain = source("verify: none");
    assert_eq!((plain.pattern().text(), plain.methods.as_slice()), ("/test", &[Method::POST][..]));
    assert_eq!((plain.body_max_bytes, plain.dedupe_for), (1 << 20, Duration::from_secs(7 * 24 * 3600)));
    assert!(
        plain.is_open() && plain.secrets().is_empty() && plain.respond.is_none() && plain.preset.is_none()
    );
}

#[test]
fn all_keys() {
    let full = source(
        "verify: stripe\nsecret: [{ env: [A, B] }, { file: /run/c }]\npath: /in/{site}\nmethods: [POST, PUT]\n\
         event: $.kind\nid: $.uid\nformat: json\ndedupe: { for: 72h }\nallow_from: [192.0.2.0/24, 2001:db8::1]\n\
         body_max: 256KiB\npublic_url: https://hooks.example.com/in\nrespond: { status: 200, body: ok }\nx-note: mine",
    );
    let env = |name: &str| SecretRef::Env(name.into());
    assert_eq!(full.secrets(), [env("A"), env("B"), SecretRef::File("/run/c".into())]);
    assert_eq!(full.methods, [Method::POST, Method::PUT]);
    assert_eq!((full.body_max_bytes, full.dedupe_for), (256 << 10, Duration::from_secs(72 * 3600)));
    assert_eq!(full.respond.as_ref().map(|answer| (answer.status, &*answer.body)), Some((200, &b"ok"[..])));
    assert_eq!((full.pattern().text(), full.preset), ("/in/{site}", Some("stripe")));
    assert_eq!(full.event_path().map(|path| path.text()), Some("$.kind"));
    assert_eq!(full.id_path().map(|path| path.text()), Some("$.uid"));
    let networks: Vec<_> = full.allow_from.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["192.0.2.0/24", "2001:db8::1/128"]);
}

#[test]
fn addresses() {
    let armed = armed_raw(source("verify: none\nallow_from: [192.0.2.0/24, 2001:db8::1]"), &[]);
    for (peer, wanted) in [
        ("192.0.2.7", true),
        ("::ffff:192.0.2.7", true),
        ("192.0.3.7", false),
        ("2001:db8::1", true),
        ("2001:db8::2", false),
        ("::1", false),
    ] {
        let mut request = request(&[], "", b"{}");
        request.peer = peer.parse().unwrap();
        match receive(&armed, &request) {
            Ok(_) => assert!(wanted, "{peer}"),
            Err(refusal) => assert_eq!((refusal.status, wanted), (403, false), "{peer}"),
        }
    }
}

#[test]
fn bodies() {
    const FORM: &str = "application/x-www-form-urlencoded";
    for (format, kind, body, wanted) in [
        ("auto", "application/json", "{}", 202),
        ("auto", "application/vnd.api+json; charset=UTF-8", "true", 202),
        ("auto", "", "\"x\"", 202),
        ("auto", FORM, "a=1", 202),
        ("auto", "text/plain", "hello", 202),
        ("auto", "application/xml", "<a/>", 202),
        ("auto", "text/xml; charset=utf-8", "<a>", 400),
        ("auto", "text/xml; charset=utf-16", "<a/>", 415),
        ("xml", "application/json", "<a/>", 415),
        ("auto", "multipart/form-data; boundary=B", "--B--", 202),
        ("multipart", "multipart/form-data; boundary=B", "--B", 400),
        ("multipart", "multipart/form-data", "--B--", 415),
        ("json", "application/xml", "{}", 415),
        ("auto", "application/json", "", 400),
        ("auto", "application/json", " ", 400),
        ("auto", "application/json", "{", 400),
        ("auto", "application/json", "{}x", 400),
        ("auto", "application/json", "[1,]", 400),
        ("auto", "application/json", "NaN", 400),
        ("auto", "application/json; charset=utf-16", "{}", 415),
        ("auto", "application/json; charset=latin1", "{}", 415),
        ("json", FORM, "{}", 415),
        ("form", "application/json", "{}", 415),
        ("form-json", FORM, "payload=%7B%7D", 202),
        ("form-json", FORM, "other=%7B%7D", 400),
        ("{ form-json: other }", FORM, "other=%7B%7D", 202),
        ("text", "application/xml", "<a/>", 202),
    ] {
        let armed = armed_raw(source(&format!("verify: none\nformat: {format}")), &[]);
        let headers: &[_] = if kind.is_empty() { &[] } else { &[("Content-Type", kind)] };
        let got = receive(&armed, &request(headers, "", body.as_bytes()));
        assert_eq!(
            got.as_ref().map_or_else(|refusal| refusal.status, |_| 202),
            wanted,
            "{format} {kind} {body}: {got:?}"
        );
    }
    let armed = armed_raw(source("verify: none"), &[]);
    for headers in
        [&[("Content-Encoding", "gzip")][..], &[("Content-Type", "application/json"), ("Content-Type", FORM)]]
    {
        assert_eq!(receive(&armed, &request(headers, "", b"{}")).unwrap_err().status, 415, "{headers:?}");
    }
}

#[test]
fn types_and_ids() {
    let yaml = "verify: none\nevent: \"{json:$.a}.{header:X-B?}\"\nid: $.id";
    let armed = armed_raw(source(yaml), &[]);
    for (headers, body, kind, id) in [
        (&[("X-B", "b")][..], r#"{"a":"x","id":12345678901234567890}"#, "x.b", Some("12345678901234567890")),
        (&[], r#"{"a":true,"id":1.0}"#, "true.", Some("1.0")),
        (&[], r#"{"a":{},"id":[]}"#, "", None),
        (&[], r#"{"a":null,"id":""}"#, "", None),
        (&[], "true", "", None),
        (&[], "[]", "", None),
    ] {
        let got = event(receive(&armed, &request(headers, "", body.as_bytes())));
        assert_eq!((got.kind.as_str(), got.dedupe_key.as_deref()), (kind, id), "{body}");
    }
    let twice = receive(&armed, &request(&[("X-B", "b"), ("X-B", "c")], "", br#"{"a":"x"}"#));
    assert_eq!(twice.unwrap_err().status, 400);
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(1025));
    assert_eq!(receive(&armed, &request(&[], "", long.as_bytes())).unwrap_err().status, 400);
}

#[test]
fn a_get_has_no_body_to_read() {
    let armed = armed_raw(source("verify: none\nmethods: GET\nevent: query:kind"), &[]);
    let mut request = request(&[], "kind=a%20b", b"");
    request.method = Method::GET;
    let got = event(receive(&armed, &request));
    assert_eq!((got.kind.as_str(), got.payload.is_null()), ("a b", true));
}

#[test]
fn slack_asks_for_its_challenge() {
    let slack = preset("slack");
    let body = br#"{"token":"x","challenge":"3eZ\"br","type":"url_verification"}"#;
    let armed = armed_raw(slack.clone(), &["a secret of thirty-two characters"]);
    assert_eq!(receive(&armed, &request(&[], "", body)).unwrap_err().status, 401);
    let unsigned = crate::provider::Unsigned {
        path: "/test",
        query: "",
        body,
        event: "",
        id: "",
        now: super::seconds(super::NOW_SECONDS),
    };
    let signed = slack.sign(&secret("a secret of thirty-two characters"), &unsigned).unwrap();
    let mut sent = request(&[], "", body);
    sent.headers = signed.headers;
    let Ok(Received::Answer(answer)) = receive(&armed, &sent) else { panic!() };
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"));
    assert_eq!(&*answer.body, br#"{"challenge":"3eZ\"br"}"#);
}

fn refused(source: &Source, value: Option<&str>) -> Vec<String> {
    let pairs: Vec<_> = value.iter().map(|value| ("S", *value)).collect();
    source.arm(&vault(&pairs)).err().unwrap_or_default()
}

#[test]
fn weak_secrets_are_refused_and_named() {
    let basic = source("verify: { kind: basic }\nsecret: { env: S }");
    let (github, svix, token) = (preset("github"), preset("svix"), preset("gitlab-token"));
    for (source, value, wanted) in [
        (&github, None, "the secret `env S` is not set"),
        (&github, Some(""), "the secret `env S` is blank"),
        (&github, Some(" \t\n"), "the secret `env S` is blank"),
        (
            &github,
            Some("fifteen bytes.."),
            "the secret `env S` is too short: 15 bytes, at least 16 are needed",
        ),
        (&github, Some("sixteen bytes..."), ""),
        (&token, Some("fifteen bytes.."), "the secret `env S` is too short: 15 bytes"),
        (&svix, Some("whsec_"), "the secret `env S` is blank"),
        (&svix, Some("whsec_not base64!"), "the secret `env S` is not base64 behind `whsec_`"),
        (&svix, Some("whsec_AAECAwQFBgcICQoLDA0O"), "the secret `env S` is too short: 15 bytes"),
        (&svix, Some("AAECAwQFBgcICQoLDA0ODw"), ""),
        (&basic, Some("robin"), "the secret `env S` must be `user:password`"),
        (&basic, Some("robin: "), "the secret `env S` has a blank password"),
        (&basic, Some("robin:x"), ""),
    ] {
        let got = refused(source, value).join("; ");
        assert_eq!(got.is_empty(), wanted.is_empty(), "{value:?}: {got}");
        assert!(
            got.contains(wanted) && (got.is_empty() || got.starts_with("source `test`: ")),
            "{value:?}: {got}"
        );
        assert!(value.is_none_or(|value| value.trim().is_empty() || !got.contains(value)), "{got}");
    }
}

#[test]
fn every_secret_is_looked_at() {
    let two = source("verify: github\nsecret: { env: [S, T] }");
    assert_eq!(two.arm(&vault(&[("S", "short")])).err().unwrap().len(), 1);
    assert_eq!(two.arm(&vault(&[("S", "short"), ("T", "")])).err().unwrap().len(), 2);
    assert!(
        two.weak_secrets(&vault(&[("S", "sixteen bytes...")]))[0]
            .contains("`env S` is shorter than 32 bytes")
    );
    assert!(compile("verify: none").is_ok_and(|open| open.arm(&vault(&[])).is_ok()));
}
