//! A request taken for genuine without proof: for explaining and testing rules, never for acting on it.

use super::receive::named;
use super::refusal::Refusal;
use super::source::Source;
use super::view::View;
use crate::event::{Event, Request};
use crate::id::EventId;

impl Source {
    /// The event that a genuine request with these bytes would be; `kind` stands in for its type.
    ///
    /// # Errors
    /// When its body cannot be read.
    pub fn suppose(&self, request: Request, id: EventId, kind: Option<String>) -> Result<Event, Refusal> {
        let view = View::new(&request, self.known(None));
        view.payload()?;
        let found = named("event type", self.event.as_ref(), &view)?;
        let kind = kind.or(found).unwrap_or_default();
        let dedupe_key = named("id", self.id.as_ref(), &view)?;
        let (format, payload) = view.into_payload()?;
        let verified = "supposed, not verified".to_owned();
        Ok(Event { id, source: self.name.clone(), kind, dedupe_key, verified, request, format, payload })
    }
}
