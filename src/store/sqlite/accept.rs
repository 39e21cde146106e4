//! Accepting: dedupe key, event and deliveries in one transaction.

use std::sync::Arc;

use rusqlite::params;

use super::codec::{hash, hash_all, pack_event};
use super::queue::{Fault, Write};
use super::work::Work;
use crate::delivery::{Delivery, Need, State, Throttle};
use crate::event::Event;
use crate::id::EventId;
use crate::schedule::Made;
use crate::store::seal::{Keys, Unopened, Whose};
use crate::store::{Accept, Accepted, Error, Ready};
use crate::time::Timestamp;

/// An event's place in lists by status.
mod status {
    pub(super) const MATCHED: i64 = 0;
    pub(super) const UNMATCHED: i64 = 1;
    pub(super) const CONFLICT: i64 = 2;
}

/// The events of one request made ready by its own task, so that the writer has little to do.
pub(super) struct Acceptances(Vec<Acceptance>);

struct Acceptance {
    event: Arc<Event>,
    deliveries: Vec<Delivery>,
    needs: Vec<Need>,
    throttles: Vec<Throttle>,
    made: Vec<Option<Arc<Made>>>,
    matched: Vec<Arc<str>>,
    matched_text: String,
    content: Vec<u8>,
    dedupe: Option<Dedupe>,
    now: Timestamp,
}

struct Dedupe {
    key_hash: [u8; 32],
    body_hash: [u8; 32],
    expires_at: Timestamp,
}

/// What the store remembers of a dedupe key.
enum Seen {
    Never,
    Same(EventId),
    Other(EventId),
}

impl Acceptance {
    /// Hashes, packs, compresses and seals.
    fn prepare(accept: Accept, keys: &Keys, now: Timestamp) -> Result<Self, Error> {
        let Accept { event, dedupe_for, deliveries, needs, throttles, made, matched } = accept;
        let body_hash = hash(&event.request.body);
        let dedupe = event.dedupe_key.as_ref().map(|key| Dedupe {
            key_hash: hash_all(&[event.source.as_bytes(), key.as_bytes()]),
            body_hash,
            expires_at: now.plus(dedupe_for),
        });
        let content = keys.seal(Whose::event(event.id), pack_event(&event, &body_hash)).map_err(unsealed)?;
        let matched_text = serde_json::to_string(&matched).unwrap_or_else(|_| "[]".to_owned());
        Ok(Self { event, deliveries, needs, throttles, made, matched, matched_text, content, dedupe, now })
    }

    fn look(&self, work: &Work<'_>, key_hash: &[u8; 32], body_hash: &[u8; 32]) -> rusqlite::Result<Seen> {
        let sql = "SELECT event, body_hash FROM dedupe WHERE key_hash = ?1 AND expires_at > ?2";
        let read =
            |row: &rusqlite::Row<'_>| Ok((EventId::from_bytes(row.get(0)?), row.get::<_, [u8; 32]>(1)?));
        Ok(match work.first(sql, params![key_hash, self.now.millis()], read)? {
            None => Seen::Never,
            Some((first, known)) if known == *body_hash => Seen::Same(first),
            Some((first, _)) => Seen::Other(first),
        })
    }

    /// The same id with another body is kept as an event of its own, once, however often it comes.
    fn conflict(&self, work: &mut Work<'_>, dedupe: &Dedupe, first: EventId) -> rusqlite::Result<()> {
        let key_hash = hash_all(&[&dedupe.key_hash, &dedupe.body_hash]);
        if let Seen::Same(kept) = self.look(work, &key_hash, &dedupe.body_hash)? {
            return count_again(work, kept);
        }
        self.insert(work, status::CONFLICT, Some(first), &[])?;
        self.remember(work, &key_hash, dedupe)
    }

    fn insert(
        &self,
        work: &mut Work<'_>,
        status: i64,
        conflict_with: Option<EventId>,
        deliveries: &[Delivery],
    ) -> rusqlite::Result<()> {
        let event = &*self.event;
        let content = work.keep(&self.content)?;
        let ids: Vec<u8> = deliveries.iter().flat_map(|delivery| *delivery.id.as_bytes()).collect();
        work.execute(
            "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11)",
            params![
                event.id.as_bytes(),
                event.source,
                event.kind,
                event.request.received_at.millis(),
                i64::try_from(event.request.body.len()).unwrap_or(i64::MAX),
                status,
                conflict_with.as_ref().map(EventId::as_bytes),
                event.dedupe_key,
                self.matched_text,
                ids,
                content,
            ],
        )?;
        work.census.events = work.census.events.saturating_add(1);
        for rule in &self.matched {
            let sql = "INSERT OR IGNORE INTO event_rule VALUES (?1, ?2)";
            work.execute(sql, params![rule, event.id.as_bytes()])?;
        }
        Ok(())
    }

