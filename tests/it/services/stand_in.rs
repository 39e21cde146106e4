//! Discord, Telegram and PagerDuty as far as a message goes: too busy at first, strict about what they take.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::receiver;

/// Where Discord takes messages.
pub const WEBHOOK: &str = "/api/webhooks/42/a-token-of-a-webhook";
/// The token that Telegram knows.
pub const BOT_TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
/// The key that PagerDuty knows.
pub const ROUTING_KEY: &str = "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY01";

/// What it was told.
#[derive(Clone, Default)]
pub struct Kept {
    /// Requests that are still too many.
    busy: usize,
    pub messages: Vec<Value>,
    /// Those that are open, by their keys.
    pub alerts: BTreeMap<String, Value>,
}

type Memory = Arc<Mutex<Kept>>;
type Answer = (StatusCode, String);

/// A listening stand-in.
pub struct StandIn {
    pub address: String,
    memory: Memory,
    task: tokio::task::JoinHandle<()>,
}

impl StandIn {
    /// One that has too much to do for the first `busy` requests.
    pub async fn start(busy: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let memory = Memory::new(Mutex::new(Kept { busy, ..Kept::default() }));
        let router = Router::new()
            .route(WEBHOOK, post(discord))
            .route("/v2/enqueue", post(pagerduty))
            .fallback(telegram)
            .with_state(Arc::clone(&memory));
        let task = tokio::spawn(async move { receiver::serve(listener, router).await });
        Self { address, memory, task }
    }

    pub fn kept(&self) -> Kept {
        self.memory.lock().unwrap().clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn answer(status: u16, body: &Value) -> Answer {
    (StatusCode::from_u16(status).unwrap(), body.to_string())
}

fn is_busy(memory: &Memory) -> bool {
    let mut kept = memory.lock().unwrap();
    let busy = kept.busy > 0;
    kept.busy = kept.busy.saturating_sub(1);
    busy
}

async fn discord(State(memory): State<Memory>, body: Bytes) -> Answer {
    if is_busy(&memory) {
        let why = json!({ "message": "You are being rate limited.", "retry_after": 0.05, "global": false });
        return answer(429, &why);
    }
    let message: Value = serde_json::from_slice(&body).unwrap();
    if message["content"].as_str().is_none_or(str::is_empty) {
        return answer(400, &json!({ "message": "Cannot send an empty message", "code": 50006 }));
    }
    memory.lock().unwrap().messages.push(message);
    answer(200, &json!({ "id": "1" }))
}

async fn telegram(State(memory): State<Memory>, uri: Uri, body: Bytes) -> Answer {
    let no =
        |code: u16, why: &str| answer(code, &json!({ "ok": false, "error_code": code, "description": why }));
    if uri.path() != format!("/bot{BOT_TOKEN}/sendMessage") {
        return no(404, "Not Found");
    }
    if is_busy(&memory) {
        return answer(
            429,
            &json!({ "ok": false, "error_code": 429,
            "description": "Too Many Requests: retry after 1", "parameters": { "retry_after": 1 } }),
        );
    }
    let form = form_urlencoded::parse(&body);
    let message: Value = form.map(|(name, value)| (name.into_owned(), Value::from(value))).collect();
    if message["chat_id"] != "-100" {
        return no(400, "Bad Request: chat not found");
    }
    memory.lock().unwrap().messages.push(message);
    answer(200, &json!({ "ok": true, "result": { "message_id": 1 } }))
}

async fn pagerduty(State(memory): State<Memory>, body: Bytes) -> Answer {
    if is_busy(&memory) {
        return answer(500, &json!({ "status": "internal error" }));
    }
    let mut event: Value = serde_json::from_slice(&body).unwrap();
    if event["routing_key"] != ROUTING_KEY {
        let why = "Length of 'routing_key' is incorrect (should be 32 characters)";
        return answer(
            400,
            &json!({ "status": "invalid event", "message": "Event object is invalid", "errors": [why] }),
        );
    }
    let key = event["dedup_key"].as_str().unwrap().to_owned();
    event.as_object_mut().unwrap().remove("routing_key");
    let alerts = &mut memory.lock().unwrap().alerts;
    match event["event_action"].as_str() {
        Some("trigger") => drop(alerts.insert(key.clone(), event)),
        _ => drop(alerts.remove(&key)),
    }
    answer(202, &json!({ "status": "success", "message": "Event processed", "dedup_key": key }))
}
