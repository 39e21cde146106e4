//! For people: every complaint drawn, and a last line that sums them up.

use super::{Report, many, verdict};
use crate::diagnostic::Severity;
use crate::draw;

pub(super) fn write(report: &Report<'_>) -> String {
    let drawn = draw::diagnostics(report.problems, &report.texts(), report.style);
    let verdict = match (report.count(Severity::Error), report.count(Severity::Warning)) {
        (0, 0) => "ok:".to_owned(),
        (errors, warnings) => format!("{} in", verdict(errors, warnings)),
    };
    let inside = report.holds.map_or_else(String::new, |holds| {
        format!(
            " ({}, {}, {})",
            many(holds.rules, "rule"),
            many(holds.sources, "source"),
            many(holds.connections, "connection")
        )
    });
    format!("{drawn}{verdict} {}{inside}\n", many(report.files.len(), "file"))
}
