//! For programs: an array of `{code, severity, message, help, file, line, column, end_column}`, or one of them a line.

use serde_json::{Value, json};

use super::Report;
use crate::diagnostic::Diagnostic;

pub(super) fn write(report: &Report<'_>) -> String {
    let all: Value = report.problems.iter().map(|problem| row(report, problem)).collect();
    format!("{all:#}\n")
}

pub(super) fn write_lines(report: &Report<'_>) -> String {
    report.problems.iter().map(|problem| format!("{}\n", row(report, problem))).collect()
}

fn row(report: &Report<'_>, problem: &Diagnostic) -> Value {
    let spot = report.spot(problem);
    let spot = spot.as_ref();
    json!({
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "help": problem.help,
        "file": spot.map(|spot| spot.file),
        "line": spot.map(|spot| spot.line),
        "column": spot.map(|spot| spot.column),
        "end_column": spot.map(|spot| spot.end_column),
    })
}
