//! What each request of a connection says of its body, read beside hyper: where a length and chunks contradict each other
//! hyper drops the length, and nobody behind it can tell any more that a request was smuggled.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use smallvec::SmallVec;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::patience::Patience;

/// Bytes of a line that are looked at; a length of more digits is none that hyper lets through.
const LINE_MAX_BYTES: usize = 64;
/// No request of a connection bears this number.
const NONE: u64 = u64::MAX;

/// The number of the first request of a connection that contradicts itself.
#[derive(Clone)]
pub(super) struct Contradiction(Arc<AtomicU64>);

/// A stream whose requests are looked at as they come in.
pub(super) struct Watched<S> {
    stream: S,
    framing: Framing,
    /// Told whenever bytes came.
    patience: Patience,
}

/// Where in the requests of a connection the bytes are.
struct Framing {
    state: State,
    /// Heads that have ended.
    heads: u64,
    found: Contradiction,
}

enum State {
    Head(Head),
    Body {
        left: u64,
    },
    /// Behind chunks nothing is read as a request.
    Over,
}

#[derive(Default)]
struct Head {
    line: SmallVec<[u8; LINE_MAX_BYTES]>,
    /// Whether its first line has come; empty lines before it do not count.
    is_begun: bool,
    length: Option<u64>,
    is_chunked: bool,
}

impl Contradiction {
    /// Whether the request of this number is one, counted from 0.
    pub(super) fn is_of(&self, request: u64) -> bool {
        self.0.load(Ordering::Relaxed) == request
    }
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, patience: Patience) -> (Self, Contradiction) {
        let found = Contradiction(Arc::new(AtomicU64::new(NONE)));
        let framing = Framing { state: State::Head(Head::default()), heads: 0, found: found.clone() };
        (Self { stream, framing, patience }, found)
    }
}

impl Framing {
    /// Whether a head has begun that has not ended.
    fn is_in_head(&self) -> bool {
        matches!(&self.state, State::Head(head) if head.is_begun || !head.line.is_empty())
    }

    fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Over => return,
                State::Body { left } => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= here as u64;
                    if *left == 0 {
                        self.state = State::Head(Head::default());
                    }
                    bytes.get(here..).unwrap_or_default()
                }
                State::Head(head) => {
                    let (line, rest) = match memchr::memchr(b'\n', bytes) {
                        Some(end) => (bytes.get(..end), bytes.get(end + 1..)),
                        None => return head.add(bytes),
                    };
                    head.add(line.unwrap_or_default());
                    if head.line_ends() {
                        self.head_ends();
                    }
                    rest.unwrap_or_default()
                }
            };
        }
    }

    fn head_ends(&mut self) {
        let State::Head(head) = &self.state else { return };
        if head.is_chunked && head.length.is_some() {
            self.found.0.store(self.heads, Ordering::Relaxed);
        }
        self.heads += 1;
        self.state = match head.length {
            _ if head.is_chunked => State::Over,
            None | Some(0) => State::Head(Head::default()),
            Some(left) => State::Body { left },
        };
    }
}

impl Head {
    fn add(&mut self, bytes: &[u8]) {
        let room = LINE_MAX_BYTES - self.line.len();
        self.line.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Reads a line; whether the head ends with it.
    fn line_ends(&mut self) -> bool {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let ends = line.is_empty() && self.is_begun;
        let mut parts = line.splitn(2, |byte| *byte == b':');
        if let (true, Some(name), Some(value)) = (self.is_begun, parts.next(), parts.next()) {
            if name.eq_ignore_ascii_case(b"content-length") {
                let digits = std::str::from_utf8(value.trim_ascii()).unwrap_or_default();
                // What is no number hyper refuses.
                self.length = Some(digits.parse().unwrap_or(0));
            }
            self.is_chunked |= name.eq_ignore_ascii_case(b"transfer-encoding");
        }
        self.is_begun |= !line.is_empty();
        self.line.clear();
        ends
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, into))?;
        this.framing.take(into.filled().get(before..).unwrap_or_default());
        this.patience.heard(this.framing.is_in_head());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::Limits;

    const PLAIN: &str = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na\r\n\r\n";
    const EMPTY: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    const CHUNKED: &str = "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    const BOTH: &str = "POST /a HTTP/1.1\r\nCONTENT-LENGTH: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";

    /// However the bytes are cut into pieces, the same is found.
    fn check(text: &str, wanted: Option<u64>) {
        for size in [1, 2, 3, 7, 64, 4096] {
            let (mut watched, found) = Watched::new((), Patience::new(&Limits::default()));
            for piece in text.as_bytes().chunks(size) {
                watched.framing.take(piece);
            }
            assert_eq!(found.0.load(Ordering::Relaxed), wanted.unwrap_or(NONE), "{size}: {text}");
        }
    }

    #[test]
    fn a_request_that_contradicts_itself_is_found_among_others() {
        let long = format!("GET /{} HTTP/1.1\nx: {}\n\n", "a".repeat(300), "content-length: 9".repeat(20));
        check(PLAIN, None);
        check(&EMPTY.repeat(3), None);
        check(CHUNKED, None);
        check(BOTH, Some(0));
        check(&format!("\r\n\r\n{PLAIN}{EMPTY}{BOTH}"), Some(2));
        check(&format!("{long}{BOTH}"), Some(1));
        check(&BOTH.replace('\r', ""), Some(0));
        check(&format!("{CHUNKED}{BOTH}"), None);
        check(&PLAIN.replace("a\r\n\r\n", "a: b\n"), None);
    }
}
