//! From a request to a durable event: verify, match, commit, and only then the answer. No decision is made here.

mod answer;
mod batch;
mod keys;
mod pace;
mod strikes;
mod windows;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::admit::{Noted, Say, Told, admit};
use crate::bounds::Limits;
use crate::clock::{Clock, random};
use crate::effect::Respond;
use crate::event::{Event, Request};
use crate::feed::{Feed, News};
use crate::id::{EventId, RejectionId};
use crate::limit;
use crate::live::Live;
use crate::meter::Meter;
use crate::perform::{Fetch, Unfetched};
use crate::provider::{Armed, Around, Examined, Received, Refusal};
use crate::secret::Secret;
use crate::store::{Accepted, Rejection, Store};
use crate::time::Timestamp;
use keys::Keys;
use pace::Pace;
use strikes::Strikes;
pub use windows::{Window, Windows};

/// What the sender is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// What a rule or the provider's protocol wants said.
    Said(Respond),
    /// Accepted and durable (202), a repeat (200) or a conflict (409), with the id.
    Kept {
        /// The status.
        status: u16,
        /// The id to tell.
        id: EventId,
    },
    /// A batch is durable: new (202), nothing but repeats (200), or none new and a conflict among them (409).
    KeptBatch {
        /// The status.
        status: u16,
        /// The id of each item, in their order.
        ids: Vec<EventId>,
    },
    /// Refused; the sender learns the status and nothing else.
    Refused(u16),
    /// Too many: 429, and after how many seconds to come back.
    TooMany(u64),
    /// Not now: 503 with `Retry-After`.
    Busy,
}

/// The stage between the server and the store.
pub struct Intake {
    /// Where events become durable.
    pub store: Arc<dyn Store>,
    /// Where moments and ids come from.
    pub clock: Arc<dyn Clock>,
    /// Where requests are counted.
    pub meter: Arc<Meter>,
    /// Who waits for a secret that a sender hands out.
    pub windows: Arc<Windows>,
    /// Where is told what happens.
    pub feed: Feed,
    strikes: Strikes,
    pace: Pace,
    keys: Keys,
    nobody: Arc<str>,
}

/// The name of what came to no source, where sources are counted: a source has another.
const NOBODY: &str = "(none)";

/// Requests are judged once for each key that turns out to be needed: the key, and a newer one.
const ROUNDS_MAX: usize = 3;

/// Why a request became nothing.
enum Unjudged {
    /// It is turned away.
    Refused(Refusal),
    /// It cannot be judged at this moment.
    NotNow(String),
    /// Its source has taken as many as it may; there is room again after this.
    TooMany(Duration),
}

impl From<Refusal> for Unjudged {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Unfetched> for Unjudged {
    fn from(why: Unfetched) -> Self {
        match why {
            Unfetched::Refused(why) => Self::Refused(Refusal::unproven(why)),
            Unfetched::Failed(why) => Self::NotNow(why),
        }
    }
}

impl Intake {
    /// A stage before this store within these limits; `fetch` opens what senders show at URLs.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        meter: Arc<Meter>,
        fetch: Arc<dyn Fetch>,
        limits: &Limits,
    ) -> Self {
        let strikes = Strikes::new(limits.bad_signatures_per_second);
        Self {
            store,
            clock,
            meter,
            windows: Arc::default(),
            feed: Feed::default(),
            strikes,
            pace: Pace::default(),
            keys: Keys::new(fetch),
            nobody: Arc::from(NOBODY),
        }
    }

