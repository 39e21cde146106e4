//! Reading: a few read-only connections, used on threads that may wait. Long lists cannot take the last of them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connect;
use crate::store::Error;

/// Connections that read.
const READERS: usize = 3;
/// Of them, how many lists may use at once; the rest is for the work itself.
const READERS_FOR_LISTS: usize = 2;

/// What a read is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The work: what is due, an event to be dispatched.
    Work,
    /// People: lists and history.
    List,
}

/// The connections, opened when they are first needed.
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    all: Arc<Semaphore>,
    lists: Semaphore,
}

impl Readers {
    /// Readers of a store that is open.
    pub(super) fn new(path: PathBuf) -> Self {
        let (all, lists) = (Arc::new(Semaphore::new(READERS)), Semaphore::new(READERS_FOR_LISTS));
        Self { path, idle: Arc::default(), all, lists }
    }

    /// Runs `read` in one read transaction, on a thread that may wait.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        purpose: Purpose,
        read: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _list = match purpose {
            Purpose::Work => None,
            Purpose::List => Some(self.lists.acquire().await.map_err(|_| Error::Closed)?),
        };
        let permit = Arc::clone(&self.all).acquire_owned().await.map_err(|_| Error::Closed)?;
        let (idle, path) = (Arc::clone(&self.idle), self.path.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match taken {
                Some(connection) => connection,
                None => connect::reader(&path)?,
            };
            let transaction = connection.unchecked_transaction().map_err(|error| damaged(&error))?;
            let result = read(&transaction);
            drop(transaction);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            drop(permit);
            result
        });
        reading.await.unwrap_or_else(|error| Err(Error::Damaged(error.to_string())))
    }

    /// Waits for reads under way, then closes the connections.
    pub(super) async fn close(&self) {
        let all = u32::try_from(READERS).unwrap_or(1);
        if let Ok(permits) = self.all.acquire_many(all).await {
            self.all.close();
            self.lists.close();
            drop(permits);
        }
        self.forget();
    }

    /// Closes the connections that nobody uses.
    pub(super) fn forget(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What could not be read, in words.
pub(super) fn damaged(error: &rusqlite::Error) -> Error {
    Error::Damaged(error.to_string())
}
