//! Connections: one that writes, some that read, and what is put right when a store is opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::Options;
use super::lock::refuse;
use super::row::COLUMNS;
use super::work::Work;
use super::{saying, schema};
use crate::store::seal::Keys;
use crate::store::{Error, Usage};
use crate::time::Timestamp;

/// Another program (a backup, a shell) may hold the file for so long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// A page of the file.
const PAGE_BYTES: u64 = 4096;
/// All statements of the writer, and of a reader, stay prepared.
const STATEMENTS_MAX: usize = 64;

/// WAL with FULL: a commit is on the disk when it returns. No memory map: a bad disk must be an error, not a
/// signal. Caches in KiB when negative: all connections together stay under 10 MiB. Checkpoints are
/// made by `checkpoint`.
const WRITER: &str = "
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -4096;
PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;
";
const READER: &str = "
PRAGMA query_only = ON; PRAGMA cache_size = -1024; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
";

/// What is kept in memory of what stands in the file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Census {
    pub(super) events: u64,
    pub(super) live: u64,
    pub(super) dead: u64,
    pub(super) last_sequence: i64,
    /// Deliveries that wait for others, counted once for each.
    pub(super) needs: u64,
    /// Attempts under way that have said something.
    pub(super) sayings: u64,
}

/// The connection that writes, its tables those of today.
pub(super) fn writer(path: &Path, options: &Options) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    // A page's size is settled before the first table is made.
    connection.execute_batch("PRAGMA page_size = 4096;").map_err(|error| refuse(path, &error.to_string()))?;
    schema::check(&connection).map_err(|why| refuse(path, &why))?;
    connection.execute_batch(WRITER).map_err(|error| refuse(path, &error.to_string()))?;
    if let Some(pages_max) = options.pages_max {
        connection
            .execute_batch(&format!("PRAGMA max_page_count = {pages_max};"))
            .map_err(|error| refuse(path, &error.to_string()))?;
    }
    settle_log(&connection).map_err(|error| refuse(path, &error.to_string()))?;
    schema::migrate(&connection).map_err(|why| refuse(path, &why))?;
    Ok(connection)
}

/// Copies what a former run left in the log into the file, before anything is appended. After a failed fsync the
/// kernel may show pages of the log that are not on the disk: commits behind them would be lost with them.
fn settle_log(connection: &Connection) -> rusqlite::Result<()> {
    // Readers that are under way keep the log as it is; then its end is where they know it.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// A connection for checkpoints only.
pub(super) fn plain(path: &Path) -> Result<Connection, Error> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// A connection that reads what it can of a file that may be damaged: one that was cut off has fewer pages than it says.
pub(super) fn salvager(path: &Path) -> Result<Connection, Error> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let settings = format!("PRAGMA writable_schema = ON; {READER}");
    connection.execute_batch(&settings).map_err(|error| refuse(path, &error.to_string()))?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    connection.execute_batch(READER).map_err(|error| Error::Damaged(error.to_string()))?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| refuse(path, &error.to_string()))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| refuse(path, &error.to_string()))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// What a run that was cut off left behind: what its attempts had said is kept, an at-most-once attempt that began is in
/// doubt, and deliveries that waited for it in order may go on.
pub(super) fn recover(connection: &Connection, keys: &Keys, now: Timestamp) -> rusqlite::Result<()> {
    let started: Option<i64> = connection
        .query_row("SELECT 1 FROM delivery WHERE state = 2 LIMIT 1", [], |row| row.get(0))
        .optional()?;
    if started.is_none() && !saying::is_left(connection)? {
        return Ok(());
    }
    let transaction = connection.unchecked_transaction()?;
    let mut work = Work::new(&transaction, keys, Census::default(), u64::MAX);
    saying::recover(&work)?;
    let columns =
        COLUMNS.replace("state, due_at, reason, last_error", "5, ?1, NULL, ?2").replace(", context", "");
    transaction.execute(
        &format!(
            "INSERT INTO delivery_done SELECT {columns}, sequence, context FROM delivery WHERE state = 2 AND mode = 1"
        ),
        params![now.millis(), "doorbell stopped while the attempt ran: it may or may not have happened"],
    )?;
    transaction.execute("DELETE FROM delivery WHERE state = 2 AND mode = 1", [])?;
    transaction.execute("UPDATE delivery SET state = 1, due_at = ?1 WHERE state = 2", [now.millis()])?;
    release(&mut work)?;
    drop(work);
    transaction.commit()
}

/// Lets go what waited for those that are in doubt now.
fn release(work: &mut Work<'_>) -> rusqlite::Result<()> {
    let order_keys: Vec<String> = work
        .connection()
        .prepare("SELECT DISTINCT order_key FROM delivery WHERE order_key IS NOT NULL AND held = 1")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    order_keys.iter().try_for_each(|key| work.release(key))
}

/// Counts what is there.
pub(super) fn census(connection: &Connection) -> rusqlite::Result<Census> {
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    let live = "SELECT coalesce(max(sequence), 0) FROM delivery";
    Ok(Census {
        events: unsigned(count("SELECT count(*) FROM event")?),
        live: unsigned(count("SELECT count(*) FROM delivery")?),
        dead: unsigned(count("SELECT count(*) FROM delivery_done WHERE state = 4")?),
        last_sequence: count(live)?,
        needs: unsigned(count("SELECT count(*) FROM need")?),
        sayings: unsigned(count("SELECT count(*) FROM saying")?),
    })
}

/// Bytes in the file that nothing stands in: later writes go there first.
pub(super) fn unused_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("PRAGMA freelist_count")?;
    let pages: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(pages.unsigned_abs().saturating_mul(PAGE_BYTES))
}

/// How much of the file is used, and what it takes on the disk.
pub(super) fn usage(connection: &Connection) -> rusqlite::Result<Usage> {
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let file_bytes = pages.unsigned_abs().saturating_mul(PAGE_BYTES);
    Ok(Usage { file_bytes, used_bytes: file_bytes.saturating_sub(unused_bytes(connection)?) })
}
