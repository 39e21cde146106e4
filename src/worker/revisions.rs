//! The rule sets that made the deliveries: the one in force, or an older one read back from the store.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::delivery::Digest;
use crate::live::Live;
use crate::rule::Set;
use crate::store::Store;

/// Older rule sets kept ready at once.
const KEPT: usize = 4;

/// Finds the rule set of a digest.
pub(super) struct Revisions {
    store: Arc<dyn Store>,
    recent: Mutex<VecDeque<Arc<Set>>>,
}

impl Revisions {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, recent: Mutex::new(VecDeque::new()) }
    }

    /// The rule set with this digest; the error says in words why there is none.
    pub(super) async fn get(&self, live: &Live, digest: Digest) -> Result<Arc<Set>, String> {
        if live.set.digest == digest {
            return Ok(Arc::clone(&live.set));
        }
        if let Some(set) = self.recent().iter().find(|set| set.digest == digest) {
            return Ok(Arc::clone(set));
        }
        let text = self.store.revision(digest).await.map_err(|error| error.to_string())?;
        let text =
            text.ok_or_else(|| "the rule set that made this delivery is not in the store".to_owned())?;
        let set = Set::from_text(&text)
            .ok_or_else(|| "the rule set that made this delivery is not understood any more".to_owned())?;
        let mut recent = self.recent();
        recent.truncate(KEPT - 1);
        recent.push_front(Arc::clone(&set));
        Ok(set)
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Set>>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
