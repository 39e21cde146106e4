//! For GitHub workflows: commands that the runner turns into annotations of the changed files.

use super::{Report, words};
use crate::diagnostic::{Diagnostic, Severity};
use crate::draw::sound;

/// What would end a message, and what stands for it.
const IN_MESSAGE: &[(char, &str)] = &[('%', "%25"), ('\r', "%0D"), ('\n', "%0A")];
/// The same for a property, which also ends at a comma or colon.
const IN_PROPERTY: &[(char, &str)] =
    &[('%', "%25"), ('\r', "%0D"), ('\n', "%0A"), (':', "%3A"), (',', "%2C")];

pub(super) fn write(report: &Report<'_>) -> String {
    report.problems.iter().map(|problem| line(report, problem)).collect()
}

fn line(report: &Report<'_>, problem: &Diagnostic) -> String {
    let command = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = report.spot(problem).map_or_else(String::new, |spot| {
        let (file, line) = (escaped(spot.file, IN_PROPERTY), spot.line);
        format!("file={file},line={line},col={},endColumn={},", spot.column, spot.end_column)
    });
    let message = escaped(&sound(&words(problem)), IN_MESSAGE);
    format!("::{command} {place}title={}::{message}\n", problem.code)
}

fn escaped(text: &str, table: &[(char, &str)]) -> String {
    text.chars()
        .map(|letter| match table.iter().find(|(special, _)| *special == letter) {
            Some((_, instead)) => (*instead).to_owned(),
            None => letter.to_string(),
        })
        .collect()
}
