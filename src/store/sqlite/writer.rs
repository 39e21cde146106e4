//! The writer: one thread, one connection. It takes all that waits into one transaction and answers after the commit.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::checkpoint::Checkpointer;
use super::connect::{self, Census};
use super::fault::Point;
use super::hints;
use super::lock::Lock;
use super::notes::write_rejections;
use super::queue::{Message, Order};
use super::space::Guard;
use super::work::Work;
use super::{Options, Shared};
use crate::id::DeliveryId;
use crate::store::{Ready, Rejection};

/// A group is cut when it writes more: a commit must stay short.
const GROUP_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Where so many came together the last time, more are on their way: a commit waits for them, because it costs much the
/// same for all of them. Whoever comes alone does not wait, or once behind a crowd.
const CROWD: usize = 8;
/// It waits so long.
const GATHER: Duration = Duration::from_millis(2);
/// Refused requests wait so long for others before they are committed alone.
const REJECTIONS_WAIT: Duration = Duration::from_secs(1);

/// All that the writer's thread owns. The lock comes last: it is freed last.
pub(super) struct Writer {
    pub(super) messages: Receiver<Message>,
    pub(super) hints: hints::Sender,
    pub(super) shared: Arc<Shared>,
    pub(super) path: PathBuf,
    pub(super) options: Options,
    pub(super) guard: Arc<Guard>,
    /// `None` after a commit failed: what is in the file is then found out anew.
    pub(super) connection: Option<Connection>,
    pub(super) census: Census,
    pub(super) checkpointer: Checkpointer,
    /// Orders of the last commit.
    pub(super) last_orders: usize,
    pub(super) lock: Lock,
}

/// What one look at the queue gave.
#[derive(Default)]
struct Group {
    orders: Vec<Box<dyn Order>>,
    bytes: usize,
    close: Option<oneshot::Sender<()>>,
    was_woken: bool,
    has_ended: bool,
}

/// Whether each write stands on its own feet. It costs; a group is first tried without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    Whole,
    Each,
}

/// What a commit has changed beyond the file.
struct Written {
    census: Census,
    hints: Vec<Ready>,
    stops: Vec<DeliveryId>,
    asks_rescan: bool,
}

/// Why a transaction did not commit.
enum Failure {
    /// One of its statements; it is rolled back and the connection is sound.
    Statement(rusqlite::Error),
    /// The commit itself, or the way back: nobody knows what is in the file until it is read again.
    Commit(rusqlite::Error),
}

impl Failure {
    fn into_error(self) -> rusqlite::Error {
        match self {
            Self::Statement(error) | Self::Commit(error) => error,
        }
    }
}

impl Writer {
    /// Works until the queue is closed or nobody holds it any more.
    pub(super) fn run(mut self) {
        loop {
            let mut group = self.take();
            self.last_orders = group.orders.len();
            if group.was_woken {
                self.shared.rejections.heard();
            }
            let rejections = self.shared.rejections.take();
            if !(group.orders.is_empty() && rejections.is_empty()) {
                self.commit(std::mem::take(&mut group.orders), &rejections);
            }
            if group.is_last() {
                return self.end(group.close);
            }
            let unused =
                self.connection.as_ref().and_then(|connection| connect::unused_bytes(connection).ok());
            self.guard.look_with(unused.unwrap_or(0));
            if let Some(connection) = &self.connection {
                self.checkpointer.step(connection);
            }
        }
    }

