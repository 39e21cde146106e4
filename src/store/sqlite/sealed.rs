//! Sealed texts in columns, and which keys have sealed something of a file. A text that is sealed stands as bytes where
//! one in clear stands as text.

use rusqlite::types::{Type, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::store::seal::{KeyId, Keys, Unopened, Whose, mark, shown};

/// Columns that hold what is sealed, of tables that every file has which knows its keys.
const COLUMNS: &[(&str, &str)] = &[
    ("content", "bytes"),
    ("attempt", "words"),
    ("delivery", "reason"),
    ("delivery", "last_error"),
    ("delivery", "context"),
    ("delivery_done", "reason"),
    ("delivery_done", "last_error"),
    ("delivery_done", "context"),
    ("rejection", "cause"),
    ("rejection", "examined"),
];
/// The version of the tables that knows which keys were used.
const KNOWS_KEYS: i64 = 6;
/// Columns of tables that came later, each with the version that has it.
const LATER_COLUMNS: &[(i64, &str, &str)] = &[(7, "saying", "content")];

/// A text for a column.
pub(super) fn value(keys: &Keys, whose: Whose, text: Option<&str>) -> rusqlite::Result<Value> {
    match text {
        None => Ok(Value::Null),
        Some(text) if keys.is_empty() => Ok(Value::Text(text.to_owned())),
        Some(text) => keys.seal(whose, text.as_bytes().to_vec()).map(Value::Blob).map_err(unsealed),
    }
}

/// The text of a column.
pub(super) fn text(
    keys: &Keys,
    whose: Whose,
    row: &Row<'_>,
    index: usize,
) -> rusqlite::Result<Option<String>> {
    let bytes = match row.get_ref(index)? {
        ValueRef::Blob(bytes) => bytes,
        other => return Ok(other.as_str_or_null()?.map(str::to_owned)),
    };
    let plain = keys.open(whose, bytes).map_err(|why| unreadable(index, why))?;
    String::from_utf8(plain.into_owned())
        .map(Some)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Blob, Box::new(error)))
}

fn unreadable(index: usize, why: Unopened) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Blob, Box::new(why))
}

fn unsealed(why: Unopened) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(why))
}

/// Lets a store be opened for writing: refuses when something in it is sealed with a key that we do not have, and notes
/// the one that seals from now on. A key that nothing is sealed with any more is forgotten.
pub(super) fn admit(connection: &Connection, keys: &Keys) -> Result<(), String> {
    let gone = judge(connection, keys)?;
    let noted = || -> rusqlite::Result<()> {
        for id in gone {
            connection.execute("DELETE FROM seal WHERE key = ?1", [id])?;
        }
        if let Some(id) = keys.ids().next() {
            connection.execute("INSERT OR IGNORE INTO seal VALUES (?1)", [id])?;
        }
        Ok(())
    };
    noted().map_err(|error| error.to_string())
}

/// Refuses a store of which something is sealed with a key that we do not have. Changes nothing.
pub(super) fn check(connection: &Connection, keys: &Keys) -> Result<(), String> {
    let version: rusqlite::Result<i64> = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    match version {
        Ok(version) if version < KNOWS_KEYS => Ok(()),
        Ok(_) => judge(connection, keys).map(|_| ()),
        Err(error) => Err(error.to_string()),
    }
}

/// The keys that were used, that we do not have, and that nothing is sealed with any more.
fn judge(connection: &Connection, keys: &Keys) -> Result<Vec<KeyId>, String> {
    let words = |error: rusqlite::Error| error.to_string();
    let used = || -> rusqlite::Result<Vec<KeyId>> {
        connection.prepare("SELECT key FROM seal")?.query_map([], |row| row.get(0))?.collect()
    };
    let mut gone = Vec::new();
    for id in used().map_err(words)?.into_iter().filter(|id| keys.ids().all(|ours| ours != *id)) {
        if is_used(connection, &id).map_err(words)? {
            return Err(refusal(keys, &id));
        }
        gone.push(id);
    }
    Ok(gone)
}

fn is_used(connection: &Connection, id: &KeyId) -> rusqlite::Result<bool> {
    let mark = mark(id);
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let later = LATER_COLUMNS.iter().filter(|(since, ..)| version >= *since);
    let later = later.map(|(_, table, column)| (table, column));
    for (table, column) in COLUMNS.iter().map(|(table, column)| (table, column)).chain(later) {
        let sql = format!(
            "SELECT 1 FROM {table} WHERE typeof({column}) = 'blob' AND substr({column}, 1, ?1) = ?2 LIMIT 1"
        );
        let values = params![i64::try_from(mark.len()).unwrap_or(0), mark];
        if connection.query_row(&sql, values, |_| Ok(())).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn refusal(keys: &Keys, id: &KeyId) -> String {
    let mend = if keys.is_empty() {
        "name the file that holds it with --encrypt-key-file (DOORBELL_ENCRYPT_KEY_FILE)"
    } else {
        "put it into the key file, below the key that seals from now on"
    };
    format!(
        "something in it is sealed with the key `{}`, which was not given: {mend}; nothing was changed",
        shown(id)
    )
}
