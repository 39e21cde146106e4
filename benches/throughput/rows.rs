//! What doorbell stores of an event that no rule matches, in doorbell's own tables: the request with its body compressed,
//! the row that is listed, and the key by which a repeat is known, with the digest of its body.

use std::cell::RefCell;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use doorbell::store::sqlite::{Options, Sqlite};
use doorbell::time::Timestamp;
use http::HeaderMap;
use rusqlite::{Connection, params};
use zstd::bulk::Compressor;

use crate::commit::{Kept, flat};

/// As doorbell compresses.
const ZSTD_LEVEL: i32 = 1;
/// How long a repeat is known, in milliseconds.
const DEDUPE_MS: i64 = 7 * 24 * 3600 * 1000;

const CONTENT: &str = "INSERT INTO content (bytes) VALUES (?1)";
const EVENT: &str =
    "INSERT INTO event VALUES (?1, 'github', ?2, ?3, ?4, 1, 0, NULL, ?5, '[]', x'', last_insert_rowid())";
const DEDUPE: &str = "INSERT INTO dedupe VALUES (?1, ?2, ?3, ?4)";

thread_local! {
    static COMPRESSOR: RefCell<Compressor<'static>> = RefCell::new(Compressor::new(ZSTD_LEVEL).unwrap());
}

/// The three rows.
pub(crate) struct Rows {
    id: uuid::Uuid,
    kind: String,
    key: String,
    key_hash: [u8; 32],
    body_hash: [u8; 32],
    body_bytes: usize,
    content: Vec<u8>,
    now: i64,
}

impl Kept for Rows {
    fn create(file: &Path) {
        drop(Sqlite::open(file, Options::default(), Timestamp::from_millis(now())).unwrap());
    }

    fn prepare(headers: &HeaderMap, body: Bytes) -> Self {
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        let key = text("x-github-delivery");
        let mut content = flat(headers);
        content
            .extend_from_slice(&COMPRESSOR.with_borrow_mut(|compressor| compressor.compress(&body)).unwrap());
        Self {
            id: uuid::Uuid::now_v7(),
            kind: text("x-github-event"),
            key_hash: hash(key.as_bytes()),
            key,
            body_hash: hash(&body),
            body_bytes: body.len(),
            content,
            now: now(),
        }
    }

    fn write(&self, connection: &Connection) {
        let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
            connection.prepare_cached(sql).unwrap().execute(values).unwrap();
        };
        let id = self.id.as_bytes().as_slice();
        let body_bytes = i64::try_from(self.body_bytes).unwrap();
        run(CONTENT, params![self.content]);
        run(EVENT, params![id, self.kind, self.now, body_bytes, self.key]);
        // A repeat ends the run here; none is sent.
        run(DEDUPE, params![self.key_hash, self.body_hash, id, self.now + DEDUPE_MS]);
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().unwrap()
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}
