//! What is counted and logged of an event: what became of it, what matched, what is owed.

use std::sync::Arc;
use std::time::Duration;

use super::Intake;
use crate::event::Event;
use crate::feed::News;
use crate::limit;
use crate::store::{Accept, Accepted, Error};
use crate::time::Timestamp;
use crate::trace;

/// An event until it is known what became of it.
pub(super) struct Noted {
    pub(super) event: Arc<Event>,
    matched: Vec<Arc<str>>,
    deliveries: usize,
}

impl Noted {
    /// What is told of this one.
    pub(super) fn of(accept: &Accept) -> Self {
        let (matched, deliveries) = (accept.matched.clone(), accept.deliveries.len());
        Self { event: Arc::clone(&accept.event), matched, deliveries }
    }

    /// Counts and tells it; the store took so long to say what became of it.
    pub(super) fn tell(&self, outcome: Result<&Accepted, &Error>, took: Duration, intake: &Intake) {
        intake.meter.event(&self.event.source, name(outcome), took);
        if matches!(outcome, Ok(Accepted::New)) {
            intake.meter.matched(&self.event.source, self.matched.len());
        }
        self.log(outcome);
        intake.feed.tell(|| self.news(outcome, intake.clock.now()));
    }

    fn news(&self, outcome: Result<&Accepted, &Error>, ended: Timestamp) -> News {
        let Self { event, matched, .. } = self;
        let first = match outcome {
            Ok(Accepted::Duplicate { first }) => *first,
            _ => event.id,
        };
        News::Webhook {
            at: event.request.received_at,
            event: first,
            source: Arc::clone(&event.source),
            kind: event.kind.clone(),
            outcome: name(outcome),
            verified: event.verified.clone(),
            matched: matched.clone(),
            ended,
            traceparent: trace::incoming(&event.request.headers).map(str::to_owned),
        }
    }

    fn log(&self, outcome: Result<&Accepted, &Error>) {
        let (Self { event, deliveries, .. }, matched) = (self, self.matched.len());
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
