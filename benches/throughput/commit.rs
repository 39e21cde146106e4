//! The limit of durability: commits id, headers and body of an event to SQLite in groups, and answers after the commit.
//! It proves nothing, parses nothing, matches nothing, and remembers no repeats.

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
/// The same durability, page size and distance of checkpoints as doorbell's.
const SETUP: &str = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -4096;
    CREATE TABLE event (id BLOB PRIMARY KEY, headers BLOB NOT NULL, body BLOB NOT NULL)";

struct Row {
    headers: Vec<u8>,
    body: Bytes,
    committed: oneshot::Sender<()>,
}

/// The process behind `serve-commit`.
pub(crate) fn run(directory: &Path) {
    let connection = Connection::open(directory.join("events.db")).unwrap();
    connection.execute_batch(SETUP).unwrap();
    let (queue, waiting) = sync_channel(QUEUE_MAX);
    std::thread::spawn(move || write(connection, &waiting));
    let handler = move |request: Request| take(queue.clone(), request);
    as_process(Router::new().route(PATH, post(handler)));
}

async fn take(queue: SyncSender<Row>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX_BYTES).await.unwrap();
    let (committed, done) = oneshot::channel();
    queue.try_send(Row { headers: flat(&head.headers), body, committed }).expect("room in the queue");
    done.await.unwrap();
    accepted()
}

fn flat(headers: &HeaderMap) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(b'\n');
    }
    bytes
}

/// Takes all that wait into one transaction, commits, and tells each.
fn write(mut connection: Connection, waiting: &Receiver<Row>) {
    while let Ok(first) = waiting.recv() {
        let rows: Vec<Row> = std::iter::once(first).chain(waiting.try_iter().take(GROUP_MAX - 1)).collect();
        let transaction = connection.transaction().unwrap();
        {
            let mut insert = transaction.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3)").unwrap();
            for row in &rows {
                let id = uuid::Uuid::now_v7();
                insert.execute((id.as_bytes().as_slice(), &row.headers, row.body.as_ref())).unwrap();
            }
        }
        transaction.commit().unwrap();
        for row in rows {
            let _ = row.committed.send(());
        }
    }
}
