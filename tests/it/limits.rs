//! `--limit NAME=VALUE` of `serve` bounds what it names, `doorbell limits` lists all of them, and a wrong one is refused.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::front::{post, raw};
use crate::program::{PATIENCE, Place, Program, text};

const OPEN: &str = "sources: { open: { verify: none } }\n";
const SIGNED: &str =
    "sources: { signed: { verify: { kind: token, from: \"header:X-Token\" }, secret: { env: TOKEN } } }\n";
/// Its destination is not there, so what is owed stays owed.
const OWING: &str = "sources: { open: { verify: none } }
connections: { gone: { http: { url: http://127.0.0.1:1 } } }
rules: [{ name: r, from: open, do: [{ http: gone }] }]
";
/// One command beside another finds the directory taken.
const ALONE: &str = "sources: { open: { verify: none } }
rules:
  - name: alone
    from: open
    do:
      - shell: 'mkdir taken && sleep 0.1 && rmdir taken'
        cwd: .
";

fn connect(program: &Program) -> TcpStream {
    let stream = TcpStream::connect(program.address.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_has_so_many_connections() {
    let place = Place::new(OPEN, &[]);
    let program = place.serve_with(&["--limit", "connections-per-address=2"]);
    let held = [connect(&program), connect(&program)];
    let (status, answer) = raw(&program, b"");
    assert_eq!(status, 503, "{answer}");
    assert!(answer.contains("retry-after:"), "{answer}");
    assert_eq!(program.ask("/readyz").await.0, 200, "people can look all the same");
    drop(held);
    let begin = Instant::now();
    while raw(&program, &post("/open", "", "{}")).0 != 202 {
        assert!(begin.elapsed() < PATIENCE, "two were closed");
    }
}

#[test]
fn a_request_has_its_bounds() {
    let place =
        Place::new(OPEN, &[("DOORBELL_LIMIT", "headers=16,uri-size=256B,headers-size=2KiB,body-time=1s")]);
    let program = place.serve_with(&[]);
    for (name, request, wanted) in [
        ("all in bounds", post("/open", "", "{}"), 202),
        ("a long address", post(&format!("/open?{}", "a".repeat(256)), "", "{}"), 414),
        ("large headers", post("/open", &format!("x: {}\r\n", "a".repeat(2048)), "{}"), 431),
        ("many headers", post("/open", &"x: y\r\n".repeat(16), "{}"), 431),
        ("a slow body", b"POST /open HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n".to_vec(), 408),
    ] {
        assert_eq!(raw(&program, &request).0, wanted, "{name}");
    }
}

#[test]
fn a_head_and_a_rest_have_their_time() {
    let place = Place::new(OPEN, &[]);
    let program = place.serve_with(&["--limit", "header-time=1s", "--limit", "idle-time=1s"]);
    let begin = Instant::now();
    let (mut slow, mut resting) = (connect(&program), connect(&program));
    slow.write_all(b"POST /open HTTP/1.1\r\nhost:").unwrap();
    resting.write_all(&post("/open", "", "{}")).unwrap();
    let mut said = String::new();
    slow.read_to_string(&mut said).unwrap();
    assert_eq!(said, "", "a head that does not end is not answered");
    resting.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 202"), "{said}");
    assert!(begin.elapsed() < Duration::from_secs(9), "sooner than by default");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_has_so_many_bad_signatures() {
    let place = Place::new(SIGNED, &[("TOKEN", "a token of more than sixteen bytes")]);
    let program = place.serve_with(&["--limit", "bad-signatures=1/s"]);
    let mut statuses = Vec::new();
    // A second may end between two of them, but not between each two.
    let begin = Instant::now();
    while !statuses.contains(&429) && begin.elapsed() < PATIENCE {
        statuses.push(program.post("/signed", &[("x-token", "somebody else's")], "{}").await.0);
    }
    assert_eq!((statuses.first(), statuses.last()), (Some(&401), Some(&429)));
    assert!(statuses.len() < 20, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_backlog_is_503_and_not_ready() {
    let place = Place::new(OWING, &[]);
    let program = place.serve_with(&["--limit", "backlog=3"]);
    for (number, wanted) in [202, 202, 202, 503].into_iter().enumerate() {
        let ready = if number < 3 { 200 } else { 503 };
        assert_eq!(program.ask("/readyz").await.0, ready, "{number}");
        assert_eq!(program.post("/open", &[], format!("[{number}]")).await.0, wanted, "{number}");
    }
    drop(program);
    let program = place.serve_with(&["--limit", "backlog=4"]);
    assert_eq!(program.post("/open", &[], "[4]").await.0, 202, "there is room for one more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_attempt_is_made_at_a_time() {
    let place = Place::new(ALONE, &[]);
    let program = place.serve_with(&["--limit", "attempts=1"]);
    let mut events = Vec::new();
    for number in 0..4 {
        events.push(program.accepted("/open", &serde_json::json!([number])).await);
    }
    for event in events {
        program.delivery(&event, "delivered").await;
    }
}

#[test]
fn the_list_says_what_is_set() {
    let place = Place::new(OPEN, &[("DOORBELL_LIMIT", "backlog=3,body-time=90s")]);
    let output = place.run(&["limits", "-o", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list["format_version"], 1);
    let row = |name: &str| list["limits"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
    let words =
        |name: &str| ["kind", "value", "default", "lowest", "highest"].map(|key| row(name)[key].clone());
    assert_eq!(words("backlog"), ["count", "3", "100000", "1", "100000000"]);
    assert_eq!(words("body-time"), ["duration", "90s", "15s", "1s", "10m"]);
    assert_eq!(words("bad-signatures"), ["rate", "20/s", "20/s", "1/s", "100000/s"]);
    let table = text(&place.run(&["limits", "--limit", "attempts=8"]).stdout);
    let attempts = table.lines().find(|line| line.starts_with("attempts ")).unwrap();
    assert_eq!(attempts.split_whitespace().take(5).collect::<Vec<_>>(), ["attempts", "8", "64", "1", "4096"]);
    let lines = text(&place.run(&["limits", "-o", "jsonl"]).stdout);
    assert_eq!(lines.lines().count(), list["limits"].as_array().unwrap().len());
}

#[test]
fn a_limit_that_is_none_is_refused() {
    let place = Place::new(OPEN, &[]);
    for (limit, words) in [
        ("backlok=3", "--limit: `backlok` is not a limit: did you mean `backlog`?"),
        ("backlog", "--limit: `backlog` sets no limit: write NAME=VALUE"),
        ("body-time=1d", "--limit: limit `body-time`: `1d` is out of bounds: from 1s to 10m"),
        ("backlog=3,backlog=4", "--limit: limit `backlog` is set twice"),
    ] {
        for command in [&["serve", "doorbell.yaml"][..], &["doctor", "doorbell.yaml"], &["limits"]] {
            let output = place.run(&[command, &["--limit", limit]].concat());
            assert_eq!(output.status.code(), Some(2), "{command:?} {limit}");
            assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
            assert!(output.stdout.is_empty(), "{command:?} {limit}");
        }
    }
}
