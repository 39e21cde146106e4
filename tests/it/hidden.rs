//! What `redact` names is hidden from whoever asks for it, too: no list tells that it is there.

use serde_json::{Value, json};

use crate::program::Place;
use crate::receiver::Receiver;

const CARD: &str = "4242424242424242";
const RULES: &str = r#"
redact: [$.card.number]
sources: { open: { verify: none } }
connections:
  bot: { telegram: { token: { env: BOT_TOKEN }, chat: "-100", api: ADDRESS }, retry: { attempts: 1 } }
rules:
  - { name: bot, from: open, do: { telegram: bot, text: "{{ $.card.number }}" } }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_learns_by_searching_what_they_are_not_shown() {
    let receiver = Receiver::start().await;
    // A service that repeats in its refusal what it was sent.
    let refusal = r#"{"ok":false,"error_code":400,"description":"no such card 4242424242424242"}"#;
    *receiver.answers.lock().unwrap() = vec![(400, refusal)];
    let place = Place::new(
        &RULES.replace("ADDRESS", &receiver.address),
        &[("BOT_TOKEN", "123456789:AAbbccddeeffgghhiijjkkllmmnnooppqq")],
    );
    let program = place.serve();
    let body = json!({ "card": { "number": CARD }, "note": "a note" }).to_string();
    assert_eq!(program.post("/open", &[("content-type", "application/json")], body).await.0, 202);
    let is_dead = |answer: &Value| answer["deliveries"][0]["state"] == "dead";
    let answer = program.until("/api/deliveries", is_dead).await;
    assert_eq!(
        answer["deliveries"][0]["last_error"], "status 400: the service says `no such card [secret]`",
        "{answer:#}"
    );
    assert!(!answer.to_string().contains(CARD), "{answer:#}");
    for (text, found) in [("note", 1), (CARD, 0), ("42424242", 0)] {
        let (_, answer) = program.ask(&format!("/api/events?text={text}")).await;
        let events = answer["events"].as_array().unwrap();
        assert_eq!(events.len(), found, "{text}: {answer:#}");
        assert!(answer["next"].is_null(), "{text}: where the list ends tells nothing either");
    }
    let (_, answer) = program.ask(&format!("/api/deliveries?error={CARD}")).await;
    assert_eq!(answer["deliveries"], json!([]));
    let (_, answer) = program.ask("/api/deliveries?error=no+such+card").await;
    assert_eq!(answer["deliveries"].as_array().unwrap().len(), 1);
    let (_, answer) = program.want(&format!("/api/replay?text={CARD}&dry_run=true")).await;
    assert_eq!(answer["events"], 0, "{answer:#}");
    assert!(!place.log().contains(CARD), "{}", place.log());
}
