//! The rules in force: the set, its sources armed with their secrets, and the vault. Replaced as a whole by a reload.

use std::sync::Arc;

use crate::provider::Armed;
use crate::redact::Redaction;
use crate::rule::Set;
use crate::secret::Vault;

/// Everything an event meets, fixed at one moment.
#[derive(Debug)]
pub struct Live {
    /// The rule set.
    pub set: Arc<Set>,
    /// Its sources with their keys ready, in the set's order.
    pub sources: Vec<Armed>,
    /// The secrets that its actions name.
    pub vault: Vault,
}

impl Live {
    /// What people are not shown.
    pub fn redaction(&self) -> Redaction<'_> {
        Redaction { vault: &self.vault, paths: &self.set.redact }
    }
}
