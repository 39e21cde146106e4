//! What Prometheus reads of a program that took, refused, matched and delivered webhooks.

use crate::program::Place;
use crate::receiver::Receiver;

#[tokio::test]
async fn everything_that_happened_is_counted() {
    let receiver = Receiver::start().await;
    let rules = format!(
        r#"
sources:
  open: {{ verify: none }}
  hub: {{ verify: github, secret: {{ env: S }} }}
connections: {{ away: {{ http: {{ url: {} }} }} }}
rules:
  - name: greet
    from: open
    if: {{ $.name: world }}
    do: [{{ http: away, path: /in, json: {{}} }}]
"#,
        receiver.address
    );
    let place = Place::new(&rules, &[("S", "0123456789abcdef0123456789abcdef")]);
    let program = place.serve();
    let json = [("content-type", "application/json")];
    assert_eq!(program.post("/open", &json, r#"{"name":"world"}"#).await.0, 202);
    assert_eq!(program.post("/open", &json, r#"{"name":"nobody"}"#).await.0, 202);
    assert_eq!(program.post("/hub", &json, "{}").await.0, 401);
    program
        .until("/api/deliveries?state=delivered", |page| {
            page["deliveries"].as_array().is_some_and(|all| all.len() == 1)
        })
        .await;
    let answer = program.client.get(format!("{}/metrics", program.admin)).send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = answer.text().await.unwrap();
    for line in [
        r#"doorbell_events_total{source="open",outcome="accepted"} 2"#,
        r#"doorbell_events_routed_total{source="open",outcome="matched"} 1"#,
        r#"doorbell_events_routed_total{source="open",outcome="unrouted"} 1"#,
        r#"doorbell_requests_refused_total{source="hub",status="401"} 1"#,
        r#"doorbell_attempts_total{verb="http",state="delivered"} 1"#,
        "doorbell_commit_seconds_count 2",
        "doorbell_attempt_seconds_count 1",
        "doorbell_events_kept 2",
        "doorbell_deliveries_live 0",
        "doorbell_oldest_due_seconds 0.0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}
