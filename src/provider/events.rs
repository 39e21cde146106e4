//! From a body that has been read to the events in it: one, or one for each item of a batch.

use serde_json::Value;

use crate::event::{Event, Request};
use crate::id::EventId;

use super::batch::{self, Batch};
use super::part::Part;
use super::refusal::Refusal;
use super::source::Source;
use super::text::Text;
use super::view::{Lack, Payload, View};

/// Bytes of an event type or an id; whatever is longer is neither.
const NAME_MAX_BYTES: usize = 1024;

/// What is in a body.
pub(super) enum Read {
    /// One event.
    One(Box<Event>),
    /// A batch; its items in their order, perhaps none.
    Batch(Vec<Event>),
}

/// Which item of how many.
#[derive(Clone, Copy)]
struct Place {
    number: usize,
    of: usize,
}

impl Source {
    /// The events in a body; `id` names the first, the ids that follow it the others.
    pub(super) fn read(
        &self,
        request: Request,
        payload: Payload,
        id: EventId,
        verified: String,
    ) -> Result<Read, Refusal> {
        if let Some(items) = self.batch.as_ref().and_then(|batch| batch.items(&payload.1)) {
            batch::bounded(&request, items.len())?;
            let place = |number| Place { number, of: items.len() };
            let events = (1..)
                .zip(items)
                .map(|(number, item)| self.item((&request, &payload), item, place(number), id, &verified));
            return events.collect::<Result<_, _>>().map(Read::Batch);
        }
        self.one(request, payload, id, verified).map(|event| Read::One(Box::new(event)))
    }

    fn item(
        &self,
        (request, (format, _)): (&Request, &Payload),
        item: &Value,
        place: Place,
        first: EventId,
        verified: &str,
    ) -> Result<Event, Refusal> {
        let (request, format) = batch::alone(request, format, item);
        let Place { number, of } = place;
        let verified = format!("{verified}; item {number} of {of}");
        let id = first.later(number.saturating_sub(1));
        let mut event = self.one(request, (format, item.clone()), id, verified)?;
        let is_shared = !self.id.as_ref().is_some_and(batch::is_of_item);
        event.dedupe_key =
            event.dedupe_key.map(|key| if is_shared { format!("{key} {number}") } else { key });
        Ok(event)
    }

    fn one(
        &self,
        request: Request,
        payload: Payload,
        id: EventId,
        verified: String,
    ) -> Result<Event, Refusal> {
        let view = View::read(&request, payload);
        let kind = named("event type", self.event.as_ref(), &view)?.unwrap_or_default();
        let dedupe_key = named("id", self.id.as_ref(), &view)?;
        let (format, payload) = view.into_payload()?;
        let source = self.name.clone();
        Ok(Event { id, source, kind, dedupe_key, verified, request, format, payload })
    }

    /// Where the list of events stands in a body, when its items are events.
    pub fn batch_path(&self) -> Option<&crate::path::Path> {
        self.batch.as_ref().map(Batch::path)
    }
}

/// The event type or the id; `None` when the request has none.
fn named(what: &str, text: Option<&Text>, view: &View<'_>) -> Result<Option<String>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    // Nothing makes one empty body a repeat of another.
    if text.names(&Part::Body) && view.request.body.is_empty() {
        return Ok(None);
    }
    let bytes = match text.fill(view) {
        Ok(bytes) => bytes,
        Err(Lack::Missing(_) | Lack::Structure(_)) => return Ok(None),
        Err(Lack::Several(part)) => {
            return Err(Refusal::unreadable(format!("the {what}: {part} is there more than once")));
        }
        Err(Lack::Unreadable(refusal)) => return Err(refusal),
    };
    if bytes.len() > NAME_MAX_BYTES {
        return Err(Refusal::unreadable(format!("the {what} is longer than {NAME_MAX_BYTES} bytes")));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| Refusal::unreadable(format!("the {what} is not text")))?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}
