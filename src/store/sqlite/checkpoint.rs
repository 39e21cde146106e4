//! Checkpoints beside the load: a thread of its own copies the log into the file while the writer goes on, and the
//! writer copies only the rest, so that the log can begin anew and no commit waits long.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::connect;
use super::fault::{Point, pass};

/// The thread that copies, as the writer holds it.
pub(super) struct Checkpointer {
    requests: SyncSender<()>,
    is_copied: Arc<AtomicBool>,
    is_under_way: bool,
    /// Pages in the log at which it is copied.
    log_pages: i64,
    thread: JoinHandle<()>,
}

impl Checkpointer {
    /// Starts the thread; its connection is opened when it is first needed.
    pub(super) fn start(path: PathBuf, file: Arc<File>, log_pages: u32) -> std::io::Result<Self> {
        let (requests, asked) = sync_channel(1);
        let is_copied = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&is_copied);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || serve(&path, &file, &asked, &tell))?;
        Ok(Self { requests, is_copied, is_under_way: false, log_pages: i64::from(log_pages), thread })
    }

    /// Called by the writer between commits.
    pub(super) fn step(&mut self, connection: &Connection) {
        if self.is_under_way {
            if self.is_copied.swap(false, Ordering::AcqRel) {
                self.is_under_way = false;
                copy(connection);
            }
        } else if pages(connection) >= self.log_pages {
            match self.requests.try_send(()) {
                Ok(()) => self.is_under_way = true,
                Err(TrySendError::Full(())) => {}
                // Without the thread the writer does it all.
                Err(TrySendError::Disconnected(())) => copy(connection),
            }
        }
    }

    /// Waits for what is under way and ends the thread.
    pub(super) fn end(self) {
        drop(self.requests);
        // It has nothing to tell; a panic there was told when it happened.
        let _ = self.thread.join();
    }
}

fn serve(path: &Path, file: &File, asked: &Receiver<()>, is_copied: &AtomicBool) {
    let mut connection = None;
    while asked.recv().is_ok() {
        connection = connection.or_else(|| connect::plain(path).ok());
        if let Some(connection) = &connection {
            copy(connection);
            // SQLite itself syncs only a whole checkpoint, which is the writer's: let it find little to sync.
            let _ = file.sync_data();
        }
        is_copied.store(true, Ordering::Release);
    }
}

/// Copies what no reader needs any more. A failure leaves the log as it is: it is tried again when it has grown.
fn copy(connection: &Connection) {
    pass(Point::Checkpoint);
    let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    pass(Point::Checkpointed);
}

/// Pages in the log that stand only there.
fn pages(connection: &Connection) -> i64 {
    let counted = connection
        .prepare_cached("PRAGMA wal_checkpoint(NOOP)")
        .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?))));
    counted.map_or(0, |(log, copied): (i64, i64)| log.saturating_sub(copied.max(0)))
}
