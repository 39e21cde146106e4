//! CloudEvents: the three modes become one shape, and what is none is refused.

use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{bounds, request};
use crate::event::Format;
use crate::payload::{Error, content_type, read, write};

const STRUCTURED: &str = "application/cloudevents+json; charset=utf-8";
const BATCHED: &str = "application/cloudevents-batch+json";
const NEEDED: &[(&str, &str)] =
    &[("ce-specversion", "1.0"), ("ce-id", "A-1"), ("ce-source", "/shop"), ("ce-type", "order.paid")];

fn parse(content_type: &str, body: &str) -> Result<Value, Error> {
    read(&Format::CloudEvents, &request(Some(content_type), body.as_bytes()))
}

/// A request in binary mode: the attributes that must be, and these headers.
fn binary(headers: &[(&str, &str)], body: &[u8]) -> Result<Value, Error> {
    let mut request = request(None, body);
    for (name, value) in NEEDED.iter().chain(headers) {
        let name = HeaderName::try_from(*name).unwrap();
        request.headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    read(&Format::CloudEvents, &request)
}

fn needed() -> Value {
    json!({"specversion": "1.0", "id": "A-1", "source": "/shop", "type": "order.paid"})
}

/// What must be, with more of it.
fn with(more: &Value) -> Value {
    let mut event = needed();
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

#[test]
fn an_event_as_json_is_kept_as_it_is() {
    for event in [
        needed(),
        with(&json!({"data": {"amount": serde_json::from_str::<Value>("1.50").unwrap()}})),
        with(&json!({"data": null})),
        with(&json!({"data": "text", "datacontenttype": "text/plain"})),
        with(&json!({"data_base64": "AAE="})),
        with(&json!({"subject": "x", "time": "2026-08-01T16:00:00Z", "traceparent": "00-1"})),
    ] {
        assert_eq!(parse(STRUCTURED, &event.to_string()), Ok(event.clone()));
        assert_eq!(parse(BATCHED, &json!([event, needed()]).to_string()), Ok(json!([event, needed()])));
    }
    assert_eq!(parse(BATCHED, "[]"), Ok(json!([])));
}

#[test]
fn headers_and_body_become_the_same_shape() {
    const JSON: (&str, &str) = ("content-type", "application/json");
    const PNG: (&str, &str) = ("content-type", "image/png");
    for (headers, body, wanted) in [
        (&[][..], &b""[..], json!({})),
        (&[JSON], b"", json!({"datacontenttype": "application/json"})),
        (&[JSON], b"{\"a\":1}", json!({"datacontenttype": "application/json", "data": {"a": 1}})),
        (&[JSON], b"null", json!({"datacontenttype": "application/json", "data": null})),
        (
            &[("content-type", "Application/X+JSON;v=1")],
            b"[1]",
            json!({"datacontenttype": "Application/X+JSON;v=1", "data": [1]}),
        ),
        (&[], b"{\"a\":1}", json!({"data": {"a": 1}})),
        (&[("content-type", "text/plain")], b"a b", json!({"datacontenttype": "text/plain", "data": "a b"})),
        (
            &[("content-type", "text/plain")],
            b"\xff",
            json!({"datacontenttype": "text/plain", "data_base64": "/w=="}),
        ),
        (
            &[("content-type", "application/xml")],
            b"<a/>",
            json!({"datacontenttype": "application/xml", "data": "<a/>"}),
        ),
        (
            &[("content-type", "image/svg+xml")],
            b"<a/>",
            json!({"datacontenttype": "image/svg+xml", "data": "<a/>"}),
        ),
        (&[PNG], b"\x89PNG", json!({"datacontenttype": "image/png", "data_base64": "iVBORw=="})),
        (&[PNG], b"text", json!({"datacontenttype": "image/png", "data_base64": "dGV4dA=="})),
        (&[("ce-subject", "a%20b%22%E2%82%AC%2520")], b"", json!({"subject": "a b\"€%20"})),
        (&[("ce-subject", "\"a \\\"b\\\\%20\"")], b"", json!({"subject": "a \"b\\ "})),
        (&[("ce-subject", "50%")], b"", json!({"subject": "50%"})),
        (
            &[("ce-myext", "7"), ("ce-my-ext", "8"), ("ce-", "9"), ("x-ce-other", "1")],
            b"",
            json!({"myext": "7", "my-ext": "8"}),
        ),
    ] {
        assert_eq!(binary(headers, body), Ok(with(&wanted)), "{headers:?}");
    }
}

#[test]
fn refuses_what_is_no_cloud_event() {
    let none = |what: &str| format!("the request is not a CloudEvent: {what}");
    for (body, wanted) in [
        ("[]", none("it is not an object")),
        ("{}", none("it has no `specversion`")),
        (r#"{"specversion":"0.3"}"#, none("its `specversion` is `0.3`, not 1.0")),
        (r#"{"specversion":1.0}"#, none("it has no `specversion`")),
        (r#"{"specversion":"1.0"}"#, none("it has no `id`")),
        (r#"{"specversion":"1.0","id":null}"#, none("it has no `id`")),
        (r#"{"specversion":"1.0","id":7}"#, none("its `id` is not a text, or empty")),
        (r#"{"specversion":"1.0","id":""}"#, none("its `id` is not a text, or empty")),
        (r#"{"specversion":"1.0","id":"1"}"#, none("it has no `source`")),
        (r#"{"specversion":"1.0","id":"1","source":"/"}"#, none("it has no `type`")),
        (
            r#"{"specversion":"1.0","id":"1","source":"/","type":"t","data":1,"data_base64":""}"#,
            none("it has both `data` and `data_base64`"),
        ),
        (
            r#"{"specversion":"1.0","id":"1","source":"/","type":"t","data_base64":1}"#,
            none("its `data_base64` is not a text"),
        ),
        ("{", "the body is not JSON: EOF while parsing an object at line 1, byte 0".to_owned()),
    ] {
        assert_eq!(parse(STRUCTURED, body).unwrap_err().to_string(), wanted, "{body}");
    }
    for (body, wanted) in [
        ("{}", none("the batch is not a list")),
        ("[{}]", none("item 1 of the batch: it has no `specversion`")),
        (&json!([needed(), 1]).to_string(), none("item 2 of the batch: it is not an object")),
    ] {
        assert_eq!(parse(BATCHED, body).unwrap_err().to_string(), wanted, "{body}");
    }
    for (headers, body, wanted) in [
        (&[("ce-id", "2")][..], &b""[..], none("the header `ce-id` is there twice")),
        (&[("ce-data", "2")], b"", none("the header `ce-data` cannot be")),
        (&[("ce-datacontenttype", "a/b")], b"", none("the header `ce-datacontenttype` cannot be")),
        (&[("ce-subject", "ä")], b"", none("the header `ce-subject` cannot be read")),
        (&[("ce-subject", "%ff")], b"", none("the header `ce-subject` cannot be read")),
        (&[("ce-subject", "\"a")], b"", none("the header `ce-subject` cannot be read")),
        (&[("ce-subject", "\"a\"b")], b"", none("the header `ce-subject` cannot be read")),
        (&[], b"{", "the body is not JSON: EOF while parsing an object at line 1, byte 0".to_owned()),
        (&[], b"\xff", "the body is not UTF-8: byte 0 begins no character".to_owned()),
    ] {
        assert_eq!(binary(headers, body).unwrap_err().to_string(), wanted, "{headers:?}");
    }
    assert_eq!(parse("application/json", "{}").unwrap_err().to_string(), none("it has no `specversion`"));
    assert_eq!(parse("application/cloudevents+avro", "").unwrap_err().reason(), "not a CloudEvent");
}

#[test]
fn data_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for (content_type, body, reason) in [
        ("application/json", nested(63), None),
        ("application/json", nested(64), Some("body too deep")),
        ("application/json", format!("[{}1]", "1,".repeat(99_991)), None),
        ("application/json", format!("[{}1]", "1,".repeat(99_999)), Some("too many values")),
        ("text/plain", "x".repeat((1 << 20) + 1), Some("text too long")),
        ("image/png", "x".repeat(786_432), None),
        ("image/png", "x".repeat(786_433), Some("text too long")),
    ] {
        let got = binary(&[("content-type", content_type)], body.as_bytes());
        assert_eq!(got.as_ref().err().map(Error::reason), reason, "{content_type}");
        if let Ok(value) = got {
            bounds(&value);
        }
    }
}

#[test]
fn what_is_written_is_an_event() {
    let format = Some(&Format::CloudEvents);
    for (payload, kind) in
        [(json!({}), "doorbell.ring"), (json!({"type": "x", "data": 1}), "x"), (json!(7), "doorbell.ring")]
    {
        let sent = request(Some(content_type(format)), &write(format, &payload));
        assert_eq!(read(&Format::CloudEvents, &sent).unwrap()["type"], kind);
    }
}

mod random {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// The cases are the same in every run.
    const SEED: RngSeed = RngSeed::Fixed(20_261_121);

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: SEED, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn no_request_breaks_a_bound(
            header in "[!-~ ]{0,20}",
            content_type in "(application|text|image)/(json|xml|x+json|plain|cloudevents(-batch)?\\+json)",
            body in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            if let Ok(value) = binary(&[("ce-x", &header), ("content-type", &content_type)], &body) {
                bounds(&value);
            }
        }
    }
}
