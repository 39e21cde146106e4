//! Any text as a template, filled from any payload: the first line is the template (`\n` stands for a line break), the
//! rest the payload.

#![no_main]

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use doorbell::event::{Event, Format, Request};
use doorbell::id::EventId;
use doorbell::limit::TEMPLATE_OUTPUT_MAX_BYTES;
use doorbell::payload;
use doorbell::template::{Escape, Scope, Template};
use doorbell::time::Timestamp;
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;

const PAYLOAD: &str = r#"{"a":[1,{"b":"c"},"2026-11-21T14:33:02Z"],"b":{"a":true,"é":"<x>&\n"},"c":1234567,"d":null}"#;

static EVENT: LazyLock<Event> = LazyLock::new(|| {
    let mut headers = HeaderMap::new();
    headers.append("x-kind", HeaderValue::from_static("push"));
    headers.append("x-twice", HeaderValue::from_static("a"));
    headers.append("x-twice", HeaderValue::from_static("b"));
    Event {
        id: EventId::new(1_795_271_582_114, [7; 10]),
        source: Arc::from("github"),
        kind: "push".to_owned(),
        dedupe_key: None,
        verified: String::new(),
        request: Request {
            method: Method::POST,
            path: "/sensors/berlin".to_owned(),
            params: vec![("site".to_owned(), "berlin".to_owned())],
            query: "a=1&b=x%20y&a=2".to_owned(),
            headers,
            body: Bytes::from_static(PAYLOAD.as_bytes()),
            peer: IpAddr::from([127, 0, 0, 1]),
            received_at: Timestamp::from_millis(1_795_271_582_114),
        },
        format: Format::Json,
        payload: payload::read_json(PAYLOAD.as_bytes()).unwrap_or_default(),
    }
});

fuzz_target!(|text: &str| {
    let (written, document) = text.split_once('\n').unwrap_or((text, ""));
    let written = written.replace("\\n", "\n");
    let mut event = EVENT.clone();
    if let Ok(payload) = payload::read_json(document.as_bytes()) {
        event.payload = payload;
    }
    for escape in [Escape::None, Escape::UrlSegment, Escape::Query, Escape::Header, Escape::Slack] {
        let template = match Template::compile(&written, escape) {
            Ok(template) => template,
            Err(error) => return assert!(written.is_char_boundary(error.offset), "{error:?}"),
        };
        let scope = Scope::new(&event, "CI");
        if let Ok(filled) = template.text(&scope) {
            assert!(filled.len() <= written.len().max(TEMPLATE_OUTPUT_MAX_BYTES), "{} bytes", filled.len());
            assert!(escape != Escape::Header || !filled.contains('\r') || written.contains('\r'), "{filled:?}");
        }
        let _ = template.value(&scope);
    }
});
