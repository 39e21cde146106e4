//! The public listener: the paths of sources and nothing else.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use percent_encoding::percent_decode_str;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body;
use super::front::{Peer, closing};
use crate::bounds::Limits;
use crate::effect::Respond;
use crate::event;
use crate::intake::{Intake, Reply, id_body, ids_body};
use crate::live::Live;

/// Letters of a path that are told of.
const TOLD_PATH_MAX: usize = 200;
/// Bodies in memory are counted in steps of this many bytes.
const BODY_STEP_BYTES: usize = 1024;

/// What the public listener needs for as long as the program runs.
#[derive(Clone)]
pub struct Public {
    intake: Arc<Intake>,
    requests: Arc<Semaphore>,
    bodies: Arc<Semaphore>,
    body_time: Duration,
}

impl Public {
    /// A listener before this intake, within these limits.
    pub fn new(intake: Arc<Intake>, limits: &Limits) -> Self {
        Self {
            intake,
            requests: Arc::new(Semaphore::new(limits.requests)),
            bodies: Arc::new(Semaphore::new(limits.bodies_bytes / BODY_STEP_BYTES)),
            body_time: limits.body_time,
        }
    }
}

/// The router for one rule set: a path of each source to which webhooks come, 404 for the rest.
pub fn router(public: &Public, live: &Arc<Live>) -> Router {
    let mut router = Router::new();
    for (index, source) in live.sources.iter().enumerate() {
        if source.source().is_internal() {
            continue;
        }
        let (public, live) = (public.clone(), Arc::clone(live));
        let handler = move |params: RawPathParams, request: Request| async move {
            webhook(public, live, index, &params, request).await
        };
        router = router.route(source.source().pattern().text(), any(handler));
    }
    let public = public.clone();
    router.fallback(move |request: Request| async move { nobody(&public, &request) })
}

/// No source listens at this path. People who set a sender up need to see which path it was.
fn nobody(public: &Public, request: &Request) -> Response<Body> {
    let path: String = request.uri().path().chars().take(TOLD_PATH_MAX).collect();
    let cause = format!("no source listens at `{path}`");
    public.intake.turned_away(None, peer(request.extensions()), 404, &cause);
    closing(StatusCode::NOT_FOUND)
}

async fn webhook(
    public: Public,
    live: Arc<Live>,
    index: usize,
    params: &RawPathParams,
    request: Request,
) -> Response<Body> {
    let Some(source) = live.sources.get(index) else { return closing(StatusCode::NOT_FOUND) };
    let source = source.source();
    let peer = peer(request.extensions());
    let turned_away = |status: StatusCode, cause: &str| {
        public.intake.turned_away(Some(&source.name), peer, status.as_u16(), cause);
        closing(status)
    };
    if !source.listens().contains(request.method()) {
        let cause = format!("the method `{}`", request.method());
        turned_away(StatusCode::METHOD_NOT_ALLOWED, &cause);
        return not_allowed(&source.listens());
    }
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return turned_away(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a compressed body: nothing is inflated");
    }
    let most = source.body_max_bytes;
    let too_large = || format!("a body of more than {most} bytes: `body_max` of the source says how many");
    let announced = content_length(&request);
    if announced.is_some_and(|bytes| bytes > most) {
        return turned_away(StatusCode::PAYLOAD_TOO_LARGE, &too_large());
    }
    let Some(_room) = room(&public, announced.unwrap_or(most)) else {
        turned_away(StatusCode::SERVICE_UNAVAILABLE, "too many requests, or bodies too large, at once");
        return body::busy();
    };
    let (head, body) = request.into_parts();
    let bytes = match body::read(body, most, public.body_time).await {
        Ok(bytes) => bytes,
        Err(unread) => {
            let cause = match unread.status() {
                StatusCode::PAYLOAD_TOO_LARGE => too_large(),
                _ => unread.to_string(),
            };
            return turned_away(unread.status(), &cause);
        }
    };
    let request = proven_nothing(&public, head, params, bytes);
    answer(public.intake.take(&live, index, request).await)
}

/// A place for the request and for its body in memory; `None` when there is none at this moment.
fn room(public: &Public, bytes: usize) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
    let request = Arc::clone(&public.requests).try_acquire_owned().ok()?;
    let steps = u32::try_from(bytes / BODY_STEP_BYTES + 1).ok()?;
    let body = Arc::clone(&public.bodies).try_acquire_many_owned(steps).ok()?;
    Some((request, body))
}

fn peer(extensions: &http::Extensions) -> IpAddr {
    extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0)
}

fn content_length(request: &Request) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn proven_nothing(
    public: &Public,
    head: http::request::Parts,
    params: &RawPathParams,
    body: Bytes,
) -> event::Request {
    let decoded = |value: &str| percent_decode_str(value).decode_utf8_lossy().into_owned();
    let peer = peer(&head.extensions);
    event::Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        params: params.iter().map(|(name, value)| (name.to_owned(), decoded(value))).collect(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
        peer,
        received_at: public.intake.clock.now(),
    }
}

fn answer(reply: Reply) -> Response<Body> {
    match reply {
        Reply::Said(respond) => said(respond),
        Reply::Kept { status, id } => kept(status, id_body(id)),
        Reply::KeptBatch { status, ids } => kept(status, ids_body(&ids)),
        Reply::TooMany(seconds) => {
            let mut response = body::refusal(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Reply::Refused(status) => {
            body::refusal(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST))
        }
        Reply::Busy => body::busy(),
    }
}

fn kept(status: u16, told: String) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::ACCEPTED);
    body::bytes_answer(status, "application/json", Bytes::from(told))
}

fn said(respond: Respond) -> Response<Body> {
    let status = StatusCode::from_u16(respond.status).unwrap_or(StatusCode::OK);
    let mut response = body::bytes_answer(status, &respond.content_type, respond.body);
    for (name, value) in &respond.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn not_allowed(methods: &[http::Method]) -> Response<Body> {
    let mut response = closing(StatusCode::METHOD_NOT_ALLOWED);
    let names: Vec<&str> = methods.iter().map(http::Method::as_str).collect();
    if let Ok(value) = HeaderValue::try_from(names.join(", ")) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}
