//! What sets a delivery apart from others of its action, and what waits for what.

use std::ops::Not;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::State;
use crate::id::DeliveryId;
use crate::time::Timestamp;

/// What sets a delivery apart from others of its action. It is kept as JSON: fields may come, none changes its meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// The place of its element in the list of `for_each`, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// Why another died, for one that is owed by `on_failure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When a person wanted it done anew, in milliseconds; `None` for what the arrival of the event owed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed_at: Option<i64>,
    /// Its rule is a shadow: what it would do is written down, and nothing is done.
    #[serde(skip_serializing_if = "Not::not")]
    pub shadow: bool,
    /// The trace of the sender of its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// Its order key stands for so many events at once, not for an order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<Slots>,
    /// It waits for others of its key, which stand here for a debounce, and the last of them is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debounce: Option<Debounce>,
}

/// How long a delivery waits for a later one of its key, which then takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debounce {
    /// From its acceptance on, in milliseconds.
    pub wait_ms: u64,
    /// From the first of those whose place was taken, in milliseconds: then the latest is done all the same.
    pub longest_ms: u64,
    /// When the first of them came, in milliseconds.
    pub since: i64,
}

impl Debounce {
    /// When it is done, if no other of its key comes after `now`.
    pub fn due(&self, now: Timestamp) -> Timestamp {
        let last = Timestamp::from_millis(self.since).plus(Duration::from_millis(self.longest_ms));
        now.plus(Duration::from_millis(self.wait_ms)).min(last).max(now)
    }

    /// The same behind another that waits since an earlier moment.
    #[must_use]
    pub fn behind(self, other: &Self) -> Self {
        Self { since: self.since.min(other.since), ..self }
    }
}

/// How many events of one key are worked on at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slots {
    /// So many; at least 1.
    pub limit: u32,
    /// What becomes of one more.
    pub on_conflict: OnConflict,
}

/// What becomes of one more event than there are slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// It waits for its turn.
    Queue,
    /// It is left out.
    Skip,
    /// It waits, in place of those that wait.
    Latest,
    /// It begins, and the first of those that are worked on are ended.
    Cancel,
}

impl Slots {
    /// Why one more is left out.
    pub fn full(&self) -> String {
        let limit = self.limit;
        format!("skipped: its rule works on {limit} of this key at once, and so many are not at an end")
    }
}

/// One delivery waits for another's success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The one that waits.
    pub delivery: DeliveryId,
    /// The one that must succeed.
    pub on: DeliveryId,
    /// What the rule calls the action of `on`.
    pub name: String,
}

/// What becomes of a delivery that waits, once another that it needs has come to `end`; `None` when nothing does.
pub fn follow(need: &str, end: &State, others_left: bool, now: Timestamp) -> Option<State> {
    let cancelled = |what: &str| Some(State::Cancelled { reason: format!("`{need}` {what}") });
    match end {
        State::Delivered if others_left => None,
        State::Delivered => Some(State::Due { at: now }),
        State::Dead { reason } => cancelled(&format!("died: {reason}")),
        State::Cancelled { reason } => cancelled(&format!("was cancelled: {reason}")),
        State::InDoubt | State::Waiting { .. } | State::Due { .. } | State::Started => None,
    }
}
