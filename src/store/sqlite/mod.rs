//! The store of one machine: SQLite in WAL mode, one writer that commits what waits as a group, a few readers.
//!
//! ```text
//! accept, settle … -> queue (bounded) -> writer: BEGIN, all that waits, COMMIT + fsync -> answers, then hints
//! due, event, lists -> readers (read-only connections on threads that may wait)
//! ```
//!
//! A delivery with an order key is `held` while an earlier one of its key has not ended: it is neither due nor
//! hinted, and the commit that ends the earlier one hints it.

mod accept;
mod archive;
mod backup;
mod checkpoint;
mod codec;
mod connect;
mod deliveries;
mod due;
mod events;
mod export;
mod fault;
mod hints;
mod lock;
mod moment;
mod need;
mod notes;
mod pause;
mod person;
mod prune;
mod queue;
mod readers;
mod reseal;
mod row;
mod saying;
mod schema;
mod sealed;
mod settle;
mod slot;
mod sound;
mod space;
mod throttle;
mod work;
mod writer;

mod engine;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod kill_tests;
#[cfg(test)]
mod sealed_tests;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

pub use self::archive::{Archive, Page, Stored};
pub use self::backup::backup;
use self::checkpoint::Checkpointer;
use self::connect::Census;
pub use self::export::{Exchange, export, import};
use self::fault::Faults;
#[cfg(test)]
use self::fault::Point;
use self::lock::{Lock, refuse};
use self::notes::Rejections;
use self::queue::Queue;
use self::readers::{Readers, damaged};
use self::sound::Beside;
pub use self::sound::{Findings, check};
use self::space::Guard;
pub use self::space::{Disk, Probe, Reserve, Room};
use self::writer::Writer;
use crate::id::EventId;
use crate::limit;
use crate::store::seal::Keys;
use crate::store::{Counts, Error};
use crate::time::Timestamp;

/// Hints that wait to be fetched.
const HINTS_MAX: usize = 4096;

/// 8 MiB: long enough to write a page once that many commits touch, short enough to be copied in a moment.
const LOG_PAGES: u32 = 2000;

/// The bounds of a store. The defaults are those of `limit`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Writes that may wait for the writer; beyond it an event is refused as `Busy`.
    pub queue_max: usize,
    /// Writes in one commit.
    pub group_max: usize,
    /// Live deliveries; beyond it an event that owes more is refused as `Busy`.
    pub backlog_max: u64,
    /// Hints that wait to be fetched; beyond it they are dropped and a rescan is asked for.
    pub hints_max: usize,
    /// Pages of 4 KiB that the file may have; beyond it writes fail as on a full disk. `None` for no bound.
    pub pages_max: Option<u32>,
    /// Pages in the log at which it is copied into the file, beside the load.
    pub log_pages: u32,
    /// Room that is kept free on the disk; below it nothing is accepted.
    pub reserve: Reserve,
    /// The size of a file beside the store that is given up when the disk is full; 0 for none.
    pub ballast_bytes: u64,
    /// Who knows how much room there is.
    pub probe: Arc<dyn Probe>,
    /// A file up to this size is checked before it is served, a larger one beside the load.
    pub check_max_bytes: u64,
    /// What one page of a list looks at.
    pub looks: Looks,
    /// What payloads are sealed with; without any they stand in clear.
    pub keys: Keys,
}

/// What one page of a list looks at before it ends, however little was found.
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    /// Rows.
    pub rows: usize,
    /// Bytes of bodies, for filters that ask for a text in them.
    pub body_bytes: usize,
}

impl Looks {
    /// Takes off what was looked at; whether there is more.
    fn spend(&mut self, rows: usize, body_bytes: usize) -> bool {
        self.rows = self.rows.saturating_sub(rows);
        self.body_bytes = self.body_bytes.saturating_sub(body_bytes);
        self.rows > 0 && self.body_bytes > 0
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_max: limit::COMMIT_QUEUE_MAX,
            group_max: limit::COMMIT_GROUP_MAX,
            backlog_max: limit::BACKLOG_MAX as u64,
            hints_max: HINTS_MAX,
            pages_max: None,
            log_pages: LOG_PAGES,
            reserve: Reserve::Bytes(0),
            ballast_bytes: 0,
            probe: Arc::new(Disk),
            check_max_bytes: limit::CHECK_AT_START_MAX_BYTES,
            looks: Looks { rows: limit::LIST_ROWS_MAX, body_bytes: limit::LIST_BODIES_MAX_BYTES },
            keys: Keys::default(),
        }
    }
}

/// What the writer and the callers share.
#[derive(Debug, Default)]
struct Shared {
    events: AtomicU64,
    live: AtomicU64,
    dead: AtomicU64,
    /// The moment that the last caller told, in milliseconds: the store reads no clock.
    now: AtomicI64,
    rejections: Rejections,
    faults: Faults,
}

