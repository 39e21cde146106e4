//! One case run: each webhook received or taken for genuine, remembered, routed, its effects made and compared.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::coverage::Coverage;
use super::difference::{Complaint, compare};
use super::expect::{Expect, Item};
use super::send::Moment;
use super::shown::{self, Shown};
use super::{Case, Read, Step, beside, nearest, signed};
use crate::effect::{Effect, Respond};
use crate::event::Event;
use crate::id::EventId;
use crate::provider::{Received, Refusal, Source};
use crate::rule::{Rule, Set};
use crate::template::Scope;
use crate::time::Timestamp;

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

/// What came of one webhook.
#[derive(Debug, Default)]
pub(super) struct Came {
    status: u16,
    said: Option<Respond>,
    /// The rules that matched.
    pub(super) matched: Vec<String>,
    /// What they want done.
    pub(super) effects: Vec<Shown>,
    /// Why rules were not asked, or did not match.
    pub(super) why: Vec<String>,
}

/// The ids that were seen before: by source and id the body and until when it is remembered.
type Memory = HashMap<(String, String), (Bytes, Timestamp)>;

/// Runs a case.
pub fn run(case: &Case, set: &Set, read: Read<'_>, coverage: &mut Coverage) -> Outcome {
    let mut outcome = Outcome::default();
    let mut memory = Memory::new();
    for (number, step) in (0_u8..=u8::MAX).zip(&case.steps) {
        let now = case.now.plus(step.at);
        let id = EventId::new(now.millis(), [number, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let moment = Moment { now, id, file: case.file() };
        match came(step, set, moment, (read, &mut memory), coverage) {
            Ok(came) => judge(step, came, (case, read), &mut outcome),
            Err(why) => outcome.complaints.push(Complaint::Unsendable { line: step.line, why }),
        }
    }
    outcome
}

fn came(
    step: &Step,
    set: &Set,
    moment: Moment<'_>,
    (read, memory): (Read<'_>, &mut Memory),
    coverage: &mut Coverage,
) -> Result<Came, String> {
    let source = source(step, set)?;
    let received = match step.send.signed {
        true => proven(step, source, moment, read)?,
        false => supposed(step, source, moment, read)?,
    };
    let (event, dedupe_for) = match received {
        Ok(Received::Event { event, dedupe_for }) => (event, dedupe_for),
        Err(refusal) => return Ok(refused(&refusal)),
        Ok(Received::Answer(answer)) => {
            let why = vec!["the sender asked about the address itself; no rule is asked".to_owned()];
            return Ok(Came { status: answer.status, said: Some(answer), why, ..Came::default() });
        }
    };
    if let Some(key) = &event.dedupe_key {
        let seen = memory.get(&(source.name.to_string(), key.clone()));
        if let Some((body, _)) = seen.filter(|(_, until)| moment.now < *until) {
            let is_same = *body == event.request.body;
            return Ok(repeat(source, key, is_same));
        }
        let until = moment.now.plus(dedupe_for);
        memory.insert((source.name.to_string(), key.clone()), (event.request.body.clone(), until));
    }
    Ok(routed(source, set, &event, coverage))
}

/// The source that a webhook comes to.
pub(super) fn source<'s>(step: &Step, set: &'s Set) -> Result<&'s Source, String> {
    match (&step.send.to, set.sources.as_slice()) {
        (Some((name, _)), _) => set.source(name).ok_or_else(|| format!("there is no source `{name}`")),
        (None, [only]) => Ok(only),
        (None, _) => Err("which source does it come to? say `to:` in `send`".to_owned()),
    }
}

/// What is read of it, or why it is refused.
type Judged = Result<Received, Refusal>;

/// Takes it for genuine.
fn supposed(step: &Step, source: &Source, moment: Moment<'_>, read: Read<'_>) -> Result<Judged, String> {
    let (request, kind) = step.send.request(source, moment, None, read)?;
    let event = source.suppose(request, moment.id, kind);
    Ok(event.map(|event| Received::Event { event: Box::new(event), dedupe_for: source.dedupe_for }))
}

/// Signs it with a secret made for the test, and verifies that.
fn proven(step: &Step, source: &Source, moment: Moment<'_>, read: Read<'_>) -> Result<Judged, String> {
    if source.is_open() {
        return Err(format!("source `{}` verifies nothing: leave `signed` out", source.name));
    }
    let mut why = "its sender signs with a key that only it has".to_owned();
    for (secret, armed) in signed::pairs(source) {
        match step.send.request(source, moment, Some(&secret), read) {
            Ok((request, _)) => return Ok(armed.receive(request, moment.id, moment.now)),
            Err(reason) => why = reason,
        }
    }
    Err(format!("source `{}` cannot be signed for in a test: {why}", source.name))
}

fn refused(refusal: &Refusal) -> Came {
    let why = vec![format!("refused with {}: {}", refusal.status, refusal.cause)];
    Came { status: refusal.status, why, ..Came::default() }
}

fn repeat(source: &Source, key: &str, is_same: bool) -> Came {
    let (status, said, words) = match is_same {
        true => (200, source.respond.clone(), "the same again: a duplicate, for which nothing is done"),
        false => (409, None, "the same id with another body: a conflict, for which nothing is done"),
    };
    let why = vec![format!("{words} (id `{key}` of source `{}`)", source.name)];
    Came { status, said, why, ..Came::default() }
}

fn routed(source: &Source, set: &Set, event: &Event, coverage: &mut Coverage) -> Came {
    let explained = set.explain(event);
    coverage.see(event, &explained);
    let mut came = Came { status: 202, why: nearest::why(&explained), ..Came::default() };
    for rule in explained.iter().filter(|one| one.is_matched()).map(|one| one.rule) {
        came.matched.push(rule.name.to_string());
        act(set, rule, event, &mut came, coverage);
    }
    came.said = came.said.or_else(|| source.respond.clone());
    came
}

fn act(set: &Set, rule: &Rule, event: &Event, came: &mut Came, coverage: &mut Coverage) {
    let scope = Scope::new(event, &rule.name);
    for action in &rule.actions {
        match action.applies(event) {
            Ok(false) => continue,
            Err(error) => {
                let failure = error.to_string();
                came.effects.push(shown::shown(&rule.name, action, Err(failure.as_str())));
                continue;
            }
            Ok(true) => {}
        }
        let connection = action.connection.as_ref().and_then(|name| set.connections.get(name));
        match action.action.effect(connection, &scope) {
            Ok(effect) => {
                coverage.rendered(rule, action);
                came.effects.push(shown::shown(&rule.name, action, Ok(&effect)));
                if let (Effect::Respond(respond), None) = (effect, &came.said) {
                    came.said = Some(respond);
                }
            }
            Err(failure) => {
                came.effects.push(shown::shown(&rule.name, action, Err(failure.to_string().as_str())));
            }
        }
    }
}

impl Came {
    /// The answer as an action `respond` shows one.
    fn answer(&self) -> Map<String, Value> {
        self.said
            .as_ref()
            .map_or_else(|| Map::from_iter([("respond".to_owned(), Value::from(self.status))]), shown::answer)
    }
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
