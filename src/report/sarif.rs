//! For code scanning: SARIF 2.1.0, its rules made from the table of codes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::index::{entry, page};
use super::{Report, Spot, words};
use crate::diagnostic::{CODES, Diagnostic, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What a path keeps in a URI; all else is percent-encoded.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

pub(super) fn write(report: &Report<'_>) -> String {
    let rules: Value = CODES.iter().map(|(code, title)| rule(code, title)).collect();
    let results: Value = report.problems.iter().map(|problem| result(report, problem)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "doorbell",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: &str, title: &str) -> Value {
    let entry = entry(code).unwrap_or_default();
    json!({
        "id": code,
        "shortDescription": { "text": title },
        "help": { "text": entry, "markdown": entry },
        "helpUri": page(code),
        "defaultConfiguration": { "level": if code.starts_with('W') { "warning" } else { "error" } },
    })
}

fn result(report: &Report<'_>, problem: &Diagnostic) -> Value {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let locations: Value = report.spot(problem).iter().map(|spot| location(spot, None)).collect();
    let related: Value = problem
        .also
        .iter()
        .filter_map(|(place, words)| {
            let other = Diagnostic::error(problem.code, "").at(&place.file, place.span.clone());
            report.spot(&other).map(|spot| location(&spot, Some(words)))
        })
        .collect();
    json!({
        "ruleId": problem.code,
        "ruleIndex": CODES.iter().position(|(code, _)| *code == problem.code),
        "level": level,
        "message": { "text": words(problem) },
        "locations": locations,
        "relatedLocations": related,
    })
}

fn location(spot: &Spot<'_>, words: Option<&str>) -> Value {
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(spot.file) },
        "region": { "startLine": spot.line, "startColumn": spot.column, "endColumn": spot.end_column },
    } });
    if let (Some(words), Value::Object(members)) = (words, &mut location) {
        members.insert("message".to_owned(), json!({ "text": words }));
    }
    location
}

/// A path of the disk as a URI: relative to where the check ran, unless it is a whole path.
fn uri(file: &str) -> String {
    let path = utf8_percent_encode(file.trim_start_matches("./"), PATH);
    if file.starts_with('/') { format!("file://{path}") } else { path.to_string() }
}