    /// Takes one request for the source at `index` of the live set.
    pub async fn take(&self, live: &Live, index: usize, request: Request) -> Reply {
        let Some(source) = live.sources.get(index) else { return Reply::Refused(404) };
        let name = source.source().name.to_string();
        let peer = request.peer;
        let now = request.received_at;
        match self.judge(source, request, now).await.and_then(|received| self.paced(source, received, now)) {
            Ok(Received::Event { event, dedupe_for }) => {
                self.accept(live, source.source().respond.as_ref(), Arc::new(*event), dedupe_for).await
            }
            Ok(Received::Batch { events, dedupe_for }) => {
                self.accept_batch(live, source.source().respond.as_ref(), events, dedupe_for).await
            }
            Ok(Received::Answer(answer)) => answered(&name, answer),
            Ok(Received::Confirm { url, answer }) => match self.keys.open(&url).await {
                Ok(_) => answered(&name, answer),
                Err(why) => self.not_now(live, name, peer, &why.to_string(), now),
            },
            Ok(Received::Secret { secret, answer }) => self.keep(&name, secret, answer),
            Ok(Received::NeedsKey { wanted, .. }) => {
                let refusal = Refusal::unproven(format!("`{}` holds no key for it", wanted.url));
                self.refuse(live, name, peer, refusal, now)
            }
            Err(Unjudged::Refused(refusal)) => self.refuse(live, name, peer, refusal, now),
            Err(Unjudged::NotNow(why)) => self.not_now(live, name, peer, &why, now),
            Err(Unjudged::TooMany(wait)) => self.too_many(source, peer, wait, now),
        }
    }

    /// An event or a batch goes on while its source has room for it.
    fn paced(&self, source: &Armed, received: Received, now: Timestamp) -> Result<Received, Unjudged> {
        let source = source.source();
        let is_kept = matches!(received, Received::Event { .. } | Received::Batch { .. });
        if let Some(rate) = source.rate.filter(|_| is_kept) {
            self.pace.take(&source.name, rate, now).map_err(Unjudged::TooMany)?;
        }
        Ok(received)
    }

    /// Judges a request, with the keys that it turns out to need.
    async fn judge(&self, source: &Armed, request: Request, now: Timestamp) -> Result<Received, Unjudged> {
        let name = &source.source().name;
        let is_awaited = source.source().hands_out_secret() && self.windows.is_open(name, now);
        let id = EventId::new(now.millis(), random());
        let mut fetched = None;
        let mut received = source.receive(request, id, &Around { now, fetched: None, is_awaited })?;
        for _ in 1..ROUNDS_MAX {
            let Received::NeedsKey { wanted, request } = received else { break };
            let found = fetched.insert(self.keys.get(&wanted, now).await?);
            received = source.receive(*request, id, &Around { now, fetched: Some(found), is_awaited })?;
        }
        Ok(received)
    }

    /// Notes a request that was refused before anything of it was looked at; `source` is `None` where no source listens. Each is
    /// counted, and one a second of a source is told of.
    pub fn turned_away(&self, source: Option<&Arc<str>>, peer: IpAddr, status: u16, cause: &str) {
        let source = source.unwrap_or(&self.nobody);
        self.meter.refused(source, status);
        let now = self.clock.now();
        if self.pace.is_told(source, now) {
            let id = RejectionId::new(now.millis(), random());
            tracing::warn!(rejection = %id, source = %source, peer = %peer, status, cause, "request refused");
            let (source, cause, peer) = (source.to_string(), cause.to_owned(), peer.to_string());
            self.tell_and_keep(Rejection { id, at: now, source, status, cause, peer, examined: None });
        }
    }

    /// Keeps a secret that a sender hands out for the person who waits for it.
    fn keep(&self, source: &str, secret: Secret, answer: Respond) -> Reply {
        if !self.windows.keep(source, secret) {
            return Reply::Refused(401);
        }
        tracing::warn!(
            source,
            "the sender handed out its secret: doorbell setup shows it, once you are ready to keep it"
        );
        Reply::Said(answer)
    }

    /// Notes what could not be judged; the sender is asked to come back.
    fn not_now(&self, live: &Live, source: String, peer: IpAddr, why: &str, now: Timestamp) -> Reply {
        let cause = live.vault.redact(why);
        tracing::warn!(source = %source, peer = %peer, cause = %cause, "request cannot be judged; the sender is asked to come back");
        self.meter.refused(&source, 503);
        let (id, peer) = (RejectionId::new(now.millis(), random()), peer.to_string());
        self.tell_and_keep(Rejection { id, at: now, source, status: 503, cause, peer, examined: None });
        Reply::Busy
    }

