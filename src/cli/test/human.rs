//! Results for people: each case with a mark, what is not as expected under it, and a last line that sums up.

use super::{Ran, Results};
use crate::draw::Style;
use crate::rehearse::Count;
use crate::telemetry::escape;

/// Columns of a case's name before its time.
const NAME_COLUMNS: usize = 56;
/// Gaps of the coverage that are listed.
const GAPS_MAX: usize = 50;

pub(super) fn write(results: &Results<'_>) -> String {
    let mut out = String::new();
    let mut file = None;
    for ran in &results.ran {
        if file != Some(ran.case.file()) {
            file = Some(ran.case.file());
            out.push_str(&format!("{}\n", ran.case.file()));
        }
        one(ran, results.style, &mut out);
    }
    let (all, failed) = (results.ran.len(), results.failed());
    let tests = if all == 1 { "1 test" } else { &format!("{all} tests") };
    out.push_str(&format!("{tests}: {} passed, {failed} failed\n", all - failed));
    coverage(results, &mut out);
    out
}

fn one(ran: &Ran<'_>, style: Style, out: &mut String) {
    let name = escape(&ran.case.name);
    if ran.is_passed() {
        let mark = coloured("✓", "32", style);
        out.push_str(&format!("  {mark} {name:<NAME_COLUMNS$} {:.1} ms\n", ran.took_ms()));
        return;
    }
    out.push_str(&format!("  {} {name}\n", coloured("✗", "31", style)));
    for complaint in &ran.complaints {
        for line in complaint.lines() {
            out.push_str(&format!("      {}\n", escape(&line).trim_end()));
        }
        let place = format!("at {}:{}", ran.case.file(), complaint.line());
        out.push_str(&format!("      {place}     again: doorbell test -k {}\n", quoted(&ran.case.name)));
    }
}

fn coverage(results: &Results<'_>, out: &mut String) {
    let Some(coverage) = &results.coverage else { return };
    let part = |count: Count| format!("{} of {}", count.seen, count.of);
    out.push_str(&format!(
        "rules matched: {}   actions filled: {}   conditions seen both true and false: {}   ({:.1} %)\n",
        part(coverage.rules()),
        part(coverage.actions()),
        part(coverage.conditions()),
        coverage.percent()
    ));
    let gaps = coverage.gaps();
    for gap in gaps.iter().take(GAPS_MAX) {
        out.push_str(&format!("  {}: {}  {}:{}\n", gap.what, escape(&gap.name), gap.file, gap.line));
    }
    if gaps.len() > GAPS_MAX {
        out.push_str(&format!("  and {} more; -o json lists all\n", gaps.len() - GAPS_MAX));
    }
}

fn coloured(mark: &str, colour: &str, style: Style) -> String {
    match style {
        Style::Plain => mark.to_owned(),
        Style::Colour => format!("\u{1b}[{colour}m{mark}\u{1b}[0m"),
    }
}

/// In quotes that a shell takes apart again.
fn quoted(text: &str) -> String {
    match text.contains(['"', '$', '`', '\\', '!']) {
        false => format!("\"{text}\""),
        true => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
