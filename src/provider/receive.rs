//! From a request nobody has proved to an event: address, method, signature, and only then what the body says.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use http::Method;

use crate::effect::Respond;
use crate::event::{Event, Request};
use crate::id::EventId;
use crate::time::Timestamp;

use super::handshake::Handshake;
use super::part::Part;
use super::refusal::Refusal;
use super::scheme::Lock;
use super::source::Source;
use super::text::Text;
use super::view::{Lack, View};

/// Bytes of an event type or an id; whatever is longer is neither.
const NAME_MAX_BYTES: usize = 1024;

/// A source with its secrets, ready to judge requests.
#[derive(Clone)]
pub struct Armed {
    source: Source,
    lock: Lock,
}

/// What a genuine request is.
#[derive(Clone, Debug)]
pub enum Received {
    /// An event.
    Event {
        /// The event.
        event: Box<Event>,
        /// How long its id is remembered.
        dedupe_for: Duration,
    },
    /// A question about the address itself, with what the sender wants to hear; nothing is kept.
    Answer(Respond),
}

impl fmt::Debug for Armed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Armed({})", self.source.name)
    }
}

impl Armed {
    pub(super) fn new(source: Source, lock: Lock) -> Self {
        Self { source, lock }
    }

    /// The source behind it.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Judges a request; `id` names the event it becomes.
    ///
    /// # Errors
    /// When the request is turned away. The sender may learn the status, the cause is for the log.
    pub fn receive(&self, request: Request, id: EventId, now: Timestamp) -> Result<Received, Refusal> {
        self.address(request.peer)?;
        let source = &self.source;
        let view = View::new(&request, source.known(self.lock.key()));
        if let Some(answer) = self.handshake(&view, false) {
            return Ok(Received::Answer(answer));
        }
        if !source.handshakes.iter().any(|it| it.signed && it.method() == Some(&request.method)) {
            self.method(&request.method)?;
        }
        let verified = self.lock.check(&view, now)?;
        if let Some(answer) = self.handshake(&view, true) {
            return Ok(Received::Answer(answer));
        }
        self.method(&request.method)?;
        view.payload()?;
        let kind = named("event type", source.event.as_ref(), &view)?.unwrap_or_default();
        let dedupe_key = named("id", source.id.as_ref(), &view)?;
        let (format, payload) = view.into_payload()?;
        let source = source.name.clone();
        let event = Event { id, source, kind, dedupe_key, verified, request, format, payload };
        Ok(Received::Event { event: Box::new(event), dedupe_for: self.source.dedupe_for })
    }

    /// Judges only whether a request is genuine, not what it says; gives the words for how it was proved.
    ///
    /// # Errors
    /// When it is not proved.
    pub fn prove(&self, request: &Request, now: Timestamp) -> Result<String, Refusal> {
        self.lock.check(&View::new(request, self.source.known(self.lock.key())), now)
    }

    fn address(&self, peer: IpAddr) -> Result<(), Refusal> {
        let allowed = &self.source.allow_from;
        let peer = peer.to_canonical();
        if allowed.is_empty() || allowed.iter().any(|network| network.contains(&peer)) {
            return Ok(());
        }
        Err(Refusal::address(format!("address {peer} is not in `allow_from`")))
    }

    fn method(&self, method: &Method) -> Result<(), Refusal> {
        if self.source.methods.contains(method) {
            return Ok(());
        }
        Err(Refusal::method(format!("method {method} is not one of the source's")))
    }

    /// Without a method of its own, a question comes as events do.
    fn asks(&self, handshake: &Handshake, view: &View<'_>) -> bool {
        let method = handshake.method().is_some() || self.source.methods.contains(&view.request.method);
        method && handshake.when.holds(view)
    }

    fn handshake(&self, view: &View<'_>, proven: bool) -> Option<Respond> {
        let fitting = self.source.handshakes.iter().filter(|handshake| handshake.signed == proven);
        fitting.filter(|handshake| self.asks(handshake, view)).find_map(|handshake| handshake.answer(view))
    }
}

/// The event type or the id; `None` when the request has none.
pub(super) fn named(what: &str, text: Option<&Text>, view: &View<'_>) -> Result<Option<String>, Refusal> {
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
