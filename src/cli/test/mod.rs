//! `doorbell test`: run the test cases of rules without touching the world.

mod human;
mod json;
mod junit;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use super::{End, Rules, output};
use crate::config::{self, Paths};
use crate::diagnostic::Severity;
use crate::draw::{self, Style, Texts};
use crate::rehearse::{self, Case, Complaint, Coverage, Outcome};
use crate::rule::{self, File, Set};
use crate::simulation;

/// Time between two looks at the files.
const WATCH_EVERY: Duration = Duration::from_millis(300);

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell test
  doorbell test rules/ --coverage --coverage-min 80
  doorbell test -k 'push to main'
  doorbell test -o junit > results.xml

Cases stand under `tests:` of a rules file, or in `NAME.test.yaml` beside `NAME.yaml`; a directory's are all `*.test.yaml`
in it. Nothing is sent and nothing is run: what the rules want done is compared with what the case expects.
Exit codes:  0 all passed · 1 one failed, or there is none · 2 wrong usage · 3 could not run")]
pub(super) struct Test {
    #[command(flatten)]
    rules: Rules,
    /// Only the cases whose names hold this text
    #[arg(short = 'k', value_name = "TEXT")]
    filter: Option<String>,
    /// Say which rules, conditions and actions no case has been through
    #[arg(long)]
    coverage: bool,
    /// Fail when less than this is covered: rules matched, actions filled, conditions true and false
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    coverage_min: Option<u8>,
    /// Write the files of `expect: { file: … }` by what came
    #[arg(long)]
    update: bool,
    /// Run again whenever a file changes, until interrupted
    #[arg(long)]
    watch: bool,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// The shape of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Human,
    /// One JSON document
    Json,
    /// JUnit XML, one test case for each case
    Junit,
}

/// A case and what came of it.
struct Ran<'c> {
    case: &'c Case,
    complaints: Vec<Complaint>,
    took: Duration,
}

/// All that there is to tell.
struct Results<'c> {
    ran: Vec<Ran<'c>>,
    /// What was covered, when somebody asked.
    coverage: Option<Coverage>,
    style: Style,
}

/// The rules and their cases.
struct Suite {
    paths: Paths,
    set: Arc<Set>,
    cases: Vec<Case>,
}

impl Test {
    pub(super) fn run(self, style: Style) -> End {
        if !self.watch {
            return self.once(style).unwrap_or_else(|end| end);
        }
        loop {
            // What is wrong now may be right after the next change.
            let marks = match self.once(style) {
                Err(End::CouldNot(why) | End::Usage(why)) => {
                    output::line(&why);
                    self.marks()
                }
                Err(End::Ok | End::No | End::Code(_)) | Ok(_) => self.marks(),
            };
            output::line("watching; a change runs the tests again");
            while self.marks() == marks {
                std::thread::sleep(WATCH_EVERY);
            }
        }
    }

    fn marks(&self) -> Vec<config::Mark> {
        let Ok(paths) = Paths::sort(&self.rules.paths) else { return Vec::new() };
        let permissions = self.rules.permissions();
        let rules = config::gather(&paths.rules, permissions).map(|gathered| gathered.files);
        let tests = paths.read_tests(permissions).unwrap_or_default();
        paths.marks(&rehearse::load(&rules.unwrap_or_default(), &tests, None).cases)
    }

    fn once(&self, style: Style) -> Result<End, End> {
        let suite = self.suite()?;
        let wanted = self.filter.as_ref().map(|text| text.to_lowercase());
        let is_wanted =
            |case: &&Case| wanted.as_ref().is_none_or(|text| case.name.to_lowercase().contains(text));
        let cases: Vec<&Case> = suite.cases.iter().filter(is_wanted).collect();
        if cases.is_empty() {
            return Err(none(&suite, self.filter.as_deref()));
        }
        let mut coverage = Coverage::new(&suite.set);
        let ran = cases.into_iter().map(|case| self.ran(case, &suite.set, &mut coverage)).collect();
        let covered = coverage.percent();
        let is_told = self.coverage || self.coverage_min.is_some();
        let results = Results { ran, coverage: is_told.then_some(coverage), style };
        match self.output {
            Form::Human => output::text(&human::write(&results)),
            Form::Json => output::json(&json::write(&results)),
            Form::Junit => output::text(&junit::write(&results)),
        }
        let least = self.coverage_min.filter(|least| covered < f64::from(*least));
        if let Some(least) = least {
            return Err(short(covered, least));
        }
        Ok(if results.failed() == 0 { End::Ok } else { End::No })
    }

