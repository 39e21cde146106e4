//! Connections by HTTP: how each stands, and a person's pause and resume.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::Admin;
use super::history::{Answer, Wrong, ok, wrong};
use crate::store::{Changed, Pause};
use crate::view;

/// Characters kept of a reason.
const REASON_MAX: usize = 500;

/// What may be said of a pause.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PauseQuery {
    reason: Option<String>,
}

pub(super) async fn list(State(admin): State<Admin>) -> Answer {
    let pauses = admin.store.pauses().await?;
    let live = admin.live.load();
    let list: Vec<Value> = live
        .set
        .connections
        .iter()
        .map(|(name, connection)| {
            let pause = pauses.iter().find(|pause| *pause.connection == **name);
            let circuit = connection.breaker.map(|_| admin.meter.circuit(name));
            view::connection(name, connection, circuit, pause)
        })
        .collect();
    Ok(ok(&json!({ "format_version": 1, "connections": list })))
}

/// Nothing goes through it from now on; what is owed waits.
pub(super) async fn pause(
    State(admin): State<Admin>,
    Path(name): Path<String>,
    query: Result<Query<PauseQuery>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|why| wrong(&why.body_text()))?;
    if !admin.live.load().set.connections.contains_key(name.as_str()) {
        return Err(unknown(&name));
    }
    let reason = query.reason.map(|reason| reason.chars().take(REASON_MAX).collect());
    tracing::info!(connection = name, reason, "paused by a person");
    let pause = Pause { connection: name, since: admin.clock.now(), reason };
    let changed = admin.store.pause(pause).await?;
    Ok(told(changed, "paused"))
}

/// What is owed goes on. A connection that the rules no longer have can be resumed too.
pub(super) async fn resume(State(admin): State<Admin>, Path(name): Path<String>) -> Answer {
    let is_known = admin.live.load().set.connections.contains_key(name.as_str());
    let changed = admin.store.resume(name.clone()).await?;
    if changed != Changed::Done && !is_known {
        return Err(unknown(&name));
    }
    tracing::info!(connection = name, "resumed by a person");
    Ok(told(changed, "resumed"))
}

/// To ask for what is so already is no mistake.
fn told(changed: Changed, what: &str) -> Response<Body> {
    ok(&json!({ "done": true, what: true, "changed": changed == Changed::Done }))
}

fn unknown(name: &str) -> Wrong {
    let error = format!("there is no connection `{name}`: `doorbell connections list` names them");
    Wrong { status: StatusCode::NOT_FOUND, answer: json!({ "error": error }) }
}
