//! From a request nobody has proved to an event: address, method, signature, and only then what the body says.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use http::Method;

use crate::effect::Respond;
use crate::event::{Event, Request};
use crate::id::EventId;
use crate::limit::SECRET_MIN_BYTES;
use crate::secret::Secret;
use crate::time::Timestamp;

use super::events::Read;
use super::fetched::{Fetched, Wanted};
use super::handshake::{Handshake, filled};
use super::proof::Proof;
use super::refusal::{Doubt, Refusal};
use super::scheme::Lock;
use super::source::Source;
use super::view::{Known, View};

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
    /// The items of a batch in their order, perhaps none: each is an event, and all of them are taken or none.
    Batch {
        /// The events.
        events: Vec<Event>,
        /// How long their ids are remembered.
        dedupe_for: Duration,
    },
    /// A question about the address itself, with what the sender wants to hear; nothing is kept.
    Answer(Respond),
    /// The same, once the sender's URL was opened: a question that wants more than an answer.
    Confirm {
        /// What is to be opened; `https`, and a host that the preset allows.
        url: String,
        /// What the sender wants to hear then.
        answer: Respond,
    },
    /// The secret by which the sender will sign, which somebody waits for.
    Secret {
        /// The secret.
        secret: Secret,
        /// What the sender wants to hear.
        answer: Respond,
    },
    /// Nothing yet: a key has to be opened first, and the request is to be judged again with it.
    NeedsKey {
        /// The key.
        wanted: Wanted,
        /// The request.
        request: Box<Request>,
    },
}

/// What is known at the moment of judging.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The moment.
    pub now: Timestamp,
    /// What was found at the URL where the sender shows its keys.
    pub fetched: Option<&'a Fetched>,
    /// Whether somebody waits for a secret that the sender hands out.
    pub is_awaited: bool,
}

impl Around<'_> {
    /// This moment, and nothing else.
    pub fn at(now: Timestamp) -> Self {
        Self { now, fetched: None, is_awaited: false }
    }
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

    /// Judges a request; `id` names the event it becomes, and the ids that follow it those of a batch.
    ///
    /// # Errors
    /// When the request is turned away. The sender may learn the status, the cause is for the log.
    pub fn receive(&self, request: Request, id: EventId, around: &Around<'_>) -> Result<Received, Refusal> {
        self.address(request.peer)?;
        let source = &self.source;
        let known = Known { fetched: around.fetched, ..source.known(self.lock.key()) };
        let view = View::new(&request, known);
        if let Some(answer) = self.handshake(&view, false, around)? {
            return Ok(answer);
        }
        if !source.handshakes.iter().any(|it| it.signed && it.method() == Some(&request.method)) {
            self.method(&request.method)?;
        }
        let verified = match self.lock.check(&view, around.now) {
            Ok(proof) => proof.to_string(),
            Err(Doubt::Refused(refusal)) => {
                let examined = source.examined(&view).map(Box::new);
                return Err(Refusal { examined, ..refusal });
            }
            Err(Doubt::NeedsKey(wanted)) => {
                return Ok(Received::NeedsKey { wanted, request: Box::new(request) });
            }
        };
        if let Some(answer) = self.handshake(&view, true, around)? {
            return Ok(answer);
        }
        self.method(&request.method)?;
        let payload = view.into_payload()?;
        let dedupe_for = source.dedupe_for;
        Ok(match source.read(request, payload, id, verified)? {
            Read::One(event) => Received::Event { event, dedupe_for },
            Read::Batch(events) => Received::Batch { events, dedupe_for },
        })
    }

    /// Judges only whether a request is genuine, not what it says; gives how it was proved.
    ///
    /// # Errors
    /// When it is not proved.
    pub fn prove<'r>(&'r self, request: &'r Request, now: Timestamp) -> Result<Proof<'r>, Refusal> {
        match self.lock.check(&View::new(request, self.source.known(self.lock.key())), now) {
            Ok(proof) => Ok(proof),
            Err(Doubt::Refused(refusal)) => Err(refusal),
            Err(Doubt::NeedsKey(wanted)) => {
                Err(Refusal::unproven(format!("the key at {} was not opened", wanted.url)))
            }
        }
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

    /// What the first question that this is wants to hear.
    fn handshake(
        &self,
        view: &View<'_>,
        proven: bool,
        around: &Around<'_>,
    ) -> Result<Option<Received>, Refusal> {
        let fitting = self.source.handshakes.iter().filter(|handshake| handshake.signed == proven);
        for handshake in fitting.filter(|handshake| self.asks(handshake, view)) {
            if let Some(answer) = handshake.answer(view) {
                return answered(handshake, answer, view, around).map(Some);
            }
        }
        Ok(None)
    }
}

/// What is to be done before the answer is given, or with it.
fn answered(
    handshake: &Handshake,
    answer: Respond,
    view: &View<'_>,
    around: &Around<'_>,
) -> Result<Received, Refusal> {
    if let Some(text) = &handshake.capture {
        if !around.is_awaited {
            return Err(Refusal::unproven("the sender hands out a secret, and nobody waits for it"));
        }
        let secret = filled(text, view).filter(|secret| secret.len() >= SECRET_MIN_BYTES);
        let secret =
            secret.ok_or_else(|| Refusal::unproven("the secret that the sender hands out is too short"))?;
        return Ok(Received::Secret { secret: Secret::new(secret.into_bytes()), answer });
    }
    let Some(fetch) = &handshake.fetch else { return Ok(Received::Answer(answer)) };
    let url = filled(&fetch.url, view).filter(|url| fetch.allow.iter().any(|allowed| allowed.admits(url)));
    let url = url.ok_or_else(|| Refusal::unproven("what the sender wants opened is no URL of its own"))?;
    Ok(Received::Confirm { url, answer })
}
