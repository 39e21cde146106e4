//! Recorded events done anew on the real program: what it makes, by which rules, and what the destination sees.

use serde_json::Value;

use crate::program::{Place, Program, text};
use crate::receiver::{Got, Receiver};

fn rules(address: &str, version: u8) -> String {
    format!(
        "sources: {{ open: {{ verify: none }} }}\n\
         connections: {{ desk: {{ http: {{ url: \"{address}\" }}, retry: {{ attempts: 1 }} }} }}\n\
         rules:\n  - {{ name: tell, from: open, do: [{{ http: desk, path: /v{version}, body: \"{{{{ $.n }}}}\" }}] }}\n"
    )
}

/// Three events, of which the second died.
async fn three(program: &Program, receiver: &mut Receiver) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 1..=3 {
        *receiver.answers.lock().unwrap() = vec![(if number == 2 { 410 } else { 200 }, "")];
        let headers = [("content-type", "application/json")];
        let (status, answer) = program.post("/open", &headers, format!(r#"{{"n":{number}}}"#)).await;
        assert_eq!(status, 202, "{answer}");
        receiver.next().await;
        let id = answer["id"].as_str().unwrap().to_owned();
        ended(program, &id, 1).await;
        ids.push(id);
    }
    *receiver.answers.lock().unwrap() = vec![(200, "")];
    ids
}

/// Waits until an event has so many deliveries and all have ended.
async fn ended(program: &Program, event: &str, count: usize) -> Value {
    let is_so = |answer: &Value| {
        let list = answer["deliveries"].as_array().unwrap();
        list.len() == count && list.iter().all(|one| one["finished_at"].is_string())
    };
    program.until(&format!("/api/deliveries?event={event}"), is_so).await
}

fn key(got: &Got) -> &str {
    got.headers["idempotency-key"].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_recorded_is_done_anew_by_the_rules_that_are_wanted() {
    let mut receiver = Receiver::start().await;
    let place = Place::new(&rules(&receiver.address, 1), &[]);
    let program = place.serve();
    let ids = three(&program, &mut receiver).await;
    place.write("doorbell.yaml", &rules(&receiver.address, 2));
    assert_eq!(program.want("/api/reload").await.0, 200);
    let admin = program.admin.strip_prefix("http://").unwrap().to_owned();
    let run = |arguments: &[&str], code: i32, words: &str| {
        let output = place.run(&[&["replay", "--admin", &admin], arguments].concat());
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        said
    };
    run(&[], 2, "--all for all");
    run(&["--all", "--rate", "fast"], 2, "rate");
    run(&["--all", "--source", "nobody"], 1, "0 deliveries made of 0 events");
    run(&["--all", "--dry-run"], 0, "3 deliveries would be made of 3 events");
    run(&["--all", "--dead", "--dry-run"], 0, "nothing of it that the rules owe is dead");
    let said = run(&[&ids[1], "--dry-run", "-o", "json"], 0, "\"path\": \"/v2\"");
    assert!(said.contains("\"dry_run\": true") && said.contains("\"body\": 2"), "{said}");
    assert!(receiver.rest().is_empty(), "a dry run does nothing");

    run(&["--status", "dead", "--dead", "--rules", "then"], 0, "1 deliveries made of 1 events");
    let got = receiver.next().await;
    assert_eq!((got.path.as_str(), got.body.as_str()), ("/v1", "2"));
    assert!(key(&got).starts_with("dlv_") && key(&got).ends_with("-replay"), "{}", key(&got));
    let list = ended(&program, &ids[1], 2).await;
    let [anew, first] = [0, 1].map(|place| &list["deliveries"][place]);
    assert_eq!((&anew["state"], &first["state"]), (&"delivered".into(), &"dead".into()));
    assert!(anew["replayed_at"].is_string() && first["replayed_at"].is_null());
    assert_eq!(anew["revision"], first["revision"]);
    run(&["--status", "dead", "--dead"], 1, "nothing of it that the rules owe is dead");

    run(&[&ids[0]], 0, "1 deliveries made of 1 events");
    let again = receiver.next().await;
    assert_eq!((again.path.as_str(), again.body.as_str()), ("/v2", "1"));
    assert_ne!(key(&got), key(&again));
    run(&["--all", "--rules", "then", "--rate", "1000/s"], 0, "3 deliveries made of 3 events");
    let mut bodies = Vec::new();
    for _ in 0..3 {
        let got = receiver.next().await;
        assert_eq!(got.path, "/v1");
        bodies.push(got.body);
    }
    bodies.sort();
    assert_eq!(bodies, ["1", "2", "3"]);
    run(&["evt_01J8ZK90000000000000000000"], 3, "there is no such thing");
}

#[tokio::test]
async fn replayed_deliveries_become_due_at_the_rate_page_after_page() {
    let mut receiver = Receiver::start().await;
    let place = Place::new(&rules(&receiver.address, 1), &[]);
    let program = place.serve();
    three(&program, &mut receiver).await;
    let mut query = "rate=1/h&dry_run=true&limit=1".to_owned();
    let mut due = Vec::new();
    loop {
        let (status, answer) = program.want(&format!("/api/replay?{query}")).await;
        assert_eq!(status, 200, "{answer}");
        due.extend(answer["deliveries"].as_array().unwrap().iter().map(|one| one["due_at"].to_string()));
        let part = |key: &str| answer[key].as_str().map(str::to_owned);
        let (Some(next), Some(begin), Some(until)) = (part("next"), part("begin"), part("until")) else {
            break;
        };
        query = format!("rate=1/h&dry_run=true&limit=1&after={next}&begin={begin}&until={until}");
    }
    let minutes = |text: &String| text.get(12..).unwrap().split_once('.').unwrap().0.to_owned();
    assert_eq!(due.len(), 3, "{due:?}");
    assert!(due.is_sorted_by(|a, b| a < b), "an hour between any two: {due:?}");
    let after_the_hour = |text: &String| minutes(text).split_once(':').unwrap().1.to_owned();
    assert!(due.iter().all(|one| after_the_hour(one) == after_the_hour(&due[0])), "{due:?}");
    for wrong in ["rules=tomorrow", "dead=maybe", "rate=1", "begin=soon", "colour=red", "limit=x"] {
        assert_eq!(program.want(&format!("/api/replay?{wrong}")).await.0, 400, "{wrong}");
    }
}
