//! A destination that answers what it is told to, and then behaves as it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// What a destination does once it has written its answer.
#[derive(Clone, Copy)]
pub(in crate::perform) enum Then {
    /// Reads the next request.
    Keep,
    /// Closes the connection.
    Close,
    /// Resets the connection.
    Reset,
    /// Does nothing more, for ever.
    Hang,
    /// Writes one byte every few milliseconds, for ever.
    Drip,
    /// Writes the last bytes again and again, as fast as they are taken.
    Flood(&'static [u8]),
}

#[derive(Default)]
struct Seen {
    requests: Vec<String>,
    connections: usize,
}

pub(in crate::perform) struct Stub {
    pub(in crate::perform) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    serving: AbortHandle,
}

impl Stub {
    pub(in crate::perform) async fn new(answer: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer, then)
    }

    /// One at an address that a test had before.
    pub(in crate::perform) fn on(listener: TcpListener, answer: impl Into<Vec<u8>>, then: Then) -> Self {
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let serving = tokio::spawn(serve(listener, Arc::clone(&seen), answer.into().into(), then));
        Self { address, seen, serving: serving.abort_handle() }
    }

    pub(in crate::perform) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(in crate::perform) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }

    pub(in crate::perform) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, seen: Arc<Mutex<Seen>>, answer: Arc<[u8]>, then: Then) {
    let mut open = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        seen.lock().unwrap().connections += 1;
        open.spawn(connection(stream, Arc::clone(&seen), Arc::clone(&answer), then));
    }
}

async fn connection(mut stream: TcpStream, seen: Arc<Mutex<Seen>>, answer: Arc<[u8]>, then: Then) {
    while let Some(request) = request(&mut stream).await {
        seen.lock().unwrap().requests.push(request);
        if stream.write_all(&answer).await.is_err() {
            return;
        }
        match then {
            Then::Keep => {}
            Then::Close => return,
            Then::Reset => return stream.set_zero_linger().unwrap(),
            Then::Hang => std::future::pending().await,
            Then::Drip => {
                let mut beat = tokio::time::interval(Duration::from_millis(10));
                while stream.write_all(b"x").await.is_ok() {
                    beat.tick().await;
                }
                return;
            }
            Then::Flood(bytes) => {
                while stream.write_all(bytes).await.is_ok() {}
                return;
            }
        }
    }
}

/// Reads one whole request, by its `Content-Length`.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&read);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse::<usize>().unwrap());
        if body.len() >= length {
            return Some(text.into_owned());
        }
    }
}
