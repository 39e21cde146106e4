//! What a store tells of its history: events, deliveries, attempts and refusals as rows.

use std::time::Duration;

use crate::delivery::Delivery;
use crate::id::{EventId, RejectionId};
use crate::time::Timestamp;

/// An event in a list.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Its name.
    pub id: EventId,
    /// Its source.
    pub source: String,
    /// Its type.
    pub kind: String,
    /// When it came.
    pub received_at: Timestamp,
    /// The size of its body in bytes.
    pub body_bytes: u64,
    /// How often it came again.
    pub duplicates: u64,
    /// The first event of this id when this one is a conflict.
    pub conflict_with: Option<EventId>,
    /// The rules that matched.
    pub matched: Vec<String>,
    /// How many of its deliveries stand where, by state name; states with none are left out.
    pub deliveries: Vec<(String, u64)>,
}

/// A delivery with what is known of it.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// The delivery.
    pub delivery: Delivery,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The last failure in words.
    pub last_error: Option<String>,
}

/// One attempt in the history.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// Its number, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// One stable word: `success`, `status`, `timeout`, …, or `CUT_OFF`.
    pub kind: String,
    /// In words.
    pub words: String,
    /// What was sent.
    pub sent: String,
    /// The head of what came back.
    pub got_head: String,
    /// The body of what came back.
    pub got_body: String,
    /// It did not count: another was settled first, or it was cut off and is made again.
    pub stale: bool,
}

/// The word of an attempt that was cut off with the program: how it ended is not known. What it had said is kept.
pub const CUT_OFF: &str = "cut_off";

/// A request that was refused.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// Its name.
    pub id: RejectionId,
    /// When.
    pub at: Timestamp,
    /// Of which source.
    pub source: String,
    /// What it was answered.
    pub status: u16,
    /// Why, for the operator.
    pub cause: String,
    /// From where.
    pub peer: String,
    /// What was looked at, as JSON; bounded, without what people are not shown.
    pub examined: Option<String>,
}
