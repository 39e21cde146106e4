//! `plan` beside a running doorbell: its history and its rules are read from the store while it serves.

use crate::program::{Place, text};

const RULES: &str = r#"
sources:
  shop: { verify: none, event: $.kind, id: $.id }
rules:
  - name: large orders
    event: order
    if: { $.total: { gt: 100 }, headers.x-api-key: a key of theirs }
    do: [{ log: "{{ $.total }}" }]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edited_rules_meet_the_history_of_a_running_doorbell() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let headers = [("content-type", "application/json"), ("x-api-key", "a key of theirs")];
    for (id, total, status) in [(1, 50, 202), (2, 80, 202), (3, 500, 202), (3, 501, 409)] {
        let body = format!(r#"{{"kind":"order","id":"{id}","total":{total}}}"#);
        assert_eq!(program.post("/shop", &headers, body).await.0, status);
    }
    place.write("new.yaml", &RULES.replace("gt: 100", "gt: 60"));
    let plan = |arguments: &[&str]| {
        let output = place.run(&[&["plan", "new.yaml"], arguments].concat());
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let (code, said) = plan(&["--since", "1h", "--detailed-exitcode"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.starts_with("3 recorded events, new.yaml against the running rules"), "{said}");
    assert!(said.contains("1 event would now match") && said.contains("$.total is 80"), "{said}");
    assert!(said.contains("Plan: 1 delivery more, 0 fewer, 0 events newly unrouted."), "{said}");
    let (_, none) = plan(&["--since", "2999-01-01T00:00:00Z"]);
    assert!(none.starts_with("0 recorded events"), "{none}");
    let unchanged = place.run(&["plan", "doorbell.yaml", "--detailed-exitcode"]);
    assert_eq!(unchanged.status.code(), Some(0), "{}", text(&unchanged.stdout));
    program.stop();
    assert_eq!(
        plan(&["--detailed-exitcode"]).0,
        Some(4),
        "the store of a doorbell that has ended is read too"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_source_reads_the_bytes_that_came() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let headers = [("content-type", "application/json"), ("x-api-key", "a key of theirs")];
    for (id, body) in [(1, r#""kind":"order","type":"sale""#), (2, r#""kind":"order","type":"order""#)] {
        let body = format!(r#"{{{body},"id":"{id}","total":500}}"#);
        assert_eq!(program.post("/shop", &headers, body).await.0, 202);
    }
    program.stop();
    place.write("new.yaml", &RULES.replace("event: $.kind", "event: $.type"));
    let output = place.run(&["plan", "new.yaml", "--detailed-exitcode"]);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("2 events read anew from the bytes that came: 1 would be others"), "{said}");
    assert!(said.contains("type `order` -> `sale`"), "{said}");
    assert!(said.contains("1 event would no longer match"), "{said}");
    place.write("new.yaml", &RULES.replace("event: $.kind", "event: $.kind, format: xml"));
    let said = text(&place.run(&["plan", "new.yaml"]).stdout);
    assert!(said.contains("2 events could not be read"), "{said}");
}
