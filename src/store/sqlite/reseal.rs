//! A store sealed anew: all that it holds of payloads by the first of the keys, whatever it was sealed with before.

use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags, params};

use super::notes::{CAUSE, EXAMINED};
use super::settle::{CONTENT, WORDS};
use super::{row, schema, sealed};
use crate::id::{DeliveryId, EventId, RejectionId};
use crate::store::seal::{Keys, Whose, mark};
use crate::time::Timestamp;

/// Seals a file that nobody serves. Without keys it stays as it is.
///
/// # Errors
/// When something in it is sealed with a key that we do not have, or is not what was sealed. The file is of no use then.
pub(super) fn whole(path: &Path, keys: &Keys) -> Result<(), String> {
    if keys.is_empty() {
        return Ok(());
    }
    let words = |error: rusqlite::Error| error.to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(words)?;
    // What stood in clear must not stay behind in room that nothing stands in.
    connection.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA secure_delete = ON;").map_err(words)?;
    schema::migrate(&connection)?;
    sealed::check(&connection, keys)?;
    let transaction = connection.unchecked_transaction().map_err(words)?;
    let again = Again { connection: &transaction, keys };
    again.events().and_then(|()| again.attempts()).and_then(|()| again.sayings()).map_err(words)?;
    again.deliveries().and_then(|()| again.rejections()).map_err(words)?;
    transaction.execute("DELETE FROM seal", []).map_err(words)?;
    sealed::admit(&transaction, keys)?;
    transaction.commit().map_err(words)
}

struct Again<'c> {
    connection: &'c Connection,
    keys: &'c Keys,
}

impl Again<'_> {
    fn events(&self) -> rusqlite::Result<()> {
        let sql = "SELECT id, content FROM event";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.content(row.get(1)?, Whose::event(EventId::from_bytes(row.get(0)?)))?;
        }
        Ok(())
    }

    fn attempts(&self) -> rusqlite::Result<()> {
        let sql = "SELECT delivery, number, started_at, stale, content FROM attempt";
        let all: Vec<([u8; 16], u32, i64, i64, i64)> = self
            .connection
            .prepare(sql)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (delivery, number, at, stale, content) in all {
            let whose = |column| {
                Whose::attempt(DeliveryId::from_bytes(delivery), column, number, Timestamp::from_millis(at))
            };
            self.content(content, whose(CONTENT))?;
            let known = "SELECT words FROM attempt WHERE delivery = ?1 AND number = ?2 AND stale = ?3";
            let set = "UPDATE attempt SET words = ?4 WHERE delivery = ?1 AND number = ?2 AND stale = ?3";
            let words = self
                .connection
                .prepare_cached(known)?
                .query_row(params![delivery, number, stale], |row| {
                    self.anew(whose(WORDS), row.get_ref(0)?)
                })?;
            if let Some(words) = words {
                self.connection.prepare_cached(set)?.execute(params![delivery, number, stale, words])?;
            }
        }
        Ok(())
    }

    fn sayings(&self) -> rusqlite::Result<()> {
        let sql = "SELECT rowid, delivery, number, started_at, content FROM saying";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let began = Timestamp::from_millis(row.get(3)?);
            let whose = Whose::attempt(DeliveryId::from_bytes(row.get(1)?), CONTENT, row.get(2)?, began);
            if let Some(content) = self.anew(whose, row.get_ref(4)?)? {
                let set = "UPDATE saying SET content = ?2 WHERE rowid = ?1";
                self.connection.prepare_cached(set)?.execute(params![row.get::<_, i64>(0)?, content])?;
            }
        }
        Ok(())
    }

    fn deliveries(&self) -> rusqlite::Result<()> {
        for table in ["delivery", "delivery_done"] {
            let all: Vec<[u8; 16]> = self
                .connection
                .prepare(&format!("SELECT id FROM {table}"))?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for (id, column) in all.iter().flat_map(|id| row::SEALED.iter().map(move |column| (id, *column)))
            {
                let whose = Whose::delivery(DeliveryId::from_bytes(*id), column);
                let known = format!("SELECT {column} FROM {table} WHERE id = ?1");
                let read = |row: &rusqlite::Row<'_>| self.anew(whose, row.get_ref(0)?);
                if let Some(text) = self.connection.prepare_cached(&known)?.query_row([id], read)? {
                    let set = format!("UPDATE {table} SET {column} = ?2 WHERE id = ?1");
                    self.connection.prepare_cached(&set)?.execute(params![id, text])?;
                }
            }
        }
        Ok(())
    }

    fn rejections(&self) -> rusqlite::Result<()> {
        for column in [CAUSE, EXAMINED] {
            let sql = format!("SELECT sequence, coalesce(id, zeroblob(16)), {column} FROM rejection");
            let set = format!("UPDATE rejection SET {column} = ?2 WHERE sequence = ?1");
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let whose = Whose::rejection(RejectionId::from_bytes(row.get(1)?), column);
                if let Some(text) = self.anew(whose, row.get_ref(2)?)? {
                    self.connection.prepare_cached(&set)?.execute(params![row.get::<_, i64>(0)?, text])?;
                }
            }
        }
        Ok(())
    }

    fn content(&self, place: i64, whose: Whose) -> rusqlite::Result<()> {
        let known = "SELECT bytes FROM content WHERE place = ?1";
        let mut statement = self.connection.prepare_cached(known)?;
        let mut rows = statement.query([place])?;
        let bytes = match rows.next()? {
            Some(row) => self.anew(whose, row.get_ref(0)?)?,
            None => None,
        };
        if let Some(bytes) = bytes {
            let set = "UPDATE content SET bytes = ?2 WHERE place = ?1";
            self.connection.prepare_cached(set)?.execute(params![place, bytes])?;
        }
        Ok(())
    }

    /// A value sealed by the first key; `None` when it is already, or holds nothing.
    fn anew(&self, whose: Whose, stored: ValueRef<'_>) -> rusqlite::Result<Option<Value>> {
        let bytes = match stored {
            ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes,
            _ => return Ok(None),
        };
        if self.keys.ids().next().is_some_and(|first| bytes.starts_with(&mark(&first))) {
            return Ok(None);
        }
        let broken = |why| rusqlite::Error::ToSqlConversionFailure(Box::new(why));
        let plain = self.keys.open(whose, bytes).map_err(broken)?;
        self.keys.seal(whose, plain.into_owned()).map(|sealed| Some(Value::Blob(sealed))).map_err(broken)
    }
}
