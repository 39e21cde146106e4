//! The budget of an evaluation: work is counted, not timed, so that the same path on the same value ends the same way.

use super::limits::{SEARCHED_BYTES_PER_STEP, STEPS_MAX, TEXT_BYTES_PER_STEP};

/// How much an evaluation may still do. A step is one value looked at, or a stretch of text searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps(u64);

/// The path asked for more work than it was given, so its answer is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the path takes too many steps on this value; each `..` and `*` multiplies them, so name more of the way"
)]
pub struct OutOfSteps;

impl Steps {
    /// What one evaluation gets unless something else is said.
    pub const DEFAULT: Self = Self(STEPS_MAX);

    /// A budget of `count` steps; several paths may draw on it one after the other.
    #[must_use]
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// How many steps are left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.0
    }

    pub(super) fn spend(&mut self, count: usize) -> Result<(), OutOfSteps> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let Some(left) = self.0.checked_sub(count) else {
            self.0 = 0;
            return Err(OutOfSteps);
        };
        self.0 = left;
        Ok(())
    }

    pub(super) fn spend_on_text(&mut self, text: &str) -> Result<(), OutOfSteps> {
        self.spend(text.len() / TEXT_BYTES_PER_STEP)
    }

    pub(super) fn spend_on_search(&mut self, text: &str) -> Result<(), OutOfSteps> {
        self.spend(text.len() / SEARCHED_BYTES_PER_STEP)
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::DEFAULT
    }
}
