//! Whether the file is what was written: looked at before it is served, beside the load when it is large, and in full
//! when a person asks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rusqlite::{Connection, InterruptHandle};

use super::lock::refuse;
use super::readers::damaged;
use super::space::Guard;
use super::{connect, deliveries, due, saying, schema, sealed};
use crate::id::{DeliveryId, EventId};
use crate::limit;
use crate::store::Error;
use crate::store::seal::{self, Keys};

/// Things found wrong that are told.
const FINDINGS_MAX: usize = 100;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Events that were read.
    pub events: u64,
    /// Of them, those whose request is sealed.
    pub sealed: u64,
    /// Live deliveries that were looked at.
    pub live: u64,
    /// What is wrong, in words; at most a hundred.
    pub wrong: Vec<String>,
}

/// Looks at every page of a store that is about to be served, and at every index of one that is not large.
///
/// # Errors
/// [`Error::Open`] with what is wrong first and the mend.
pub(super) fn before_serving(connection: &Connection, path: &Path) -> Result<(), Error> {
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    let looked = match cut_off(connection, path, bytes) {
        Ok(None) if bytes <= limit::CHECK_IN_FULL_MAX_BYTES => {
            pragma(connection, "PRAGMA integrity_check(100)").map(|found| found.into_iter().next())
        }
        Ok(None) => quick(connection).map(|found| found.into_iter().next()),
        other => other,
    };
    match looked {
        Ok(None) => Ok(()),
        Ok(Some(damage)) => Err(refuse(path, &mend(path, &damage))),
        Err(error) => Err(refuse(path, &mend(path, &error.to_string()))),
    }
}

/// What is missing of a file whose log is empty: it has as many whole pages as it says.
fn cut_off(connection: &Connection, path: &Path, bytes: u64) -> rusqlite::Result<Option<String>> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let wanted = number("PRAGMA page_count")?.saturating_mul(number("PRAGMA page_size")?);
    let has_log = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    let is_whole = has_log || bytes >= wanted;
    Ok((!is_whole).then(|| format!("it has {bytes} bytes of {wanted}")))
}

/// What to say of a damaged file.
fn mend(path: &Path, damage: &str) -> String {
    let file = path.display();
    format!(
        "it is damaged ({damage}): keep a copy of it, then put a backup in its place, or save what can be read with \
         `doorbell store export --store sqlite:{file} > saved.jsonl` and \
         `doorbell store import saved.jsonl --store sqlite:NEW`"
    )
}

/// A check beside the load; it ends with the store.
pub(super) struct Beside {
    is_unwanted: Arc<AtomicBool>,
    interrupt: InterruptHandle,
    thread: JoinHandle<()>,
}

impl Beside {
    /// Begins; what is found closes the guard's door.
    pub(super) fn start(path: PathBuf, guard: Arc<Guard>) -> Result<Self, Error> {
        let connection = connect::reader(&path)?;
        let interrupt = connection.get_interrupt_handle();
        let is_unwanted = Arc::new(AtomicBool::new(false));
        let unwanted = Arc::clone(&is_unwanted);
        let store = path.clone();
        let look = move || {
            let damage = match quick(&connection) {
                Ok(found) => found.into_iter().next(),
                Err(error) => Some(error.to_string()),
            };
            if let Some(damage) = damage.filter(|_| !unwanted.load(Ordering::Acquire)) {
                tracing::error!(%damage, "the store is damaged; nothing more is accepted");
                guard.condemn(mend(&path, &damage));
            }
        };
        let thread = std::thread::Builder::new().name("store-check".to_owned()).spawn(look);
        let thread =
            thread.map_err(|error| refuse(&store, &format!("its check cannot be started: {error}")))?;
        Ok(Self { is_unwanted, interrupt, thread })
    }

    /// Ends it.
    pub(super) fn end(self) {
        self.is_unwanted.store(true, Ordering::Release);
        self.interrupt.interrupt();
        // It has nothing to tell; a panic there was told when it happened.
        let _ = self.thread.join();
    }
}

