//! What may be asked of the history, and a part of a list.

use std::fmt;
use std::sync::Arc;

use crate::event::Event;
use crate::id::{DeliveryId, EventId};
use crate::time::Timestamp;

/// Which events to list. Empty fields ask for all.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of this source.
    pub source: Option<String>,
    /// Of this type.
    pub kind: Option<String>,
    /// With a delivery in this state (by name), or `unmatched`, or `id_conflict`.
    pub status: Option<String>,
    /// That this rule matched.
    pub rule: Option<String>,
    /// Not received before.
    pub since: Option<Timestamp>,
    /// Not received after.
    pub until: Option<Timestamp>,
    /// With this text in the body.
    pub text: Option<Text>,
    /// Older than this event: the cursor of a list that begins with the newest.
    pub before: Option<EventId>,
    /// Newer than this event: the cursor of a list that begins with the oldest.
    pub after: Option<EventId>,
    /// Where the list begins.
    pub order: Order,
    /// At most so many.
    pub limit: usize,
}

/// A text that is looked for in bodies, byte for byte.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Whether it is found in what people are shown of an event; `None` when they are shown all of it. What is hidden
    /// must not be guessed by asking for it.
    pub shows: Option<Shows>,
}

/// Whether people are shown an event with a text in it.
#[derive(Clone)]
pub struct Shows(pub Arc<Look>);

/// Looks at an event for a text.
pub type Look = dyn Fn(&Event, &str) -> bool + Send + Sync;

impl fmt::Debug for Shows {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Shows")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), shows: None }
    }
}

/// Where a list begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// With the newest.
    #[default]
    NewestFirst,
    /// With the oldest.
    OldestFirst,
}

/// A part of a list. It may be short of what was asked for and yet not the end: an engine looks at a bounded number of
/// rows at once.
#[derive(Debug, Clone)]
pub struct Page<Row, Id> {
    /// What was found.
    pub rows: Vec<Row>,
    /// The cursor of what comes behind it; `None` when nothing can come.
    pub next: Option<Id>,
}

/// Which deliveries to list. Empty fields ask for all.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// In this state, by name.
    pub state: Option<String>,
    /// Of this destination.
    pub destination: Option<String>,
    /// Of this rule.
    pub rule: Option<String>,
    /// Of this event.
    pub event: Option<EventId>,
    /// With this text in the last error.
    pub error: Option<String>,
    /// Of an event accepted no earlier.
    pub since: Option<Timestamp>,
    /// Of an event accepted no later.
    pub until: Option<Timestamp>,
    /// Older than this delivery: the cursor.
    pub before: Option<DeliveryId>,
    /// At most so many.
    pub limit: usize,
}
