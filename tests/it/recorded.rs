//! `events show --as`: what came once is a test from then on.

use serde_json::{Value, json};

use crate::program::{Place, Program, text};

const RULES: &str = r#"
sources:
  shop: { verify: none, path: "/shop/{site}", event: $.kind, id: $.id }
rules:
  - name: large orders
    event: order
    if: { $.total: { gt: 100 }, params.site: berlin, query.dry: { exists: false }, headers.x-kind: gold }
    do: [{ log: "{{ $.note }}" }]
"#;

/// Posts an order, and shows it in a shape.
async fn shown(place: &Place, program: &Program, body: &str, shape: &str) -> String {
    let headers =
        [("x-kind", "gold"), ("content-type", "application/json"), ("x-api-key", "a key of theirs")];
    let (status, answer) = program.post("/shop/berlin?page=1", &headers, body).await;
    assert_eq!(status, 202);
    let admin = program.admin.strip_prefix("http://").unwrap();
    let id = answer["id"].as_str().unwrap();
    let output = place.run(&["events", "show", id, "--admin", admin, "--as", shape]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_becomes_a_test_that_passes() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let large = r#"{"kind":"order","id":"1","total":500,"note":"two lines\nand \"quotes\": {{ none }} #"}"#;
    let small = r#"{"kind":"order","id":"2","total":50}"#;
    place.write("large.test.yaml", &shown(&place, &program, large, "test").await);
    place.write("small.test.yaml", &shown(&place, &program, small, "test").await);
    let again = r#"{"kind":"order","id":"3","total":500,"note":"é"}"#;
    place.write("event.json", &shown(&place, &program, again, "json").await);
    let again = r#"{"kind":"order","id":"4","total":  500,"note":"é"}"#;
    let request = shown(&place, &program, again, "http").await;
    assert!(request.ends_with(again) && !request.contains("a key of theirs"), "{request}");
    place.write("event.http", &request);
    place.write(
        "files.test.yaml",
        "tests:\n  - { name: json, send: { recorded: event.json }, expect: [{ log: é }] }\n  - { name: http, send: { recorded: event.http }, expect: [{ log: é }] }\n",
    );
    let tests = ["large.test.yaml", "small.test.yaml", "files.test.yaml"];
    let output = place.run(&[&["test", "doorbell.yaml"], &tests[..]].concat());
    let said = text(&output.stdout);
    assert!(said.contains("4 tests: 4 passed, 0 failed"), "{said}{}", text(&output.stderr));
    assert!(text(&std::fs::read(place.file("small.test.yaml")).unwrap()).contains("expect: nothing"));
    place.write("doorbell.yaml", &RULES.replace("gt: 100", "gt: 1000"));
    assert_eq!(place.run(&[&["test", "doorbell.yaml"], &tests[..]].concat()).status.code(), Some(1));
}

/// One source for each way of reading; what is understood stands in the log.
const FORMATS: &str = r#"
sources:
  any: { verify: none }
  xml: { verify: none, format: xml }
  parts: { verify: none, format: multipart }
  words: { verify: none, format: text }
  fields: { verify: none, format: form }
  hook: { verify: none, format: { form-json: payload } }
rules:
  - name: all
    do: [{ log: "{{ json $ }}" }]
"#;
const PARTS: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n\xff\x00\xfe\r\n--x--\r\n";
const TEXT_PARTS: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n";
const IN_PARTS: &str = "multipart/form-data; boundary=x";
const FORM: &str = "application/x-www-form-urlencoded";
/// Source, content type, body.
const BODIES: &[(&str, &str, &[u8])] = &[
    ("any", "application/json", b"{\"id\":\"3\"}"),
    ("any", "application/json", b"{\"id\": \"4\", \"o\": { \"a\": [\"x\"], \"b\": {}, \"c\": [] }}"),
    ("any", "application/json", b"[\"x\",{\"a b\":\"- c: # d\"}]"),
    ("any", "application/json", b"\"words\""),
    ("any", FORM, b"a=1&b=x+y"),
    ("any", "text/xml", b"<a><b>1</b></a>"),
    ("any", "text/plain", b"hello: {"),
    ("any", IN_PARTS, PARTS),
    ("any", IN_PARTS, TEXT_PARTS),
    ("xml", "application/xml", b"<?xml version=\"1.0\"?><a x=\"1\"><b>1</b><b>2</b></a>"),
    ("parts", IN_PARTS, PARTS),
    ("words", "application/json", b"{ not json"),
    ("fields", FORM, b"a=1&b=%C3%A9"),
    ("hook", FORM, b"payload=%7B%22ref%22%3A%22main%22%7D"),
];

async fn event(
    place: &Place,
    program: &Program,
    (source, kind, body): (&str, &str, &[u8]),
) -> (String, Value) {
    let (status, answer) = program.post(&format!("/{source}"), &[("content-type", kind)], body).await;
    assert_eq!(status, 202, "{source} {kind}");
    let admin = program.admin.strip_prefix("http://").unwrap();
    let id = answer["id"].as_str().unwrap();
    let shown = |shape: &str| place.run(&["events", "show", id, "--admin", admin, "--as", shape]).stdout;
    (text(&shown("test")), serde_json::from_slice(&shown("json")).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_came_is_read_back_as_it_came() {
    let place = Place::new(FORMATS, &[]);
    let program = place.serve();
    let (mut lines, mut cases) = (String::new(), Vec::new());
    for (number, body) in BODIES.iter().enumerate() {
        let (test, event) = event(&place, &program, *body).await;
        place.write(&format!("{number}.test.yaml"), &test);
        place.write(&format!("{number}.json"), &event.to_string());
        lines.push_str(&format!("{event}\n"));
        let log = event["payload"].to_string();
        cases.push(json!({ "name": format!("event {number}"), "send": { "to": body.0, "recorded": format!("{number}.json") }, "expect": [{ "log": log }] }));
    }
    place.write("recorded.test.yaml", &json!({ "tests": cases }).to_string());
    place.write("events.jsonl", &lines);
    let tests: Vec<String> = (0..BODIES.len()).map(|number| format!("{number}.test.yaml")).collect();
    let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
    for files in [&["recorded.test.yaml"][..], &tests] {
        let output = place.run(&[&["test", "doorbell.yaml"], files].concat());
        let said = text(&output.stdout);
        let wanted = format!("{0} tests: {0} passed, 0 failed", BODIES.len());
        assert!(said.contains(&wanted), "{said}{}", text(&output.stderr));
    }
    let plan = ["plan", "doorbell.yaml", "--against", "doorbell.yaml", "--events", "events.jsonl"];
    let said = text(&place.run(&plan).stdout);
    assert!(
        said.contains(&format!("{} recorded events", BODIES.len())) && !said.contains("could not"),
        "{said}"
    );
}