fn quick(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    pragma(connection, "PRAGMA quick_check(100)")
}

fn pragma(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    // One message may hold several lines.
    let lines =
        found.iter().flat_map(|text| text.lines()).filter(|line| *line != "ok" && !line.starts_with("***"));
    Ok(lines.map(str::to_owned).collect())
}

/// Reads all of the store in `path`, beside whoever serves it: pages, indexes, every event against its digest, and every
/// seal.
///
/// # Errors
/// When it cannot be opened at all, or something in it is sealed with another key.
pub fn check(path: &Path, keys: &Keys) -> Result<Findings, Error> {
    let connection = connect::reader(path)?;
    schema::check(&connection).map_err(|why| refuse(path, &why))?;
    sealed::check(&connection, keys).map_err(|why| refuse(path, &why))?;
    let transaction = connection.unchecked_transaction().map_err(|error| damaged(&error))?;
    let mut findings = Findings::default();
    match pragma(&transaction, "PRAGMA integrity_check(100)") {
        Ok(found) => findings.wrong.extend(found),
        Err(error) => findings.wrong.push(error.to_string()),
    }
    for step in [read_events, read_deliveries, look_at_live] {
        if let Err(error) = step(&transaction, keys, &mut findings) {
            findings.wrong.push(error.to_string());
        }
    }
    findings.wrong.truncate(FINDINGS_MAX);
    Ok(findings)
}

fn read_events(connection: &Connection, keys: &Keys, findings: &mut Findings) -> rusqlite::Result<()> {
    let sealed =
        "SELECT id, coalesce(substr(bytes, 1, 1), x'') FROM event LEFT JOIN content ON place = content";
    let mut statement = connection.prepare(sealed)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        findings.events += 1;
        findings.sealed += u64::from(seal::is_sealed(row.get_ref(1)?.as_blob()?));
        if let Err(error) = due::event(connection, keys, EventId::from_bytes(row.get(0)?)) {
            findings.wrong.push(error.to_string());
        }
        if findings.wrong.len() > FINDINGS_MAX {
            break;
        }
    }
    Ok(())
}

/// Deliveries with their attempts: each has to come back, and each seal to hold. Those of older tables are read when the
/// store is opened and brought to today.
fn read_deliveries(connection: &Connection, keys: &Keys, findings: &mut Findings) -> rusqlite::Result<()> {
    if !schema::is_of_today(connection) {
        return Ok(());
    }
    let mut statement =
        connection.prepare("SELECT id FROM delivery UNION ALL SELECT id FROM delivery_done")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = DeliveryId::from_bytes(row.get(0)?);
        let read = deliveries::one(connection, keys, id).and_then(|_| saying::running(connection, keys, id));
        if let Err(error) = read {
            findings.wrong.push(error.to_string());
        }
        if findings.wrong.len() > FINDINGS_MAX {
            break;
        }
    }
    Ok(())
}

fn look_at_live(connection: &Connection, _: &Keys, findings: &mut Findings) -> rusqlite::Result<()> {
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    findings.live = count("SELECT count(*) FROM delivery")?;
    for (sql, what) in [
        (
            "SELECT count(*) FROM delivery d WHERE NOT EXISTS (SELECT 1 FROM event WHERE id = d.event)",
            "live deliveries without their event",
        ),
        (
            "SELECT count(*) FROM delivery d JOIN delivery_done e ON d.id = e.id",
            "deliveries both live and ended",
        ),
        (
            "SELECT count(*) FROM delivery d WHERE NOT EXISTS (SELECT 1 FROM revision WHERE digest = d.revision)",
            "live deliveries without the rules that made them",
        ),
    ] {
        let found = count(sql)?;
        if found > 0 {
            findings.wrong.push(format!("{found} {what}"));
        }
    }
    Ok(())
}
