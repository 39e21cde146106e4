//! A running transaction: what writes use to write, and what becomes true in memory only when it is committed.

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Params, Row};

use super::connect::Census;
use super::row;
use super::slot::Seat;
use crate::delivery::{Delivery, State};
use crate::id::DeliveryId;
use crate::store::seal::Keys;
use crate::store::{DeliveryRow, Ready, shard_of};
use crate::time::Timestamp;

/// A transaction with what it will have changed.
pub(super) struct Work<'c> {
    connection: &'c Connection,
    /// What texts are sealed with.
    pub(super) keys: &'c Keys,
    /// What is there, with what this transaction has done so far.
    pub(super) census: Census,
    /// What it makes due.
    pub(super) hints: Vec<Ready>,
    /// What it ends that may be under way or waiting in memory.
    pub(super) stops: Vec<DeliveryId>,
    /// What may begin has changed beyond that: whoever dispatches is to look at all of it.
    pub(super) asks_rescan: bool,
    /// Beyond so many live deliveries nothing is accepted.
    pub(super) backlog_max: u64,
}

/// A live delivery as the writer sees it.
pub(super) struct Live {
    pub(super) row: DeliveryRow,
    pub(super) sequence: i64,
}

impl<'c> Work<'c> {
    /// Begins with what is committed.
    pub(super) fn new(connection: &'c Connection, keys: &'c Keys, census: Census, backlog_max: u64) -> Self {
        Self {
            connection,
            keys,
            census,
            hints: Vec::new(),
            stops: Vec::new(),
            asks_rescan: false,
            backlog_max,
        }
    }

    /// The connection, for what readers ask too.
    pub(super) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// Runs a statement that stays prepared; how many rows it changed.
    pub(super) fn execute(&self, sql: &str, values: impl Params) -> rusqlite::Result<usize> {
        self.statement(sql)?.execute(values)
    }

    /// The first row of a query, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.statement(sql)?.query_row(values, read).optional()
    }

    fn statement(&self, sql: &str) -> rusqlite::Result<CachedStatement<'c>> {
        self.connection.prepare_cached(sql)
    }

    /// Puts long bytes aside; where they are.
    pub(super) fn keep(&self, bytes: &[u8]) -> rusqlite::Result<i64> {
        self.execute("INSERT INTO content (bytes) VALUES (?1)", [bytes])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// A delivery that has not ended.
    pub(super) fn live(&self, id: DeliveryId) -> rusqlite::Result<Option<Live>> {
        self.first(LIVE, [id.as_bytes()], |found| {
            Ok(Live { row: row::read(found, self.keys)?, sequence: found.get(16)? })
        })
    }

    /// A delivery that has ended.
    pub(super) fn done(&self, id: DeliveryId) -> rusqlite::Result<Option<Live>> {
        self.first(DONE, [id.as_bytes()], |found| {
            Ok(Live { row: row::read(found, self.keys)?, sequence: found.get(16)? })
        })
    }

    /// Adds a new delivery behind all others; gives it back as it stands now where it may be attempted.
    pub(super) fn add(&mut self, delivery: &Delivery, now: Timestamp) -> rusqlite::Result<Option<Delivery>> {
        self.census.last_sequence = self.census.last_sequence.saturating_add(1);
        let mut new = Live {
            row: DeliveryRow { delivery: delivery.clone(), finished_at: None, last_error: None },
            sequence: self.census.last_sequence,
        };
        if delivery.state.is_end() {
            self.insert_done(&new, now)?;
            return Ok(None);
        }
        self.gather(&mut new.row.delivery, now)?;
        let seat = self.seat(delivery, now)?;
        if let Seat::None(reason) = seat {
            new.row.delivery.state = State::Cancelled { reason };
            self.insert_done(&new, now)?;
            self.told(&new.row.delivery, now)?;
            return Ok(None);
        }
        let held = seat == Seat::Held;
        self.insert(&new, held)?;
        let delivery = new.row.delivery;
        Ok((!held && matches!(delivery.state, State::Due { .. })).then_some(delivery))
    }

    /// Puts a delivery among the live ones. A held one waits for another of its order key.
    pub(super) fn insert(&mut self, live: &Live, held: bool) -> rusqlite::Result<()> {
        let delivery = &live.row.delivery;
        let mut statement = self.statement(INSERT)?;
        let due_at = row::StateColumns::from(&delivery.state).due_at;
        row::bind(&mut statement, self.keys, delivery, due_at, live.row.last_error.as_deref())?;
        statement.raw_bind_parameter(17, live.sequence)?;
        statement.raw_bind_parameter(18, shard_of(delivery))?;
        statement.raw_bind_parameter(19, held)?;
        statement.raw_execute()?;
        self.census.live = self.census.live.saturating_add(1);
        Ok(())
    }

    /// Moves a live delivery, its end already in `live`, to those that ended.
    pub(super) fn end(&mut self, live: &Live, now: Timestamp) -> rusqlite::Result<()> {
        self.execute("DELETE FROM delivery WHERE id = ?1", [live.row.delivery.id.as_bytes()])?;
        self.census.live = self.census.live.saturating_sub(1);
        self.insert_done(live, now)?;
        self.told(&live.row.delivery, now)?;
        match &live.row.delivery.order_key {
            Some(key) => self.release(key),
            None => Ok(()),
        }
    }

    /// Puts a delivery among those that ended.
    pub(super) fn insert_done(&mut self, ended: &Live, now: Timestamp) -> rusqlite::Result<()> {
        let mut statement = self.statement(INSERT_DONE)?;
        let last_error = ended.row.last_error.as_deref();
        row::bind(&mut statement, self.keys, &ended.row.delivery, Some(now.millis()), last_error)?;
        statement.raw_bind_parameter(17, ended.sequence)?;
        statement.raw_execute()?;
        if matches!(ended.row.delivery.state, State::Dead { .. }) {
            self.census.dead = self.census.dead.saturating_add(1);
        }
        Ok(())
    }

    /// Takes a delivery out of those that ended.
    pub(super) fn remove_done(&mut self, ended: &Live) -> rusqlite::Result<()> {
        self.execute("DELETE FROM delivery_done WHERE id = ?1", [ended.row.delivery.id.as_bytes()])?;
        if matches!(ended.row.delivery.state, State::Dead { .. }) {
            self.census.dead = self.census.dead.saturating_sub(1);
        }
        Ok(())
    }

    /// Tells, after the commit, that a delivery is due.
    pub(super) fn hint(&mut self, delivery: Delivery) {
        if matches!(delivery.state, State::Due { .. }) {
            self.hints.push(Ready { delivery, made: None });
        }
    }
}

const LIVE: &str = "SELECT id, event, rule, revision, action, verb, destination, order_key, mode, accepted_at, \
     attempts, state, due_at, reason, last_error, context, sequence FROM delivery WHERE id = ?1";
const DONE: &str = "SELECT id, event, rule, revision, action, verb, destination, order_key, mode, accepted_at, \
     attempts, state, finished_at, reason, last_error, context, sequence FROM delivery_done WHERE id = ?1";
const INSERT: &str = "INSERT INTO delivery (id, event, rule, revision, action, verb, destination, order_key, mode, \
     accepted_at, attempts, state, due_at, reason, last_error, context, sequence, shard, held) VALUES \
     (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
const INSERT_DONE: &str = "INSERT INTO delivery_done (id, event, rule, revision, action, verb, destination, \
     order_key, mode, accepted_at, attempts, state, finished_at, reason, last_error, context, sequence) VALUES \
     (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
