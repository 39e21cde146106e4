//! A plan for people: each rule of which there is something to tell, and a last line that sums up.

use super::{Report, grouped, many};
use crate::backtest::{Change, Kind, RuleTally, Samples, SourceChange, SourceTally};
use crate::telemetry::escape;

/// Columns of a rule's name before what became of it.
const NAME_COLUMNS: usize = 32;

pub(super) fn write(report: &Report<'_>) -> String {
    let [old, new] = &report.digests;
    let events = many(report.tally.events, "recorded event");
    let mut out = format!("{events}, {} against {} ({old} -> {new})\n", report.rules, report.against);
    for (change, tally) in report.rules() {
        for line in rule(change, &tally) {
            out.push_str(&format!("  {}\n", escape(&line).trim_end()));
        }
    }
    for change in &report.comparison.sources {
        for line in source(change, report.tally.sources.get(&change.name)) {
            out.push_str(&format!("  {}\n", escape(&line).trim_end()));
        }
    }
    if report.tally.unrouted.count > 0 {
        out.push_str(&format!("  newly unrouted: {}\n", escape(&samples(&report.tally.unrouted))));
    }
    out.push_str(&sum(report));
    out
}

/// The line that sums up.
pub(super) fn sum(report: &Report<'_>) -> String {
    let tally = report.tally;
    let mut out = match tally.is_changed() {
        true => format!(
            "Plan: {} more, {} fewer, {} newly unrouted.\n",
            many(tally.deliveries_more, "delivery").replace("deliverys", "deliveries"),
            grouped(tally.deliveries_fewer),
            many(tally.unrouted.count, "event")
        ),
        false => "Plan: nothing would be done otherwise.\n".to_owned(),
    };
    if tally.unknown > 0 {
        out.push_str(&format!("{} could not be judged.\n", many(tally.unknown, "event")));
    }
    out
}

/// What became of a rule, in words.
pub(super) fn became(change: &Change, tally: &RuleTally) -> String {
    let times = |count| many(count, "time");
    match change.kind {
        Kind::Added => format!("new: would have run {}", times(tally.after)),
        Kind::Gone => {
            let last = tally.last.map(|last| last.to_string()).unwrap_or_default();
            let last = last.split('T').next().filter(|day| !day.is_empty());
            let last = last.map(|day| format!(", last {day}")).unwrap_or_default();
            format!("gone: ran {}{last}", times(tally.before))
        }
        Kind::Changed => change.words.join("; "),
        Kind::Same => "not changed itself".to_owned(),
    }
}

/// The mark of what became of a rule.
pub(super) fn mark(kind: Kind) -> char {
    match kind {
        Kind::Added => '+',
        Kind::Gone => '-',
        Kind::Changed | Kind::Same => '~',
    }
}

fn rule(change: &Change, tally: &RuleTally) -> Vec<String> {
    let head = format!("{} {:<NAME_COLUMNS$} {}", mark(change.kind), change.name, became(change, tally));
    let mut lines = vec![head];
    if tally.gained.count > 0 {
        let what = if change.kind == Kind::Added { "match" } else { "now match" };
        let events = many(tally.gained.count, "event");
        lines.push(format!("    + {events} would {what}   {}", samples(&tally.gained)));
    }
    if tally.lost.count > 0 {
        let events = many(tally.lost.count, "event");
        lines.push(format!("    - {events} would no longer match   {}", samples(&tally.lost)));
    }
    if tally.unrouted > 0 {
        lines.push(format!("      {} of them would match NOTHING", grouped(tally.unrouted)));
    }
    if tally.differing.count > 0 {
        lines.push(format!("    ~ {} would cause other effects", many(tally.differing.count, "event")));
        let latest = tally.differing.latest.iter();
        lines.extend(latest.map(|sample| format!("        {}  {}", sample.event, sample.words)));
    }
    if change.kind == Kind::Changed && !tally.is_changed() {
        lines.push("    none of these events makes a difference".to_owned());
    }
    lines
}

/// What became of a source, and what of that could be judged.
pub(super) fn source(change: &SourceChange, tally: Option<&SourceTally>) -> Vec<String> {
    let head = format!("source {}", change.name);
    let mark = if change.is_gone { '-' } else { '~' };
    let mut lines = vec![format!("{mark} {head:<NAME_COLUMNS$} {}", change.words.join("; "))];
    if let Some(tally) = tally {
        if tally.anew > 0 {
            let (anew, other) = (many(tally.anew, "event"), grouped(tally.otherwise.count));
            lines.push(format!(
                "    {anew} read anew from the bytes that came: {other} would be others   {}",
                samples(&tally.otherwise)
            ));
        }
        if tally.refused.count > 0 {
            lines.push(format!(
                "    {} could not be read   {}",
                many(tally.refused.count, "event"),
                samples(&tally.refused)
            ));
        }
        if tally.as_recorded > 0 {
            let events = many(tally.as_recorded, "event");
            lines.push(format!(
                "    {events} not read anew, for want of the bytes that came: judged as recorded"
            ));
        }
    }
    if change.proves_otherwise {
        lines.push("    not judged: whether requests would be taken or refused otherwise".to_owned());
    }
    lines
}

/// `evt_… (why), evt_… (why), …`
fn samples(samples: &Samples) -> String {
    let latest = samples.latest.iter().map(|sample| match sample.words.as_str() {
        "" if sample.kind.is_empty() => sample.event.to_string(),
        "" => format!("{} ({})", sample.event, sample.kind),
        words => format!("{} ({words})", sample.event),
    });
    let mut all: Vec<String> = latest.collect();
    let kept = u64::try_from(all.len()).unwrap_or(u64::MAX);
    if kept < samples.count {
        all.push(format!("… --show {}", samples.count));
    }
    all.join(", ")
}
