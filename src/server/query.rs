//! What may be asked of the lists of the history, as it stands in a query.

use std::sync::Arc;

use serde::Deserialize;

use super::history::{Wrong, parsed, wrong};
use crate::delivery::STATES;
use crate::event::Event;
use crate::id::{DeliveryId, EventId};
use crate::live::Live;
use crate::store::{DeliveryFilter, EventFilter, Order, Shows, Text};
use crate::time::Timestamp;
use crate::{unit, view};

/// Rows of a page when nothing is said.
const PAGE_ROWS: usize = 50;
/// Rows of a page at the most.
pub(super) const PAGE_ROWS_MAX: usize = 500;

/// What may be asked of a list of events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventQuery {
    source: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    status: Option<String>,
    rule: Option<String>,
    since: Option<String>,
    until: Option<String>,
    text: Option<String>,
    before: Option<String>,
    after: Option<String>,
    order: Option<String>,
    limit: Option<usize>,
}

/// What may be asked of a list of deliveries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryQuery {
    state: Option<String>,
    connection: Option<String>,
    rule: Option<String>,
    event: Option<String>,
    error: Option<String>,
    since: Option<String>,
    until: Option<String>,
    before: Option<String>,
    limit: Option<usize>,
}

impl EventQuery {
    /// The filter. What it looks for in bodies is found where people are shown it only.
    pub(super) fn filter(self, now: Timestamp, live: &Arc<Live>) -> Result<EventFilter, Wrong> {
        let live = Arc::clone(live);
        let shows = Arc::new(move |event: &Event, text: &str| {
            let shown = view::body(event, live.redaction());
            memchr::memmem::find(&shown, text.as_bytes()).is_some()
        });
        let order = match self.order.as_deref() {
            None | Some("newest") => Order::NewestFirst,
            Some("oldest") => Order::OldestFirst,
            Some(other) => return Err(wrong(&format!("`{other}` is no order: `newest` or `oldest`"))),
        };
        Ok(EventFilter {
            source: self.source,
            kind: self.kind,
            status: one_of(self.status, "status", &[&STATES, &["unmatched", "id_conflict"]])?,
            rule: self.rule,
            since: moment(self.since, now)?,
            until: moment(self.until, now)?,
            text: self.text.map(|text| Text { text, shows: Some(Shows(shows)) }),
            before: self.before.map(|text| parsed::<EventId>(&text)).transpose()?,
            after: self.after.map(|text| parsed::<EventId>(&text)).transpose()?,
            order,
            limit: page(self.limit),
        })
    }
}

impl DeliveryQuery {
    pub(super) fn filter(self, now: Timestamp) -> Result<DeliveryFilter, Wrong> {
        Ok(DeliveryFilter {
            state: one_of(self.state, "state", &[&STATES])?,
            destination: self.connection.map(|name| format!("connection:{name}")),
            rule: self.rule,
            event: self.event.map(|text| parsed::<EventId>(&text)).transpose()?,
            error: self.error,
            since: moment(self.since, now)?,
            until: moment(self.until, now)?,
            before: self.before.map(|text| parsed::<DeliveryId>(&text)).transpose()?,
            limit: page(self.limit),
        })
    }
}

/// A word that is one of these, if there is one.
fn one_of(word: Option<String>, what: &str, known: &[&[&str]]) -> Result<Option<String>, Wrong> {
    match word {
        Some(word) if !known.iter().any(|names| names.contains(&word.as_str())) => {
            let names = known.concat().join("`, `");
            Err(wrong(&format!("`{word}` is no {what}: it is one of `{names}`")))
        }
        fine => Ok(fine),
    }
}

/// How many rows a page has.
pub(super) fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS_MAX)
}

/// `2026-11-21T14:33:02Z`, or a duration before now: `1h`.
fn moment(text: Option<String>, now: Timestamp) -> Result<Option<Timestamp>, Wrong> {
    let Some(text) = text else { return Ok(None) };
    let found = Timestamp::parse(&text).or_else(|| unit::duration(&text).ok().map(|ago| now.minus(ago)));
    found.map(Some).ok_or_else(|| {
        wrong(&format!(
            "`{text}` is neither a time such as `2026-11-21T14:33:02Z` nor a duration such as `1h`"
        ))
    })
}
