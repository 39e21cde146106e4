//! The least that could be stored: id, headers and body as they came, in one table. Repeats are not remembered, nothing can
//! be listed.

use std::path::Path;

use bytes::Bytes;
use http::HeaderMap;
use rusqlite::Connection;

use crate::commit::{Kept, flat};

const TABLE: &str = "PRAGMA page_size = 4096;
    CREATE TABLE event (id BLOB PRIMARY KEY, headers BLOB NOT NULL, body BLOB NOT NULL)";

/// A row of that table.
pub(crate) struct Body {
    headers: Vec<u8>,
    body: Bytes,
}

impl Kept for Body {
    fn create(file: &Path) {
        Connection::open(file).unwrap().execute_batch(TABLE).unwrap();
    }

    fn prepare(headers: &HeaderMap, body: Bytes) -> Self {
        Self { headers: flat(headers), body }
    }

    fn write(&self, connection: &Connection) {
        let mut insert = connection.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3)").unwrap();
        let id = uuid::Uuid::now_v7();
        insert.execute((id.as_bytes().as_slice(), &self.headers, self.body.as_ref())).unwrap();
    }
}