    fn suite(&self) -> Result<Suite, End> {
        let could_not = |error: config::Error| End::CouldNot(error.to_string());
        let paths = Paths::sort(&self.rules.paths).map_err(could_not)?;
        let permissions = self.rules.permissions();
        let gathered = config::gather(&paths.rules, permissions).map_err(could_not)?;
        let tests = paths.read_tests(permissions).map_err(could_not)?;
        let rules = gathered.files;
        let loaded = rule::load(&rules);
        let cases = rehearse::load(&rules, &tests, loaded.set.as_deref());
        let mut problems = gathered.problems;
        problems.extend(loaded.problems);
        problems.extend(cases.problems);
        problems.extend(config::missing_files(&cases.cases));
        problems.retain(|problem| problem.severity == Severity::Error);
        match loaded.set.filter(|_| problems.is_empty()) {
            Some(set) => Ok(Suite { paths, set, cases: cases.cases }),
            None => {
                let texts: Texts<'_> = rules.iter().chain(&tests).map(text_of).collect();
                let drawn = draw::diagnostics(&problems, &texts, Style::Plain);
                super::complain(&format!("the rules or their tests are wrong\n{drawn}"), 1);
                Err(End::No)
            }
        }
    }

    fn ran<'c>(&self, case: &'c Case, set: &Set, coverage: &mut Coverage) -> Ran<'c> {
        let began = Instant::now();
        let read = |name: &str| fs::read(name).map_err(|why| format!("`{name}` cannot be read: {why}"));
        let mut outcome = rehearse::run(case, set, &read, &simulation::line, coverage);
        let took = began.elapsed();
        if self.update && !outcome.complaints.is_empty() && written(&outcome) {
            outcome = rehearse::run(case, set, &read, &simulation::line, coverage);
        }
        Ran { case, complaints: outcome.complaints, took }
    }
}

fn text_of(file: &File) -> (&str, &str) {
    (file.name.as_str(), file.text.as_str())
}

/// Writes what came into the files that should hold it; whether there are any.
fn written(outcome: &Outcome) -> bool {
    for (name, value) in &outcome.expected_files {
        let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
        match fs::write(name, text) {
            Ok(()) => super::tell(&format!("wrote {name}")),
            Err(why) => super::tell(&format!("cannot write `{name}`: {why}")),
        }
    }
    !outcome.expected_files.is_empty()
}

fn none(suite: &Suite, filter: Option<&str>) -> End {
    let words = match filter {
        Some(text) => format!("no test's name holds `{text}`; there are {} tests", suite.cases.len()),
        None => {
            let files = suite.paths.rules.iter().map(|path| path.display().to_string());
            format!(
                "no tests found for {}: write `tests:` into a rules file, or `NAME.test.yaml` beside `NAME.yaml`;\n  \
                 doorbell events show ID --as test  writes one from a real event",
                files.collect::<Vec<_>>().join(", ")
            )
        }
    };
    super::complain(&words, 1);
    End::No
}

fn short(covered: f64, least: u8) -> End {
    super::complain(&format!("{covered:.1} % is covered, {least} % is wanted"), 1);
    End::No
}

impl Ran<'_> {
    fn is_passed(&self) -> bool {
        self.complaints.is_empty()
    }

    fn took_ms(&self) -> f64 {
        self.took.as_secs_f64() * 1000.0
    }
}

impl Results<'_> {
    fn failed(&self) -> usize {
        self.ran.iter().filter(|ran| !ran.is_passed()).count()
    }
}
