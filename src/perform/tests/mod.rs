//! Effects carried out against destinations of our own on the loopback.

mod blocked;
mod failing;
mod mail;
mod redirects;
mod requests;
pub(super) mod stub;
mod tls;

use std::time::Duration;

use bytes::Bytes;
use http::Method;

use super::{Means, Performer, Ticket};
use crate::delivery::{Answer, Outcome};
use crate::effect::{Auth, Command, Effect, Http, Log, Redirects, Respond, Says, Success};
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
        traceparent: None,
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
        sealed: Vec::new(),
        sign: None,
        first: None,
        timeout: Duration::from_secs(5),
        allow_private: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        redirects: Redirects::default(),
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

#[tokio::test]
async fn a_rehearsal_shows_what_would_be_sent_and_does_nothing() {
    let stub = stub::Stub::new("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", stub::Then::Keep).await;
    let directory = tempfile::tempdir().unwrap();
    let touched = directory.path().join("touched");
    let performer = Performer::new().unwrap();
    let vault = vault(&[("TOKEN", "correct-horse")]);
    let http = |reference| Effect::Http(Http { auth: Auth::Bearer(env(reference)), ..post(&stub.base()) });
    let command = |program: &str| {
        Effect::Command(Command {
            argv: vec![program.to_owned(), touched.display().to_string()],
            env: Vec::new(),
            cwd: None,
            stdin: Bytes::new(),
            timeout: Duration::from_secs(5),
            success: Vec::new(),
            confinement: Box::default(),
        })
    };
    let log = Effect::Log(Log { text: "a correct-horse".to_owned() });
    for (effect, wanted) in [
        (http("TOKEN"), Ok("authorization: [secret]")),
        (http("MISSING"), Err("MISSING")),
        (command("touch"), Ok("touched\nstdin: 0 bytes")),
        (command("no-such-program"), Err("no-such-program")),
        (log, Ok("a [secret]")),
    ] {
        let outcome = performer.rehearse(&effect, &vault, &ticket());
        match (wanted, &outcome.answer) {
            (Ok(part), Answer::Rehearsed) => assert!(outcome.sent.contains(part), "{}", outcome.sent),
            (Err(part), Answer::Invalid(why)) => assert!(why.contains(part), "{why}"),
            _ => panic!("{outcome:?}"),
        }
    }
    assert!(stub.requests().is_empty() && !touched.exists());
}

/// The worker spawns attempts: the future must be able to move between threads.
#[test]
fn an_attempt_can_be_spawned() {
    fn check(_: impl Send) {}
    let (performer, vault, ticket) = (Performer::new().unwrap(), Vault::default(), ticket());
    check(performer.perform(Effect::Http(post("")), &vault, &ticket));
}
