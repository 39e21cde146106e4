//! The history read beside a running doorbell: events, newest first and a page at a time, and the rules last in force.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::codec::unpack_event;
use super::connect;
use super::events::first_since;
use super::lock::refuse;
use super::readers::damaged;
use super::{schema, sealed};
use crate::event::Event;
use crate::id::EventId;
use crate::payload;
use crate::store::Error;
use crate::store::seal::{Keys, Whose};
use crate::time::Timestamp;

/// Events of one page.
const PAGE_EVENTS: usize = 256;
/// Bytes of one page, but for its last event.
const PAGE_MAX_BYTES: usize = 4 * 1024 * 1024;

const REVISION: &str = "SELECT text FROM revision ORDER BY kept_at DESC LIMIT 1";
const COUNT: &str = "SELECT count(*) FROM event WHERE id >= ?1 AND status <> 2";
/// Events that contradict an earlier one were never routed.
const PAGE: &str = "SELECT source, kind, received_at, dedupe_key, bytes, id FROM event \
     LEFT JOIN content ON place = content WHERE id < ?1 AND id >= ?2 AND status <> 2 ORDER BY id DESC";

/// A store that is only read; whoever serves goes on with its work.
pub struct Archive {
    connection: Connection,
    keys: Keys,
}

/// An event as it stands in the store, not read yet.
#[derive(Debug)]
pub struct Stored {
    id: EventId,
    source: Arc<str>,
    kind: String,
    received_at: Timestamp,
    dedupe_key: Option<String>,
    /// `None` when its request is gone.
    bytes: Option<Vec<u8>>,
    keys: Keys,
}

impl Archive {
    /// Opens the store in `path`, which has to be there, with the keys of what is sealed in it.
    ///
    /// # Errors
    /// [`Error::Open`] when it is no store, cannot be read, or is sealed with another key.
    pub fn open(path: &Path, keys: &Keys) -> Result<Self, Error> {
        if !path.is_file() {
            return Err(refuse(path, "there is no such file: name the one that `serve` uses with --store"));
        }
        let connection = connect::reader(path)?;
        schema::check(&connection).map_err(|why| refuse(path, &why))?;
        sealed::check(&connection, keys).map_err(|why| refuse(path, &why))?;
        Ok(Self { connection, keys: keys.clone() })
    }

    /// The text of the rules that were taken into force last, as `rule::Set::text` gave it.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it cannot be read.
    pub fn revision(&self) -> Result<Option<String>, Error> {
        let found = self.connection.query_row(REVISION, [], |row| row.get(0)).optional();
        found.map_err(|error| damaged(&error))
    }

    /// About how many events came since then.
    ///
    /// # Errors
    /// [`Error::Damaged`] when they cannot be counted.
    pub fn count(&self, since: Option<Timestamp>) -> Result<u64, Error> {
        let count = self.connection.query_row(COUNT, [first_since(since)], |row| row.get::<_, i64>(0));
        count.map(i64::unsigned_abs).map_err(|error| damaged(&error))
    }

    /// The latest events before `before` that came since then; `None` when there are no more. A page may be empty.
    ///
    /// # Errors
    /// [`Error::Damaged`] when they cannot be read.
    pub fn page(&self, before: EventId, since: Option<Timestamp>) -> Result<Option<Page>, Error> {
        self.read(before, since).map_err(|error| damaged(&error))
    }

    fn read(&self, before: EventId, since: Option<Timestamp>) -> rusqlite::Result<Option<Page>> {
        let mut statement = self.connection.prepare_cached(PAGE)?;
        let mut rows = statement.query((before.as_bytes(), first_since(since)))?;
        let mut page = Page { events: Vec::new(), last: before };
        let (mut seen, mut bytes) = (0, 0);
        while seen < PAGE_EVENTS && bytes < PAGE_MAX_BYTES {
            let Some(row) = rows.next()? else { break };
            seen += 1;
            let event = Stored::read(row, &self.keys, EventId::from_bytes(row.get(5)?))?;
            page.last = event.id;
            if since.is_none_or(|since| event.received_at >= since) {
                bytes += event.bytes.as_ref().map_or(0, Vec::len);
                page.events.push(event);
            }
        }
        Ok((seen > 0).then_some(page))
    }
}

/// Some events, newest first.
#[derive(Debug)]
pub struct Page {
    /// The events.
    pub events: Vec<Stored>,
    /// What the next page comes before.
    pub last: EventId,
}

impl Stored {
    /// Reads source, kind, moment, dedupe key and bytes, in this order.
    pub(super) fn read(row: &Row<'_>, keys: &Keys, id: EventId) -> rusqlite::Result<Self> {
        Ok(Self {
            id,
            source: Arc::from(row.get_ref(0)?.as_str()?),
            kind: row.get(1)?,
            received_at: Timestamp::from_millis(row.get(2)?),
            dedupe_key: row.get(3)?,
            bytes: row.get(4)?,
            keys: keys.clone(),
        })
    }

    /// The event with its request and its payload, parsed anew.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it is not what was written.
    pub fn event(self) -> Result<Event, Error> {
        let Self { id, source, kind, received_at, dedupe_key, bytes, keys } = self;
        let broken = |what: &str| Error::Damaged(format!("the event `{id}`: {what}"));
        let bytes = bytes.ok_or_else(|| broken("its request is gone"))?;
        let bytes = keys.open(Whose::event(id), &bytes).map_err(|why| broken(&why.to_string()))?;
        let (request, format, verified) = unpack_event(&bytes, received_at).map_err(broken)?;
        let payload = payload::read(&format, &request).map_err(|error| broken(&error.to_string()))?;
        Ok(Event { id, source, kind, dedupe_key, verified, request, format, payload })
    }
}