    fn end(self, closed: Option<oneshot::Sender<()>>) {
        let Self { connection, checkpointer, lock, hints, .. } = self;
        checkpointer.end();
        if let Some(connection) = connection {
            // What stays in the log is read from there at the next start.
            let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        drop((hints, lock));
        if let Some(closed) = closed {
            let _ = closed.send(());
        }
    }

    /// Waits for something to do, then takes all that is there. Refused requests alone wait a little for others, so
    /// that a flood of them is a commit a second.
    fn take(&self) -> Group {
        let mut group = Group::default();
        if self.shared.rejections.is_empty() {
            group.take(self.messages.recv().map_err(|_| RecvTimeoutError::Disconnected));
        }
        if group.orders.is_empty() && !group.is_last() && !self.shared.rejections.is_empty() {
            group.take(self.messages.recv_timeout(REJECTIONS_WAIT));
        }
        self.drain(&mut group);
        if self.last_orders >= CROWD && group.orders.len() < self.last_orders && !group.is_last() {
            std::thread::sleep(GATHER);
            self.drain(&mut group);
        }
        group
    }

    /// Takes what is there.
    fn drain(&self, group: &mut Group) {
        while !group.is_full(self.options.group_max) {
            match self.messages.try_recv() {
                Ok(message) => group.add(message),
                Err(_) => break,
            }
        }
    }

    fn commit(&mut self, mut orders: Vec<Box<dyn Order>>, rejections: &[Rejection]) {
        match self.transact(&mut orders, rejections) {
            Ok(Written { census, hints, stops, asks_rescan }) => {
                self.census = census;
                self.shared.publish(&census);
                for order in orders {
                    order.finish(Ok(()));
                }
                if asks_rescan {
                    self.hints.ask_rescan();
                }
                for ready in hints {
                    self.hints.send(ready);
                }
                for id in stops {
                    self.hints.stop(id);
                }
            }
            Err(why) => {
                for order in orders {
                    order.finish(Err(&why));
                }
            }
        }
    }

    /// One transaction for all; a second, careful one when a statement of the first failed.
    fn transact(
        &mut self,
        orders: &mut [Box<dyn Order>],
        rejections: &[Rejection],
    ) -> Result<Written, String> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.reconnect()?,
        };
        let mut result = self.attempt(&connection, orders, rejections, Care::Whole);
        if matches!(&result, Err(Failure::Statement(error)) if !is_fatal(error)) {
            result = self.attempt(&connection, orders, &[], Care::Each);
        }
        match result {
            Ok(done) => {
                self.connection = Some(connection);
                Ok(done)
            }
            Err(Failure::Statement(error)) => {
                self.connection = Some(connection);
                Err(error.to_string())
            }
            Err(Failure::Commit(error)) => Err(error.to_string()),
        }
    }

    fn reconnect(&mut self) -> Result<Connection, String> {
        let connection = connect::writer(&self.path, &self.options).map_err(|error| error.to_string())?;
        self.census = connect::census(&connection).map_err(|error| error.to_string())?;
        Ok(connection)
    }

    fn attempt(
        &self,
        connection: &Connection,
        orders: &mut [Box<dyn Order>],
        rejections: &[Rejection],
        care: Care,
    ) -> Result<Written, Failure> {
        let begun = self.shared.faults.at(Point::Begin).and_then(|()| run(connection, "BEGIN IMMEDIATE"));
        begun.map_err(Failure::Statement)?;
        let mut work = Work::new(connection, &self.options.keys, self.census, self.options.backlog_max);
        let written = orders
            .iter_mut()
            .try_for_each(|order| match care {
                Care::Whole => order.run(&mut work),
                Care::Each => run_alone(connection, order, &mut work),
            })
            .and_then(|()| write_rejections(&work, rejections));
        if let Err(error) = written {
            return Err(roll_back(connection, error));
        }
        let faults = &self.shared.faults;
        let committed = faults.at(Point::Commit).and_then(|()| run(connection, "COMMIT"));
        if let Err(error) = committed.and_then(|()| faults.at(Point::Committed)) {
            return Err(Failure::Commit(roll_back(connection, error).into_error()));
        }
        let Work { census, hints, stops, asks_rescan, .. } = work;
        Ok(Written { census, hints, stops, asks_rescan })
    }
}

impl Group {
    fn take(&mut self, received: Result<Message, RecvTimeoutError>) {
        match received {
            Ok(message) => self.add(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.has_ended = true,
        }
    }

    /// Nothing comes after it.
    fn is_last(&self) -> bool {
        self.has_ended || self.close.is_some()
    }

    fn add(&mut self, message: Message) {
        match message {
            Message::Order(order, _room) => {
                self.bytes = self.bytes.saturating_add(order.bytes());
                self.orders.push(order);
            }
            Message::Wake => self.was_woken = true,
            Message::Close(closed) => self.close = Some(closed),
        }
    }

    fn is_full(&self, orders_max: usize) -> bool {
        self.orders.len() >= orders_max.max(1) || self.bytes >= GROUP_MAX_BYTES || self.is_last()
    }
}

/// Runs one write so that its failure leaves the others untouched.
fn run_alone(
    connection: &Connection,
    order: &mut Box<dyn Order>,
    work: &mut Work<'_>,
) -> rusqlite::Result<()> {
    let (census, hints, stops) = (work.census, work.hints.len(), work.stops.len());
    run(connection, "SAVEPOINT one")?;
    match order.run(work) {
        Err(error) if is_fatal(&error) => return Err(error),
        Err(error) => {
            run(connection, "ROLLBACK TO one")?;
            work.census = census;
            work.hints.truncate(hints);
            work.stops.truncate(stops);
            order.fail(&error);
        }
        Ok(()) => {}
    }
    run(connection, "RELEASE one")
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

fn roll_back(connection: &Connection, error: rusqlite::Error) -> Failure {
    // SQLite may have rolled back by itself.
    let is_back = connection.is_autocommit() || run(connection, "ROLLBACK").is_ok();
    let is_sound = error.sqlite_error_code() != Some(ErrorCode::SystemIoFailure);
    if is_back && is_sound { Failure::Statement(error) } else { Failure::Commit(error) }
}

/// Whether no other write would fare better: the disk or the file is at fault, not the row.
fn is_fatal(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::PermissionDenied
                | ErrorCode::FileLockingProtocolFailed
        )
    )
}
