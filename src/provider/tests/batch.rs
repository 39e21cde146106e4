//! Bodies that hold several events: what each becomes, and what is refused.

use serde_json::{Value, json};

use super::{armed_raw, event, events, receive, request, source};
use crate::event::{Event, Format};
use crate::limit::{BATCH_HEADS_MAX_BYTES, BATCH_ITEMS_MAX};
use crate::payload;

const JSON: (&str, &str) = ("content-type", "application/json");

fn taken(yaml: &str, headers: &[(&str, &str)], body: &str) -> Vec<Event> {
    events(receive(
        &armed_raw(source(&format!("verify: none\n{yaml}")), &[]),
        &request(headers, "", body.as_bytes()),
    ))
}

/// Type, id and payload of each.
fn told(events: &[Event]) -> Value {
    let one = |event: &Event| json!([event.kind, event.dedupe_key, event.payload]);
    events.iter().map(one).collect()
}

#[test]
fn each_item_is_an_event() {
    let source = "batch: $\nevent: $.kind\nid: $.id";
    let items = "batch: $.events\nevent: $.kind\nid: $.id";
    for (yaml, body, wanted) in [
        (
            source,
            r#"[{"kind":"a","id":1},{"kind":"b"}]"#,
            json!([["a", "1", { "kind": "a", "id": 1 }], ["b", null, { "kind": "b" }]]),
        ),
        (
            source,
            r#"[1,"x",null,[2]]"#,
            json!([["", null, 1], ["", null, "x"], ["", null, null], ["", null, [2]]]),
        ),
        (source, "[]", json!([])),
        (source, r#"{"kind":"a","id":1}"#, json!([["a", "1", { "kind": "a", "id": 1 }]])),
        (items, r#"{"kind":"all","events":[{"kind":"a"}]}"#, json!([["a", null, { "kind": "a" }]])),
        (items, r#"{"kind":"all","events":null}"#, json!([])),
        (items, r#"{"kind":"ping"}"#, json!([["ping", null, { "kind": "ping" }]])),
        ("batch: none", "[1]", json!([["", null, [1]]])),
    ] {
        assert_eq!(told(&taken(yaml, &[JSON], body)), wanted, "{yaml}\n{body}");
    }
}

#[test]
fn each_is_as_if_it_had_come_alone() {
    let headers = [JSON, ("content-length", "99"), ("x-kind", "push")];
    let all =
        taken("batch: $\nevent: header:X-Kind\nid: $.id", &headers, r#"[{"id":"a","n":1.0},{"id":"b"}]"#);
    for (number, (event, body)) in (1..).zip(all.iter().zip([r#"{"id":"a","n":1.0}"#, r#"{"id":"b"}"#])) {
        assert_eq!(event.request.body, body);
        assert_eq!(event.request.header("content-length"), None);
        assert_eq!(event.kind, "push");
        assert!(event.verified.ends_with(&format!("; item {number} of 2")), "{}", event.verified);
        assert_eq!(payload::read(&event.format, &event.request), Ok(event.payload.clone()));
    }
    assert!(all[0].id < all[1].id);
}

#[test]
fn an_id_of_the_request_counts_for_each_item_by_its_number() {
    let yaml = "batch: $\nid: header:X-Id";
    let keys = |body| -> Vec<_> {
        let all = taken(yaml, &[JSON, ("x-id", "r1")], body);
        all.into_iter().filter_map(|event| event.dedupe_key).collect()
    };
    assert_eq!(keys("[1,1]"), ["r1 1", "r1 2"]);
    assert_eq!(keys("{}"), ["r1"]);
    let hashed = taken("batch: $\nid: \"{body|sha256|hex}\"", &[JSON], "[1,2,1]");
    assert_eq!(hashed[0].dedupe_key, hashed[2].dedupe_key);
    assert_ne!(hashed[0].dedupe_key, hashed[1].dedupe_key);
}

#[test]
fn other_formats_hold_batches_too() {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let xml = ("content-type", "application/xml");
    let mandrill = "format: { form-json: events }\nbatch: $\nevent: $.event";
    let soap = "format: xml\nbatch: $.all.one\nevent: $['@kind']";
    for (yaml, header, body, wanted) in [
        (
            mandrill,
            form,
            "events=%5B%7B%22event%22%3A%22send%22%7D%5D",
            json!([["send", null, { "event": "send" }]]),
        ),
        (
            soap,
            xml,
            r#"<all><one kind="a">x</one><one kind="b">y</one></all>"#,
            json!([["a", null, { "@kind": "a", "#text": "x" }], ["b", null, { "@kind": "b", "#text": "y" }]]),
        ),
        (
            soap,
            xml,
            r#"<all><one kind="a">x</one></all>"#,
            json!([["a", null, { "@kind": "a", "#text": "x" }]]),
        ),
    ] {
        let all = taken(yaml, &[header], body);
        assert_eq!(told(&all), wanted, "{body}");
        for event in all {
            assert_eq!(event.format, Format::Json);
            assert_eq!(payload::read(&event.format, &event.request), Ok(event.payload));
        }
    }
}

#[test]
fn cloud_events_come_one_by_one_or_in_batches() {
    let one = json!({ "specversion": "1.0", "id": "1", "source": "/a", "type": "t", "data": { "x": 1 } });
    let structured = ("content-type", "application/cloudevents+json");
    let batched = ("content-type", "application/cloudevents-batch+json");
    let wanted = json!([["t", "/a 1", one]]);
    assert_eq!(told(&taken("format: cloudevents", &[structured], &one.to_string())), wanted);
    let all = taken("format: cloudevents", &[batched], &json!([one, one]).to_string());
    assert_eq!(told(&all), json!([wanted[0], wanted[0]]));
    for event in &all {
        assert_eq!(event.format, Format::CloudEvents);
        assert_eq!(payload::read(&event.format, &event.request), Ok(event.payload.clone()));
    }
    assert_eq!(told(&taken("format: cloudevents", &[batched], "[]")), json!([]));
    let attributes = [JSON, ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/a"), ("ce-type", "t")];
    let binary = taken("format: cloudevents", &attributes, r#"{"x":1}"#);
    assert_eq!(binary[0].payload["data"], json!({ "x": 1 }));
    let whole = taken("format: cloudevents\nbatch: none", &[batched], &json!([one]).to_string());
    assert_eq!(told(&whole), json!([["", null, [one]]]));
}

#[test]
fn a_batch_has_bounds() {
    let refused = |headers: &[(&str, &str)], items: usize| {
        let body = format!("[{}]", vec!["1"; items].join(","));
        let armed = armed_raw(source("verify: none\nbatch: $"), &[]);
        receive(&armed, &request(headers, "", body.as_bytes())).map(|_| ()).map_err(|refusal| refusal.status)
    };
    assert_eq!(refused(&[JSON], BATCH_ITEMS_MAX), Ok(()));
    assert_eq!(refused(&[JSON], BATCH_ITEMS_MAX + 1), Err(413));
    let long = "x".repeat(BATCH_HEADS_MAX_BYTES / 100);
    assert_eq!(refused(&[JSON, ("x-long", &long)], 99), Ok(()));
    assert_eq!(refused(&[JSON, ("x-long", &long)], 100), Err(413));
}

#[test]
fn one_item_without_a_sound_name_refuses_all() {
    let armed = armed_raw(source("verify: none\nbatch: $\nevent: $.kind"), &[]);
    let body = json!([{ "kind": "a" }, { "kind": "x".repeat(2000) }]).to_string();
    assert_eq!(receive(&armed, &request(&[JSON], "", body.as_bytes())).unwrap_err().status, 400);
}

#[test]
fn the_signature_is_of_all() {
    let secret = "a secret of thirty-two characters";
    let yaml = "verify: { kind: hmac, signature: { from: header:X-Sig } }\nsecret: { env: S }\nbatch: $";
    let armed = armed_raw(source(yaml), &[secret]);
    let body = b"[1,2]";
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    let signature = super::Encoding::Hex.encode(aws_lc_rs::hmac::sign(&key, body).as_ref());
    let headers = [JSON, ("x-sig", signature.as_str())];
    assert_eq!(events(receive(&armed, &request(&headers, "", body))).len(), 2);
    assert_eq!(receive(&armed, &request(&headers, "", b"[1,3]")).unwrap_err().status, 401);
    let one = armed_raw(source(&yaml.replace("batch: $", "batch: none")), &[secret]);
    assert_eq!(event(receive(&one, &request(&headers, "", body))).payload, json!([1, 2]));
}
