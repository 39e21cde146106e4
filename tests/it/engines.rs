//! What rules say beyond the straight line, on the real program: included files, several deliveries of one action,
//! deliveries that wait for each other.

use serde_json::{Value, json};

use crate::program::{Place, Program};
use crate::receiver::Receiver;

/// Waits until the deliveries of an event, in the order of their actions, are so.
async fn deliveries(program: &Program, event: &str, states: &[&str]) -> Vec<Value> {
    let list = |answer: &Value| {
        let mut list = answer["deliveries"].as_array().cloned().unwrap_or_default();
        list.sort_by_key(|one| (one["action"].as_u64(), one["item"].as_u64()));
        list
    };
    let is_so = |answer: &Value| {
        let list = list(answer);
        list.iter().map(|one| one["state"].as_str().unwrap_or_default()).eq(states.iter().copied())
    };
    list(&program.until(&format!("/api/deliveries?event={event}"), is_so).await)
}

#[tokio::test]
async fn included_files_are_part_of_the_rules_and_watched() {
    let place = Place::new("include: teams/*.yaml\nsources: { a: { verify: none } }\n", &[]);
    std::fs::create_dir(place.file("teams")).unwrap();
    let rule = |name: &str| format!("rules: [{{ name: {name}, from: a, do: [{{ log: \"{name}\" }}] }}]\n");
    std::fs::write(place.file("teams/one.yaml"), rule("one")).unwrap();
    let program = place.serve();
    let event = program.accepted("/a", &json!({})).await;
    deliveries(&program, &event, &["delivered"]).await;
    std::fs::write(place.file("teams/two.yaml"), rule("two")).unwrap();
    program
        .until("/api/rules", |answer| answer["rules"].as_array().is_some_and(|rules| rules.len() == 2))
        .await;
    let event = program.accepted("/a", &json!({})).await;
    deliveries(&program, &event, &["delivered", "delivered"]).await;
    std::fs::write(place.file("doorbell.yaml"), "include: missing.yaml\nsources: { a: { verify: none } }\n")
        .unwrap();
    let output = place.run(&["check", "doorbell.yaml"]);
    let said = crate::program::text(&output.stdout) + &crate::program::text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("E010") && said.contains("there is no file `missing.yaml`"), "{said}");
}

