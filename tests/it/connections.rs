//! Connections on the real program: paused and resumed by a person, spared by their circuit breaker.

use serde_json::Value;

use crate::program::{Place, Program, text};
use crate::receiver::Receiver;

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn ring(program: &Program, path: &str) {
    assert_eq!(program.post(path, &JSON, "{}").await.0, 202);
}

fn named<'list>(answer: &'list Value, name: &str) -> &'list Value {
    let list = answer["connections"].as_array().expect("a list");
    list.iter().find(|one| one["name"] == name).expect("a connection of this name")
}

#[tokio::test]
async fn a_paused_connection_waits_across_a_restart_and_goes_on() {
    let mut receiver = Receiver::start().await;
    let rules = r#"
sources: { one: { verify: none }, two: { verify: none } }
connections:
  the-erp: { http: { url: ADDRESS }, rate: 100/m }
  other: { http: { url: ADDRESS }, circuit_breaker: {} }
rules:
  - { name: one, from: one, do: { http: the-erp, path: /one } }
  - { name: two, from: two, do: { http: other, path: /two } }
"#;
    let place = Place::new(&rules.replace("ADDRESS", &receiver.address), &[]);
    let program = place.serve();
    let admin = program.admin.trim_start_matches("http://").to_owned();
    let output = place.run(&["connections", "pause", "the-erp", "--reason", "they move", "--admin", &admin]);
    assert_eq!(text(&output.stdout), "the-erp is paused: what is owed waits\n", "{}", text(&output.stderr));
    assert_eq!(program.want("/api/connections/other/pause").await.1["changed"], true);
    assert_eq!(program.want("/api/connections/other/pause").await.1["changed"], false);
    assert_eq!(program.want("/api/connections/other/resume").await.1["changed"], true);
    assert_eq!(program.want("/api/connections/none/pause").await.0, 404);
    assert_eq!(program.want("/api/connections/none/resume").await.0, 404);
    let (_, list) = program.ask("/api/connections").await;
    assert_eq!(named(&list, "the-erp")["paused"]["reason"], "they move");
    assert_eq!(
        (&named(&list, "the-erp")["rate"], &named(&list, "other")["breaker"]),
        (&"100/m".into(), &"closed".into())
    );
    // What comes later on the other connection arrives; what came first waits.
    ring(&program, "/one").await;
    ring(&program, "/two").await;
    assert_eq!(receiver.next().await.path, "/two");
    assert_eq!(program.stop(), Some(0));
    let program = place.serve();
    ring(&program, "/two").await;
    assert_eq!(receiver.next().await.path, "/two");
    let admin = program.admin.trim_start_matches("http://").to_owned();
    let listed = text(&place.run(&["connections", "list", "--admin", &admin]).stdout);
    assert!(listed.contains("they move"), "{listed}");
    let (_, waiting) = program.ask("/api/deliveries?state=due").await;
    assert_eq!(waiting["deliveries"][0]["attempts_made"], 0);
    let output = place.run(&["connections", "resume", "the-erp", "--admin", &admin]);
    assert_eq!(text(&output.stdout), "the-erp goes on\n", "{}", text(&output.stderr));
    assert_eq!(receiver.next().await.path, "/one");
    let output = place.run(&["connections", "pause", "nobody", "--admin", &admin]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("there is no connection `nobody`"), "{}", text(&output.stderr));
}

#[tokio::test]
async fn a_destination_that_is_down_is_spared_until_a_probe_succeeds() {
    let mut receiver = Receiver::start().await;
    let rules = r#"
sources: { shaky: { verify: none }, lost: { verify: none } }
connections:
  shaky:
    http: { url: ADDRESS }
    concurrency: 1
    retry: { attempts: 9, first: 1ms, max: 1ms }
    circuit_breaker: { failures: 2, open_for: 1ms }
  lost:
    http: { url: ADDRESS }
    retry: { attempts: 9, first: 1ms, max: 1ms }
    circuit_breaker: { failures: 2, open_for: 24h }
rules:
  - { name: shaky, from: shaky, do: { http: shaky, path: "/{{ event.id }}" } }
  - { name: lost, from: lost, do: { http: lost, path: "/{{ event.id }}" } }
"#;
    let place = Place::new(&rules.replace("ADDRESS", &receiver.address), &[]);
    *receiver.answers.lock().unwrap() = vec![(503, ""), (503, ""), (503, ""), (200, "")];
    let program = place.serve();
    ring(&program, "/shaky").await;
    let mut paths = Vec::new();
    for _ in 0..4 {
        paths.push(receiver.next().await.path);
    }
    assert!(paths.iter().all(|path| *path == paths[0]), "{paths:?}");
    program
        .until("/api/deliveries?state=delivered", |page| page["deliveries"][0]["attempts_made"] == 4)
        .await;
    assert_eq!(named(&program.ask("/api/connections").await.1, "shaky")["breaker"], "closed");
    let log = place.log();
    assert!(log.contains("circuit breaker is open") && log.contains("circuit breaker is closed"), "{log}");

    *receiver.answers.lock().unwrap() = vec![(503, "")];
    ring(&program, "/lost").await;
    program.until("/api/connections", |list| named(list, "lost")["breaker"] == "open").await;
    let (first, second) = (receiver.next().await, receiver.next().await);
    assert_eq!(first.path, second.path);
    let metrics = program.client.get(format!("{}/metrics", program.admin)).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("doorbell_breaker_open{connection=\"lost\"} 1"), "{metrics}");
    let is_spared = |page: &Value| page["deliveries"][0]["attempts_made"] == 2;
    program.until("/api/deliveries?state=due", is_spared).await;
    // What comes while it is open waits; nothing goes there.
    ring(&program, "/lost").await;
    program
        .until("/api/deliveries?state=due", |page| page["deliveries"].as_array().map(Vec::len) == Some(2))
        .await;
    assert_eq!(program.stop(), Some(0));
    assert!(receiver.rest().is_empty());
}
