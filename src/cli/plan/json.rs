//! A plan for programs.

use serde_json::{Value, json};

use super::Report;
use crate::backtest::{Kind, Samples, SourceChange, Tally};

pub(super) fn write(report: &Report<'_>) -> Value {
    let tally = report.tally;
    let [old, new] = &report.digests;
    let rules: Vec<Value> = report
        .rules()
        .map(|(change, tally)| {
            json!({
                "name": change.name,
                "change": kind(change.kind),
                "differences": change.words,
                "matched_before": tally.before,
                "matched_after": tally.after,
                "last_matched": tally.last,
                "newly_matched": samples(&tally.gained),
                "no_longer_matched": samples(&tally.lost),
                "of_them_unrouted": tally.unrouted,
                "other_effects": samples(&tally.differing),
            })
        })
        .collect();
    let sources: Vec<Value> =
        report.comparison.sources.iter().map(|change| source(change, report.tally)).collect();
    json!({
        "format_version": 1,
        "sources": sources,
        "changed": tally.is_changed(),
        "revision_before": old,
        "revision_after": new,
        "events": tally.events,
        "events_not_judged": tally.unknown,
        "rules": rules,
        "newly_unrouted": samples(&tally.unrouted),
        "newly_routed": samples(&tally.routed),
        "deliveries_more": tally.deliveries_more,
        "deliveries_fewer": tally.deliveries_fewer,
    })
}

fn source(change: &SourceChange, tally: &Tally) -> Value {
    let tally = tally.sources.get(&change.name).cloned().unwrap_or_default();
    json!({
        "name": change.name,
        "differences": change.words,
        "events_read_anew": tally.anew,
        "events_as_recorded": tally.as_recorded,
        "read_otherwise": samples(&tally.otherwise),
        "not_readable": samples(&tally.refused),
        "verification_not_judged": change.proves_otherwise,
    })
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Added => "added",
        Kind::Gone => "gone",
        Kind::Changed => "changed",
        Kind::Same => "same",
    }
}

fn samples(samples: &Samples) -> Value {
    let latest: Vec<Value> = samples
        .latest
        .iter()
        .map(|sample| json!({ "event": sample.event, "type": sample.kind, "words": sample.words }))
        .collect();
    json!({ "count": samples.count, "samples": latest })
}
