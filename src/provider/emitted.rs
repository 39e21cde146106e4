//! An event that an action of ours emitted: nobody sent it, so nothing has to be proved.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::net::{IpAddr, Ipv4Addr};

use super::source::Source;
use crate::effect::Emit;
use crate::event::{EMITTED, Event, Format, PARENT_HEADERS, Parent, Request};
use crate::id::EventId;
use crate::payload;
use crate::time::Timestamp;

impl Source {
    /// The event, with what it was emitted for. `key` is what makes a repeat of it recognisable.
    ///
    /// # Errors
    /// Says in words why there is none: the source takes webhooks, or the payload is larger or deeper than those may be.
    pub fn emitted(
        &self,
        emit: Emit,
        parent: Parent,
        key: String,
        (id, now): (EventId, Timestamp),
    ) -> Result<Event, String> {
        if !self.is_internal() {
            return Err(format!("the source `{}` is not internal: webhooks come to it", self.name));
        }
        if emit.payload.len() > self.body_max_bytes {
            let (bytes, most) = (emit.payload.len(), self.body_max_bytes);
            return Err(format!("the payload has {bytes} bytes; an event has at most {most}"));
        }
        let request = Request {
            method: Method::POST,
            path: String::new(),
            params: Vec::new(),
            query: String::new(),
            headers: headers(parent),
            body: emit.payload,
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            received_at: now,
        };
        let payload = payload::read(&Format::Json, &request).map_err(|why| format!("the payload: {why}"))?;
        Ok(Event {
            id,
            source: self.name.clone(),
            kind: emit.kind,
            dedupe_key: Some(key),
            verified: format!("{EMITTED}{} of {}", parent.delivery, parent.event),
            request,
            format: Format::Json,
            payload,
        })
    }
}

fn headers(parent: Parent) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let values = [parent.event.to_string(), parent.delivery.to_string(), parent.depth.to_string()];
    for (name, value) in PARENT_HEADERS.into_iter().zip(values) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DeliveryId;
    use crate::yaml::Document;

    fn source(text: &str) -> Source {
        let mut problems = Vec::new();
        let document = Document::parse("rules.yaml", text).unwrap();
        Source::compile("orders", &document.root(), &mut problems).unwrap_or_else(|| panic!("{problems:?}"))
    }

    #[test]
    fn an_emitted_event_tells_what_it_was_emitted_for() {
        let now = Timestamp::from_millis(1_795_271_582_000);
        let parent =
            Parent { event: EventId::new(1, [1; 10]), delivery: DeliveryId::new(2, [2; 10]), depth: 3 };
        let emit = |payload: &'static str| Emit {
            source: "orders".to_owned(),
            kind: "order.paid".to_owned(),
            payload: payload.into(),
            depth: 3,
        };
        let make = |source: &Source, payload| {
            source.emitted(emit(payload), parent, "key".to_owned(), (EventId::new(3, [3; 10]), now))
        };
        let internal = source("verify: internal");
        let event = make(&internal, r#"{"n":1}"#).unwrap();
        assert_eq!(event.parent(), Some(parent));
        assert_eq!(
            (&*event.source, &*event.kind, event.dedupe_key.as_deref()),
            ("orders", "order.paid", Some("key"))
        );
        // The same headers on what came from outside say nothing.
        assert_eq!(Event { verified: "not verified".to_owned(), ..event }.parent(), None);
        assert!(make(&internal, "{").unwrap_err().contains("payload"));
        assert!(make(&source("verify: none"), "{}").unwrap_err().contains("not internal"));
    }
}
