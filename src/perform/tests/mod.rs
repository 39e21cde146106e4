//! Effects carried out against destinations of our own on the loopback.

mod blocked;
mod failing;
mod requests;
mod stub;
mod tls;

use std::time::Duration;

use bytes::Bytes;
use http::Method;

use super::{Performer, Ticket};
use crate::delivery::{Answer, Outcome};
use crate::effect::{Auth, Effect, Http, Log, Respond, Success};
use crate::id::{DeliveryId, EventId};
use crate::secret::{Secret, SecretRef, Value, Vault};
use crate::time::Timestamp;

/// What every request of these tests carries.
pub(super) fn ticket() -> Ticket {
    Ticket {
        delivery: DeliveryId::new(1, [1; 10]),
        idempotency_key: DeliveryId::new(1, [1; 10]).to_string(),
        is_replay: false,
        event: EventId::new(1, [2; 10]),
        rule: "a rule".into(),
        attempt: 3,
        // 1994-11-06T08:49:30Z
        now: Timestamp::from_millis(784_111_770_000),
    }
}

/// A vault with secrets by the names of environment variables.
pub(super) fn vault(secrets: &[(&str, &str)]) -> Vault {
    let mut vault = Vault::default();
    for (name, value) in secrets {
        vault.insert(SecretRef::Env((*name).to_owned()), Secret::new(value.as_bytes()));
    }
    vault
}

pub(super) fn env(name: &str) -> SecretRef {
    SecretRef::Env(name.to_owned())
}

/// A small `POST` to this base, which may be on the loopback.
fn post(base: &str) -> Http {
    Http {
        method: Method::POST,
        base: Value::Plain(base.to_owned()),
        base_is_operators: false,
        path: String::new(),
        query: Vec::new(),
        headers: Vec::new(),
        auth: Auth::None,
        content_type: Some("application/json".to_owned()),
        body: Bytes::from_static(b"{\"a\":1}"),
        timeout: Duration::from_secs(5),
        allow_private: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        success: Success::Status,
    }
}

async fn perform(effect: Http, vault: &Vault) -> Outcome {
    Performer::new().unwrap().perform(Effect::Http(effect), vault, &ticket()).await
}

#[tokio::test]
async fn a_log_line_is_done_and_an_answer_is_no_delivery() {
    let performer = Performer::new().unwrap();
    let vault = vault(&[("TOKEN", "correct-horse")]);
    let log = Effect::Log(Log { text: "one\ntwo correct-horse".to_owned() });
    let outcome = performer.perform(log, &vault, &ticket()).await;
    assert_eq!((outcome.answer, outcome.sent.as_str()), (Answer::Done, r"one\ntwo [secret]"));
    let respond =
        Respond { status: 200, headers: Vec::new(), content_type: String::new(), body: Bytes::new() };
    let outcome = performer.perform(Effect::Respond(respond), &vault, &ticket()).await;
    assert!(matches!(outcome.answer, Answer::Invalid(_)));
}

/// The worker spawns attempts: the future must be able to move between threads.
#[test]
fn an_attempt_can_be_spawned() {
    fn check(_: impl Send) {}
    let (performer, vault, ticket) = (Performer::new().unwrap(), Vault::default(), ticket());
    check(performer.perform(Effect::Http(post("")), &vault, &ticket));
}
