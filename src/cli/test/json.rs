//! Results for programs.

use serde_json::{Value, json};

use super::{Ran, Results};
use crate::rehearse::{Complaint, Count, Coverage};

pub(super) fn write(results: &Results<'_>) -> Value {
    let failed = results.failed();
    json!({
        "format_version": 1,
        "passed": results.ran.len() - failed,
        "failed": failed,
        "tests": results.ran.iter().map(one).collect::<Vec<_>>(),
        "coverage": results.coverage.as_ref().map(coverage),
    })
}

fn one(ran: &Ran<'_>) -> Value {
    json!({
        "name": ran.case.name,
        "file": &**ran.case.file(),
        "line": ran.case.line,
        "passed": ran.is_passed(),
        "took_ms": ran.took_ms(),
        "failures": ran.complaints.iter().map(complaint).collect::<Vec<_>>(),
    })
}

fn complaint(complaint: &Complaint) -> Value {
    json!({
        "line": complaint.line(),
        "expected": complaint.expected(),
        "got": complaint.got(),
        "because": complaint.why(),
    })
}

fn coverage(coverage: &Coverage) -> Value {
    let part = |count: Count| json!({ "seen": count.seen, "of": count.of });
    let gaps: Vec<Value> = coverage
        .gaps()
        .iter()
        .map(|gap| json!({ "what": gap.what, "name": gap.name, "file": &*gap.file, "line": gap.line }))
        .collect();
    json!({
        "percent": coverage.percent(),
        "rules": part(coverage.rules()),
        "actions": part(coverage.actions()),
        "conditions": part(coverage.conditions()),
        "gaps": gaps,
    })
}
