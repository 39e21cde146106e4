//! The HTTP client: sends requests and reads what comes back. It dials only what the guard permits, follows nothing, and
//! waits for no more than the bounds say.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, HeaderValue, PROXY_AUTHORIZATION};
use http::{HeaderMap, Method, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use ipnet::IpNet;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use super::interim::Interim;
use super::lookup::Lookups;
use super::resolver::{Blocked, Guarded};
use super::road::{self, Road};
use super::tls;
use crate::delivery::Answer;
use crate::effect::guard;
use crate::limit;
use crate::secret::Secret;

/// Clients that are kept, one for each kind.
const CLIENTS_MAX: usize = 32;
/// A connection that rests longer is closed; the other side would soon do it under our hands.
const IDLE_MAX: Duration = Duration::from_secs(15);
/// Resting connections that are kept to one host.
const IDLE_PER_HOST_MAX: usize = limit::ATTEMPTS_IN_FLIGHT_MAX;

/// A client, with the bodies that it sends.
type Sender = Client<Road, Full<Bytes>>;

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its TLS side has no ground to stand on.
    #[error("the HTTP client cannot be made")]
    Tls(#[from] tls::Error),
    /// The proxy cannot be asked.
    #[error("the proxy cannot be used")]
    Proxy(#[from] http::Error),
}

/// One request, ready to go.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// A certificate of ours and its key, in PEM.
    pub(super) identity: Option<Secret>,
}

/// What sets one client apart from others: the private networks that a named host may be at, and the certificate shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kind {
    networks: Vec<IpNet>,
    identity: Option<Secret>,
}

/// The head of an answer.
pub(super) struct Head {
    pub(super) version: Version,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

/// What was seen of an answer, whole or not.
#[derive(Default)]
pub(super) struct Exchange {
    /// `None` when it failed before.
    pub(super) head: Option<Head>,
    /// The beginning of the body.
    pub(super) body: Vec<u8>,
    /// Why it ended early.
    pub(super) failure: Option<Answer>,
}

/// All clients.
pub(super) struct Clients {
    /// The one for literal addresses and public names.
    public: Sender,
    /// Others by their kind, the latest used last.
    others: Mutex<Vec<(Kind, Sender)>>,
    /// What all of them go through.
    proxy: Option<Url>,
    lookups: Lookups,
}

impl Clients {
    /// All of them go through `proxy`, where there is one.
    pub(super) fn new(proxy: Option<Url>, lookups: Lookups) -> Result<Self, Error> {
        let public = client(Kind::default(), &lookups, proxy.as_ref())?;
        Ok(Self { public, others: Mutex::default(), proxy, lookups })
    }

    /// Sends a request and reads at most `body_max` bytes of the answer's body, all of it until `deadline`.
    pub(super) async fn exchange(
        &self,
        request: Request,
        allow_private: &[IpNet],
        deadline: Instant,
        body_max: usize,
    ) -> Exchange {
        let failed = |failure| Exchange { failure: Some(failure), ..Exchange::default() };
        let client = match self.client_for(&request.url, allow_private, request.identity.clone()) {
            Ok(client) => client,
            Err(failure) => return failed(failure),
        };
        if self.proxy.is_some()
            && let Err(Blocked(kind)) = self.look_ahead(&request.url, allow_private).await
        {
            return failed(Answer::Blocked(kind));
        }
        let mut request = match written(request) {
            Ok(request) => request,
            Err(failure) => return failed(failure),
        };
        self.introduce(&mut request);
        let interim = Interim::count(&mut request);
        let came = tokio::select! {
            biased;
            () = interim.too_many() => return failed(Answer::Unreachable(Interim::WORDS.to_owned())),
            came = timeout_at(deadline, client.request(request)) => came,
        };
        match came {
            Err(_) => failed(Answer::TimedOut),
            Ok(Err(error)) => failed(failure(&error, error.is_connect())),
            Ok(Ok(response)) => received(response, deadline, body_max).await,
        }
    }

