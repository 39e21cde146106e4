//! A request taken for genuine without proof: for explaining and testing rules, never for acting on it.

use serde_json::Value;

use super::events::Read;
use super::refusal::Refusal;
use super::source::Source;
use super::view::View;
use crate::event::{Event, Request};
use crate::id::EventId;

impl Source {
    /// What the body of a request says, whether it is one event or a batch.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn understand(&self, request: &Request) -> Result<Value, Refusal> {
        View::new(request, self.known(None)).into_payload().map(|(_, payload)| payload)
    }

    /// The events that a genuine request with these bytes would be: one, or those of a batch; `kind` stands in for their
    /// type.
    ///
    /// # Errors
    /// When its body cannot be read.
    pub fn suppose(
        &self,
        request: Request,
        id: EventId,
        kind: Option<String>,
    ) -> Result<Vec<Event>, Refusal> {
        let payload = View::new(&request, self.known(None)).into_payload()?;
        let mut events = match self.read(request, payload, id, "supposed, not verified".to_owned())? {
            Read::One(event) => vec![*event],
            Read::Batch(events) => events,
        };
        if let Some(kind) = kind {
            events.iter_mut().for_each(|event| event.kind.clone_from(&kind));
        }
        Ok(events)
    }
}
