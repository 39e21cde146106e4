//! Events that actions emit, on the real program: accepted with the end of their attempt, matched by rules, bounded in depth.

use serde_json::json;

use crate::program::Place;

const RULES: &str = r#"
sources:
  in: { verify: none, event: $.kind }
  orders: { verify: internal }
rules:
  - name: paid
    from: in
    event: paid
    do: { emit: order.paid, payload: { order: "{{ $.id }}" }, source: orders }
  - name: note
    from: orders
    event: "order.*"
    do: { log: "{{ event.type }} {{ $.order }}" }
  - { name: begin, from: in, event: circle, do: { emit: again, source: orders } }
  - { name: circle, from: orders, event: again, do: { emit: again, source: orders } }
  - { name: shadowed, shadow: true, from: in, event: paid, do: { emit: order.lost, source: orders } }
"#;

#[tokio::test]
async fn an_emitted_event_is_matched_and_names_its_parent() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let first = program.accepted("/in", &json!({ "kind": "paid", "id": 7 })).await;
    let page = program
        .until("/api/events?source=orders", |page| page["events"][0]["delivery_states"]["delivered"] == 1)
        .await;
    assert_eq!(page["events"].as_array().unwrap().len(), 1, "a shadow emits nothing: {page:#}");
    let emitted = page["events"][0]["id"].as_str().unwrap();
    let (_, event) = program.ask(&format!("/api/events/{emitted}")).await;
    assert_eq!((&event["type"], &event["payload"]), (&json!("order.paid"), &json!({ "order": 7 })));
    assert_eq!((&event["parent"]["event"], &event["parent"]["depth"]), (&json!(first), &json!(1)));
    let delivery = event["parent"]["delivery"].as_str().unwrap();
    let (_, delivery) = program.ask(&format!("/api/deliveries/{delivery}")).await;
    assert_eq!(delivery["attempts"][0]["sent"], "emit orders order.paid\n\n{\"order\":7}");
    assert_eq!(delivery["attempts"][0]["got_body"], json!({ "id": emitted }).to_string());
    let (status, _) = program.post("/orders", &[("content-type", "application/json")], "{}").await;
    assert_eq!(status, 404, "nothing arrives at an internal source");
    assert_eq!(program.stop(), Some(0));
    assert!(place.log().contains("order.paid 7"), "{}", place.log());
}

#[tokio::test]
async fn a_circle_ends_at_its_depth_and_says_so() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    program.accepted("/in", &json!({ "kind": "circle" })).await;
    let page = program.until("/api/deliveries?state=dead", |page| page["deliveries"][0].is_object()).await;
    let reason = page["deliveries"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("do the rules emit in a circle?"), "{reason}");
    let (_, events) = program.ask("/api/events?source=orders").await;
    assert_eq!(events["events"].as_array().unwrap().len(), 8, "{events:#}");
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn the_graph_leads_back_to_the_source_and_a_test_shows_the_event() {
    let place = Place::new(RULES, &[]);
    let graph = place.run(&["rules", "graph", "doorbell.yaml", "-o", "mermaid"]);
    let graph = String::from_utf8(graph.stdout).unwrap();
    let line = graph.lines().find(|line| line.contains("/\"orders\"/")).unwrap_or_else(|| panic!("{graph}"));
    let id = line.trim().split('[').next().unwrap();
    assert!(graph.contains(&format!("--> {id}")), "{graph}");
    place.write(
        "mine.test.yaml",
        r#"
tests:
  - name: a payment emits
    send: { to: in, event: paid, json: { kind: paid, id: 7 } }
    expect: [{ rule: paid, emit: order.paid, payload: { order: 7 }, source: orders }, shadowed]
  - name: and what is emitted is noted
    send: { to: orders, event: order.paid, json: { order: 7 } }
    expect: [{ rule: note, log: "order.paid 7" }]
"#,
    );
    let tested = place.run(&["test", "doorbell.yaml", "mine.test.yaml"]);
    let said =
        String::from_utf8_lossy(&tested.stdout).into_owned() + &String::from_utf8_lossy(&tested.stderr);
    assert_eq!(tested.status.code(), Some(0), "{said}");
}
