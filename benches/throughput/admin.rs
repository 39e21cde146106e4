//! Asking doorbell's admin listener whether anything is still to be done.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Between two questions.
const LOOK: Duration = Duration::from_millis(10);
/// No wait takes longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until no delivery is due or under way; none may have failed.
pub(crate) fn settled(admin: SocketAddr) {
    let started = Instant::now();
    // In this order: what is due may become started between the two questions, not the other way round.
    while ["due", "started"].iter().any(|state| has(admin, state)) {
        assert!(started.elapsed() < PATIENCE, "deliveries never settled");
        std::thread::sleep(LOOK);
    }
    for state in ["dead", "in_doubt", "cancelled"] {
        assert!(!has(admin, state), "a delivery is {state}");
    }
}

fn has(admin: SocketAddr, state: &str) -> bool {
    let answer = ask(admin, &format!("/api/deliveries?state={state}&limit=1"));
    !answer["deliveries"].as_array().expect("a list").is_empty()
}

fn ask(admin: SocketAddr, path: &str) -> Value {
    let mut stream = TcpStream::connect(admin).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200 "), "the history answers {head}");
    serde_json::from_str(body).unwrap()
}
