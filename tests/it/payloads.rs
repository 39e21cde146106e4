//! `docs/payloads.md` is true: each body on the page becomes what the page says, and each path finds what stands beside it.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use bytes::Bytes;
use doorbell::event::Request;
use doorbell::id::EventId;
use doorbell::path;
use doorbell::rule::{self, File};
use doorbell::time::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

/// What the page has at least; fewer means that it is no longer understood.
const EXAMPLES_MIN: usize = 10;
const ROWS_MIN: usize = 15;

/// A fenced block, or a row of a table of paths.
enum Part {
    Block { kind: String, text: String },
    Row { path: String, finds: Vec<Value> },
}

fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            parts.push(Part::Block { kind: kind.to_owned(), text: text.join("\n") + "\n" });
        } else if let Some((path, finds)) = line.strip_prefix("| `$").and_then(|row| row.split_once("` | `"))
        {
            let finds = finds.trim_end_matches("` |").split("` `");
            let finds = finds.map(|value| serde_json::from_str(value).unwrap()).collect();
            parts.push(Part::Row { path: format!("${path}"), finds });
        }
    }
    parts
}

/// The request of a block. Lines of a multipart body end as the standard wants it.
fn request(text: &str) -> Request {
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut headers = HeaderMap::new();
    for line in head.lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let kind = headers.get("content-type").map_or("", |value| value.to_str().unwrap());
    let body = match kind {
        kind if kind.starts_with("multipart") => body.replace('\n', "\r\n"),
        kind if kind.contains("form-urlencoded") => body.trim_end().to_owned(),
        _ => body.to_owned(),
    };
    Request {
        method: http::Method::POST,
        path: "/in".to_owned(),
        params: Vec::new(),
        query: String::new(),
        headers,
        body: Bytes::from(body),
        peer: IpAddr::from([192, 0, 2, 1]),
        received_at: Timestamp::default(),
    }
}

/// The events of a body at a source with these keys.
fn events(keys: &str, text: &str) -> Vec<Value> {
    let keys: String = keys.lines().map(|line| format!("    {line}\n")).collect();
    let rules =
        format!("sources:\n  in:\n    verify: none\n{keys}rules: [{{ name: r, do: [{{ log: x }}] }}]\n");
    let loaded = rule::load(&[File { name: "rules.yaml".to_owned(), text: rules }]);
    let set = loaded.set.unwrap_or_else(|| panic!("{keys}\n{:#?}", loaded.problems));
    let events = set.sources[0].suppose(request(text), EventId::new(0, [0; 10]), None);
    let events = events.unwrap_or_else(|refusal| panic!("{refusal}\n{text}"));
    let one = |event: &doorbell::event::Event| json!({ "type": event.kind, "id": event.dedupe_key, "payload": event.payload });
    events.iter().map(one).collect()
}

#[test]
fn each_body_becomes_what_the_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/payloads.md");
    let (mut keys, mut found, mut examples, mut rows) = (String::new(), Vec::new(), 0, 0);
    for part in parts(&fs::read_to_string(page).unwrap()) {
        match part {
            Part::Block { kind, text } if kind == "yaml" => keys = text,
            Part::Block { kind, text } if kind == "http" => {
                found = events(&keys, &text);
                keys.clear();
            }
            Part::Block { kind, text } => {
                let wanted: Value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
                match kind.as_str() {
                    "json" => assert_eq!([&found[0]["payload"]], [&wanted], "{found:#?}"),
                    "json events" => assert_eq!(json!(found), wanted),
                    other => panic!("what is `{other}`?"),
                }
                examples += 1;
            }
            Part::Row { path, finds } => {
                let path = path::Path::parse(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
                let got: Vec<&Value> = path.all(&found[0]["payload"]).unwrap();
                assert_eq!(got, finds.iter().collect::<Vec<_>>(), "{}", path.text());
                rows += 1;
            }
        }
    }
    assert!(examples >= EXAMPLES_MIN && rows >= ROWS_MIN, "{examples} examples, {rows} rows");
}
