//! A recorded event as an event again: taken for genuine, and read as its source reads it.

use super::Recorded;
use super::send::request_of;
use crate::event::Event;
use crate::id::EventId;
use crate::provider::Source;
use crate::time::Timestamp;

/// The events in what was recorded: one, unless it was a whole batch. `unnamed` is the id of one without.
///
/// # Errors
/// In words, when its body cannot be read.
pub fn replay(source: &Source, recorded: Recorded, unnamed: EventId) -> Result<Vec<Event>, String> {
    let id = recorded.id.unwrap_or(unnamed);
    let now = recorded.received_at.unwrap_or(Timestamp::from_millis(0));
    let (request, kind) = request_of(source, recorded, now);
    source.suppose(request, id, kind).map_err(|refusal| refusal.cause)
}
