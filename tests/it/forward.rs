//! Webhooks passed on, on the real program: the bytes as they came, signed as they were or anew, and nothing that lets somebody in.

use serde_json::Value;

use crate::program::Place;
use crate::receiver::Receiver;
use crate::sign;

const SECRET: &str = "a github secret that is long enough";
/// A body that no JSON writer would write like this.
const BODY: &str = "{ \"ref\":\"refs/heads/m\\u00e4in\",  \"n\": 1.50 ,\"x\":[ ] }\n";

fn rules(address: &str) -> String {
    format!(
        r#"
sources: {{ github: {{ verify: github, secret: {{ env: SECRET }} }} }}
connections:
  ci: {{ http: {{ url: "{address}/hooks?token=1", headers: {{ X-Site: berlin }} }}, retry: {{ attempts: 2, first: 1ms }} }}
  own: {{ http: {{ url: "{address}/own", sign: {{ standard_webhooks: {{ secret: {{ env: SIGNING }} }} }} }} }}
rules:
  - name: as it came
    from: github
    event: push
    do: {{ forward: ci, headers: [x-*, User-Agent, webhook-id, Accept] }}
  - name: signed anew
    from: github
    event: release
    do: {{ forward: own, headers: "*" }}
"#
    )
}

const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw";

#[tokio::test]
async fn bytes_and_chosen_headers_go_along_and_the_signature_still_holds() {
    let mut ci = Receiver::start().await;
    ci.answers.lock().unwrap().insert(0, (503, "later"));
    let place = Place::new(&rules(&ci.address), &[("SECRET", SECRET), ("SIGNING", SIGNING)]);
    let program = place.serve();
    let signature = sign::github(SECRET, BODY.as_bytes());
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("x-github-event", "push"),
        ("x-github-delivery", "d-1"),
        ("x-hub-signature-256", signature.as_str()),
        ("x-several", "one"),
        ("x-several", "two"),
        ("x-hop", "only for this connection"),
        ("connection", "x-hop"),
        ("x-api-key", "let me in"),
        ("authorization", "Bearer let me in"),
        ("cookie", "session=let me in"),
        ("idempotency-key", "theirs"),
        ("x-site", "theirs"),
        ("user-agent", "GitHub-Hookshot/1"),
        ("webhook-id", "theirs"),
        ("accept-language", "not chosen"),
    ];
    assert_eq!(program.post("/github", &headers, BODY).await.0, 202);
    let (first, got) = (ci.next().await, ci.next().await);
    for got in [&first, &got] {
        assert_eq!((got.path.as_str(), got.body.as_str()), ("/hooks?token=1", BODY));
        let one = |name: &str| got.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(one("x-hub-signature-256"), Some(sign::github(SECRET, got.body.as_bytes()).as_str()));
        assert_eq!(one("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!((one("x-github-event"), one("user-agent")), (Some("push"), Some("GitHub-Hookshot/1")));
        assert_eq!((one("x-site"), one("webhook-id")), (Some("berlin"), Some("theirs")));
        assert_eq!(got.headers.get_all("x-several").iter().count(), 2);
        for name in ["x-hop", "x-api-key", "authorization", "cookie", "accept-language"] {
            assert_eq!(one(name), None, "{name}");
        }
        assert!(one("idempotency-key").unwrap().starts_with("dlv_"), "{:?}", one("idempotency-key"));
    }
    assert_eq!(first.headers["idempotency-key"], got.headers["idempotency-key"]);
    assert_eq!(program.stop(), Some(0));
}

#[tokio::test]
async fn what_is_signed_anew_is_genuine_to_another_doorbell() {
    let other = Place::new(
        r#"
sources: { own: { verify: standard-webhooks, secret: { env: SIGNING }, event: header:X-GitHub-Event } }
rules: [{ name: seen, from: own, event: release, do: { log: "seen {{ $.ref }}" } }]
"#,
        &[("SIGNING", SIGNING)],
    );
    let there = other.serve();
    let place = Place::new(&rules(&there.address), &[("SECRET", SECRET), ("SIGNING", SIGNING)]);
    let here = place.serve();
    let signature = sign::github(SECRET, BODY.as_bytes());
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "release"),
        ("x-github-delivery", "d-2"),
        ("x-hub-signature-256", signature.as_str()),
        ("webhook-id", "theirs"),
        ("webhook-signature", "v1,dGhlaXJz"),
    ];
    assert_eq!(here.post("/github", &headers, BODY).await.0, 202);
    let page = there.until("/api/events?source=own", |page| page["events"][0].is_object()).await;
    let (_, event) = there.ask(&format!("/api/events/{}", page["events"][0]["id"].as_str().unwrap())).await;
    assert!(event["verified"].as_str().unwrap().starts_with("hmac"), "{event:#}");
    assert_eq!(event["payload"], serde_json::from_str::<Value>(BODY).unwrap());
    // Its id is that of the delivery, so that a repeat is known for one.
    let delivered =
        here.until("/api/deliveries?state=delivered", |page| page["deliveries"][0].is_object()).await;
    assert_eq!(event["dedupe_key"], delivered["deliveries"][0]["id"]);
    assert_eq!((here.stop(), there.stop()), (Some(0), Some(0)));
}
