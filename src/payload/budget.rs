//! How many values a payload may still have, over all that its body is made of.

use crate::limit;

/// Values that may still come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Budget(usize);

impl Budget {
    /// That of a whole payload.
    pub(super) const fn whole() -> Self {
        Self(limit::JSON_NODES_MAX)
    }

    /// Takes so many; `None` when there are not as many left.
    pub(super) fn spend(&mut self, values: usize) -> Option<()> {
        self.0 = self.0.checked_sub(values)?;
        Some(())
    }
}
