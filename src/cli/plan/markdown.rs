//! A plan as a comment under a change: one table, and the samples folded away.

use super::{Report, grouped, human, many};
use crate::backtest::Samples;
use crate::telemetry::escape;

pub(super) fn write(report: &Report<'_>) -> String {
    let [old, new] = &report.digests;
    let events = many(report.tally.events, "recorded event");
    let mut out = format!("### doorbell plan\n\n{events}, `{old}` -> `{new}`. {}", human::sum(report));
    for change in &report.comparison.sources {
        let told = human::source(change, report.tally.sources.get(&change.name));
        let told: Vec<String> = told.iter().map(|line| cell(&in_a_list(line))).collect();
        out.push_str(&format!("\n- {}\n", told.join("; ")));
    }
    let rules: Vec<_> = report.rules().collect();
    if rules.is_empty() {
        return out;
    }
    out.push_str("\n| | rule | | now match | no longer | other effects |\n|---|---|---|---:|---:|---:|\n");
    for (change, tally) in &rules {
        out.push_str(&format!(
            "| `{}` | {} | {} | {} | {} | {} |\n",
            human::mark(change.kind),
            cell(&change.name),
            cell(&human::became(change, tally)),
            grouped(tally.gained.count),
            grouped(tally.lost.count),
            grouped(tally.differing.count)
        ));
    }
    let mut lines = Vec::new();
    for (change, tally) in &rules {
        for (what, samples) in [
            ("now matches", &tally.gained),
            ("no longer matches", &tally.lost),
            ("does otherwise", &tally.differing),
        ] {
            lines.extend(listed(&format!("{} {what}", cell(&change.name)), samples));
        }
    }
    lines.extend(listed("newly unrouted", &report.tally.unrouted));
    if !lines.is_empty() {
        out.push_str(&format!("\n<details><summary>Events</summary>\n\n{}\n</details>\n", lines.concat()));
    }
    out
}

/// A line without its mark, and without the blanks that make columns.
fn in_a_list(line: &str) -> String {
    let words: Vec<&str> = line.trim_start_matches(['~', '-', ' ']).split_whitespace().collect();
    words.join(" ")
}

fn listed<'s>(what: &str, samples: &'s Samples) -> impl Iterator<Item = String> + use<'s> {
    let what = what.to_owned();
    samples.latest.iter().map(move |sample| {
        let words = if sample.words.is_empty() { &sample.kind } else { &sample.words };
        format!("- {what}: `{}` {}\n", sample.event, cell(words))
    })
}

/// A text that stays within its cell and is taken as text.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for letter in escape(text).chars() {
        if "\\|`*_<>[]&#~".contains(letter) {
            out.push('\\');
        }
        out.push(if letter == '\n' { ' ' } else { letter });
    }
    out
}
