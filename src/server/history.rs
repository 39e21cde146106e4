//! The history by HTTP: events, deliveries and refusals in pages, and a person's repairs.

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::Admin;
use super::body::{bytes_answer, json_answer};
use super::query::{DeliveryQuery, EventQuery, PAGE_ROWS_MAX, page};
use crate::delivery;
use crate::id::{DeliveryId, EventId, RejectionId};
use crate::limit;
use crate::provider::Armed;
use crate::redact;
use crate::store::{Changed, DeliveryFilter, DeliveryRow, Error};
use crate::view;

/// What may be asked of a list of refusals.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectionQuery {
    limit: Option<usize>,
}

/// What a question is answered.
pub(super) type Answer = Result<Response<Body>, Wrong>;

/// Why a question was not answered.
pub(super) struct Wrong {
    pub(super) status: StatusCode,
    pub(super) answer: Value,
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response<Body> {
        json_answer(self.status, &self.answer)
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "the history cannot be read or changed");
        Self { status: StatusCode::SERVICE_UNAVAILABLE, answer: json!({ "error": error.to_string() }) }
    }
}

pub(super) async fn events(
    State(admin): State<Admin>,
    query: Result<Query<EventQuery>, QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|why| wrong(&why.body_text()))?;
    let page = admin.store.events(query.filter(admin.clock.now(), &admin.live.load_full())?).await?;
    let list: Vec<Value> = page.rows.iter().map(view::event_row).collect();
    Ok(ok(&json!({ "format_version": 1, "events": list, "next": page.next })))
}

pub(super) async fn event(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let id = parsed::<EventId>(&id)?;
    let row = admin.store.event_row(id).await?;
    let event = admin.store.event(id).await?;
    let (Some(row), Some(event)) = (row, event) else { return Err(unknown()) };
    let filter = DeliveryFilter { event: Some(id), limit: PAGE_ROWS_MAX, ..DeliveryFilter::default() };
    let deliveries = admin.store.deliveries(filter).await?;
    let live = admin.live.load();
    Ok(ok(&view::event(&row, &event, &deliveries.rows, live.redaction())))
}

pub(super) async fn event_body(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let event = admin.store.event(parsed::<EventId>(&id)?).await?;
    let event = event.ok_or_else(unknown)?;
    let body = view::body(&event, admin.live.load().redaction());
    // Whatever a stranger sent is never shown by a browser as a page of ours.
    let mut response = bytes_answer(StatusCode::OK, "application/octet-stream", body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    Ok(response)
}

/// Why each rule in force matches the event or does not.
pub(super) async fn explain(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let id = parsed::<EventId>(&id)?;
    let event = admin.store.event(id).await?.ok_or_else(unknown)?;
    let live = admin.live.load_full();
    let mut explained = view::explained(&event, &live.set.explain(&event));
    let conflict_with = admin.store.event_row(id).await?.and_then(|row| row.conflict_with);
    if let (Some(first), Some(event)) = (conflict_with, explained.pointer_mut("/event")) {
        event["conflict_with"] = json!(first);
    }
    Ok(ok(&redact::scrub(&explained, &live.redaction().texts(&event.payload))))
}

pub(super) async fn deliveries(
    State(admin): State<Admin>,
    query: Result<Query<DeliveryQuery>, QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|why| wrong(&why.body_text()))?;
    let filter = query.filter(admin.clock.now())?;
    let wanted = filter.error.clone();
    let page = admin.store.deliveries(filter).await?;
    let mut list = Vec::new();
    for row in &page.rows {
        let shown = view::delivery_row(row, &hidden(&admin, row).await?);
        // Nobody learns by asking what they are not shown.
        let last_error = shown.get("last_error").and_then(Value::as_str).unwrap_or_default();
        if wanted.as_ref().is_none_or(|wanted| last_error.contains(wanted)) {
            list.push(shown);
        }
    }
    Ok(ok(&json!({ "format_version": 1, "deliveries": list, "next": page.next })))
}

