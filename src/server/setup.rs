//! Waiting for the secret that a sender hands out itself, when its webhook is made: opened by a person, for a while.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::admin::Admin;
use super::body::json_answer;
use super::history::{Answer, unknown, wrong};
use crate::limit;
use crate::unit;

/// For how long to wait.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetupQuery {
    #[serde(rename = "for")]
    wait: Option<String>,
}

/// Opens the window: the first secret that the sender hands out is kept for whoever asks.
pub(super) async fn open(
    State(admin): State<Admin>,
    Path(name): Path<String>,
    query: Result<Query<SetupQuery>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|why| wrong(&why.body_text()))?;
    let hands_out = admin
        .live
        .load()
        .set
        .sources
        .iter()
        .find(|source| *source.name == *name)
        .map(|source| source.hands_out_secret());
    match hands_out {
        None => return Err(unknown()),
        Some(false) => {
            return Err(wrong(&format!(
                "the sender of `{name}` hands out no secret: it shows one, or takes yours"
            )));
        }
        Some(true) => {}
    }
    let wait = query.wait.as_deref().map(unit::duration).transpose();
    let wait = wait.map_err(|why| wrong(&why.to_string()))?.unwrap_or(limit::SETUP_FOR);
    if wait.is_zero() || wait > limit::SETUP_FOR_MAX {
        return Err(wrong(&format!(
            "`for` is longer than nothing and at most {} s",
            limit::SETUP_FOR_MAX.as_secs()
        )));
    }
    let until = admin.clock.now().plus(wait);
    admin.windows.open(&name, until);
    tracing::warn!(source = %name, until = %until, "waiting for the secret that the sender hands out");
    Ok(json_answer(StatusCode::OK, &json!({ "open": true, "until": until })))
}

/// What came of it.
pub(super) async fn look(State(admin): State<Admin>, Path(name): Path<String>) -> Answer {
    let window = admin.windows.look(&name, admin.clock.now()).ok_or_else(unknown)?;
    let secret = window.secret.as_ref().and_then(|secret| secret.expose_text());
    let answer = json!({ "open": secret.is_none(), "until": window.until, "secret": secret });
    let mut response = json_answer(StatusCode::OK, &answer);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Waits no longer.
pub(super) async fn close(State(admin): State<Admin>, Path(name): Path<String>) -> Response<Body> {
    admin.windows.close(&name);
    json_answer(StatusCode::OK, &json!({ "open": false }))
}
