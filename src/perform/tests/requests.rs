//! Requests as a destination sees them, and answers as people see them.

use super::stub::{Stub, Then};
use super::*;
use crate::limit;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

const fn status(status: u16) -> Answer {
    Answer::Status { status, retry_after: None, refused: None }
}

#[tokio::test]
async fn a_request_arrives_whole_and_is_shown() {
    let stub = Stub::new(OK, Then::Keep).await;
    let effect = Http {
        path: "/alarms/a%20b".to_owned(),
        query: vec![("q".to_owned(), "x y&z".to_owned())],
        headers: vec![
            ("X-One".to_owned(), Value::Plain("é".to_owned())),
            ("X-Two".to_owned(), Value::Secret(env("TWO"))),
        ],
        auth: Auth::Bearer(env("TOKEN")),
        ..post(&(stub.base() + "/api/?k=1"))
    };
    let vault = vault(&[("TOKEN", "token-of-erp"), ("TWO", "second-secret")]);
    let outcome = perform(effect, &vault).await;
    assert_eq!(outcome.answer, status(200));
    assert_eq!(outcome.got_head, "HTTP/1.1 200 OK\ncontent-length: 2\n");
    assert_eq!(outcome.got_body, "ok");
    let head = |one: &str, two: &str, token: &str| {
        format!(
            "x-one: {one}\nx-two: {two}\nauthorization: {token}\ncontent-type: application/json\n\
             idempotency-key: {}\nuser-agent: doorbell/{}\n",
            ticket().delivery,
            env!("CARGO_PKG_VERSION")
        )
    };
    let line = format!("POST {}/api/alarms/a%20b?k=1&q=x+y%26z\n", stub.base());
    let shown = head("é", "[secret]", "[secret]");
    assert_eq!(outcome.sent, format!("{line}{shown}\n{{\"a\":1}}"));

    let [request] = stub.requests().try_into().unwrap();
    let request = request.replace("\r\n", "\n");
    assert!(request.starts_with("POST /api/alarms/a%20b?k=1&q=x+y%26z HTTP/1.1\n"), "{request}");
    assert!(request.contains(&head("é", "second-secret", "Bearer token-of-erp")), "{request}");
    assert!(request.contains(&format!("host: {}\ncontent-length: 7\n", stub.address)), "{request}");
    assert!(request.ends_with("\n\n{\"a\":1}") && !request.contains("accept-encoding"), "{request}");
}

#[tokio::test]
async fn headers_of_the_rule_come_before_ours() {
    let stub = Stub::new(OK, Then::Keep).await;
    let plain = |name: &str, value: &str| (name.to_owned(), Value::Plain(value.to_owned()));
    let effect = Http {
        method: Method::GET,
        headers: vec![
            plain("idempotency-key", "mine"),
            plain("User-Agent", "me"),
            plain("content-type", "text/x"),
            plain("x-twice", "1"),
            plain("x-twice", "2"),
        ],
        body: Bytes::new(),
        auth: Auth::Basic { user: Value::Plain("jo".to_owned()), password: env("PASSWORD") },
        ..post(&stub.base())
    };
    // "jo:open sesame"
    let encoded = "am86b3BlbiBzZXNhbWU=";
    let outcome = perform(effect, &vault(&[("PASSWORD", "open sesame")])).await;
    let request = stub.requests().concat();
    for line in [
        "GET / HTTP/1.1",
        "idempotency-key: mine",
        "user-agent: me",
        "content-type: text/x",
        "x-twice: 1",
        "x-twice: 2",
        &format!("authorization: Basic {encoded}"),
    ] {
        assert_eq!(request.lines().filter(|sent| *sent == line).count(), 1, "{line} in {request}");
    }
    assert!(outcome.sent.contains("authorization: [secret]") && !outcome.sent.contains(encoded));
}

