//! Results for build servers: JUnit XML with one test case for each case.

use super::{Ran, Results};
use crate::report::{junit_document, xml_escaped as escaped};

pub(super) fn write(results: &Results<'_>) -> String {
    let inside: String = results.ran.iter().map(one).collect();
    junit_document("doorbell test", (results.ran.len(), results.failed()), &inside)
}

fn one(ran: &Ran<'_>) -> String {
    let head = format!(
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6}\"",
        escaped(&ran.case.name),
        escaped(ran.case.file()),
        escaped(ran.case.file()),
        ran.case.line,
        ran.took.as_secs_f64()
    );
    if ran.is_passed() {
        return format!("{head}/>\n");
    }
    let lines: Vec<String> = ran.complaints.iter().flat_map(|complaint| complaint.lines()).collect();
    let message = ran.complaints.first().map(|first| format!("expected {}", first.expected()));
    format!(
        "{head}>\n      <failure message=\"{}\" type=\"unexpected\">{}</failure>\n    </testcase>\n",
        escaped(&message.unwrap_or_default()),
        escaped(&lines.join("\n"))
    )
}
