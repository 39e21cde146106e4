//! `doorbell check`: everything that is wrong with rules files, in one run.

use serde_json::{Value, json};

use super::{End, Output, Rules, output};
use crate::app::texts_of;
use crate::config::{self, Loaded, Secrets};
use crate::diagnostic::{Diagnostic, Severity};
use crate::draw::{self, Style};
use crate::rule::File;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell check
  doorbell check rules/ -o json

Secrets that are not set here are warnings; set but blank or too short ones are errors.")]
pub(super) struct Check {
    #[command(flatten)]
    rules: Rules,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl Check {
    pub(super) fn run(self, style: Style) -> End {
        let loaded = match config::load(&self.rules.paths, self.rules.permissions(), Secrets::AsFound) {
            Ok(loaded) => loaded,
            Err(error) => return End::CouldNot(error.to_string()),
        };
        let list: Vec<Value> = loaded.problems.iter().map(|problem| shown(problem, &loaded.files)).collect();
        match self.output {
            Output::Human => human(&loaded, style),
            Output::Json => output::json(&Value::Array(list)),
            Output::Jsonl => list.iter().for_each(|row| output::line(&row.to_string())),
        }
        if count(&loaded.problems, Severity::Error) == 0 { End::Ok } else { End::No }
    }
}

fn human(loaded: &Loaded, style: Style) {
    output::text(&draw::diagnostics(&loaded.problems, &texts_of(&loaded.files), style));
    let (errors, warnings) =
        (count(&loaded.problems, Severity::Error), count(&loaded.problems, Severity::Warning));
    let files = loaded.files.len();
    let inside = loaded.live.as_ref().map_or_else(String::new, |live| {
        let set = &live.set;
        format!(
            " ({}, {}, {})",
            many(set.rules.len(), "rule"),
            many(set.sources.len(), "source"),
            many(set.connections.len(), "connection")
        )
    });
    let verdict = match (errors, warnings) {
        (0, 0) => "ok:".to_owned(),
        (errors, warnings) => format!("{}, {} in", many(errors, "error"), many(warnings, "warning")),
    };
    output::line(&format!("{verdict} {}{inside}", many(files, "file")));
}

fn many(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

fn count(problems: &[Diagnostic], severity: Severity) -> usize {
    problems.iter().filter(|problem| problem.severity == severity).count()
}

/// One complaint with the names of the contract.
fn shown(problem: &Diagnostic, files: &[File]) -> Value {
    let text = problem
        .place
        .as_ref()
        .and_then(|place| files.iter().find(|file| *file.name == *place.file))
        .map_or("", |file| file.text.as_str());
    let position = problem.place.as_ref().map(|_| draw::positions(problem, text));
    json!({
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "help": problem.help,
        "file": problem.place.as_ref().map(|place| &*place.file),
        "line": position.map(|position| position.0),
        "column": position.map(|position| position.1),
        "end_column": position.map(|position| position.2),
    })
}
