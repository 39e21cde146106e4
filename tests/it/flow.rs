//! The straight line from outside: a webhook in, an action out, once, and what is said about it.

use serde_json::json;

use crate::program::{Place, text};
use crate::receiver::Receiver;
use crate::sign;

const GITHUB_SECRET: &str = "a github secret that is long enough";
const STRIPE_SECRET: &str = "whsec_a stripe secret that is long enough";

const PUSH: &str = r#"{"ref":"refs/heads/main","after":"0d1a26e6","repository":{"full_name":"octo/repo"}}"#;

fn ci() -> Place {
    let rules = r#"
sources:
  github: { verify: github, secret: { env: GITHUB_SECRET } }
rules:
  - name: CI on push to main
    from: github
    event: push
    if: { $.ref: refs/heads/main }
    do:
      - run: [sh, -c, 'echo "$1" >> ran', ci, "{{ $.after }}"]
        cwd: .
"#;
    Place::new(rules, &[("GITHUB_SECRET", GITHUB_SECRET)])
}

fn payments(slack: &str) -> Place {
    let rules = r#"
sources:
  stripe: { verify: stripe, secret: { env: STRIPE_SECRET } }
connections:
  sales-chat: { slack: { url: { env: SLACK_URL } }, retry: { attempts: 3, first: 1ms, max: 2ms } }
rules:
  - name: Big payments to sales chat
    from: stripe
    event: payment_intent.succeeded
    if:
      $.data.object.currency: usd
      $.data.object.amount: { gt: 10000 }
    do:
      - slack: sales-chat
        text: "{{ money $.data.object.amount $.data.object.currency }} from {{ $.data.object.receipt_email }}"
"#;
    Place::new(rules, &[("STRIPE_SECRET", STRIPE_SECRET), ("SLACK_URL", slack)])
}

fn payment(id: &str, amount: u64) -> String {
    json!({ "id": id, "type": "payment_intent.succeeded", "data": { "object": {
        "amount": amount, "currency": "usd", "receipt_email": "a<b>@example.com" } } })
    .to_string()
}

#[tokio::test]
async fn a_push_runs_the_command_once() {
    let place = ci();
    let program = place.serve();
    let signature = sign::github(GITHUB_SECRET, PUSH.as_bytes());
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "push"),
        ("x-github-delivery", "d-1"),
        ("x-hub-signature-256", signature.as_str()),
    ];
    let (status, first) = program.post("/github", &headers, PUSH).await;
    assert_eq!(status, 202, "{first}");
    let id = first["id"].as_str().unwrap().to_owned();
    let listed = format!("/api/deliveries?event={id}");
    let answer = program.until(&listed, |answer| answer["deliveries"][0]["state"] == "delivered").await;
    assert_eq!(answer["deliveries"][0]["mode"], "at_most_once");
    let (status, second) = program.post("/github", &headers, PUSH).await;
    assert_eq!((status, &second["id"]), (200, &json!(id)));
    let other = PUSH.replace("0d1a26e6", "ffffffff");
    let signature = sign::github(GITHUB_SECRET, other.as_bytes());
    let conflict = [headers[0], headers[1], headers[2], ("x-hub-signature-256", signature.as_str())];
    assert_eq!(program.post("/github", &conflict, other).await.0, 409);
    assert_eq!(program.stop(), Some(0));
    assert_eq!(std::fs::read_to_string(place.file("ran")).unwrap(), "0d1a26e6\n");
}

#[tokio::test]
async fn a_payment_reaches_the_chat_and_a_forged_stale_or_repeated_one_does_not() {
    let mut slack = Receiver::start().await;
    let place = payments(&format!("{}/services/T000/B000/XXXXXXXX", slack.address));
    let program = place.serve();
    let body = payment("evt_1", 15_000);
    let good = sign::stripe(STRIPE_SECRET, &body, 2);
    let send = async |signature: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("stripe-signature", signature)];
        program.post("/stripe", &headers, body.to_owned()).await.0
    };
    assert_eq!(send(&sign::stripe("whsec_another secret altogether", &body, 2), &body).await, 401);
    assert_eq!(send(&sign::stripe(STRIPE_SECRET, &body, 400), &body).await, 401);
    assert_eq!(send(&good, &body.replace("15000", "95000")).await, 401);
    assert_eq!(send(&good, &body).await, 202);
    assert_eq!(send(&good, &body).await, 200);
    let small = payment("evt_2", 10_000);
    assert_eq!(send(&sign::stripe(STRIPE_SECRET, &small, 2), &small).await, 202);
    let got = slack.next().await;
    let message: serde_json::Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(message["text"], "$150.00 from a&lt;b&gt;@example.com");
    assert_eq!(got.path, "/services/T000/B000/XXXXXXXX");
    let delivered =
        |answer: &serde_json::Value| answer["deliveries"].as_array().is_some_and(|list| list.len() == 1);
    program.until("/api/deliveries?state=delivered", delivered).await;
    let (_, rejections) = program.ask("/api/rejections").await;
    assert_eq!(rejections["rejections"].as_array().unwrap().len(), 3, "{rejections:#}");
    assert_eq!(program.stop(), Some(0));
    assert!(slack.rest().is_empty());
    let log = place.log();
    for secret in [STRIPE_SECRET, "XXXXXXXX", "v1="] {
        assert!(!log.contains(secret), "`{secret}` is in the log:\n{log}");
    }
}

