//! What our log tells of an event: what became of it, what matched, what is owed.

use std::sync::Arc;

use crate::event::Event;
use crate::limit;
use crate::store::{Accept, Accepted, Error};

/// An event until it is known what became of it.
pub(super) struct Noted {
    pub(super) event: Arc<Event>,
    matched: usize,
    deliveries: usize,
}

impl Noted {
    /// What is told of this one.
    pub(super) fn of(accept: &Accept) -> Self {
        let (matched, deliveries) = (accept.matched.len(), accept.deliveries.len());
        Self { event: Arc::clone(&accept.event), matched, deliveries }
    }

    /// Tells it.
    pub(super) fn log(&self, outcome: Result<&Accepted, &Error>) {
        let Self { event, matched, deliveries } = self;
        let (id, source, kind) = (event.id, &event.source, event.kind.as_str());
        let bytes = event.request.body.len();
        match outcome {
            Ok(Accepted::New) => {
                tracing::info!(event = %id, source = %source, kind, bytes, matched, deliveries, verified = %event.verified, "event accepted");
            }
            Ok(Accepted::Duplicate { first }) => {
                tracing::info!(event = %first, source = %source, kind, bytes, "event seen before; nothing new is owed");
            }
            Ok(Accepted::Conflict { first }) => {
                tracing::warn!(event = %id, first = %first, source = %source, kind, bytes, "id_conflict: the same id with another body; kept, no rule runs");
            }
            Err(error) => {
                tracing::error!(source = %source, kind, bytes, error = %error, "event not accepted; the sender is asked to come back in {} s", limit::RETRY_AFTER_SECONDS);
            }
        }
    }
}