    /// Writes the key, in place of one that has expired.
    fn remember(&self, work: &Work<'_>, key_hash: &[u8; 32], dedupe: &Dedupe) -> rusqlite::Result<()> {
        let values =
            params![key_hash, dedupe.body_hash, self.event.id.as_bytes(), dedupe.expires_at.millis()];
        work.execute("INSERT OR REPLACE INTO dedupe VALUES (?1, ?2, ?3, ?4)", values).map(|_| ())
    }

    fn owe(&self, work: &mut Work<'_>) -> rusqlite::Result<()> {
        for need in &self.needs {
            work.need(need)?;
        }
        let full = work.pass(&self.throttles, self.now)?;
        for (index, delivery) in self.deliveries.iter().enumerate() {
            if let Some((_, reason)) = full.iter().find(|(rule, _)| *rule == delivery.rule) {
                let state = State::Cancelled { reason: reason.clone() };
                let left_out = Delivery { state, ..delivery.clone() };
                work.add(&left_out, self.now)?;
                work.told(&left_out, self.now)?;
                continue;
            }
            if let Some(delivery) = work.add(delivery, self.now)? {
                let made = self.made.get(index).cloned().flatten();
                work.hints.push(Ready { delivery, made });
            }
        }
        Ok(())
    }

    /// How many deliveries it would add, as far as can be told before anything is written.
    fn more(&self, work: &Work<'_>) -> rusqlite::Result<u64> {
        let is_known = match &self.dedupe {
            Some(dedupe) if !self.deliveries.is_empty() => {
                !matches!(self.look(work, &dedupe.key_hash, &dedupe.body_hash)?, Seen::Never)
            }
            _ => false,
        };
        Ok(if is_known { 0 } else { owed(self) })
    }

    fn write(&self, work: &mut Work<'_>) -> rusqlite::Result<Accepted> {
        if let Some(dedupe) = &self.dedupe {
            match self.look(work, &dedupe.key_hash, &dedupe.body_hash)? {
                Seen::Never => {}
                Seen::Same(first) => {
                    count_again(work, first)?;
                    return Ok(Accepted::Duplicate { first });
                }
                Seen::Other(first) => {
                    self.conflict(work, dedupe, first)?;
                    return Ok(Accepted::Conflict { first });
                }
            }
        }
        let status = if self.matched.is_empty() { status::UNMATCHED } else { status::MATCHED };
        self.insert(work, status, None, &self.deliveries)?;
        if let Some(dedupe) = &self.dedupe {
            self.remember(work, &dedupe.key_hash, dedupe)?;
        }
        self.owe(work)?;
        Ok(Accepted::New)
    }
}

/// Nothing is written in clear that ought to be sealed.
pub(super) fn unsealed(why: Unopened) -> Error {
    Error::Unwritable(format!("it cannot be sealed: {why}"))
}

fn owed(acceptance: &Acceptance) -> u64 {
    u64::try_from(acceptance.deliveries.len()).unwrap_or(u64::MAX)
}

impl Acceptances {
    /// Hashes, packs, compresses and seals.
    pub(super) fn prepare(accepts: Vec<Accept>, keys: &Keys, now: Timestamp) -> Result<Self, Error> {
        accepts
            .into_iter()
            .map(|accept| Acceptance::prepare(accept, keys, now))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether the backlog has no room for what the new ones of them owe.
    pub(super) fn is_too_much(&self, work: &Work<'_>) -> rusqlite::Result<bool> {
        let is_beyond = |more: u64| more > 0 && work.census.live.saturating_add(more) > work.backlog_max;
        let most: u64 = self.0.iter().map(owed).sum();
        if !is_beyond(most) {
            return Ok(false);
        }
        let more = self.0.iter().map(|one| one.more(work)).sum::<rusqlite::Result<u64>>()?;
        Ok(is_beyond(more))
    }
}

fn count_again(work: &Work<'_>, event: EventId) -> rusqlite::Result<()> {
    work.execute("UPDATE event SET duplicates = duplicates + 1 WHERE id = ?1", [event.as_bytes()]).map(|_| ())
}

impl Write for Acceptances {
    type Answer = Vec<Accepted>;

    fn write(&self, work: &mut Work<'_>) -> Result<Vec<Accepted>, Fault> {
        if self.is_too_much(work)? {
            return Err(Fault::Refused(Error::Busy("too many deliveries are not at an end")));
        }
        Ok(self.0.iter().map(|one| one.write(work)).collect::<rusqlite::Result<_>>()?)
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|one| one.content.len()).sum()
    }
}
