//! The sender: one thread, kept connections, requests rendered beforehand; as cheap as it can be, so that the machine
//! is left to what is measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::LocalSet;

use crate::push::Push;
use crate::statistics::{percentile, permille};

/// Connections kept open; as many as doorbell lets one address have.
pub(crate) const CONNECTIONS: usize = 64;
/// The first events of a round warm the candidate up: one in so many is not counted.
const WARM_UP_SHARE: usize = 20;
/// No load takes longer; it is a bound, never a wait.
const PATIENCE: Duration = Duration::from_secs(300);
/// Bytes of an answer; all of ours are far smaller.
const ANSWER_MAX_BYTES: usize = 4096;

/// What one load measured.
pub(crate) struct Load {
    /// When the first request was sent, warm-up included.
    pub(crate) started: Instant,
    /// Answers a second.
    pub(crate) rate: f64,
    /// Milliseconds within which half of the answers came.
    pub(crate) p50_ms: f64,
    /// Milliseconds within which all but one in a hundred came.
    pub(crate) p99_ms: f64,
    /// All but one in a thousand.
    pub(crate) p999_ms: f64,
}

/// Sends so many events, each once, and waits for every answer.
pub(crate) fn send(address: SocketAddr, events: usize) -> Load {
    send_over(address, events, CONNECTIONS)
}

/// The same over so many connections.
pub(crate) fn send_over(address: SocketAddr, events: usize, connections: usize) -> Load {
    let sender = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(LocalSet::new().run_until(async {
            let all = tokio::time::timeout(PATIENCE, send_all(address, events, connections)).await;
            all.expect("the load did not end in time")
        }))
    });
    sender.join().expect("the sender failed")
}

async fn send_all(address: SocketAddr, events: usize, connections: usize) -> Load {
    let (push, next) = (Arc::new(Push::new()), Arc::new(AtomicUsize::new(0)));
    let mut streams = Vec::with_capacity(connections);
    for number in 0..connections {
        // doorbell lets one address have so many: more come from the next one of loopback.
        let from = [127, 0, 0, 1 + u8::try_from(number / CONNECTIONS).unwrap()];
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        let stream = socket.connect(address).await.expect("a connection");
        stream.set_nodelay(true).unwrap();
        streams.push(stream);
    }
    let started = Instant::now();
    let senders: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            tokio::task::spawn_local(exchange(stream, Arc::clone(&push), Arc::clone(&next), events))
        })
        .collect();
    let mut spans = Vec::with_capacity(events);
    for sender in senders {
        spans.extend(sender.await.unwrap());
    }
    judge(started, &spans, events / WARM_UP_SHARE)
}

/// One request on its way: its number, when it left and when its answer was here.
type Span = (usize, Instant, Instant);

async fn exchange(
    mut stream: TcpStream,
    push: Arc<Push>,
    next: Arc<AtomicUsize>,
    events: usize,
) -> Vec<Span> {
    let mut request = push.request();
    let mut answer = [0; ANSWER_MAX_BYTES];
    let mut spans = Vec::with_capacity(events / CONNECTIONS * 2);
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= events {
            return spans;
        }
        push.number(&mut request, number);
        let left = Instant::now();
        stream.write_all(&request).await.expect("the candidate takes the request");
        read_answer(&mut stream, &mut answer).await;
        spans.push((number, left, Instant::now()));
    }
}

/// Reads one whole answer, which has to be 202.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let more = stream.read(&mut buffer[filled..]).await.expect("an answer");
        assert!(more > 0, "the candidate closed the connection after {filled} bytes of an answer");
        filled += more;
        let Some(head) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).expect("an answer in text");
        assert!(text.starts_with("HTTP/1.1 202 "), "wanted 202, got: {text}");
        if filled >= head + 4 + content_length(text) {
            return;
        }
    }
}

fn content_length(head: &str) -> usize {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().and_then(|(_, value)| value.trim().parse().ok()).expect("an answer with its length")
}

fn judge(started: Instant, spans: &[Span], warm_up: usize) -> Load {
    let counted: Vec<&Span> = spans.iter().filter(|(number, ..)| *number >= warm_up).collect();
    let first = counted.iter().map(|(_, left, _)| *left).min().unwrap();
    let last = counted.iter().map(|(.., here)| *here).max().unwrap();
    let waits: Vec<f64> =
        counted.iter().map(|(_, left, here)| (*here - *left).as_secs_f64() * 1000.0).collect();
    Load {
        started,
        rate: counted.len() as f64 / (last - first).as_secs_f64(),
        p50_ms: percentile(&waits, 50),
        p99_ms: percentile(&waits, 99),
        p999_ms: permille(&waits, 999),
    }
}