pub(super) async fn delivery(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let id = parsed::<DeliveryId>(&id)?;
    // Asked first: what has ended meanwhile is among the attempts then.
    let running = admin.store.running(id).await?;
    let (row, attempts) = admin.store.delivery(id).await?.ok_or_else(unknown)?;
    let live = admin.live.load_full();
    let hidden = match admin.store.event(row.delivery.event).await? {
        Some(event) => live.set.hidden(&event),
        None => Vec::new(),
    };
    Ok(ok(&view::delivery(&row, &attempts, running.as_ref(), &hidden)))
}

/// What is not shown of a delivery in a list: what was made of a payload may hold what is hidden of it.
async fn hidden(admin: &Admin, row: &DeliveryRow) -> Result<Vec<String>, Wrong> {
    let live = admin.live.load_full();
    let has_words = row.last_error.is_some()
        || matches!(row.delivery.state, delivery::State::Dead { .. } | delivery::State::Cancelled { .. });
    if live.set.redact.is_empty() || !has_words {
        return Ok(Vec::new());
    }
    let event = admin.store.event(row.delivery.event).await?;
    Ok(event.map(|event| live.set.hidden(&event)).unwrap_or_default())
}

pub(super) async fn retry(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let changed = admin.store.retry(parsed::<DeliveryId>(&id)?, admin.clock.now()).await?;
    told(changed, "it ended well, or an attempt runs at this moment")
}

pub(super) async fn drop_delivery(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let changed = admin.store.drop_delivery(parsed::<DeliveryId>(&id)?, admin.clock.now()).await?;
    told(changed, "it has ended already")
}

pub(super) async fn rejections(
    State(admin): State<Admin>,
    query: Result<Query<RejectionQuery>, QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|why| wrong(&why.body_text()))?;
    let rows = admin.store.rejections(page(query.limit)).await?;
    let list: Vec<Value> = rows.iter().map(view::rejection).collect();
    Ok(ok(&json!({ "format_version": 1, "rejections": list })))
}

/// Which parts a refused request had, and of what its signed text was made.
pub(super) async fn explain_rejection(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let id = parsed::<RejectionId>(&id)?;
    let rows = admin.store.rejections(limit::REJECTIONS_KEPT).await?;
    let row = rows.iter().find(|row| row.id == id).ok_or_else(unknown)?;
    Ok(ok(&view::rejection_explained(row)))
}

pub(super) async fn rules(State(admin): State<Admin>) -> Response<Body> {
    let live = admin.live.load();
    let list: Vec<Value> = live
        .set
        .rules
        .iter()
        .map(|rule| json!({ "name": &*rule.name, "file": &*rule.file, "line": rule.line, "enabled": rule.enabled, "actions": rule.actions.len() }))
        .collect();
    ok(&json!({ "format_version": 1, "revision": crate::hex::hex(&live.set.digest), "rules": list }))
}

pub(super) async fn sources(State(admin): State<Admin>) -> Response<Body> {
    let live = admin.live.load();
    let list: Vec<Value> = live
        .sources
        .iter()
        .map(Armed::source)
        .map(|source| json!({ "name": &*source.name, "path": source.path(), "preset": source.preset, "open": source.is_open() }))
        .collect();
    ok(&json!({ "format_version": 1, "sources": list }))
}

fn told(changed: Changed, not_now: &str) -> Answer {
    match changed {
        Changed::Done => Ok(ok(&json!({ "done": true }))),
        Changed::Unknown => Err(unknown()),
        Changed::NotNow => {
            Err(Wrong { status: StatusCode::CONFLICT, answer: json!({ "done": false, "why": not_now }) })
        }
    }
}

pub(super) fn ok(value: &Value) -> Response<Body> {
    json_answer(StatusCode::OK, value)
}

pub(super) fn wrong(why: &str) -> Wrong {
    Wrong { status: StatusCode::BAD_REQUEST, answer: json!({ "error": why }) }
}

pub(super) fn unknown() -> Wrong {
    Wrong { status: StatusCode::NOT_FOUND, answer: json!({ "error": "Not Found" }) }
}

pub(super) fn parsed<T: std::str::FromStr<Err = crate::id::Error>>(text: &str) -> Result<T, Wrong> {
    text.parse().map_err(|why: crate::id::Error| wrong(&why.to_string()))
}
