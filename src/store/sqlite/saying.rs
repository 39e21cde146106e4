//! What attempts under way have said so far: one row a delivery, which goes with the end of its attempt. What a run that
//! was cut off left here becomes an attempt whose end is not known.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::accept::unsealed;
use super::codec::{pack_texts, unpack_texts};
use super::queue::{Fault, Write};
use super::readers::damaged;
use super::sealed;
use super::settle::{CONTENT, WORDS};
use super::work::Work;
use crate::id::DeliveryId;
use crate::store::seal::{Keys, Whose};
use crate::store::{CUT_OFF, Error, Saying, Settled};
use crate::time::Timestamp;

/// What people read of an attempt that was cut off.
const CUT_OFF_WORDS: &str = "cut off: doorbell stopped while it ran, and how it ended is not known";

/// What an attempt has said, made ready by its own task. It is packed and sealed as the content of its attempt will be.
pub(super) struct Remark {
    saying: Saying,
    content: Vec<u8>,
}

/// What an attempt had said, as it stands in the store.
pub(super) struct Said {
    pub(super) started_at: Timestamp,
    pub(super) content: Vec<u8>,
}

impl Remark {
    /// Packs, compresses and seals.
    pub(super) fn prepare(saying: Saying, keys: &Keys) -> Result<Self, Error> {
        let content = pack_texts(&[&saying.sent, "", &saying.output]);
        let whose = Whose::attempt(saying.delivery, CONTENT, saying.attempt, saying.started_at);
        let content = keys.seal(whose, content).map_err(unsealed)?;
        Ok(Self { saying, content })
    }
}

impl Write for Remark {
    type Answer = Settled;

    fn write(&self, work: &mut Work<'_>) -> Result<Settled, Fault> {
        let Saying { delivery, attempt, started_at, at, .. } = &self.saying;
        let id = delivery.as_bytes();
        if work.first(RUNS, params![id, attempt], |_| Ok(()))?.is_none() {
            return Ok(Settled::Stale);
        }
        let (started_at, at) = (started_at.millis(), at.millis());
        let again =
            "UPDATE saying SET number = ?2, started_at = ?3, at = ?4, content = ?5 WHERE delivery = ?1";
        if work.execute(again, params![id, attempt, started_at, at, self.content])? == 0 {
            let first = "INSERT INTO saying VALUES (?1, ?2, ?3, ?4, ?5)";
            work.execute(first, params![id, attempt, started_at, at, self.content])?;
            work.census.sayings = work.census.sayings.saturating_add(1);
        }
        Ok(Settled::Done)
    }

    fn bytes(&self) -> usize {
        self.content.len()
    }
}

/// Whether this attempt is the one that runs.
const RUNS: &str = "SELECT 1 FROM delivery WHERE id = ?1 \
     AND (state = 1 AND attempts + 1 = ?2 OR state = 2 AND attempts = ?2)";

impl Work<'_> {
    /// Takes out what an attempt had said, when it had said something.
    pub(super) fn take_said(&mut self, id: DeliveryId, attempt: u32) -> rusqlite::Result<Option<Said>> {
        // Most say nothing.
        if self.census.sayings == 0 {
            return Ok(None);
        }
        let sql = "SELECT started_at, content FROM saying WHERE delivery = ?1 AND number = ?2";
        let read = |row: &Row<'_>| {
            Ok(Said { started_at: Timestamp::from_millis(row.get(0)?), content: row.get(1)? })
        };
        let said = self.first(sql, params![id.as_bytes(), attempt], read)?;
        if said.is_some() {
            self.forget_said(id)?;
        }
        Ok(said)
    }

    /// Removes what was said for a delivery; how many rows there were.
    pub(super) fn forget_said(&mut self, id: DeliveryId) -> rusqlite::Result<usize> {
        if self.census.sayings == 0 {
            return Ok(0);
        }
        let gone = self.execute("DELETE FROM saying WHERE delivery = ?1", [id.as_bytes()])?;
        self.census.sayings = self.census.sayings.saturating_sub(u64::try_from(gone).unwrap_or(0));
        Ok(gone)
    }

    /// The place of an attempt that did not count, behind others of its number; `None` when there is no such delivery.
    pub(super) fn late(&self, id: DeliveryId, attempt: u32) -> rusqlite::Result<Option<i64>> {
        let id = id.as_bytes();
        let known =
            "SELECT 1 FROM delivery WHERE id = ?1 UNION ALL SELECT 1 FROM delivery_done WHERE id = ?1";
        if self.first(known, [id], |_| Ok(()))?.is_none() {
            return Ok(None);
        }
        let last = "SELECT coalesce(max(stale), 0) + 1 FROM attempt WHERE delivery = ?1 AND number = ?2";
        self.first(last, params![id, attempt], |row| row.get(0))
    }

    /// Makes an attempt that was cut off of what it had said. One that had been noted as begun counts.
    fn cut_off(&self, id: DeliveryId, row: &Row<'_>) -> rusqlite::Result<()> {
        let (number, began, at): (u32, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let started = "SELECT 1 FROM delivery WHERE id = ?1 AND state = 2 AND attempts = ?2";
        let is_counted = self.first(started, params![id.as_bytes(), number], |_| Ok(()))?.is_some();
        let Some(late) = self.late(id, number)? else { return Ok(()) };
        let content = self.keep(row.get_ref(4)?.as_blob()?)?;
        let whose = Whose::attempt(id, WORDS, number, Timestamp::from_millis(began));
        let words = sealed::value(self.keys, whose, Some(CUT_OFF_WORDS))?;
        let stale = if is_counted { 0 } else { late };
        let took = at.saturating_sub(began).max(0);
        self.execute(
            "INSERT OR REPLACE INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![id.as_bytes(), number, stale, began, took, CUT_OFF, words, content],
        )
        .map(drop)
    }
}

/// Whether a run that was cut off left something here.
pub(super) fn is_left(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM saying)", [], |row| row.get(0))
}

/// Keeps what attempts had said that were cut off.
pub(super) fn recover(work: &Work<'_>) -> rusqlite::Result<()> {
    let mut statement =
        work.connection().prepare("SELECT delivery, number, started_at, at, content FROM saying")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        work.cut_off(DeliveryId::from_bytes(row.get(0)?), row)?;
    }
    work.execute("DELETE FROM saying", []).map(drop)
}

/// The attempt of a delivery that is under way, when it has said something.
pub(super) fn running(
    connection: &Connection,
    keys: &Keys,
    delivery: DeliveryId,
) -> Result<Option<Saying>, Error> {
    type Columns = (u32, i64, i64, Vec<u8>);
    let found = || -> rusqlite::Result<Option<Columns>> {
        let sql = "SELECT number, started_at, at, content FROM saying WHERE delivery = ?1";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        connection.prepare_cached(sql)?.query_row([delivery.as_bytes()], read).optional()
    };
    let Some((attempt, started_at, at, content)) = found().map_err(|error| damaged(&error))? else {
        return Ok(None);
    };
    let (started_at, at) = (Timestamp::from_millis(started_at), Timestamp::from_millis(at));
    let broken = |what: &str| Error::Damaged(format!("what `{delivery}` says: {what}"));
    let whose = Whose::attempt(delivery, CONTENT, attempt, started_at);
    let texts = keys.open(whose, &content).map_err(|why| broken(&why.to_string()))?;
    let [sent, _, output] = unpack_texts(&texts).map_err(broken)?;
    Ok(Some(Saying { delivery, attempt, started_at, at, sent, output }))
}
