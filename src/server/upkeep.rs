//! Upkeep by HTTP: retention on a person's wish.

use std::time::Duration;

use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::json;

use super::admin::Admin;
use super::history::{Answer, ok, wrong};
use crate::store::Retention;
use crate::unit;

/// Chunks that one call removes; whoever wants more calls again.
const CHUNKS_MAX: usize = 50;
/// Rest between two chunks, so that events go first.
const BETWEEN: Duration = Duration::from_millis(10);

/// What is to go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PruneQuery {
    older_than: String,
}

/// Removes ended events of an age, some chunks at a time.
pub(super) async fn prune(
    State(admin): State<Admin>,
    query: Result<Query<PruneQuery>, axum::extract::rejection::QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|why| wrong(&why.body_text()))?;
    let age = unit::duration(&query.older_than).map_err(|why| wrong(&format!("older_than: {why}")))?;
    let before = admin.clock.now().minus(age);
    let mut rows = 0;
    for _ in 0..CHUNKS_MAX {
        match admin.store.prune(Retention { ended_before: before, dead_before: before }).await? {
            0 => return Ok(ok(&json!({ "rows": rows, "more": false }))),
            removed => rows += removed,
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(ok(&json!({ "rows": rows, "more": true })))
}
