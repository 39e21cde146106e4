//! For build servers: JUnit XML with one test case for each file. Errors fail it; warnings are its output.

use super::{Report, count, verdict};
use crate::diagnostic::{Diagnostic, Severity};
use crate::draw::{self, Style, sound};

/// What the case is called that holds what is wrong with no file.
const NO_FILE: &str = "settings";

pub(super) fn write(report: &Report<'_>) -> String {
    let mut cases: Vec<(&str, Vec<&Diagnostic>)> =
        report.files.iter().map(|(name, _)| (*name, of(report, Some(name)))).collect();
    let homeless = of(report, None);
    if !homeless.is_empty() {
        cases.push((NO_FILE, homeless));
    }
    let failed = cases.iter().filter(|(_, problems)| count(problems.iter().copied(), Severity::Error) > 0);
    let inside: String = cases.iter().map(|(name, problems)| case(report, name, problems)).collect();
    document("doorbell check", (cases.len(), failed.count()), &inside)
}

/// One suite of this name, with so many cases and failures among them.
pub fn document(name: &str, (tests, failures): (usize, usize), inside: &str) -> String {
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\"");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"{name}\" {counts}>\n  \
           <testsuite name=\"{name}\" {counts} errors=\"0\">\n{inside}  \
           </testsuite>\n\
         </testsuites>\n"
    )
}

/// The complaints about one file, or about none.
fn of<'r>(report: &Report<'r>, file: Option<&str>) -> Vec<&'r Diagnostic> {
    let is_of = |problem: &&Diagnostic| problem.place.as_ref().map(|place| &*place.file) == file;
    report.problems.iter().filter(is_of).collect()
}

fn case(report: &Report<'_>, name: &str, problems: &[&Diagnostic]) -> String {
    let all = problems.iter().copied();
    let (errors, warnings) = (count(all.clone(), Severity::Error), count(all.clone(), Severity::Warning));
    let texts = report.texts();
    let drawn: Vec<String> = all.map(|one| draw::diagnostic(one, &texts, Style::Plain)).collect();
    let drawn = escaped(&drawn.join("\n"));
    let head = format!("    <testcase name=\"{}\" classname=\"doorbell.check\"", escaped(name));
    let code = problems.iter().find(|one| one.severity == Severity::Error).map_or("", |one| one.code);
    let verdict = verdict(errors, warnings);
    match (errors, warnings) {
        (0, 0) => format!("{head}/>\n"),
        (0, _) => format!("{head}>\n      <system-out>{drawn}</system-out>\n    </testcase>\n"),
        _ => format!(
            "{head}>\n      <failure message=\"{verdict}\" type=\"{code}\">{drawn}</failure>\n    </testcase>\n"
        ),
    }
}

/// Text as it may stand in XML, between tags and in quotes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in sound(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Letters that XML has no place for.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            plain => out.push(plain),
        }
    }
    out
}
