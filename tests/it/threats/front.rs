//! The webhook listener under slow, many, oversized and odd requests.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpSocket;

use crate::front::{post, raw};
use crate::program::{PATIENCE, Place, Program};

const RULES: &str = "
sources:
  open: { path: /in/open, verify: none }
  typed: { path: /in/typed, verify: none, format: json }
  hub: { path: /in/hub, verify: github, secret: { env: HUB } }
rules:
  - { name: write, from: [open, typed, hub], do: { run: [sh, -c, 'echo ran >> ran'], cwd: . } }
";
const MIB: usize = 1024 * 1024;

fn place() -> Place {
    Place::new(RULES, &[("HUB", "a github secret that is long enough")])
}

fn connect(program: &Program) -> TcpStream {
    let stream = TcpStream::connect(program.address.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// How long until the server has closed the connection; what it said before is `said`.
fn closed(mut stream: TcpStream, started: Instant) -> (Duration, String) {
    let mut said = Vec::new();
    let _ended_by_reset_or_close = stream.read_to_end(&mut said);
    (started.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

async fn nothing_came(place: &Place, program: &Program) {
    let (_, list) = program.ask("/api/events").await;
    assert_eq!(list["events"].as_array().unwrap().len(), 0, "{list:#}");
    assert!(!place.file("ran").exists());
    assert_eq!(program.ask("/healthz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_slow_is_not_waited_for() {
    let place = place();
    let program = place.serve();
    // The bounds are the defaults: 10 s for a head, 15 s for a body, and a second more.
    let rows: [(&str, &[u8], u64, &[&str]); 4] = [
        ("nothing", b"", 11, &[""]),
        ("half a line", b"POST /in/op", 11, &[""]),
        ("half a head", b"POST /in/open HTTP/1.1\r\nhost: x\r\nx-a: b\r\n", 11, &[""]),
        (
            "half a body",
            b"POST /in/open HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{\"a\"",
            16,
            &["HTTP/1.1 408 ", ""],
        ),
    ];
    std::thread::scope(|scope| {
        for (name, bytes, seconds, wanted) in rows {
            let mut stream = connect(&program);
            scope.spawn(move || {
                stream.write_all(bytes).unwrap();
                let (took, said) = closed(stream, Instant::now());
                assert!(took < Duration::from_secs(seconds + 4), "{name}: {took:?}");
                assert!(wanted.iter().any(|start| said.starts_with(start)), "{name}: {said}");
                assert!(!said.starts_with("HTTP/1.1 2"), "{name}: {said}");
            });
        }
    });
    nothing_came(&place, &program).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_off_leaves_nothing() {
    let place = place();
    let program = place.serve();
    for bytes in [
        &b"POST /in/open HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{}"[..],
        b"POST /in/open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\ncontent-encoding: gzip\r\n\r\n",
    ] {
        let mut stream = connect(&program);
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let (_, said) = closed(stream, Instant::now());
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    nothing_came(&place, &program).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_of_one_address_are_bounded_and_another_is_served() {
    let place = place();
    let program = place.serve();
    let address: SocketAddr = program.address.strip_prefix("http://").unwrap().parse().unwrap();
    let mut idle = Vec::new();
    for _ in 0..1_000 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        idle.push(socket.connect(address).await.unwrap());
    }
    let mut told = String::new();
    idle.last_mut().unwrap().read_to_string(&mut told).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("retry-after: "), "{told}");
    let (status, _) = program.post("/in/open", &[], "{}").await;
    assert_eq!(status, 202);
    let served = std::fs::read_dir(format!("/proc/{}/fd", program.id())).unwrap().count();
    assert!(served < 200, "{served} descriptors are open");
    drop(idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_bounded_before_anything_else_is_asked() {
    let place = place();
    let program = place.serve();
    let of = |bytes: usize| format!("\"{}\"", "a".repeat(bytes - 2));
    assert_eq!(raw(&program, &post("/in/open", "", &of(MIB))).0, 202);
    assert_eq!(raw(&program, &post("/in/open", "", &of(MIB + 1))).0, 413);
    let huge = |path: &str, more: &str| {
        format!("POST {path} HTTP/1.1\r\nhost: x\r\n{more}content-length: 104857600\r\n\r\n").into_bytes()
    };
    assert_eq!(raw(&program, &huge("/in/open", "")).0, 413);
    let signature = format!("x-hub-signature-256: sha256={}\r\n", "0".repeat(64));
    assert_eq!(raw(&program, &huge("/in/hub", &signature)).0, 413, "not 401 after all has been read");
    let mut chunked = connect(&program);
    chunked.write_all(b"POST /in/open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let piece = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
    let sent = (0..1600).take_while(|_| chunked.write_all(&piece).is_ok()).count();
    let (_, said) = closed(chunked, Instant::now());
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 413 "), "{said}");
    assert!(sent < 400, "{sent} pieces of 64 KiB were read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_path_has_one_spelling_and_one_method() {
    let place = place();
    let program = place.serve();
    let paths = "/in/%2e%2e/admin/events /in/..%2fadmin/events //in/open /in/open/ /in/open;x=1 /in/%6fpen /in/./open \
                 /in/open%2f..%2fgh /in/OPEN /in/open%00 /in/x/../open /api/events /metrics /readyz /healthz";
    for path in paths.split(' ') {
        assert_eq!(raw(&program, &post(path, "", "{}")).0, 404, "{path}");
    }
    for method in ["GET", "PUT", "DELETE", "PATCH", "TRACE", "HEAD", "OPTIONS", "PROPFIND"] {
        let request = format!("{method} /in/open HTTP/1.1\r\nhost: x\r\nx-secret: echo\r\n\r\n");
        let (status, answer) = raw(&program, request.as_bytes());
        assert_eq!(status, 405, "{method}");
        assert!(answer.contains("allow: post") && !answer.contains("echo"), "{answer}");
    }
    for odd in [
        &b"CONNECT /in/open HTTP/1.1\r\nhost: x\r\n\r\n"[..],
        b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\na: b\x00c\r\ncontent-length: 2\r\n\r\n{}",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\nhost: y\r\ncontent-length: 2\r\n\r\n{}",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\ncontent-length: -2\r\n\r\n{}",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\ncontent-length: 2, 3\r\n\r\n{}",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n{}",
        b"POST /in/open HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n{}",
        b"POST  /in/open HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}",
        b"POST /in/open HTTP/1.9\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ] {
        let (status, answer) = raw(&program, odd);
        let text = String::from_utf8_lossy(odd);
        assert!(status == 0 || (400..500).contains(&status) || status == 505, "{text}: {answer}");
    }
    nothing_came(&place, &program).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_read_as_its_source_says_or_not_at_all() {
    let place = place();
    let program = place.serve();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(program.post("/in/typed", &form, "a=1").await.0, 415);
    assert_eq!(program.post("/in/typed", &[("content-encoding", "gzip")], "{}").await.0, 415);
    assert_eq!(program.post("/in/typed", &[("content-type", "text/plain")], "{\"a\":1}").await.0, 202);
}
