//! Batches from outside: one request, several events, one answer; and what the commands tell of them.

use serde_json::{Value, json};

use crate::program::{Place, text};

const RULES: &str = r#"
sources:
  mail: { verify: none, batch: $.events, event: $.kind, id: $.id }
  cloud: { verify: none, format: cloudevents }
  answered: { verify: none, batch: $, respond: { body: fine } }
rules:
  - name: Bounced
    from: mail
    event: bounce
    do: [{ log: "{{ $.id }} bounced" }]
  - name: Cloud
    from: cloud
    event: com.example.rung
    do: [{ log: "rung {{ $.data.times }}" }]
"#;

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

fn body(items: &[(&str, &str)]) -> String {
    let items = items.iter().map(|(kind, id)| json!({ "kind": kind, "id": id }));
    json!({ "sent": 1, "events": items.collect::<Vec<_>>() }).to_string()
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_batch_becomes_events_once_each() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let both = body(&[("bounce", "a"), ("open", "b")]);
    let (status, first) = program.post("/mail", JSON, both.clone()).await;
    assert_eq!((status, ids(&first).len()), (202, 2), "{first}");
    assert_eq!(program.post("/mail", JSON, both).await, (200, first.clone()), "a repeat");
    let (status, partly) = program.post("/mail", JSON, body(&[("open", "b"), ("bounce", "c")])).await;
    assert_eq!((status, ids(&partly)[0]), (202, ids(&first)[1]), "{partly}");
    let (status, conflict) = program.post("/mail", JSON, body(&[("open", "b"), ("open", "a")])).await;
    assert_eq!(status, 409, "{conflict}");
    assert_ne!(ids(&conflict)[1], ids(&first)[0]);
    assert_eq!(program.post("/mail", JSON, body(&[])).await, (202, json!({ "ids": [] })));
    let (status, ping) = program.post("/mail", JSON, r#"{"kind":"ping"}"#).await;
    assert_eq!((status, ping["id"].is_string()), (202, true), "a body without the list is one event: {ping}");
    assert_eq!(program.post("/answered", JSON, "[1,2]").await.0, 200);

    let (_, listed) = program.ask("/api/events?source=mail").await;
    assert_eq!(listed["events"].as_array().unwrap().len(), 5, "{listed:#}");
    program
        .until("/api/deliveries?state=delivered", |all| all["deliveries"].as_array().unwrap().len() == 2)
        .await;
    let (_, event) = program.ask(&format!("/api/events/{}", ids(&first)[1])).await;
    assert_eq!(event["payload"], json!({ "kind": "open", "id": "b" }));
    assert!(event["verified"].as_str().unwrap().ends_with("; item 2 of 2"), "{event:#}");
    let (_, explained) = program.ask(&format!("/api/events/{}/explain", ids(&first)[0])).await;
    assert_eq!(explained["rules"][0]["matched"], true, "{explained:#}");
    assert_eq!(program.stop(), Some(0));
    let log = place.log();
    assert_eq!((log.matches("a bounced").count(), log.matches("c bounced").count()), (1, 1), "{log}");
}

#[tokio::test]
async fn cloud_events_come_in_each_mode() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let event = |id: u32| {
        let data = json!({ "times": id });
        json!({ "specversion": "1.0", "id": id.to_string(), "source": "/door", "type": "com.example.rung", "data": data })
    };
    let structured = [("content-type", "application/cloudevents+json")];
    let batched = [("content-type", "application/cloudevents-batch+json")];
    let binary = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "3"),
        ("ce-source", "/door"),
        ("ce-type", "com.example.rung"),
    ];
    let (status, one) = program.post("/cloud", &structured, event(1).to_string()).await;
    assert_eq!(status, 202, "{one}");
    let (status, both) = program.post("/cloud", &batched, json!([event(1), event(2)]).to_string()).await;
    assert_eq!((status, ids(&both)[0]), (202, one["id"].as_str().unwrap()), "the first is known already");
    assert_eq!(program.post("/cloud", &binary, r#"{"times":3}"#).await.0, 202);
    let broken = json!([event(4), { "specversion": "1.0" }]).to_string();
    assert_eq!(program.post("/cloud", &batched, broken).await.0, 400, "all or none");
    program
        .until("/api/deliveries?state=delivered", |all| all["deliveries"].as_array().unwrap().len() == 3)
        .await;
    assert_eq!(program.stop(), Some(0));
    for times in 1..=3 {
        assert_eq!(place.log().matches(&format!("rung {times}")).count(), 1, "{}", place.log());
    }
}

#[test]
fn a_file_with_a_batch_is_explained_item_by_item() {
    let place = Place::new(RULES, &[]);
    place.write("batch.json", &body(&[("bounce", "a"), ("open", "b")]));
    let explain = |more: &[&str]| {
        let arguments = [&["explain", "batch.json", "--source", "mail", "doorbell.yaml"], more].concat();
        let output = place.run(&arguments);
        (output.status.code(), text(&output.stdout))
    };
    let (code, human) = explain(&[]);
    assert_eq!((code, human.matches("evt_").count()), (Some(0), 2), "{human}");
    assert!(human.contains("item 1 of 2") && human.contains("item 2 of 2"), "{human}");
    let (_, json) = explain(&["-o", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["batch"][0]["event"]["type"], "bounce");
    assert_eq!(json["batch"][1]["rules"][0]["matched"], false);
    assert_eq!(explain(&["-o", "jsonl"]).1.lines().count(), 2);
    assert_eq!(explain(&["--expect", "Bounced"]).0, Some(0));
    assert_eq!(explain(&["--expect", "nothing"]).0, Some(1));
    place.write("batch.json", &body(&[]));
    assert_eq!(
        explain(&["--expect", "nothing"]),
        (Some(0), "an empty batch: there is no event in it\n".to_owned())
    );
}

#[test]
fn a_raw_batch_is_judged() {
    let place = Place::new(RULES, &[]);
    let kinds = body(&[("bounce", "a"), ("open", "b")]);
    place.write("request.http", &format!("POST /mail HTTP/1.1\ncontent-type: application/json\n\n{kinds}"));
    let output = place.run(&["verify", "request.http", "doorbell.yaml"]);
    let said = text(&output.stdout);
    assert!(said.contains("a batch of 2: `bounce`, `open`"), "{said}");
}

#[tokio::test]
async fn a_bell_rings_for_one_item() {
    let rules = "
sources:
  crm: { verify: hubspot, secret: { env: HUBSPOT_SECRET }, public_url: http://127.0.0.1/crm }
rules:
  - { name: r, do: [{ log: '{{ $.objectId }}' }] }
";
    let place = Place::new(rules, &[("HUBSPOT_SECRET", "a secret of thirty-two characters")]);
    let arguments =
        ["ring", "crm", "contact.deletion", "--set", "$.objectId=7", "--rules", "doorbell.yaml", "--curl"];
    let output = place.run(&arguments);
    let line = text(&output.stdout);
    assert!(line.contains(r#""objectId":7"#) && line.contains("contact.deletion"), "{line}");
}