#[tokio::test]
async fn what_fails_is_tried_again_then_dead_then_repaired_by_hand() {
    let mut slack = Receiver::start().await;
    let place = payments(&slack.address);
    *slack.answers.lock().unwrap() = vec![(500, "no"), (503, "no"), (502, "still no"), (200, "ok")];
    let program = place.serve();
    let body = payment("evt_3", 20_000);
    let signature = sign::stripe(STRIPE_SECRET, &body, 0);
    let headers = [("content-type", "application/json"), ("stripe-signature", signature.as_str())];
    assert_eq!(program.post("/stripe", &headers, body.clone()).await.0, 202);
    let ids: Vec<String> = [slack.next().await, slack.next().await, slack.next().await]
        .iter()
        .map(|got| got.headers["idempotency-key"].to_str().unwrap().to_owned())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let dead = program
        .until("/api/deliveries?state=dead", |answer| answer["deliveries"][0]["id"] == json!(ids[0]))
        .await;
    assert_eq!(dead["deliveries"][0]["attempts_made"], 3);
    let (_, shown) = program.ask(&format!("/api/deliveries/{}", ids[0])).await;
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 3);
    assert!(shown["attempts"][2]["got_body"].as_str().unwrap().contains("still no"), "{shown:#}");
    let admin = program.admin.strip_prefix("http://").unwrap().to_owned();
    let run = tokio::task::spawn_blocking(move || {
        (place.run(&["deliveries", "retry", &ids[0], "--admin", &admin]), place, ids)
    });
    let (retried, place, ids) = run.await.unwrap();
    assert_eq!(retried.status.code(), Some(0), "{}", text(&retried.stderr));
    slack.next().await;
    program
        .until("/api/deliveries?state=delivered", |answer| answer["deliveries"][0]["id"] == json!(ids[0]))
        .await;
    assert_eq!(program.want(&format!("/api/deliveries/{}/retry", ids[0])).await.0, 409);
    drop((program, place));
}

#[tokio::test]
async fn deliveries_that_wait_survive_a_restart() {
    let mut slack = Receiver::start().await;
    let place = payments(&slack.address);
    *slack.answers.lock().unwrap() = vec![(503, "no"), (200, "ok")];
    let rules = std::fs::read_to_string(place.file("doorbell.yaml")).unwrap();
    place.write("doorbell.yaml", &rules.replace("first: 1ms, max: 2ms", "first: 1s, max: 1s"));
    let program = place.serve();
    let body = payment("evt_4", 30_000);
    let signature = sign::stripe(STRIPE_SECRET, &body, 0);
    let headers = [("content-type", "application/json"), ("stripe-signature", signature.as_str())];
    assert_eq!(program.post("/stripe", &headers, body.clone()).await.0, 202);
    slack.next().await;
    program.until("/api/deliveries?state=due", |answer| answer["deliveries"][0]["attempts_made"] == 1).await;
    assert_eq!(program.stop(), Some(0));
    let program = place.serve();
    assert!(slack.next().await.body.contains("$300.00"));
    program
        .until("/api/deliveries?state=delivered", |answer| answer["deliveries"][0]["attempts_made"] == 2)
        .await;
}

#[tokio::test]
async fn a_broken_edit_keeps_the_running_rules() {
    let place = Place::new("sources: { a: { verify: none } }\n", &[]);
    let program = place.serve();
    assert_eq!(program.post("/a", &[], "{}").await.0, 202);
    place.write("doorbell.yaml", "sources: { a: { verify: nothing } }\n");
    let (status, why) = program.want("/api/reload").await;
    assert_eq!(status, 422);
    assert!(why["why"].as_str().unwrap().contains("doorbell.yaml:1:"), "{why:#}");
    assert_eq!(program.post("/a", &[], "{}").await.0, 202);
    place.write("doorbell.yaml", "sources: { b: { verify: none } }\n");
    // The file watch sees it by itself.
    program.until("/api/sources", |answer| answer["sources"][0]["name"] == "b").await;
    assert_eq!((program.post("/a", &[], "{}").await.0, program.post("/b", &[], "{}").await.0), (404, 202));
    place.write("doorbell.yaml", "sources: { c: { verify: none } }\n");
    program.signal("HUP");
    program.until("/api/sources", |answer| answer["sources"][0]["name"] == "c").await;
}

#[tokio::test]
async fn one_line_for_each_thing_whatever_a_stranger_writes() {
    let rules = "sources: { open: { verify: none, event: $.kind } }\nrules:\n  - name: say\n    do: [{ log: \"got {{ $.text }}\" }]\n";
    let place = Place::new(rules, &[]);
    let program = place.serve();
    let text = "a\r\n{\"level\":\"error\",\"message\":\"forged\"}\u{2028}\u{1b}[31m";
    let body = json!({ "kind": "push\nforged", "text": text }).to_string();
    assert_eq!(program.post("/open", &[], body).await.0, 202);
    program.until("/api/deliveries?state=delivered", |answer| answer["deliveries"][0]["verb"] == "log").await;
    assert_eq!(program.stop(), Some(0));
    let log = place.log();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(!log.contains('\u{2028}') && !log.contains('\u{1b}'), "{log}");
    let messages: Vec<&str> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    for (start, count) in [("event accepted", 1), ("got a", 1), ("done", 1), ("forged", 0)] {
        assert_eq!(
            messages.iter().filter(|message| message.starts_with(start)).count(),
            count,
            "{start}: {messages:?}"
        );
    }
}
