//! `events show --as`: what came once is a test from then on.

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