impl Shared {
    fn publish(&self, census: &Census) {
        self.events.store(census.events, Ordering::Relaxed);
        self.live.store(census.live, Ordering::Relaxed);
        self.dead.store(census.dead, Ordering::Relaxed);
    }

    fn counts(&self) -> Counts {
        Counts {
            events: self.events.load(Ordering::Relaxed),
            live: self.live.load(Ordering::Relaxed),
            dead: self.dead.load(Ordering::Relaxed),
        }
    }

    fn tell(&self, now: Timestamp) {
        self.now.store(now.millis(), Ordering::Relaxed);
    }
}

/// A store in one SQLite file. Dropping it finishes what was asked for; `close` also empties the log.
pub struct Sqlite {
    /// `None` only while it is dropped.
    queue: Option<Queue>,
    readers: Readers,
    hints: hints::Receiver,
    shared: Arc<Shared>,
    guard: Arc<Guard>,
    beside: Option<Beside>,
    looks: Looks,
    keys: Keys,
    backlog_max: u64,
    /// Where retention looks next.
    prune_after: Mutex<EventId>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the store in `path`, made when it is not there, and takes its lock. Needs a tokio runtime for its
    /// calls, not for this one. At-most-once attempts that a crash cut off are `in_doubt` as of `now`.
    ///
    /// # Errors
    /// [`Error::Locked`] when another doorbell has it; [`Error::Open`] when it cannot be read or written, is not a
    /// store, is of a newer doorbell, or is sealed with a key that is not among `options.keys`.
    pub fn open(path: &Path, options: Options, now: Timestamp) -> Result<Self, Error> {
        let was_empty = sound::is_empty(path);
        let lock = Lock::take(path)?;
        if was_empty {
            let store = path.display();
            tracing::warn!(%store, "the store's file was empty: it is a new store now, without a history");
        }
        let connection = connect::writer(path, &options)?;
        sealed::admit(&connection, &options.keys).map_err(|why| refuse(path, &why))?;
        let guard = Arc::new(Guard::new(path, &options));
        let beside = Self::check_first(&connection, path, &options, &guard)?;
        let (looks, keys, backlog_max) = (options.looks, options.keys.clone(), options.backlog_max);
        let shared = Arc::new(Shared::default());
        connect::recover(&connection, &keys, now).map_err(|error| refuse(path, &error.to_string()))?;
        let census = connect::census(&connection).map_err(|error| refuse(path, &error.to_string()))?;
        shared.publish(&census);
        shared.tell(now);
        let (queue, messages) = Queue::new(options.queue_max);
        let (hints_in, hints) = hints::channel(options.hints_max);
        let threads = |error| refuse(path, &format!("its threads cannot be started: {error}"));
        let checkpointer = Checkpointer::start(path.to_owned(), Arc::clone(&lock.store), options.log_pages)
            .map_err(threads)?;
        let writer = Writer {
            messages,
            hints: hints_in,
            shared: Arc::clone(&shared),
            path: path.to_owned(),
            options,
            guard: Arc::clone(&guard),
            connection: Some(connection),
            census,
            checkpointer,
            last_orders: 0,
            lock,
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(threads)?;
        Ok(Self {
            queue: Some(queue),
            readers: Readers::new(path.to_owned()),
            hints,
            shared,
            guard,
            beside,
            looks,
            keys,
            backlog_max,
            prune_after: Mutex::new(FIRST_EVENT),
            thread: Some(thread),
            path: path.to_owned(),
        })
    }

    fn check_first(
        connection: &Connection,
        path: &Path,
        options: &Options,
        guard: &Arc<Guard>,
    ) -> Result<Option<Beside>, Error> {
        guard.look_with(connect::unused_bytes(connection).unwrap_or(0));
        let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
        if bytes <= options.check_max_bytes {
            sound::before_serving(connection, path)?;
            return Ok(None);
        }
        Beside::start(path.to_owned(), Arc::clone(guard)).map(Some)
    }

    /// The store's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file and says what is wrong with it. Slow: for a person who asks.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first thing found.
    pub async fn check(&self) -> Result<(), Error> {
        let found = self.readers.read(readers::Purpose::List, |connection| {
            let sql = "PRAGMA quick_check(1)";
            connection.query_row(sql, [], |row| row.get::<_, String>(0)).map_err(|error| damaged(&error))
        });
        match found.await?.as_str() {
            "ok" => Ok(()),
            wrong => Err(Error::Damaged(wrong.to_owned())),
        }
    }

    fn prune_after(&self) -> EventId {
        *self.prune_after.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_prune_after(&self, after: EventId) {
        *self.prune_after.lock().unwrap_or_else(PoisonError::into_inner) = after;
    }
}

/// Smaller than every event's id.
const FIRST_EVENT: EventId = EventId::from_bytes([0; 16]);

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.readers.forget();
        if let Some(beside) = self.beside.take() {
            beside.end();
        }
        // Without askers the writer finishes what waits and ends; the lock is free when it has.
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
