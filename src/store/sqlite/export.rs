//! A store as JSON lines, and back: a first line with versions, a line for each row of each table, a last line that
//! counts them. Of a damaged file as much is written as can be read.

use std::io::{BufRead, Read as _, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value, json};

use super::lock::refuse;
use super::{backup, connect, reseal, schema};
use crate::store::Error;
use crate::store::seal::Keys;

/// The version of the lines below.
const FORMAT_VERSION: i64 = 1;
/// What the first line calls itself.
const KIND: &str = "doorbell store";
/// The longest line that is read: the largest body of a source in base 64 is 34 MiB.
const LINE_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What was written or read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// Rows of all tables.
    pub rows: u64,
    /// Tables of which some rows could not be read, with the reason.
    pub unreadable: Vec<String>,
}

/// Writes one moment of the store in `from` as JSON lines.
///
/// # Errors
/// When it cannot be opened, or `out` cannot be written.
pub fn export(from: &Path, out: &mut impl Write) -> Result<Exchange, Error> {
    let connection = connect::salvager(from)?;
    schema::check(&connection).map_err(|why| refuse(from, &why))?;
    let wrong = |error: rusqlite::Error| refuse(from, &error.to_string());
    connection.execute_batch("BEGIN").map_err(wrong)?;
    let tables = tables(&connection).map_err(wrong)?;
    let version = schema::version(&connection).map_err(|why| refuse(from, &why))?;
    let mut exchange = Exchange::default();
    line(out, &json!({ "format_version": FORMAT_VERSION, "kind": KIND, "tables": version }))?;
    for (table, key) in &tables {
        let mut seen = 0;
        if let Err(why) = walk(&connection, table, &format!("{key} ASC"), out, &mut seen)? {
            // Behind a page that cannot be read there may be others: come from the other end.
            let _ = walk(&connection, table, &format!("{key} DESC"), out, &mut seen)?;
            exchange.unreadable.push(format!("`{table}`: {why}"));
        }
        exchange.rows += seen;
    }
    line(out, &json!({ "end": true, "rows": exchange.rows, "unreadable": exchange.unreadable }))?;
    out.flush().map_err(|error| Error::Unwritable(error.to_string()))?;
    Ok(exchange)
}

/// The tables with the columns of their keys.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let sql =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let names = connection
        .prepare(sql)?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    let key = |name: &String| {
        let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
        let mut statement = connection.prepare(sql)?;
        let columns =
            statement.query_map([name], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        // With several columns the first one leads; the others need no order.
        Ok((name.clone(), columns.first().cloned().unwrap_or_else(|| "rowid".to_owned())))
    };
    names.iter().map(key).collect()
}

/// Writes rows until the end, or until one cannot be read: the reason.
fn walk(
    connection: &Connection,
    table: &str,
    order: &str,
    out: &mut impl Write,
    seen: &mut u64,
) -> Result<Result<(), String>, Error> {
    let sql = format!("SELECT * FROM \"{table}\" ORDER BY {order}");
    let mut statement = match connection.prepare(&sql) {
        Ok(statement) => statement,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = match statement.query([]) {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(error.to_string())),
    };
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mut columns = Map::new();
        for (index, name) in names.iter().enumerate() {
            match row.get_ref(index) {
                Ok(value) => columns.insert(name.clone(), shown(value)),
                Err(error) => return Ok(Err(error.to_string())),
            };
        }
        line(out, &json!({ "table": table, "row": columns }))?;
        *seen += 1;
    }
}

fn shown(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => json!({ "base64": STANDARD.encode(bytes) }),
    }
}

fn line(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    writeln!(out, "{value}").map_err(|error| Error::Unwritable(error.to_string()))
}

/// Makes a new store in `to` of exported lines. With keys all of it is sealed anew by the first of them: what stood in
/// clear and what an older key has sealed.
///
/// # Errors
/// When `to` is there, when something is sealed with a key that is not among them, when a line is not one of an export, when the end is missing, or when the lines are of a newer
/// doorbell. Nothing is left then.
pub fn import(lines: &mut impl BufRead, to: &Path, keys: &Keys) -> Result<Exchange, Error> {
    if to.exists() {
        return Err(refuse(to, "it is there already: a store is imported into a new file"));
    }
    let partial = backup::partial(to);
    let mut number = 0;
    let filled = fill(lines, &partial, &mut number)
        .map_err(|why| refuse(to, &format!("line {number} of the export: {why}")))
        .and_then(|exchange| reseal::whole(&partial, keys).map(|()| exchange).map_err(|why| refuse(to, &why)))
        .and_then(|exchange| backup::finish(&partial, to).map(|_| exchange));
    if filled.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    filled
}

