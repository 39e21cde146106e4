//! `doorbell check`: everything that is wrong with rules files, in one run.

use clap::builder::{PossibleValue, PossibleValuesParser};

use super::{End, Rules, output};
use crate::config::{self, Loaded, Paths, Secrets};
use crate::diagnostic::{CODES, Diagnostic};
use crate::draw::Style;
use crate::perform;
use crate::rehearse;
use crate::report::{self, FORMS, Holds, Report};
use crate::rule::{Rule, Set};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell check
  doorbell check rules/ -o json
  doorbell check -o sarif > doorbell.sarif
  doorbell check --explain E102

Secrets that are not set here are warnings; set but blank or too short ones are errors.")]
pub(super) struct Check {
    #[command(flatten)]
    rules: Rules,
    /// The shape of what is printed
    #[arg(short, long, value_name = "FORM", value_parser = forms(), default_value = "human")]
    output: String,
    /// Say what a code such as E102 means, with an example and its mend; checks nothing
    #[arg(long, value_name = "CODE", conflicts_with_all = ["output", "paths"])]
    explain: Option<String>,
}

fn forms() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMS.iter().map(|form| PossibleValue::new(form.name).help(form.about)))
}

impl Check {
    pub(super) fn run(self, style: Style) -> End {
        if let Some(code) = &self.explain {
            return explain(code);
        }
        let loaded = match self.load() {
            Ok(loaded) => loaded,
            Err(error) => return End::CouldNot(error.to_string()),
        };
        let report = Report {
            files: loaded.files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect(),
            problems: &loaded.problems,
            holds: loaded.live.as_ref().map(|live| Holds {
                rules: live.set.rules.len(),
                sources: live.set.sources.len(),
                connections: live.set.connections.len(),
            }),
            style,
        };
        if let Some(form) = FORMS.iter().find(|form| form.name == self.output) {
            output::text(&(form.write)(&report));
        }
        if report.is_broken() { End::No } else { End::Ok }
    }
}

impl Check {
    /// The rules and their secrets, then the tests beside them.
    fn load(&self) -> Result<Loaded, config::Error> {
        let permissions = self.rules.permissions();
        let paths = Paths::sort(&self.rules.paths)?;
        let tests = paths.read_tests(permissions)?;
        let mut loaded = config::load(&paths.rules, permissions, Secrets::AsFound)?;
        let set = loaded.live.as_ref().map(|live| &*live.set);
        let cases = rehearse::load(&loaded.files, &tests, set);
        loaded.problems.extend(cases.problems);
        loaded.problems.extend(config::missing_files(&cases.cases));
        loaded.problems.extend(loaded.live.as_ref().and_then(|live| sandbox(&live.set)));
        loaded.files.extend(tests);
        Ok(loaded)
    }
}

/// The first rule that asks for a sandbox, where this machine has none to give.
fn sandbox(set: &Set) -> Option<Diagnostic> {
    let asks = |rule: &&Rule| rule.actions.iter().any(|action| action.action.needs_sandbox());
    let rule = set.rules.iter().find(asks).filter(|_| !perform::has_landlock())?;
    let message = format!("this kernel has no Landlock: the command of `{}` will not run here", rule.name);
    let help = "serve on Linux 5.13 or later with `landlock` among its `lsm`, or leave `sandbox` out";
    Some(Diagnostic::warning("W312", message).help(help))
}

fn explain(code: &str) -> End {
    let code = code.to_ascii_uppercase();
    match report::explain(&code) {
        Some(text) => {
            output::text(&text);
            End::Ok
        }
        None => {
            let (first, last) = (CODES.first(), CODES.last());
            let ends = first.zip(last).map_or_else(String::new, |((first, _), (last, _))| {
                format!("; the codes are from {first} to {last}")
            });
            End::Usage(format!("`{code}` is not a code of doorbell{ends}"))
        }
    }
}
