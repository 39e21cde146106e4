//! The accept loop: bounded connections in all and per address, a bounded request head, an orderly end.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tower_service::Service;

use super::door::Door;
use super::framing::Watched;
use super::patience::{Expired, Patience};
use super::peer::{is_proxy, sender};
use crate::bounds::Limits;
use crate::limit;
use crate::stop::Stop;

/// How long the loop rests after an accept that failed for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a head that are read at the most. More than is allowed, so that a head that is too large is answered
/// for what it is: a long address 414, large headers 431.
const HEAD_BUFFER_MAX_BYTES: usize = 96 * 1024;
/// What is served on one listener.
pub struct Front {
    /// Certificate and key of this moment, to speak TLS; `None` speaks plain HTTP.
    pub tls: Option<Tls>,
    /// The router of this moment; a reload puts another in its place.
    pub router: Arc<arc_swap::ArcSwap<Router>>,
    /// Proxies that are believed whom they saw; their connections are not counted as those of one address.
    pub proxies: Arc<[IpNet]>,
    /// How many connections there may be, and what each of them.
    pub limits: Arc<Limits>,
}

/// TLS as it is configured at this moment; new certificates put another in its place.
pub type Tls = Arc<arc_swap::ArcSwap<ServerConfig>>;

/// What the requests of one connection are given to, and who is at its other end.
#[derive(Clone)]
struct Served {
    router: Arc<arc_swap::ArcSwap<Router>>,
    proxies: Arc<[IpNet]>,
    peer: IpAddr,
    limits: Arc<Limits>,
}

