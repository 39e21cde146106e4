//! What a check found, in the forms that people, programs and build servers read: one file a form, one row each.

mod github;
mod human;
mod index;
mod json;
mod junit;
mod sarif;

#[cfg(test)]
mod tests;

pub use index::{explain, page};
pub use junit::{document as junit_document, escaped as xml_escaped};

use crate::diagnostic::{Diagnostic, Severity};
use crate::draw::{self, Style, Texts};

/// What there is to report.
#[derive(Debug)]
pub struct Report<'r> {
    /// The files that were looked at, in their order: name and text.
    pub files: Vec<(&'r str, &'r str)>,
    /// All complaints, in the order of the files and their lines.
    pub problems: &'r [Diagnostic],
    /// What the files hold; `None` when they are broken.
    pub holds: Option<Holds>,
    /// Whether people see colours.
    pub style: Style,
}

/// How much a rule set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// Its rules.
    pub rules: usize,
    /// Its sources.
    pub sources: usize,
    /// Its connections.
    pub connections: usize,
}

/// One form of a report.
#[derive(Debug)]
pub struct Form {
    /// What the command line calls it.
    pub name: &'static str,
    /// Who reads it.
    pub about: &'static str,
    /// Writes it, with a line break at its end unless it is empty.
    pub write: fn(&Report<'_>) -> String,
}

/// All forms; the first is the one for people.
pub const FORMS: &[Form] = &[
    Form { name: "human", about: "For people", write: human::write },
    Form { name: "json", about: "One JSON document", write: json::write },
    Form { name: "jsonl", about: "One JSON object a line", write: json::write_lines },
    Form { name: "github", about: "Annotations of a GitHub workflow", write: github::write },
    Form { name: "sarif", about: "SARIF 2.1.0, for code scanning", write: sarif::write },
    Form { name: "junit", about: "JUnit XML, one test case for each file", write: junit::write },
];

/// Where a complaint stands, from 1 and in characters.
struct Spot<'r> {
    file: &'r str,
    line: usize,
    column: usize,
    end_column: usize,
}

impl Report<'_> {
    /// Whether anything is wrong beyond warnings.
    pub fn is_broken(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    fn count(&self, severity: Severity) -> usize {
        count(self.problems, severity)
    }

    fn texts(&self) -> Texts<'_> {
        self.files.iter().copied().collect()
    }

    /// Where a complaint stands; `None` when it is about no file.
    fn spot<'p>(&self, problem: &'p Diagnostic) -> Option<Spot<'p>> {
        let file = &*problem.place.as_ref()?.file;
        let text = self.files.iter().find(|(name, _)| *name == file).map_or("", |(_, text)| text);
        let (line, column, end_column) = draw::positions(problem, text);
        Some(Spot { file, line, column, end_column })
    }
}

fn count<'p>(problems: impl IntoIterator<Item = &'p Diagnostic>, severity: Severity) -> usize {
    problems.into_iter().filter(|problem| problem.severity == severity).count()
}

/// `2 errors, 1 warning`.
fn verdict(errors: usize, warnings: usize) -> String {
    format!("{}, {}", many(errors, "error"), many(warnings, "warning"))
}

fn many(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// The message and, on a line of its own, the mend.
fn words(problem: &Diagnostic) -> String {
    match &problem.help {
        Some(help) => format!("{}\nhelp: {help}", problem.message),
        None => problem.message.clone(),
    }
}
