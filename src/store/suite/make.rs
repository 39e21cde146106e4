//! Events, deliveries and attempts for the cases, all different and all the same in each run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};

use crate::delivery::{Answer, Context, Delivery, Mode, Outcome, State};
use crate::event::{Event, Format, Request};
use crate::id::{DeliveryId, EventId};
use crate::payload;
use crate::store::{Accept, EventFilter, Ready, SHARDS, Settle, Store};
use crate::time::Timestamp;

/// The moment at which cases begin.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_271_582_000);
/// The dedupe window of the cases.
pub(crate) const WINDOW: Duration = Duration::from_secs(3600);

static NEXT: AtomicU64 = AtomicU64::new(1);

/// So many seconds after the beginning.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() + seconds * 1000)
}

/// Ten bytes that are new, and greater than those before.
fn new_bytes() -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

/// What a case wants to say of an event; the rest is usual.
#[derive(Clone)]
pub(crate) struct New {
    pub(crate) source: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) method: Method,
    pub(crate) content_type: &'static str,
    pub(crate) format: Format,
    pub(crate) key: Option<String>,
    pub(crate) body: String,
    pub(crate) received_at: Timestamp,
    pub(crate) matched: &'static [&'static str],
    pub(crate) deliveries: Vec<Owed>,
}

/// What a case wants to say of a delivery.
#[derive(Clone)]
pub(crate) struct Owed {
    pub(crate) rule: &'static str,
    pub(crate) destination: &'static str,
    pub(crate) order_key: Option<&'static str>,
    pub(crate) mode: Mode,
    pub(crate) state: State,
}

impl Default for New {
    fn default() -> Self {
        Self {
            source: "github",
            kind: "push",
            method: Method::POST,
            content_type: "application/json",
            format: Format::Json,
            key: None,
            body: r#"{"n":1}"#.to_owned(),
            received_at: NOW,
            matched: &["deploy"],
            deliveries: Vec::new(),
        }
    }
}

impl Default for Owed {
    fn default() -> Self {
        Self {
            rule: "deploy",
            destination: "connection:ci",
            order_key: None,
            mode: Mode::AtLeastOnce,
            state: State::Due { at: NOW },
        }
    }
}

impl New {
    /// With this dedupe key.
    pub(crate) fn key(key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::default() }
    }

    /// That owes one usual delivery.
    pub(crate) fn owing_one() -> Self {
        Self::owing(Owed::default())
    }

    /// That owes this delivery.
    pub(crate) fn owing(owed: Owed) -> Self {
        Self { deliveries: vec![owed], ..Self::default() }
    }

    pub(crate) fn accept(&self) -> Accept {
        let event = self.event();
        let deliveries = self.deliveries.iter().zip(0..).map(|(owed, n)| owed.delivery(&event, n)).collect();
        let matched = self.matched.iter().map(|rule| Arc::from(*rule)).collect();
        Accept {
            event: Arc::new(event),
            dedupe_for: WINDOW,
            deliveries,
            needs: Vec::new(),
            throttles: Vec::new(),
            made: Vec::new(),
            matched,
        }
    }

    fn event(&self) -> Event {
        let mut headers = HeaderMap::new();
        headers.append(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        for (name, value) in
            [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t")]
        {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers.append("x-twice", HeaderValue::from_static("one"));
        headers.append("x-twice", HeaderValue::from_static("two"));
        headers.append("x-raw", HeaderValue::from_bytes(&[0xe9, 0xff]).expect("a value"));
        let request = Request {
            method: self.method.clone(),
            path: "/hooks/a%20b".to_owned(),
            params: vec![("site".to_owned(), "berlin".to_owned())],
            query: "a=1&a=2".to_owned(),
            headers,
            body: Bytes::from(self.body.clone()),
            peer: "2001:db8::1".parse().expect("an address"),
            received_at: self.received_at,
        };
        Event {
            id: EventId::new(self.received_at.millis(), new_bytes()),
            source: Arc::from(self.source),
            kind: self.kind.to_owned(),
            dedupe_key: self.key.clone(),
            verified: "hmac-sha256, secret 1 of 1".to_owned(),
            payload: payload::read(&self.format, &request).expect("a payload"),
            format: self.format.clone(),
            request,
        }
    }
}

impl Owed {
    fn delivery(&self, event: &Event, action: u32) -> Delivery {
        Delivery {
            id: DeliveryId::new(event.request.received_at.millis(), new_bytes()),
            event: event.id,
            rule: Arc::from(self.rule),
            revision: [7; 32],
            action,
            verb: Arc::from("http"),
            destination: Arc::from(self.destination),
            order_key: self.order_key.map(str::to_owned),
            mode: self.mode,
            state: self.state.clone(),
            attempts: 0,
            accepted_at: event.request.received_at,
            context: Context::default(),
        }
    }
}

/// What came back, with a status.
pub(crate) fn outcome(status: u16) -> Outcome {
    Outcome {
        answer: Answer::Status { status, retry_after: None, refused: None },
        sent: "POST https://ci.example/build\n\n{}".to_owned(),
        got_head: format!("HTTP/1.1 {status}"),
        got_body: "ok".repeat(4000),
        took: Duration::from_millis(12),
    }
}

/// The end of an attempt that succeeded when its state is `Delivered`, and failed with 500 otherwise.
pub(crate) fn settle(delivery: DeliveryId, attempt: u32, state: State) -> Settle {
    let status = if state == State::Delivered { 200 } else { 500 };
    Settle {
        delivery,
        attempt,
        started_at: at(1),
        now: at(2),
        outcome: outcome(status),
        state,
        owes: Vec::new(),
        emits: None,
    }
}

pub(crate) fn dead() -> State {
    State::Dead { reason: "status 500".to_owned() }
}

pub(crate) fn cancelled() -> State {
    State::Cancelled { reason: "no longer wanted".to_owned() }
}

/// All that is due until a moment, over all shards.
pub(crate) async fn all_due(store: &dyn Store, until: Timestamp) -> Vec<Ready> {
    let mut all = Vec::new();
    for shard in 0..SHARDS {
        all.extend(store.due(shard, until, Vec::new(), 1000).await.expect("due"));
    }
    all
}

/// The ids of all that is due until a moment.
pub(crate) async fn due_ids(store: &dyn Store, until: Timestamp) -> Vec<DeliveryId> {
    all_due(store, until).await.into_iter().map(|ready| ready.delivery.id).collect()
}

/// The name of the state in which a delivery is.
pub(crate) async fn state(store: &dyn Store, id: DeliveryId) -> &'static str {
    let found = store.delivery(id).await.expect("a read");
    found.map_or("unknown", |(row, _)| row.delivery.state.name())
}

/// A filter that lets everything through, up to a thousand.
pub(crate) fn every_event() -> EventFilter {
    EventFilter { limit: 1000, ..EventFilter::default() }
}
