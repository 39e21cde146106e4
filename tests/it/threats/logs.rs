//! What a stranger can make the log and the metrics say: one line for each thing, no secrets, no bodies, no flood.

use serde_json::json;

use crate::program::Place;
use crate::receiver::Receiver;
use crate::sign;

const HUB: &str = "hub-secret-3f9b2c71d5e84a60b8aa4f1d";
const TOKEN: &str = "admin-token-9d1c77aa02bb4410";
const BEARER: &str = "bearer-secret-51aa0c9e77d34f2b";
const COOKIE: &str = "cookie-value-77f0e1d2c3b4a596";
const MARKER: &str = "body-marker-0123456789abcdef";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_secrets_nor_bodies_are_logged_at_any_level() {
    let mut receiver = Receiver::start().await;
    let rules = format!(
        "
sources: {{ hub: {{ verify: github, secret: {{ env: HUB }} }} }}
connections: {{ out: {{ http: {{ url: {}, headers: {{ Authorization: {{ env: BEARER }} }} }} }} }}
rules:
  - {{ name: go, do: [{{ http: out, json: {{ text: '{{{{ $.text }}}}' }} }}, {{ run: [cat] }}] }}
",
        receiver.address
    );
    let place = Place::new(
        &rules,
        &[("HUB", HUB), ("DOORBELL_ADMIN_TOKEN", TOKEN), ("BEARER", BEARER), ("LANG", "C"), ("LC_ALL", "C")],
    );
    let program = place.serve_with(&["--log", "trace"]);
    let body = json!({ "text": format!("{MARKER} \u{1f514} é") }).to_string();
    let signature = sign::github(HUB, body.as_bytes());
    let headers = [
        ("x-github-event", "push"),
        ("x-hub-signature-256", signature.as_str()),
        ("cookie", COOKIE),
        ("authorization", COOKIE),
    ];
    assert_eq!(program.post("/hub", &headers, body.clone()).await.0, 202);
    assert_eq!(program.post("/hub", &headers, format!("{body} ")).await.0, 401);
    assert_eq!(receiver.next().await.headers["authorization"], BEARER);
    let answer = program.client.get(format!("{}/api/events?token={TOKEN}", program.admin)).bearer_auth(TOKEN);
    assert_eq!(answer.send().await.unwrap().status(), 400, "a token has no place in a query");
    assert_eq!(program.stop(), Some(0));
    let log = place.log();
    assert!(log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{log}");
    let digest = signature.strip_prefix("sha256=").unwrap();
    for hidden in [HUB, TOKEN, BEARER, COOKIE, MARKER, digest] {
        assert!(!log.contains(hidden), "{hidden}\n{log}");
    }
    assert!(log.contains("\"level\":\"debug\"") || log.contains("\"level\":\"trace\""), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_strangers_fills_neither_log_nor_metrics() {
    let place = Place::new("sources: { hub: { verify: github, secret: { env: HUB } } }\n", &[("HUB", HUB)]);
    let program = place.serve();
    for number in 0..2_000 {
        let (path, event) =
            if number % 2 == 0 { ("/hub".to_owned(), number) } else { (format!("/p{number}"), 0) };
        let event = event.to_string();
        let headers = [("x-github-event", event.as_str()), ("x-hub-signature-256", "sha256=00")];
        let (status, _) = program.post(&path, &headers, "{}").await;
        assert!([401, 404, 429].contains(&status), "{status}");
    }
    let text =
        program.client.get(format!("{}/metrics", program.admin)).send().await.unwrap().text().await.unwrap();
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    assert!(series < 200, "{series} series\n{text}");
    assert_eq!(program.stop(), Some(0));
    let bytes = place.log().len();
    assert!(bytes < 2_000 * 100, "{bytes} bytes of log");
}
