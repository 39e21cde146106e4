//! The limits of durability: what is written comes from `one` or `rows`; here it is committed in groups and answered
//! after the commit. Nothing is proven, parsed or matched.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, Response};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::bare::{BODY_MAX_BYTES, accepted};
use crate::push::PATH;
use crate::serve::as_process;

/// Events of one commit, as doorbell has it.
const GROUP_MAX: usize = 512;
/// Events that may wait for the writer.
const QUEUE_MAX: usize = 4096;
/// The same durability as doorbell's.
const SETUP: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -4096";

/// What is kept of a request.
pub(crate) trait Kept: Send + Sized + 'static {
    /// Makes the tables in this file.
    fn create(file: &Path);
    /// Makes ready what is written, on the thread of the request.
    fn prepare(headers: &HeaderMap, body: Bytes) -> Self;
    /// Writes it within a transaction.
    fn write(&self, connection: &Connection);
}

type Waiting<K> = (K, oneshot::Sender<()>);

/// The process behind `serve-body-commit` and `serve-rows-commit`.
pub(crate) fn run<K: Kept>(directory: &Path) {
    let file = directory.join("events.db");
    K::create(&file);
    let connection = Connection::open(file).unwrap();
    connection.execute_batch(SETUP).unwrap();
    let (queue, waiting) = sync_channel::<Waiting<K>>(QUEUE_MAX);
    std::thread::spawn(move || write(connection, &waiting));
    let handler = move |request: Request| take(queue.clone(), request);
    as_process(Router::new().route(PATH, post(handler)));
}

async fn take<K: Kept>(queue: SyncSender<Waiting<K>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX_BYTES).await.unwrap();
    let (committed, done) = oneshot::channel();
    queue.try_send((K::prepare(&head.headers, body), committed)).expect("room in the queue");
    done.await.unwrap();
    accepted()
}

/// All headers as lines.
pub(crate) fn flat(headers: &HeaderMap) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

/// Takes all that wait into one transaction, commits, and tells each.
fn write<K: Kept>(mut connection: Connection, waiting: &Receiver<Waiting<K>>) {
    connection.set_prepared_statement_cache_capacity(64);
    while let Ok(first) = waiting.recv() {
        let all: Vec<Waiting<K>> =
            std::iter::once(first).chain(waiting.try_iter().take(GROUP_MAX - 1)).collect();
        let transaction = connection.transaction().unwrap();
        for (kept, _) in &all {
            kept.write(&transaction);
        }
        transaction.commit().unwrap();
        for (_, committed) in all {
            let _ = committed.send(());
        }
    }
}