#[tokio::test]
async fn a_destination_that_repeats_secrets_does_not_reveal_them() {
    let secret = "https-secret-token";
    let stub = Stub::new("", Then::Close).await;
    let path = format!("/services/T0/{secret}");
    let escaped = path.replace('/', r"\/");
    let body = format!("no {path}, {escaped}, am86b3BlbiBzZXNhbWU=, open sesame");
    let answer = format!(
        "HTTP/1.1 404 Not Found\r\nx-path: {path}\r\nset-cookie: a=b\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    drop(stub);
    let stub = Stub::new(answer, Then::Keep).await;
    let url = format!("{}{path}", stub.base());
    let effect = Http {
        base: Value::Secret(env("URL")),
        path: "more".to_owned(),
        auth: Auth::Basic { user: Value::Plain("jo".to_owned()), password: env("PASSWORD") },
        ..post("")
    };
    let outcome = perform(effect, &vault(&[("URL", &url), ("PASSWORD", "open sesame")])).await;
    assert_eq!(outcome.answer, status(404));
    assert!(outcome.sent.starts_with("POST [secret]/more\n"), "{}", outcome.sent);
    assert!(stub.requests().concat().starts_with(&format!("POST {path}/more HTTP/1.1")));
    assert_eq!(outcome.got_body, "no [secret], [secret], [secret], [secret]");
    assert!(outcome.got_head.contains("x-path: [secret]\nset-cookie: [secret]"), "{}", outcome.got_head);
    assert!(!format!("{outcome:?}").contains(&stub.address.to_string()));
}

#[tokio::test]
async fn statuses_are_told_as_they_are() {
    let wait = |seconds| Some(Duration::from_secs(seconds));
    for (head, wanted) in [
        ("204 No Content", status(204)),
        ("302 Found\r\nlocation: http://127.0.0.1:1/", status(302)),
        ("307 Temporary Redirect\r\nlocation: /elsewhere", status(307)),
        ("500 Internal Server Error", status(500)),
        ("503 Busy\r\nretry-after: 2", Answer::Status { status: 503, retry_after: wait(2), refused: None }),
        (
            "429 Slow\r\nretry-after: Sun, 06 Nov 1994 08:49:37 GMT",
            Answer::Status { status: 429, retry_after: wait(7), refused: None },
        ),
        ("503 Busy\r\nretry-after: abc", status(503)),
        ("600 Odd", status(600)),
    ] {
        let stub = Stub::new(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n"), Then::Keep).await;
        assert_eq!(perform(post(&stub.base()), &Vault::default()).await.answer, wanted, "{head}");
        assert_eq!(stub.requests().len(), 1, "{head}");
    }
}

/// A service whose answer has to say `ok`.
fn says_ok() -> Success {
    let (done, why) = (Some(("/ok".to_owned(), true.into())), vec!["/error".to_owned()]);
    Success::Said(Box::leak(Box::new(Says { done, why, ..Says::default() })))
}

#[tokio::test]
async fn a_2xx_that_says_no_is_refused() {
    let refused =
        |word: &str| Answer::Status { status: 200, retry_after: None, refused: Some(word.to_owned()) };
    for (body, wanted) in [
        (r#"{"ok":true}"#.to_owned(), status(200)),
        (r#"{"ok":false,"error":"not_in_channel"}"#.to_owned(), refused("not_in_channel")),
        (format!(r#"{{"ok":true,"text":"{}"}}"#, "x".repeat(200_000)), status(200)),
    ] {
        let stub =
            Stub::new(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()), Then::Keep);
        let stub = stub.await;
        let effect = Http { success: says_ok(), ..post(&stub.base()) };
        let outcome = perform(effect, &Vault::default()).await;
        assert_eq!(outcome.answer, wanted);
        assert!(outcome.got_body.len() <= limit::ANSWER_MAX_BYTES);
    }
    let stub = Stub::new("HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n", Then::Keep).await;
    let effect = Http { success: says_ok(), ..post(&stub.base()) };
    assert_eq!(perform(effect, &Vault::default()).await.answer, status(500));
}

#[tokio::test]
async fn bodies_are_bounded_and_not_inflated() {
    let stub = Stub::new("HTTP/1.1 200 OK\r\n\r\n", Then::Flood(&[b'a'; 4096])).await;
    let sent = Http { body: Bytes::from(vec![b'b'; 1 << 20]), ..post(&stub.base()) };
    let outcome = perform(sent, &Vault::default()).await;
    assert_eq!(outcome.answer, status(200));
    assert_eq!(outcome.got_body, "a".repeat(limit::ANSWER_MAX_BYTES));
    assert!(outcome.sent.len() <= limit::SENT_MAX_BYTES && outcome.sent.ends_with('b'));

    let gzip = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00";
    let stub = Stub::new(*gzip, Then::Keep).await;
    let outcome = perform(post(&stub.base()), &Vault::default()).await;
    assert_eq!((outcome.answer, outcome.got_body.as_str()), (status(200), "\u{1f}\u{fffd}\u{8}\0"));
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let stub = Stub::new(OK, Then::Keep).await;
    let performer = Performer::new().unwrap();
    for _ in 0..100 {
        let effect = Effect::Http(post(&stub.base()));
        let outcome = performer.clone().perform(effect, &Vault::default(), &ticket()).await;
        assert_eq!(outcome.answer, status(200));
    }
    assert_eq!((stub.requests().len(), stub.connections()), (100, 1));
}
