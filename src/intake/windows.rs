//! Secrets that senders hand out themselves: taken only while a person waits for one, kept in memory for that person.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::secret::Secret;
use crate::time::Timestamp;

/// The sources for which somebody waits.
#[derive(Default)]
pub struct Windows(Mutex<HashMap<String, Window>>);

/// What is known of one wait.
#[derive(Clone, Debug)]
pub struct Window {
    /// Until when; then all of it is forgotten.
    pub until: Timestamp,
    /// The secret that came: the first one, and none after it.
    pub secret: Option<Secret>,
}

impl Windows {
    /// Waits for the secret of a source, in place of an earlier wait.
    pub fn open(&self, source: &str, until: Timestamp) {
        self.all().insert(source.to_owned(), Window { until, secret: None });
    }

    /// Waits no longer, and forgets what came.
    pub fn close(&self, source: &str) {
        self.all().remove(source);
    }

    /// What came of the wait for a source; `None` when nobody waits.
    pub fn look(&self, source: &str, now: Timestamp) -> Option<Window> {
        let mut all = self.all();
        all.retain(|_, window| window.until.millis() > now.millis());
        all.get(source).cloned()
    }

    /// Whether somebody waits for the secret of a source, and none came yet.
    pub(super) fn is_open(&self, source: &str, now: Timestamp) -> bool {
        self.look(source, now).is_some_and(|window| window.secret.is_none())
    }

    /// Keeps the secret that came; false when another was faster.
    pub(super) fn keep(&self, source: &str, secret: Secret) -> bool {
        match self.all().get_mut(source) {
            Some(window) if window.secret.is_none() => {
                window.secret = Some(secret);
                true
            }
            _ => false,
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
