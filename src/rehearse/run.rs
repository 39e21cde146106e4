//! One case run: what came of each webhook is held against what is expected.

use serde_json::Value;

use super::came::{Came, Stage, came, source};
use super::coverage::Coverage;
use super::difference::{Complaint, compare};
use super::expect::{Expect, Item};
use super::line::{Alone, Line, Lines};
use super::send::Moment;
use super::shown::Shown;
use super::{Case, Read, Step, beside};
use crate::id::EventId;
use crate::rule::Set;

/// What came of a case.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is not as expected; empty when the case passed.
    pub complaints: Vec<Complaint>,
    /// What is to be done for each webhook.
    pub effects: Vec<Vec<Shown>>,
    /// Files of expectations and what should stand in them by what came.
    pub expected_files: Vec<(String, Value)>,
}

/// Runs a case; `lines` is asked for a line where one webhook may be in another's way.
pub fn run(case: &Case, set: &Set, read: Read<'_>, lines: Lines<'_>, coverage: &mut Coverage) -> Outcome {
    let mut outcome = Outcome::default();
    if let Err(why) = play(case, set, (read, lines), coverage, &mut outcome) {
        outcome.complaints.push(Complaint::Unsendable { line: case.line, why });
    }
    outcome
}

/// Every webhook at its moment; what became of each is known when all has come to its end.
fn play(
    case: &Case,
    set: &Set,
    (read, lines): (Read<'_>, Lines<'_>),
    coverage: &mut Coverage,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let is_alone = case.steps.len() < 2 && !case.steps.iter().any(|step| is_batch(step, set));
    let line: Box<dyn Line> = if is_alone { Box::new(Alone) } else { lines()? };
    let mut stage = Stage { set, read, line, made: 0 };
    let mut all = Vec::new();
    for (number, step) in (0_u8..=u8::MAX).zip(&case.steps) {
        let now = case.now.plus(step.at);
        stage.line.pass(Some(now))?;
        let id = EventId::new(now.millis(), [number, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let moment = Moment { now, id, file: case.file() };
        all.push((step, came(step, moment, &mut stage, coverage)));
    }
    stage.line.pass(None)?;
    for (step, came) in all {
        match came {
            Ok(mut came) => {
                came.settle(&mut *stage.line)?;
                judge(step, came, (case, read), outcome);
            }
            Err(why) => outcome.complaints.push(Complaint::Unsendable { line: step.line, why }),
        }
    }
    Ok(())
}

/// Whether a webhook may hold several events.
fn is_batch(step: &Step, set: &Set) -> bool {
    source(step, set).is_ok_and(|source| source.batch_path().is_some())
}

fn judge(step: &Step, came: Came, (case, read): (&Case, Read<'_>), outcome: &mut Outcome) {
    match &step.expect {
        None => {}
        Some(Expect::Nothing) => compare(&[], &came, step.line, &mut outcome.complaints),
        Some(Expect::Items(items)) => compare(items, &came, step.line, &mut outcome.complaints),
        Some(Expect::File(name, _)) => {
            let name = beside(case.file(), name);
            match listed(&name, step.line, read) {
                Ok(items) => compare(&items, &came, step.line, &mut outcome.complaints),
                Err(why) => outcome.complaints.push(Complaint::Unsendable { line: step.line, why }),
            }
            outcome.expected_files.push((name, came.effects.iter().map(Shown::item).collect()));
        }
    }
    if let Some(answer) = &step.answer {
        let unequal = answer.unequal(&came.answer());
        if !unequal.is_empty() {
            // Where a rule matched, why others did not explains nothing.
            let why = if came.matched.is_empty() { came.why.clone() } else { Vec::new() };
            outcome.complaints.push(Complaint::Answer { line: answer.line, unequal, why });
        }
    }
    outcome.effects.push(came.effects);
}

/// The items of a file of expectations.
fn listed(name: &str, line: usize, read: Read<'_>) -> Result<Vec<Item>, String> {
    let written = || "`doorbell test --update` writes it".to_owned();
    let value: Value = serde_json::from_slice(&read(name).map_err(|why| format!("{why}; {}", written()))?)
        .map_err(|why| format!("`{name}` is not JSON: {why}; {}", written()))?;
    let items = value.as_array().map(|list| list.iter().map(|item| Item::read(item, line)).collect());
    items.flatten().ok_or_else(|| format!("`{name}` is not a list of what is expected; {}", written()))
}
