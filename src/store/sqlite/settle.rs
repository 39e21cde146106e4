//! Beginning and ending attempts, fenced by the attempt's number.

use rusqlite::params;

use super::accept::{Acceptances, unsealed};
use super::codec::pack_texts;
use super::queue::{Fault, Write};
use super::row::{self, StateColumns};
use super::saying::Said;
use super::sealed;
use super::work::{Live, Work};
use crate::delivery::{Delivery, State};
use crate::id::DeliveryId;
use crate::store::seal::{Keys, Whose};
use crate::store::{Error, Settle, Settled};

/// What an attempt sent and got, as its seal names it.
pub(super) const CONTENT: &str = "attempt";
/// How it ended, in words.
pub(super) const WORDS: &str = "words";

/// An at-most-once attempt begins.
pub(super) struct Beginning {
    pub(super) delivery: DeliveryId,
    pub(super) attempt: u32,
}

impl Write for Beginning {
    type Answer = Settled;

    fn write(&self, work: &mut Work<'_>) -> Result<Settled, Fault> {
        let changed = work.execute(
            "UPDATE delivery SET state = 2, attempts = ?2, due_at = NULL \
             WHERE id = ?1 AND state = 1 AND attempts + 1 = ?2",
            params![self.delivery.as_bytes(), self.attempt],
        )?;
        Ok(if changed == 1 { Settled::Done } else { Settled::Stale })
    }
}

/// The end of an attempt, made ready by its own task.
pub(super) struct Settlement {
    settle: Settle,
    kind: &'static str,
    words: String,
    content: Vec<u8>,
    emits: Option<Acceptances>,
}

impl Settlement {
    /// Packs, compresses and seals what was sent and got, and what is emitted.
    pub(super) fn prepare(mut settle: Settle, keys: &Keys) -> Result<Self, Error> {
        let emits = settle.emits.take();
        let emits = emits.map(|accept| Acceptances::prepare(vec![*accept], keys, settle.now)).transpose()?;
        let outcome = &settle.outcome;
        let content = pack_texts(&[&outcome.sent, &outcome.got_head, &outcome.got_body]);
        let whose = Whose::attempt(settle.delivery, CONTENT, settle.attempt, settle.started_at);
        let content = keys.seal(whose, content).map_err(unsealed)?;
        let (kind, words) = (outcome.answer.kind(), outcome.answer.words());
        Ok(Self { settle, kind, words, content, emits })
    }

    /// Whether this attempt is the one that runs.
    fn is_ours(&self, delivery: &Delivery) -> bool {
        match delivery.state {
            State::Due { .. } => delivery.attempts.checked_add(1) == Some(self.settle.attempt),
            State::Started => delivery.attempts == self.settle.attempt,
            _ => false,
        }
    }

    fn apply(&self, work: &mut Work<'_>, mut live: Live) -> rusqlite::Result<()> {
        let settle = &self.settle;
        live.row.delivery.attempts = settle.attempt;
        live.row.delivery.state = settle.state.clone();
        if !settle.outcome.answer.is_success() {
            live.row.last_error = Some(self.words.clone());
        }
        if settle.state.is_end() {
            work.end(&live, settle.now)?;
            return work.owe(live.row.delivery.event, &settle.owes, settle.now);
        }
        let state = StateColumns::from(&settle.state);
        let seal = |column, text| sealed::value(work.keys, Whose::delivery(settle.delivery, column), text);
        work.execute(
            "UPDATE delivery SET attempts = ?2, state = ?3, due_at = ?4, reason = ?5, last_error = ?6 \
             WHERE id = ?1",
            params![
                settle.delivery.as_bytes(),
                settle.attempt,
                state.number,
                state.due_at,
                seal(row::REASON, state.reason)?,
                seal(row::LAST_ERROR, live.row.last_error.as_deref())?,
            ],
        )?;
        work.hint(live.row.delivery);
        Ok(())
    }

    /// Puts the attempt into the history. One that was ended half-way has only what it had said before.
    fn note(&self, work: &Work<'_>, stale: i64, said: Option<&Said>) -> rusqlite::Result<()> {
        let settle = &self.settle;
        let (started_at, content) = match said.filter(|_| settle.outcome.is_silent()) {
            Some(said) => (said.started_at, &said.content),
            None => (settle.started_at, &self.content),
        };
        let content = work.keep(content)?;
        let whose = Whose::attempt(settle.delivery, WORDS, settle.attempt, started_at);
        work.execute(
            "INSERT INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                settle.delivery.as_bytes(),
                settle.attempt,
                stale,
                started_at.millis(),
                i64::try_from(settle.outcome.took.as_millis()).unwrap_or(i64::MAX),
                self.kind,
                sealed::value(work.keys, whose, Some(&self.words))?,
                content,
            ],
        )
        .map(|_| ())
    }
}

impl Write for Settlement {
    type Answer = Settled;

    fn write(&self, work: &mut Work<'_>) -> Result<Settled, Fault> {
        let (delivery, attempt) = (self.settle.delivery, self.settle.attempt);
        match work.live(delivery)? {
            Some(live) if self.is_ours(&live.row.delivery) => {
                if let Some(emits) = &self.emits
                    && emits.is_too_much(work)?
                {
                    return Err(Fault::Refused(Error::Busy("too many deliveries are not at an end")));
                }
                let said = work.take_said(delivery, attempt)?;
                self.note(work, 0, said.as_ref())?;
                self.apply(work, live)?;
                if let Some(emits) = &self.emits {
                    emits.write(work)?;
                }
                Ok(Settled::Done)
            }
            _ => {
                let said = work.take_said(delivery, attempt)?;
                if let Some(place) = work.late(delivery, attempt)? {
                    self.note(work, place, said.as_ref())?;
                }
                Ok(Settled::Stale)
            }
        }
    }

    fn bytes(&self) -> usize {
        self.content.len() + self.emits.as_ref().map_or(0, Write::bytes)
    }
}
