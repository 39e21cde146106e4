//! What people ask of a store, and what retention may remove.

use crate::delivery::{Delivery, Need};
use crate::id::EventId;
use crate::time::Timestamp;

/// What a person wants done anew for an event that is kept.
#[derive(Debug)]
pub struct Replay {
    /// The event.
    pub event: EventId,
    /// What it owes from now on, ids already given. Their `event` is this event.
    pub deliveries: Vec<Delivery>,
    /// Which of them wait for which.
    pub needs: Vec<Need>,
}

/// What a person asked of a delivery, and whether it could be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is so now.
    Done,
    /// There is no such delivery.
    Unknown,
    /// Not in the state it is in.
    NotNow,
}

/// A connection that a person stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Its name.
    pub connection: String,
    /// Since when.
    pub since: Timestamp,
    /// Why, in the words of whoever stopped it.
    pub reason: Option<String>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events kept.
    pub events: u64,
    /// Deliveries not at an end.
    pub live: u64,
    /// Deliveries given up and still kept.
    pub dead: u64,
}

/// How large it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// What it takes on the disk, in bytes.
    pub file_bytes: u64,
    /// Of it, what something stands in: the rest is written to again.
    pub used_bytes: u64,
}

/// What retention removes.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Events, and deliveries that ended well, older than this.
    pub ended_before: Timestamp,
    /// Dead deliveries older than this.
    pub dead_before: Timestamp,
}
