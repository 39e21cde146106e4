//! Events as they are stored: 7 KB that compress as webhooks do, or 4 KB that do not compress at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use doorbell::delivery::{Context, Delivery, Mode, State};
use doorbell::event::{Event, Format, Request};
use doorbell::id::{DeliveryId, EventId};
use doorbell::store::Accept;
use doorbell::time::Timestamp;
use http::{HeaderMap, HeaderValue, Method};

static NEXT: AtomicU64 = AtomicU64::new(1);
/// What takes 4 KB with its headers, and is not compressed.
const NOISE_BYTES: usize = 3400;

/// An event of 7 KB, all different, that perhaps owes one delivery.
pub(crate) fn new(owes: bool) -> (Accept, Option<DeliveryId>) {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    made(number, owes, body(number), "push")
}

/// An event of 4 KB that cannot be made smaller, of one of ten types; every other one owes a delivery.
pub(crate) fn noise() -> (Accept, Option<DeliveryId>) {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::with_capacity(NOISE_BYTES + 32);
    text.push_str("{\"noise\":\"");
    while text.len() < NOISE_BYTES {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        text.push_str(&format!("{seed:016x}"));
    }
    text.push_str("\"}");
    const KINDS: [&str; 10] =
        ["push", "issue", "fork", "star", "watch", "ping", "page", "tag", "team", "rare"];
    let kind = KINDS.get(usize::try_from(number % 10).unwrap_or(0)).copied().unwrap_or("push");
    made(number, number.is_multiple_of(2), text, kind)
}

fn made(number: u64, owes: bool, body: String, kind: &str) -> (Accept, Option<DeliveryId>) {
    let mut random = [0; 10];
    for (place, byte) in random.iter_mut().zip(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()) {
        *place = byte;
    }
    let received_at = now();
    let id = EventId::new(received_at.millis(), random);
    let mut headers = HeaderMap::new();
    for name in ["accept", "user-agent", "x-github-event", "x-github-delivery", "x-hub-signature-256"] {
        headers.append(
            name,
            HeaderValue::from_static("sixty-four bytes or so of a header's value, as GitHub sends"),
        );
    }
    let request = Request {
        method: Method::POST,
        path: "/github".to_owned(),
        params: Vec::new(),
        query: String::new(),
        headers,
        body: Bytes::from(body),
        peer: std::net::IpAddr::from([192, 0, 2, 7]),
        received_at,
    };
    let event = Event {
        id,
        source: Arc::from("github"),
        kind: kind.to_owned(),
        dedupe_key: Some(format!("{number:032x}")),
        verified: "hmac-sha256, secret 1 of 1".to_owned(),
        request,
        format: Format::Json,
        payload: serde_json::Value::Null,
    };
    let delivery = owes.then(|| Delivery {
        id: DeliveryId::new(now().millis(), random),
        event: id,
        rule: Arc::from("deploy"),
        revision: [7; 32],
        action: 0,
        verb: Arc::from("http"),
        destination: Arc::from("connection:ci"),
        order_key: None,
        mode: Mode::AtLeastOnce,
        state: State::Due { at: now() },
        attempts: 0,
        accepted_at: now(),
        context: Context::default(),
    });
    let named = delivery.as_ref().map(|delivery| delivery.id);
    let deliveries = delivery.into_iter().collect();
    let matched = vec![Arc::from("deploy")];
    let dedupe_for = Duration::from_secs(604_800);
    (
        Accept {
            event: Arc::new(event),
            dedupe_for,
            deliveries,
            needs: Vec::new(),
            throttles: Vec::new(),
            made: Vec::new(),
            matched,
        },
        named,
    )
}

/// JSON that compresses about as webhooks do: names repeat, digests do not.
fn body(number: u64) -> String {
    let mut text = String::from("{\"commits\":[");
    let mut seed = number;
    while text.len() < 7000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!(
            "{{\"id\":\"{seed:016x}{:016x}\",\"url\":\"https://github.example/o/r/commit/{:08x}\",\"distinct\":true,\
             \"message\":\"change {}\",\"author\":{{\"name\":\"A. Developer\",\"email\":\"a{}@example.com\"}}}},",
            seed.rotate_left(17),
            seed >> 32,
            seed % 1000,
            seed % 7
        ));
    }
    text.push_str("null]}");
    text
}

pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}
