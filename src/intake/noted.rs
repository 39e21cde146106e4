//! What is counted and logged of an event: what became of it, what matched, what is owed.

use std::sync::Arc;
use std::time::Duration;

use crate::event::Event;
use crate::limit;
use crate::meter::Meter;
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

    /// Counts and tells it; the store took so long to say what became of it.
    pub(super) fn tell(&self, outcome: Result<&Accepted, &Error>, took: Duration, meter: &Meter) {
        meter.event(&self.event.source, name(outcome), took);
        if matches!(outcome, Ok(Accepted::New)) {
            meter.matched(&self.event.source, self.matched);
        }
        self.log(outcome);
    }

    fn log(&self, outcome: Result<&Accepted, &Error>) {
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

/// What became of it, as it is counted.
fn name(outcome: Result<&Accepted, &Error>) -> &'static str {
    match outcome {
        Ok(Accepted::New) => "accepted",
        Ok(Accepted::Duplicate { .. }) => "duplicate",
        Ok(Accepted::Conflict { .. }) => "conflict",
        Err(_) => "busy",
    }
}