#[tokio::test]
async fn a_shadow_writes_down_what_it_would_do_and_does_nothing() {
    let mut receiver = Receiver::start().await;
    let rules = r#"
sources: { a: { verify: none } }
connections: { desk: { http: { url: ADDRESS } } }
rules:
  - name: trial
    shadow: true
    stop: true
    from: a
    do:
      - { respond: 418 }
      - { id: tell, http: desk, path: /trial, json: { n: "{{ $.n }}" } }
      - { log: "{{ steps.tell.status }}", needs: tell }
      - { run: [touch, touched], cwd: . }
      - { log: "{{ $.missing }}" }
    on_failure:
      - { http: desk, path: /failed }
  - { name: real, from: a, fallback: true, do: { http: desk, path: /real } }
"#;
    let place = Place::new(&rules.replace("ADDRESS", &receiver.address), &[]);
    let program = place.serve();
    let event = program.accepted("/a", &json!({ "n": 7 })).await;
    assert_eq!(receiver.next().await.path, "/real");
    let filter = format!("/api/deliveries?event={event}");
    let ended = |answer: &Value| {
        let list = answer["deliveries"].as_array().cloned().unwrap_or_default();
        list.len() == 6 && list.iter().all(|one| one["finished_at"].is_string())
    };
    let answer = program.until(&filter, ended).await;
    let mut told: Vec<(u64, String, String)> = Vec::new();
    for one in answer["deliveries"].as_array().unwrap().iter().filter(|one| one["rule"] == "trial") {
        assert_eq!((&one["shadow"], &one["destination"]), (&json!(true), &json!("rule:trial")));
        let (_, whole) = program.ask(&format!("/api/deliveries/{}", one["id"].as_str().unwrap())).await;
        let sent = whole["attempts"][0]["sent"].as_str().unwrap_or_default().to_owned();
        told.push((one["action"].as_u64().unwrap(), one["state"].as_str().unwrap().to_owned(), sent));
    }
    told.sort();
    let states: Vec<&str> = told.iter().map(|(_, state, _)| state.as_str()).collect();
    assert_eq!(states, ["cancelled", "cancelled", "cancelled", "dead", "cancelled"]);
    assert!(told[0].2.contains("/trial\n"), "{}", told[0].2);
    assert!(told[0].2.ends_with(r#"{"n":7}"#), "{}", told[0].2);
    assert!(told[2].2.starts_with("touch touched"), "{}", told[2].2);
    assert_eq!(program.stop(), Some(0));
    assert!(receiver.rest().is_empty() && !place.file("touched").exists());
}

#[tokio::test]
async fn so_many_events_of_a_key_are_worked_on_at_once() {
    let mut receiver = Receiver::start().await;
    let rules = r#"
sources: { a: { verify: none } }
connections: { desk: { http: { url: ADDRESS } } }
rules:
  - name: latest
    from: a
    if: { $.rule: latest }
    concurrency: { key: "{{ $.key }}", on_conflict: latest }
    do:
      - { id: one, http: desk, path: "/one/{{ $.n }}" }
      - { http: desk, path: "/two/{{ $.n }}", needs: one }
  - name: skip
    from: a
    if: { $.rule: skip }
    concurrency: { limit: 2, on_conflict: skip }
    do: { http: desk, path: "/skip/{{ $.n }}" }
  - name: often
    from: a
    if: { $.rule: often }
    throttle: { rate: 1/d, key: "{{ $.key }}" }
    do: [{ id: one, log: x }, { log: y, needs: one }]
"#;
    let place = Place::new(&rules.replace("ADDRESS", &receiver.address), &[]);
    let program = place.serve();
    assert_eq!(program.want("/api/connections/desk/pause").await.0, 200);
    let mut events = Vec::new();
    for (n, key, rule) in [
        (1, "x", "latest"),
        (2, "x", "latest"),
        (3, "x", "latest"),
        (4, "y", "latest"),
        (5, "", "skip"),
        (6, "", "skip"),
        (7, "", "skip"),
        (8, "z", "often"),
        (9, "z", "often"),
    ] {
        events.push(program.accepted("/a", &json!({ "n": n, "key": key, "rule": rule })).await);
    }
    let gone = deliveries(&program, &events[1], &["cancelled", "cancelled"]).await;
    assert_eq!(gone[0]["reason"], format!("{} took its place", events[2]));
    let left_out = deliveries(&program, &events[6], &["cancelled"]).await;
    assert!(left_out[0]["reason"].as_str().unwrap().starts_with("skipped: "), "{left_out:?}");
    deliveries(&program, &events[7], &["delivered", "delivered"]).await;
    let often = deliveries(&program, &events[8], &["cancelled", "cancelled"]).await;
    assert_eq!(often[1]["reason"], "throttled: its rule takes 1/d of this key");
    assert_eq!(program.want("/api/connections/desk/resume").await.0, 200);
    for number in [0, 2, 3] {
        deliveries(&program, &events[number], &["delivered", "delivered"]).await;
    }
    deliveries(&program, &events[5], &["delivered"]).await;
    deliveries(&program, &events[4], &["delivered"]).await;
    let paths: Vec<String> = receiver.rest().into_iter().map(|got| got.path).collect();
    assert_eq!(paths.len(), 8, "{paths:?}");
    let place_of = |path: &str| paths.iter().position(|one| one == path);
    assert!(place_of("/two/1") < place_of("/one/3"), "one event after the other: {paths:?}");
}

#[tokio::test]
async fn actions_loop_wait_and_follow_a_failure_across_a_restart() {
    let mut receiver = Receiver::start().await;
    let rules = r#"
sources: { a: { verify: none } }
connections:
  desk: { http: { url: ADDRESS }, retry: { attempts: 1 } }
rules:
  - name: lines
    from: a
    do:
      - { id: build, run: [sh, -c, "sleep 1; echo '{\"tag\":\"v1\"}'"] }
      - { id: tell, http: desk, path: /tell, json: { tag: "{{ steps.build.json.tag }}" }, needs: build }
      - { http: desk, path: "/lines/{{ line.id }}", body: "{{ steps.tell.status }}", for_each: $.lines, as: line, needs: tell }
      - { id: fails, run: [sh, -c, "exit 3"] }
      - { log: never, needs: [fails] }
    on_failure:
      - { http: desk, path: /failed, body: "{{ failure.reason }}" }
"#;
    let place = Place::new(&rules.replace("ADDRESS", &receiver.address), &[]);
    let program = place.serve();
    let event = program.accepted("/a", &json!({ "lines": [{ "id": 7 }, { "id": 8 }] })).await;
    let failed = receiver.next().await;
    assert_eq!((failed.path.as_str(), failed.body.as_str()), ("/failed", "exit 3 (1 of 1 attempts)"));
    // The build has not ended: what waits is durable and goes on after a restart.
    assert_eq!(program.stop(), Some(0));
    let program = place.serve();
    let told = receiver.next().await;
    assert_eq!((told.path.as_str(), told.body.as_str()), ("/tell", r#"{"tag":"v1"}"#));
    let (one, two) = (receiver.next().await, receiver.next().await);
    let mut paths = [one.path.as_str(), two.path.as_str()];
    paths.sort_unstable();
    assert_eq!((paths, one.body.as_str()), (["/lines/7", "/lines/8"], "200"));
    assert_ne!(one.headers["idempotency-key"], two.headers["idempotency-key"]);
    let wanted = ["delivered", "delivered", "delivered", "delivered", "dead", "cancelled", "delivered"];
    let list = deliveries(&program, &event, &wanted).await;
    assert_eq!(list[5]["reason"], "`fails` died: exit 3 (1 of 1 attempts)");
    assert!(receiver.rest().is_empty());
}
