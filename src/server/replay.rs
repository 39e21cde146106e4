//! Replay by HTTP: one event, or those of a filter, a bounded number at a call.

use axum::extract::{Path, Query, RawQuery, State};
use http::Uri;
use serde_json::{Value, json};

use super::admin::Admin;
use super::history::{Answer, Wrong, ok, parsed, unknown, wrong};
use super::query::EventQuery;
use crate::id::EventId;
use crate::redact;
use crate::replay::{By, Planned, Replayer, Report, What, Wish, usual_rate};
use crate::store::DeliveryRow;
use crate::time::Timestamp;
use crate::{unit, view};

/// The parts of a query that say how; the others say which.
const HOW: &[&str] = &["rules", "dead", "dry_run", "rate", "begin"];

type Pairs = Vec<(String, String)>;

/// One event.
pub(super) async fn one(State(admin): State<Admin>, Path(id): Path<String>, query: RawQuery) -> Answer {
    let id = parsed::<EventId>(&id)?;
    let (how, which) = split(&query);
    if let Some((name, _)) = which.first() {
        return Err(wrong(&format!("`{name}` means nothing here: one event is named already")));
    }
    let wish = wish(&how, admin.clock.now())?;
    let report = replayer(&admin).one(id, wish).await?.ok_or_else(unknown)?;
    Ok(ok(&shown(&report, wish.is_dry)))
}

/// The events of a filter, oldest first. None newer than the first call, unless the filter says so.
pub(super) async fn many(State(admin): State<Admin>, query: RawQuery) -> Answer {
    let now = admin.clock.now();
    let (how, which) = split(&query);
    let wish = wish(&how, now)?;
    let text: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(which).finish();
    let address: Uri = format!("/?{text}").parse().map_err(|_| wrong("the query is too long"))?;
    let Query(query) = Query::<EventQuery>::try_from_uri(&address).map_err(|why| wrong(&why.body_text()))?;
    let mut filter = query.filter(now, &admin.live.load_full())?;
    let until = *filter.until.get_or_insert(now);
    let report = replayer(&admin).many(filter, wish).await?;
    let mut answer = shown(&report, wish.is_dry);
    if let Some(map) = answer.as_object_mut() {
        map.insert("until".to_owned(), json!(until));
    }
    Ok(ok(&answer))
}

fn replayer(admin: &Admin) -> Replayer {
    let Admin { store, live, clock, .. } = admin.clone();
    Replayer { store, live, clock }
}

/// How, and which.
fn split(RawQuery(query): &RawQuery) -> (Pairs, Pairs) {
    let pairs = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes()).into_owned();
    pairs.partition(|(name, _)| HOW.contains(&name.as_str()))
}

fn wish(how: &[(String, String)], now: Timestamp) -> Result<Wish, Wrong> {
    let mut wish = Wish { by: By::Today, what: What::All, is_dry: false, rate: usual_rate(), begin: now };
    for (name, value) in how {
        match name.as_str() {
            "rules" => {
                wish.by = match value.as_str() {
                    "today" => By::Today,
                    "then" => By::Then,
                    other => return Err(wrong(&format!("`{other}` are no rules: `today` or `then`"))),
                };
            }
            "dead" => wish.what = if truth(name, value)? { What::Dead } else { What::All },
            "dry_run" => wish.is_dry = truth(name, value)?,
            "rate" => wish.rate = unit::rate(value).map_err(|why| wrong(&format!("rate: {why}")))?,
            _ => {
                let moment = Timestamp::parse(value);
                wish.begin =
                    moment.ok_or_else(|| wrong(&format!("`{value}` is no moment: `begin` wants one")))?;
            }
        }
    }
    Ok(wish)
}

fn truth(name: &str, value: &str) -> Result<bool, Wrong> {
    value.parse().map_err(|_| wrong(&format!("`{value}` is not `true` or `false`, which `{name}` wants")))
}

fn shown(report: &Report, is_dry: bool) -> Value {
    let skipped: Vec<Value> =
        report.skipped.iter().map(|(event, why)| json!({ "event": event, "why": why })).collect();
    json!({
        "format_version": 1,
        "dry_run": is_dry,
        "events": report.events,
        "deliveries": report.planned.iter().map(planned).collect::<Vec<_>>(),
        "skipped": skipped,
        "next": report.next,
        "begin": report.begin,
    })
}

fn planned(planned: &Planned) -> Value {
    let row = DeliveryRow { delivery: planned.delivery.clone(), finished_at: None, last_error: None };
    let mut shown = view::delivery_row(&row, &planned.hidden);
    if let (Some(map), Some(effect)) = (shown.as_object_mut(), &planned.effect) {
        match effect {
            Ok(effect) => {
                map.insert("effect".to_owned(), redact::scrub(&view::effect(effect), &planned.hidden))
            }
            Err(why) => map.insert("error".to_owned(), json!(redact::without(why, &planned.hidden))),
        };
    }
    shown
}
