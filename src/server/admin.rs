//! The admin listener: health, history and repair. Loopback by default; beyond it a token is required.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use http::{Method, StatusCode, header};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::{body, connections, history, openapi, replay, setup, stream, upkeep};
use crate::clock::Clock;
use crate::feed::Feed;
use crate::intake::Windows;
use crate::live::Live;
use crate::meter::{Meter, Standing};
use crate::secret::Secret;
use crate::stop::Stop;
use crate::store::Store;

/// A wish to read the rules again; what is wrong with them comes back as text.
pub type Reload = oneshot::Sender<Result<String, String>>;

/// Who may come in by the admin listener.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// The token that opens everything.
    pub token: Option<Secret>,
    /// The token that only lets look.
    pub read_token: Option<Secret>,
    /// The host names by which it may be called while there is no token, against DNS rebinding; `None` for a socket that no
    /// browser reaches.
    pub hosts: Option<Vec<String>>,
}

/// What a request may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Look,
    Change,
}

/// What the admin listener needs for as long as the program runs.
#[derive(Clone)]
pub struct Admin {
    /// The history.
    pub store: Arc<dyn Store>,
    /// The rules in force.
    pub live: Arc<ArcSwap<Live>>,
    /// Where moments come from.
    pub clock: Arc<dyn Clock>,
    /// What was counted.
    pub meter: Arc<Meter>,
    /// What happens.
    pub feed: Feed,
    /// The wish to end, for answers that would not end by themselves.
    pub stop: Stop,
    /// Who reads the rules again.
    pub reload: mpsc::Sender<Reload>,
    /// Who may come in.
    pub guard: Arc<Guard>,
    /// Who waits for a secret that a sender hands out.
    pub windows: Arc<Windows>,
}

/// All routes.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/healthz", get(|| async { body::json_answer(StatusCode::OK, &json!({ "ok": true })) }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/api/events", get(history::events))
        .route("/api/events/{id}", get(history::event))
        .route("/api/events/{id}/body", get(history::event_body))
        .route("/api/events/{id}/explain", get(history::explain))
        .route("/api/events/{id}/replay", post(replay::one))
        .route("/api/replay", post(replay::many))
        .route("/api/deliveries", get(history::deliveries))
        .route("/api/deliveries/{id}", get(history::delivery))
        .route("/api/deliveries/{id}/retry", post(history::retry))
        .route("/api/deliveries/{id}/drop", post(history::drop_delivery))
        .route("/api/stream", get(stream::stream))
        .route("/api/rejections", get(history::rejections))
        .route("/api/rejections/{id}/explain", get(history::explain_rejection))
        .route("/api/rules", get(history::rules))
        .route("/api/sources", get(history::sources))
        .route("/api/sources/{name}/setup", get(setup::look).post(setup::open).delete(setup::close))
        .route("/api/connections", get(connections::list))
        .route("/api/connections/{name}/pause", post(connections::pause))
        .route("/api/connections/{name}/resume", post(connections::resume))
        .route("/api/prune", post(upkeep::prune))
        .route("/api/reload", post(reload))
        .route("/api/openapi.json", get(openapi::describe))
        .fallback(|| async { body::refusal(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { body::refusal(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(from_fn_with_state(admin.clone(), guard))
        .with_state(admin)
}

/// Lets a request through that may come in: known host, a token that may do so much, not sent by a foreign page.
async fn guard(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    if request.uri().path() == "/healthz" {
        return next.run(request).await;
    }
    let role = match admin.guard.role(&request) {
        Ok(role) => role,
        Err(status) => return body::refusal(status),
    };
    if role < needed(&request) {
        let why = json!({ "error": "this token only lets look" });
        return body::json_answer(StatusCode::FORBIDDEN, &why);
    }
    if request.method() != Method::GET && is_foreign(&request) {
        return body::refusal(StatusCode::FORBIDDEN);
    }
    next.run(request).await
}

impl Guard {
    /// What whoever sent the request may do; the error is the answer to who may not come in.
    fn role(&self, request: &Request) -> Result<Role, StatusCode> {
        let guarded = [(&self.token, Role::Change), (&self.read_token, Role::Look)];
        let mut tokens = guarded.iter().filter_map(|(token, role)| Some((token.as_ref()?, *role))).peekable();
        if tokens.peek().is_none() {
            let is_known = self.hosts.as_ref().is_none_or(|hosts| is_known_host(request, hosts));
            return if is_known { Ok(Role::Change) } else { Err(StatusCode::FORBIDDEN) };
        }
        let found = tokens.find(|(token, _)| carries(request, token));
        found.map(|(_, role)| role).ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// What a request needs to be allowed. A secret that a sender handed out is for who may change things.
fn needed(request: &Request) -> Role {
    let is_look = request.method() == Method::GET && !request.uri().path().ends_with("/setup");
    if is_look { Role::Look } else { Role::Change }
}

fn carries(request: &Request, token: &Secret) -> bool {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    given
        .is_some_and(|given| aws_lc_rs::constant_time::verify_slices_are_equal(given, token.expose()).is_ok())
}

fn is_known_host(request: &Request, hosts: &[String]) -> bool {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A browser says where a request comes from; programs say nothing.
fn is_foreign(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
        || (site.is_none() && request.headers().contains_key(header::ORIGIN))
}

async fn ready(State(admin): State<Admin>) -> Response<Body> {
    match admin.store.writable().await {
        Ok(()) => body::json_answer(StatusCode::OK, &json!({ "ready": true })),
        Err(error) => {
            let why = json!({ "ready": false, "why": error.to_string() });
            body::json_answer(StatusCode::SERVICE_UNAVAILABLE, &why)
        }
    }
}

/// The type of what Prometheus reads.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

async fn metrics(State(admin): State<Admin>) -> Response<Body> {
    let now = admin.clock.now();
    let (counts, due) = match (admin.store.counts().await, admin.store.due_shards().await) {
        (Ok(counts), Ok(due)) => (counts, due),
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(%error, "the store cannot be counted");
            return body::busy();
        }
    };
    let oldest = due.into_iter().map(|(_, at)| at).min();
    let oldest_due = oldest.map(|at| now.since(at)).unwrap_or_default();
    let text = admin.meter.text(&Standing { counts, oldest_due });
    body::bytes_answer(StatusCode::OK, METRICS_TYPE, text.into())
}

async fn reload(State(admin): State<Admin>) -> Response<Body> {
    let (answer, answered) = oneshot::channel();
    if admin.reload.send(answer).await.is_err() {
        return body::busy();
    }
    match answered.await {
        Ok(Ok(words)) => body::json_answer(StatusCode::OK, &json!({ "reloaded": true, "rules": words })),
        Ok(Err(why)) => {
            let answer = json!({ "reloaded": false, "why": why });
            body::json_answer(StatusCode::UNPROCESSABLE_ENTITY, &answer)
        }
        Err(_) => body::busy(),
    }
}