    /// Says to a proxy who we are, where it reads the request itself.
    fn introduce(&self, request: &mut http::Request<Full<Bytes>>) {
        let is_plain = request.uri().scheme() == Some(&http::uri::Scheme::HTTP);
        if let Some(value) = self.proxy.as_ref().and_then(road::authorization).filter(|_| is_plain) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, value);
        }
    }

    /// The client for a URL. A literal address is judged here, because a resolver is never asked for it.
    fn client_for(
        &self,
        url: &Url,
        allow_private: &[IpNet],
        identity: Option<Secret>,
    ) -> Result<Sender, Answer> {
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(name)) => {
                guard::decide_name(name, allow_private).map_err(Answer::Blocked)?;
                return self.kept(Kind { networks: allow_private.to_vec(), identity });
            }
            None => return Err(Answer::Invalid("the URL has no host".to_owned())),
        };
        match guard::decide(literal, allow_private) {
            Ok(()) => self.kept(Kind { networks: Vec::new(), identity }),
            Err(kind) => Err(Answer::Blocked(kind)),
        }
    }

    /// A proxy looks the name up itself, so it is judged before: a name that leads nowhere here is left to the proxy.
    async fn look_ahead(&self, url: &Url, allow_private: &[IpNet]) -> Result<(), Blocked> {
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        match self.lookups.addresses(name.to_owned(), 0).await {
            Ok(found) => guard::permitted(found, allow_private).map(drop).map_err(Blocked),
            Err(_) => Ok(()),
        }
    }

    fn kept(&self, kind: Kind) -> Result<Sender, Answer> {
        if kind == Kind::default() {
            return Ok(self.public.clone());
        }
        let mut known = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match known.iter().position(|(of, _)| *of == kind) {
            Some(place) => known.remove(place),
            None => {
                let made = client(kind.clone(), &self.lookups, self.proxy.as_ref()).map_err(|error| {
                    match kind.identity {
                        Some(_) => {
                            Answer::Invalid(format!("the certificate cannot be used: {}", words(&error)))
                        }
                        None => Answer::Unreachable(words(&error)),
                    }
                })?;
                (kind, made)
            }
        };
        if known.len() >= CLIENTS_MAX {
            known.remove(0);
        }
        let found = entry.1.clone();
        known.push(entry);
        Ok(found)
    }
}

/// A client of a kind, and the way that it takes.
fn client(kind: Kind, lookups: &Lookups, proxy: Option<&Url>) -> Result<Sender, Error> {
    let trusted = proxy.and_then(Url::host_str).map(str::to_owned);
    let guarded = Guarded { networks: kind.networks.into(), lookups: lookups.clone(), trusted };
    let road = Road::new(guarded, &tls::config(kind.identity.as_ref())?, proxy)?;
    let client = Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_MAX)
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
        .build(road);
    Ok(client)
}

/// A request in the words of the client; what it says of a user is not sent.
fn written(request: Request) -> Result<http::Request<Full<Bytes>>, Answer> {
    let Request { method, url, headers, body, .. } = request;
    let uri = road::uri(url).map_err(|why| Answer::Invalid(why.to_string()))?;
    let mut written = http::Request::new(Full::new(body));
    *written.method_mut() = method;
    *written.uri_mut() = uri;
    *written.headers_mut() = headers;
    written.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    Ok(written)
}

async fn received(response: http::Response<Incoming>, deadline: Instant, body_max: usize) -> Exchange {
    let (parts, mut coming) = response.into_parts();
    let head = Head { version: parts.version, status: parts.status, headers: parts.headers };
    let mut seen = Exchange { head: Some(head), ..Exchange::default() };
    loop {
        match timeout_at(deadline, coming.frame()).await {
            Err(_) => seen.failure = Some(Answer::TimedOut),
            Ok(Some(Err(error))) => seen.failure = Some(failure(&error, false)),
            Ok(None) => {}
            Ok(Some(Ok(frame))) => {
                let chunk = frame.into_data().unwrap_or_default();
                let room = body_max - seen.body.len();
                seen.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if seen.body.len() < body_max {
                    continue;
                }
            }
        }
        return seen;
    }
}

/// What a failed exchange means. Never names the URL, which may be a secret.
pub(super) fn failure(error: &(dyn std::error::Error + 'static), is_connect: bool) -> Answer {
    if let Some(Blocked(kind)) = causes(error).find_map(|cause| cause.downcast_ref()) {
        return Answer::Blocked(kind.clone());
    }
    let is = |kind| {
        move |cause: &(dyn std::error::Error + 'static)| {
            cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == kind)
        }
    };
    if causes(error).any(is(io::ErrorKind::TimedOut)) {
        return Answer::TimedOut;
    }
    // While connecting, only TLS reads anything that could be invalid.
    if is_connect && causes(error).any(is(io::ErrorKind::InvalidData)) {
        return Answer::Tls(words(error));
    }
    Answer::Unreachable(words(error))
}

/// The errors behind an error, outermost first.
fn causes(error: &dyn std::error::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    // What an `io::Error` wraps is not its source: its source is that of what it wraps.
    std::iter::successors(error.source(), |&cause| match cause.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|wrapped| wrapped as _),
        None => cause.source(),
    })
}

/// The innermost cause, which says it most plainly; the outer ones only say that something failed.
pub(super) fn words(error: &dyn std::error::Error) -> String {
    causes(error).last().map_or_else(|| "the request could not be made".to_owned(), ToString::to_string)
}
