//! How much one filling may do: rounds of `each`, and steps for what is searched, copied and made.

use std::cell::Cell;

use serde_json::Value;

use crate::limit;
use crate::path::Steps;

/// Bytes of text that are read or written for the price of one step.
const TEXT_BYTES_PER_STEP: usize = 64;

/// What is left.
pub(super) struct Budget {
    rounds: Cell<usize>,
    steps: Cell<u64>,
}

/// Nothing is left.
#[derive(Debug)]
pub(super) struct Spent;

impl Budget {
    pub(super) fn new() -> Self {
        Self { rounds: Cell::new(limit::TEMPLATE_ROUNDS_MAX), steps: Cell::new(Steps::DEFAULT.left()) }
    }

    /// One more round of `each`.
    pub(super) fn round(&self) -> Result<(), Spent> {
        let left = self.rounds.get().checked_sub(1).ok_or(Spent)?;
        self.rounds.set(left);
        Ok(())
    }

    /// A text of so many bytes.
    pub(super) fn text(&self, bytes: usize) -> Result<(), Spent> {
        self.spend(bytes / TEXT_BYTES_PER_STEP)
    }

    /// All that is inside a value.
    pub(super) fn whole(&self, value: &Value) -> Result<(), Spent> {
        self.spend(1)?;
        match value {
            Value::String(text) => self.text(text.len()),
            Value::Array(items) => items.iter().try_for_each(|item| self.whole(item)),
            Value::Object(entries) => entries.iter().try_for_each(|(key, value)| {
                self.text(key.len())?;
                self.whole(value)
            }),
            _ => Ok(()),
        }
    }

    /// A copy, paid for.
    pub(super) fn copy(&self, value: &Value) -> Result<Value, Spent> {
        self.whole(value).map(|()| value.clone())
    }

    /// Lets a path draw on what is left. It and `work` share one purse, so `work` gets what the path has spent beside it.
    pub(super) fn lend<T>(&self, work: impl FnOnce(&mut Steps) -> T) -> T {
        let mut steps = Steps::new(self.steps.get());
        let before = self.steps.get();
        let result = work(&mut steps);
        let walked = before.saturating_sub(steps.left());
        self.steps.set(self.steps.get().saturating_sub(walked));
        result
    }

    fn spend(&self, steps: usize) -> Result<(), Spent> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let left = self.steps.get().checked_sub(steps);
        self.steps.set(left.unwrap_or(0));
        left.map(drop).ok_or(Spent)
    }
}
