//! What people see of what goes wrong before a rule is asked: a wrong path, a body too large, an id that came with another body.

use serde_json::{Value, json};

use crate::program::{Place, text};

const RULES: &str = r#"
redact: [$.card]
sources:
  open: { verify: none, body_max: 1KiB, id: $.id }
rules:
  - { name: say, from: open, do: [{ log: "card {{ $.card }}" }] }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_turned_away_is_counted_listed_and_logged() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let (status, _) = program.post("/opne", &[], "{}").await;
    assert_eq!(status, 404);
    let put = program.client.put(format!("{}/open", program.address)).body("{}").send().await.unwrap();
    assert_eq!(put.status(), 405);
    let listed = |count: usize| move |answer: &Value| answer["rejections"].as_array().unwrap().len() == count;
    let answer = program.until("/api/rejections", listed(2)).await;
    let rows = answer["rejections"].as_array().unwrap();
    let of = |source: &str| rows.iter().find(|row| row["source"] == source).unwrap();
    assert_eq!(of("(none)")["status"], 404);
    assert_eq!(of("(none)")["cause"], "no source listens at `/opne`");
    assert_eq!((&of("open")["status"], &of("open")["cause"]), (&json!(405), &json!("the method `PUT`")));
    for number in 0..20 {
        assert_eq!(program.post(&format!("/{number}"), &[], "{}").await.0, 404);
    }
    assert_eq!(program.post("/open", &[], vec![b' '; 2000]).await.0, 413);
    let metrics = program.client.get(format!("{}/metrics", program.admin)).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for line in [
        r#"doorbell_requests_refused_total{source="(none)",status="404"} 21"#,
        r#"doorbell_requests_refused_total{source="open",status="405"} 1"#,
        r#"doorbell_requests_refused_total{source="open",status="413"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let log = place.log();
    assert!(log.contains("no source listens at `/opne`"), "{log}");
    assert!(log.matches("no source listens").count() < 15, "one a second: {log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_with_another_body_is_seen_everywhere() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    let admin = program.admin.trim_start_matches("http://");
    let first = program.accepted("/open", &json!({ "id": 1, "card": "4242" })).await;
    let (status, answer) = program.post("/open", &[], r#"{"id":1,"card":"5555"}"#).await;
    assert_eq!(status, 409);
    let second = answer["id"].as_str().unwrap();
    let shown = |arguments: &[&str]| {
        let output = place.run(&[arguments, &["--admin", admin]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert!(shown(&["events", "list"]).contains("id conflict"));
    for arguments in [["events", "show", second], ["explain", second, "--all"]] {
        let said = shown(&arguments);
        assert!(said.contains("conflict") && said.contains(&first), "{said}");
    }
    let explained: Value = serde_json::from_str(&shown(&["explain", second, "-o", "json"])).unwrap();
    assert_eq!(explained["event"]["conflict_with"], json!(first));
    shown(&["replay", second]);
    let replayed = program.delivery(second, "delivered").await;
    assert!(!replayed["replayed_at"].is_null());
    assert!(shown(&["deliveries", "list"]).contains("delivered (replay)"));
    assert!(shown(&["events", "show", second]).contains("(a replay)"));
    let log = place.log();
    assert!(log.contains("card [secret]") && !log.contains("4242") && !log.contains("5555"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_that_there_is_none_of_is_told() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    for path in ["/api/events?status=failed", "/api/deliveries?state=unmatched"] {
        let (status, answer) = program.ask(path).await;
        let why = answer["error"].as_str().unwrap();
        assert!(status == 400 && why.contains("`in_doubt`"), "{path}: {why}");
    }
    for path in ["/api/events?status=unmatched", "/api/deliveries?state=dead"] {
        assert_eq!(program.ask(path).await.0, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signals_that_mean_nothing_end_nothing() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    for name in ["USR1", "USR2", "ALRM", "PIPE", "USR1"] {
        program.signal(name);
    }
    program.until("/healthz", |answer| answer["ok"] == true).await;
    assert_eq!(program.post("/open", &[], "{}").await.0, 202);
    assert_eq!(program.stop(), Some(0));
}