/// The address a request came from, as an extension of the request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Serves until `stop` turns true, then lets what is under way end within `grace`.
pub async fn serve<D: Door>(listener: D, front: Front, mut stop: Stop, grace: Duration) {
    let room = Arc::new(Semaphore::new(front.limits.connections));
    let peers = Arc::new(Peers::new(front.limits.connections_per_address));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = stop.asked() => break,
        };
        let Some((stream, peer, permit)) = accepted else { continue };
        let seat = match is_proxy(&front.proxies, peer) {
            true => None,
            false => match peers.seat(peer) {
                Some(seat) => Some(seat),
                None => {
                    turn_away::<D>(&stream, front.tls.is_some());
                    continue;
                }
            },
        };
        let (tls, stop) = (front.tls.clone(), stop.clone());
        let service = Served {
            router: Arc::clone(&front.router),
            proxies: Arc::clone(&front.proxies),
            peer,
            limits: Arc::clone(&front.limits),
        };
        connections.spawn(async move {
            match tls {
                None => connection(stream, service, stop).await,
                Some(tls) => secured(stream, &tls, service, stop).await,
            }
            drop((permit, seat));
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(grace, async { while connections.join_next().await.is_some() {} }).await;
}

async fn accept<D: Door>(
    listener: &D,
    room: &Arc<Semaphore>,
) -> Option<(D::Stream, IpAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.next().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Says that there are too many of an address, where it can be said at once; it is closed in any case.
fn turn_away<D: Door>(stream: &D::Stream, is_tls: bool) {
    if !is_tls {
        let answer = format!(
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: {}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            limit::RETRY_AFTER_SECONDS
        );
        D::say(stream, answer.as_bytes());
    }
}

/// A connection under TLS: no request is read before the handshake is done, and that has its time.
async fn secured<S>(stream: S, tls: &Tls, served: Served, mut stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let peer = served.peer;
    let handshake =
        tokio::time::timeout(served.limits.tls_time, TlsAcceptor::from(tls.load_full()).accept(stream));
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = stop.asked() => return,
    };
    match shaken {
        Ok(Ok(stream)) => connection(stream, served, stop).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS connection came of it"),
        Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
    }
}

async fn connection<S>(stream: S, served: Served, mut stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let peer = served.peer;
    let patience = Patience::new(&served.limits);
    let (stream, contradiction) = Watched::new(stream, patience.clone());
    let requests = AtomicU64::new(0);
    let headers = served.limits.headers;
    let service = service_fn(|request: Request<Incoming>| {
        let is_smuggled = contradiction.is_of(requests.fetch_add(1, Ordering::Relaxed));
        let (served, patience) = (served.clone(), patience.clone());
        async move {
            patience.begin();
            let answered = answer(request, served, is_smuggled).await;
            patience.end();
            answered
        }
    });
    // hyper's one timer cannot tell a head that is slow from a connection that rests.
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .header_read_timeout(None)
            .max_headers(headers)
            .max_buf_size(HEAD_BUFFER_MAX_BYTES)
            .half_close(false)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        expired = patience.expired() => {
            tracing::debug!(%peer, ?expired, "connection closed");
            if expired == Expired::Head {
                return;
            }
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = stop.asked() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection.as_mut() => ended,
                _ = patience.expired() => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

async fn answer(
    request: Request<Incoming>,
    served: Served,
    is_smuggled: bool,
) -> Result<Response<Body>, Infallible> {
    if is_smuggled {
        return Ok(closing(StatusCode::BAD_REQUEST));
    }
    if let Some(status) = bad_head(&request, &served.limits) {
        return Ok(closing(status));
    }
    // Whatever a proxy before us takes for the end of chunks, nothing behind them is read as a request.
    let is_chunked = request.headers().contains_key(http::header::TRANSFER_ENCODING);
    let peer = sender(&served.proxies, served.peer, request.headers());
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    let mut router = Router::clone(&served.router.load());
    let mut response = contained(router.call(request)).await;
    if is_chunked {
        close(&mut response);
    }
    Ok(response)
}

/// The answer; a panic on the way to it is this request's 500 and nobody else's.
async fn contained(answer: impl Future<Output = Result<Response<Body>, Infallible>>) -> Response<Body> {
    let mut answer = std::pin::pin!(answer);
    let ended = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    });
    match ended.await {
        Some(Ok(response)) => response,
        Some(Err(never)) => match never {},
        None => closing(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// What is wrong with a request's head, if anything; hyper has already refused what it cannot read.
fn bad_head(request: &Request<Incoming>, limits: &Limits) -> Option<StatusCode> {
    let uri_bytes = request.uri().path_and_query().map_or(0, |text| text.as_str().len());
    if uri_bytes > limits.uri_bytes {
        return Some(StatusCode::URI_TOO_LONG);
    }
    let headers = request.headers();
    let header_bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if header_bytes > limits.headers_bytes || headers.len() > limits.headers {
        return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    let smuggled = headers.get_all(http::header::CONTENT_LENGTH).iter().count() > 1;
    let hosts = headers.get_all(http::header::HOST).iter().count();
    let hostless = request.version() == http::Version::HTTP_11 && hosts != 1;
    (smuggled || hostless || is_coded(headers)).then_some(StatusCode::BAD_REQUEST)
}

/// Whether the body comes by a way that is not read here: only chunks are.
fn is_coded(headers: &http::HeaderMap) -> bool {
    let mut codings = headers.get_all(http::header::TRANSFER_ENCODING).iter();
    let only = codings.next().is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    !only || codings.next().is_some()
}

/// An answer after which the connection is closed, so that an unread body need not be read.
pub(crate) fn closing(status: StatusCode) -> Response<Body> {
    let mut response = super::body::refusal(status);
    close(&mut response);
    response
}

fn close(response: &mut Response<Body>) {
    response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
}

/// How many connections each address has open.
struct Peers {
    most: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One open connection; its place is free again when this is dropped.
struct Seat {
    peers: Arc<Peers>,
    peer: IpAddr,
}

impl Peers {
    fn new(most: usize) -> Self {
        Self { most, open: Mutex::new(HashMap::new()) }
    }

    fn seat(self: &Arc<Self>, peer: IpAddr) -> Option<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(peer).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Seat { peers: Arc::clone(self), peer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.peers.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_the_end_of_one_request() {
        let routes = Router::new()
            .route("/bad", axum::routing::get(async || -> &'static str { panic!("a handler that fails") }))
            .route("/good", axum::routing::get(async || "well"));
        for (path, wanted) in [("/bad", 500), ("/good", 200), ("/bad", 500)] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            assert_eq!(contained(routes.clone().call(request)).await.status(), wanted, "{path}");
        }
    }
}
