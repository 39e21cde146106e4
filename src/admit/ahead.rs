//! What is made before the commit, while the event is at hand: what its deliveries do. It is small, the event is not.

use std::sync::Arc;

use serde_json::Value;

use crate::delivery::{Delivery, State};
use crate::event::Event;
use crate::rule::Set;
use crate::schedule::Made;

/// What takes more is made when its turn has come.
const MADE_MAX_BYTES: usize = 64 * 1024;

/// What each delivery does, in their order. What cannot be made is left to the attempt, which says why.
pub(super) fn make(set: &Set, event: &Event, deliveries: &[Delivery]) -> Vec<Option<Arc<Made>>> {
    deliveries.iter().map(|delivery| make_one(set, event, delivery)).collect()
}

fn make_one(set: &Set, event: &Event, delivery: &Delivery) -> Option<Arc<Made>> {
    let is_due = matches!(delivery.state, State::Due { .. });
    let made = is_due.then(|| set.make(delivery, event, set, None).ok()).flatten()?;
    (made.bytes() <= MADE_MAX_BYTES).then(|| Arc::new(made))
}

/// Lets the payload go: it takes some times the memory of the body, and nobody asks for it behind the commit.
pub(super) fn lighten(event: &mut Arc<Event>) {
    if let Some(event) = Arc::get_mut(event) {
        event.payload = Value::Null;
    }
}
