//! Verbs of services on the real program, against small stand-ins that keep what they were told and answer as the service does.

mod cases;
mod desk;
mod every;
mod stand_in;

use serde_json::json;

use crate::program::Place;
use stand_in::{BOT_TOKEN, ROUTING_KEY, StandIn, WEBHOOK};

const RULES: &str = r#"
sources: { in: { verify: none, event: $.kind } }
connections:
  chat: { discord: { url: { env: DISCORD_URL } }, retry: { attempts: 3, first: 1h } }
  bot:
    telegram: { token: { env: BOT_TOKEN }, chat: "-100", api: ADDRESS }
    retry: { attempts: 3, first: 1h }
  pager:
    pagerduty: { routing_key: { env: ROUTING_KEY }, api: ADDRESS }
    retry: { attempts: 3, first: 1ms, max: 1ms }
  wrong: { pagerduty: { routing_key: { env: WRONG_KEY }, api: ADDRESS } }
rules:
  - { name: chat, from: in, event: chat, do: { discord: chat, text: "{{ $.text }}", username: bell } }
  - { name: bot, from: in, event: bot, do: { telegram: bot, text: "{{ $.text }}" } }
  - { name: lost, from: in, event: lost, do: { telegram: bot, text: hi, chat: "{{ $.chat }}" } }
  - name: pager
    from: in
    event: pager
    do:
      pagerduty: pager
      action: "{{ $.action }}"
      text: "{{ $.text }}"
      dedup_key: "{{ $.key }}"
      severity: critical
      details: { of: "{{ $.text }}" }
  - { name: wrong, from: in, event: wrong, do: { pagerduty: wrong, text: hi } }
"#;

fn place(stand_in: &StandIn) -> Place {
    let webhook = format!("{}{WEBHOOK}", stand_in.address);
    Place::new(
        &RULES.replace("ADDRESS", &stand_in.address),
        &[
            ("DISCORD_URL", &webhook),
            ("BOT_TOKEN", BOT_TOKEN),
            ("ROUTING_KEY", ROUTING_KEY),
            ("WRONG_KEY", "a key that nobody gave out"),
        ],
    )
}

#[tokio::test]
async fn discord_is_waited_for_as_its_answer_says_and_nobody_is_pinged() {
    let stand_in = StandIn::start(1).await;
    let place = place(&stand_in);
    let program = place.serve();
    let event = program.accepted("/in", &json!({ "kind": "chat", "text": "hi @everyone" })).await;
    let delivery = program.delivery(&event, "delivered").await;
    // The policy would have waited for an hour.
    assert_eq!(delivery["attempts_made"], 2, "{delivery:#}");
    let kept = stand_in.kept();
    assert_eq!(
        kept.messages,
        [json!({
        "content": "hi @everyone", "username": "bell", "allowed_mentions": { "parse": [] } })]
    );
    let event = program.accepted("/in", &json!({ "kind": "chat", "text": "" })).await;
    let delivery = program.delivery(&event, "dead").await;
    assert_eq!(delivery["reason"], "status 400: the service says `Cannot send an empty message`");
}

#[tokio::test]
async fn telegram_has_its_token_in_the_path_and_says_why_not() {
    let stand_in = StandIn::start(1).await;
    let place = place(&stand_in);
    let program = place.serve();
    let event = program.accepted("/in", &json!({ "kind": "bot", "text": "a & b [secret]" })).await;
    assert_eq!(program.delivery(&event, "delivered").await["attempts_made"], 2);
    assert_eq!(stand_in.kept().messages, [json!({ "chat_id": "-100", "text": "a & b [secret]" })]);
    let event = program.accepted("/in", &json!({ "kind": "lost", "chat": "-7" })).await;
    let delivery = program.delivery(&event, "dead").await;
    assert_eq!(delivery["reason"], "status 400: the service says `Bad Request: chat not found`");
    let (_, shown) = program.want(&format!("/api/deliveries/{}", delivery["id"].as_str().unwrap())).await;
    let (_, asked) = program.ask(&format!("/api/deliveries/{}", delivery["id"].as_str().unwrap())).await;
    assert_eq!(program.stop(), Some(0));
    for text in [place.log(), shown.to_string(), asked.to_string()] {
        assert!(!text.contains(BOT_TOKEN), "the token is shown: {text}");
    }
}

#[tokio::test]
async fn pagerduty_alerts_are_opened_and_resolved_by_their_key() {
    let stand_in = StandIn::start(1).await;
    let place = place(&stand_in);
    let program = place.serve();
    let alert =
        |action: &str| json!({ "kind": "pager", "action": action, "text": "\"[secret]\"", "key": "disk" });
    let event = program.accepted("/in", &alert("trigger")).await;
    assert_eq!(program.delivery(&event, "delivered").await["attempts_made"], 2);
    let open = stand_in.kept().alerts;
    assert_eq!(
        open["disk"]["payload"],
        json!({
        "summary": "\"[secret]\"", "source": "in", "severity": "critical", "custom_details": { "of": "\"[secret]\"" } })
    );
    let event = program.accepted("/in", &alert("resolve")).await;
    program.delivery(&event, "delivered").await;
    assert!(stand_in.kept().alerts.is_empty());
    let event = program.accepted("/in", &alert("explode")).await;
    let reason = program.delivery(&event, "dead").await["reason"].to_string();
    assert!(reason.contains("`action` is none of `trigger`"), "{reason}");
    let event = program.accepted("/in", &json!({ "kind": "wrong" })).await;
    let reason = program.delivery(&event, "dead").await["reason"].to_string();
    assert!(
        reason.contains("status 400: the service says `Length of 'routing_key' is incorrect"),
        "{reason}"
    );
    assert_eq!(program.stop(), Some(0));
    assert!(!place.log().contains(ROUTING_KEY));
}