fn fill(lines: &mut impl BufRead, partial: &Path, number: &mut u64) -> Result<Exchange, String> {
    let words = |error: rusqlite::Error| error.to_string();
    let first = next(lines, number)?.ok_or("there is none")?;
    let whole = |name: &str| first.get(name).and_then(Value::as_i64);
    if first.get("kind").and_then(Value::as_str) != Some(KIND) {
        return Err("it is not the first line of an export".to_owned());
    }
    if whole("format_version") != Some(FORMAT_VERSION) {
        return Err(
            "its `format_version` is not known: use the doorbell that wrote it, or a newer one".to_owned()
        );
    }
    let connection = backup::create(partial).map_err(|error| error.to_string())?;
    connection.execute_batch("PRAGMA journal_mode = MEMORY;").map_err(words)?;
    schema::make(&connection, whole("tables").unwrap_or(0))?;
    connection.execute_batch("BEGIN").map_err(words)?;
    let known = tables(&connection).map_err(words)?;
    let mut rows = 0;
    while let Some(value) = next(lines, number)? {
        if value.get("end").is_some() {
            if value.get("rows").and_then(Value::as_u64) != Some(rows) {
                return Err(format!("{rows} rows came before the end, which counts others"));
            }
            connection.execute_batch("COMMIT").map_err(words)?;
            return Ok(Exchange { rows, unreadable: Vec::new() });
        }
        insert(&connection, &known, &value)?;
        rows += 1;
    }
    Err("the export is cut off: its end is missing".to_owned())
}

fn next(lines: &mut impl BufRead, number: &mut u64) -> Result<Option<Value>, String> {
    let mut text = String::new();
    *number += 1;
    let read = lines.take(LINE_MAX_BYTES).read_line(&mut text).map_err(|error| error.to_string())?;
    if read == 0 {
        return Ok(None);
    }
    serde_json::from_str(&text).map(Some).map_err(|error| format!("it is not JSON: {error}"))
}

fn insert(connection: &Connection, known: &[(String, String)], value: &Value) -> Result<(), String> {
    let table = value.get("table").and_then(Value::as_str).ok_or("it has no `table`")?;
    let row = value.get("row").and_then(Value::as_object).ok_or("it has no `row`")?;
    if !known.iter().any(|(name, _)| name == table) {
        return Err(format!("`{table}` is not a table of a store"));
    }
    if !row.keys().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')) {
        return Err("a column's name is none".to_owned());
    }
    let names: Vec<&str> = row.keys().map(String::as_str).collect();
    let places = vec!["?"; names.len()].join(", ");
    // What an export of a damaged store says twice is taken once.
    let sql = format!("INSERT OR IGNORE INTO \"{table}\" ({}) VALUES ({places})", names.join(", "));
    let values = row.values().map(stored).collect::<Result<Vec<Sql>, _>>()?;
    let mut statement = connection.prepare_cached(&sql).map_err(|error| error.to_string())?;
    statement.execute(params_from_iter(values)).map(|_| ()).map_err(|error| error.to_string())
}

fn stored(value: &Value) -> Result<Sql, String> {
    Ok(match value {
        Value::Null => Sql::Null,
        Value::String(text) => Sql::Text(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Sql::Integer(whole),
            (None, Some(real)) => Sql::Real(real),
            (None, None) => return Err(format!("`{number}` is too large")),
        },
        Value::Object(object) => {
            let text = object.get("base64").and_then(Value::as_str).ok_or("bytes without `base64`")?;
            Sql::Blob(STANDARD.decode(text).map_err(|error| error.to_string())?)
        }
        Value::Bool(_) | Value::Array(_) => return Err("a value that no column holds".to_owned()),
    })
}
