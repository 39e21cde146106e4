//! The HTTP client: the only file that knows which crate sends requests. It dials only what the guard permits.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version};
use ipnet::IpNet;
use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::tls::TlsInfo;
use reqwest::{Client, ClientBuilder, Identity, Proxy, Response, redirect};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use super::lookup::Lookups;
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

/// The client could not be made: its TLS side has no ground to stand on.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made")]
pub struct Error(#[source] reqwest::Error);

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
    public: Client,
    /// Others by their kind, the latest used last.
    others: Mutex<Vec<(Kind, Client)>>,
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
        let client = match self.client_for(&request.url, allow_private, request.identity) {
            Ok(client) => client,
            Err(failure) => return failed(failure),
        };
        if self.proxy.is_some()
            && let Err(Blocked(kind)) = self.look_ahead(&request.url, allow_private).await
        {
            return failed(Answer::Blocked(kind));
        }
        let sending =
            client.request(request.method, request.url).headers(request.headers).body(request.body).send();
        match timeout_at(deadline, sending).await {
            Err(_) => failed(Answer::TimedOut),
            Ok(Err(error)) => failed(failure(&error)),
            Ok(Ok(response)) => received(response, deadline, body_max).await,
        }
    }

    /// The client for a URL. A literal address is judged here, because a resolver is never asked for it.
    fn client_for(
        &self,
        url: &Url,
        allow_private: &[IpNet],
        identity: Option<Secret>,
    ) -> Result<Client, Answer> {
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

    fn kept(&self, kind: Kind) -> Result<Client, Answer> {
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

/// What came back of a request that only asks whether anybody is there.
pub(super) struct Probed {
    pub(super) status: StatusCode,
    /// The certificate that was shown, as DER.
    pub(super) certificate: Option<Vec<u8>>,
}

/// Sends a request without a body to one address of a URL's host.
pub(super) async fn probe(method: Method, url: &Url, address: SocketAddr) -> Result<Probed, Answer> {
    let builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .timeout(limit::HTTP_TIMEOUT)
        .tls_info(true)
        .resolve(url.host_str().unwrap_or_default(), address);
    let client = builder.build().map_err(|error| Answer::Unreachable(words(&error)))?;
    let response = client.request(method, url.clone()).send().await.map_err(|error| failure(&error))?;
    let shown = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
    Ok(Probed { status: response.status(), certificate: shown.map(<[u8]>::to_vec) })
}

fn client(kind: Kind, lookups: &Lookups, proxy: Option<&Url>) -> Result<Client, Error> {
    let trusted = proxy.and_then(Url::host_str).map(str::to_owned);
    let resolver = Arc::new(Guarded { networks: kind.networks.into(), lookups: lookups.clone(), trusted });
    let pem = kind.identity.as_ref().map(|identity| Identity::from_pem(identity.expose()));
    let identity = pem.transpose().map_err(Error)?;
    let proxy = proxy.map(|proxy| Proxy::all(proxy.clone())).transpose().map_err(Error)?;
    let builder = || {
        let builder = identity.iter().cloned().fold(Client::builder().no_proxy(), ClientBuilder::identity);
        proxy
            .iter()
            .cloned()
            .fold(builder, ClientBuilder::proxy)
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(lookups.connect_time)
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .dns_resolver(Arc::clone(&resolver))
    };
    builder().build().or_else(|error| {
        let why = words(&error);
        tracing::warn!(
            why,
            "no certificate authorities: every https destination will be refused; install them"
        );
        builder().tls_certs_only([]).build().map_err(Error)
    })
}

async fn received(mut response: Response, deadline: Instant, body_max: usize) -> Exchange {
    let head = Head {
        version: response.version(),
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
    };
    let mut seen = Exchange { head: Some(head), ..Exchange::default() };
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Err(_) => seen.failure = Some(Answer::TimedOut),
            Ok(Err(error)) => seen.failure = Some(failure(&error)),
            Ok(Ok(None)) => {}
            Ok(Ok(Some(chunk))) => {
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

/// Looks names up, and gives on only the addresses that the guard permits.
struct Guarded {
    networks: Arc<[IpNet]>,
    lookups: Lookups,
    /// The proxy, which the operator names: it may be anywhere.
    trusted: Option<String>,
}

/// A name all of whose addresses are blocked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Blocked(String);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let networks = Arc::clone(&self.networks);
        let lookups = self.lookups.clone();
        let is_trusted = self.trusted.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let found = lookups.addresses(name, 0).await?;
            let permitted =
                if is_trusted { found } else { guard::permitted(found, &networks).map_err(Blocked)? };
            Ok(Box::new(permitted.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// What a failed exchange means. Never names the URL, which may be a secret.
fn failure(error: &reqwest::Error) -> Answer {
    if let Some(Blocked(kind)) = causes(error).find_map(|cause| cause.downcast_ref()) {
        return Answer::Blocked(kind.clone());
    }
    if error.is_timeout() {
        return Answer::TimedOut;
    }
    if error.is_builder() {
        return Answer::Invalid(words(error));
    }
    // While connecting, only TLS reads anything that could be invalid.
    let handshake = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::InvalidData)
    };
    if error.is_connect() && causes(error).any(handshake) {
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
fn words(error: &dyn std::error::Error) -> String {
    causes(error).last().map_or_else(|| "the request could not be made".to_owned(), ToString::to_string)
}
