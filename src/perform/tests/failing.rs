//! Destinations on a bad day.

use super::stub::{Stub, Then};
use super::*;

/// Short, because it is waited for.
const SHORT: Duration = Duration::from_millis(200);
/// A shorter time than this is as good as none.
const LONG: Duration = Duration::from_secs(5);

async fn check(answer: &[u8], then: Then, wanted: &str) -> Outcome {
    let stub = Stub::new(answer, then).await;
    let timeout = if wanted == "timeout" { SHORT } else { LONG };
    let outcome = perform(Http { timeout, ..post(&stub.base()) }, &Vault::default()).await;
    let said = String::from_utf8_lossy(answer.get(..50).unwrap_or(answer));
    assert_eq!(outcome.answer.kind(), wanted, "{said}: {:?}", outcome.answer);
    assert!(outcome.took < LONG && (wanted != "timeout" || outcome.took >= SHORT));
    assert!(!outcome.answer.words().contains("127.0.0.1"));
    assert!(outcome.sent.starts_with("POST http://127.0.0.1:"));
    outcome
}

#[tokio::test]
async fn a_destination_that_takes_too_long_is_timed_out() {
    check(b"", Then::Hang, "timeout").await;
    check(b"HTTP/1.1 200 OK\r\n", Then::Hang, "timeout").await;
    check(b"HTTP/1.1 200 OK\r\nx: ", Then::Drip, "timeout").await;
    check(b"HTTP/1.1 100 Continue\r\n\r\n", Then::Flood(b"HTTP/1.1 102 Wait\r\n\r\n"), "timeout").await;
    let outcome = check(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", Then::Drip, "timeout").await;
    assert!(outcome.got_head.starts_with("HTTP/1.1 200 OK\n") && outcome.got_body.starts_with("xx"));
}

#[tokio::test]
async fn a_broken_connection_is_unreachable() {
    check(b"", Then::Close, "unreachable").await;
    check(b"", Then::Reset, "unreachable").await;
    check(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", Then::Close, "unreachable").await;
    check(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", Then::Hang, "unreachable").await;
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(10_000));
    check(many.as_bytes(), Then::Hang, "unreachable").await;
    check(b"SSH-2.0-OpenSSH_9.9\r\n\r\n", Then::Hang, "unreachable").await;
    check(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", Then::Hang, "unreachable")
        .await;
    check(b"HTTP/1.1 abc OK\r\n\r\n", Then::Hang, "unreachable").await;
    check(b"HTTP/1.1 200 OK\r\n", Then::Flood(b"x-many: headers and no end\r\n"), "unreachable").await;
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let stub = Stub::new("", Then::Close).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    drop(stub);
    for base in [format!("http://{closed}"), "http://no-such-name.invalid".to_owned()] {
        let outcome = perform(post(&base), &Vault::default()).await;
        assert_eq!(outcome.answer.kind(), "unreachable", "{:?}", outcome.answer);
    }
}