    /// Notes that a source is sent more than its rate: each is counted, and one a second is told of.
    fn too_many(&self, source: &Armed, peer: IpAddr, wait: Duration, now: Timestamp) -> Reply {
        let source = source.source();
        self.meter.refused(&source.name, 429);
        if let Some(rate) = source.rate
            && self.pace.is_told(&source.name, now)
        {
            let cause = format!("more than its rate of {rate}");
            tracing::warn!(source = %source.name, peer = %peer, cause, "the sender is asked to come back");
            let (source, peer) = (source.name.to_string(), peer.to_string());
            let id = RejectionId::new(now.millis(), random());
            self.tell_and_keep(Rejection { id, at: now, source, status: 429, cause, peer, examined: None });
        }
        Reply::TooMany(wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX))
    }

    /// Notes who was refused and why; past the limit of an address only the status is left.
    fn refuse(&self, live: &Live, source: String, peer: IpAddr, refusal: Refusal, now: Timestamp) -> Reply {
        let Refusal { status, cause, examined } = refusal;
        self.meter.refused(&source, status);
        if status == 401 && self.strikes.note(peer, now) {
            return Reply::TooMany(1);
        }
        let cause = live.vault.redact(&cause);
        let id = RejectionId::new(now.millis(), random());
        tracing::warn!(rejection = %id, source = %source, peer = %peer, status, cause = %cause, "request refused");
        let (peer, examined) =
            (peer.to_string(), examined.and_then(|found| kept(&found.redacted(live.redaction()))));
        self.tell_and_keep(Rejection { id, at: now, source, status, cause, peer, examined });
        Reply::Refused(status)
    }

    fn tell_and_keep(&self, refused: Rejection) {
        self.feed.tell(|| News::Refused {
            at: refused.at,
            id: refused.id,
            source: refused.source.clone(),
            status: refused.status,
            cause: refused.cause.clone(),
        });
        self.store.reject(refused);
    }

    /// Who is told what became of an event.
    fn told(&self) -> Told<'_> {
        Told { meter: &self.meter, feed: &self.feed, clock: &*self.clock }
    }

    async fn accept(
        &self,
        live: &Live,
        said_by_source: Option<&Respond>,
        event: Arc<Event>,
        dedupe_for: Duration,
    ) -> Reply {
        let now = event.request.received_at;
        let id = event.id;
        let (accept, said) = admit(live, event, dedupe_for);
        let noted = Noted::of(&accept);
        let asked = Instant::now();
        // From before its first attempt on.
        let onlooker = matches!(said, Some(Say::Later(_))).then(|| self.feed.watch());
        let outcome = self.store.accept(accept, now).await;
        noted.tell(outcome.as_ref(), asked.elapsed(), &self.told());
        match outcome {
            Ok(Accepted::New) => {
                let said = match (said, onlooker) {
                    (Some(Say::Later(later)), Some(onlooker)) => self.later(live, id, &later, onlooker).await,
                    (said, _) => said.and_then(Say::now),
                };
                said.or_else(|| said_by_source.cloned()).map_or(Reply::Kept { status: 202, id }, Reply::Said)
            }
            Ok(Accepted::Duplicate { first }) => {
                said_by_source.cloned().map_or(Reply::Kept { status: 200, id: first }, Reply::Said)
            }
            Ok(Accepted::Conflict { .. }) => Reply::Kept { status: 409, id },
            Err(_) => Reply::Busy,
        }
    }
}

/// What was looked at in a request that was refused, as it is kept.
fn kept(examined: &Examined) -> Option<String> {
    serde_json::to_string(examined).ok().filter(|text| text.len() <= limit::REJECTION_EXAMINED_MAX_BYTES)
}

fn answered(source: &str, answer: Respond) -> Reply {
    tracing::info!(source, status = answer.status, "handshake answered");
    Reply::Said(answer)
}

/// The body that tells the ids of a batch.
pub fn ids_body(ids: &[EventId]) -> String {
    json!({ "ids": ids }).to_string()
}

/// The body that tells an id.
pub fn id_body(id: EventId) -> String {
    json!({ "id": id }).to_string()
}
