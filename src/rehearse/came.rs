//! What came of one webhook: received or taken for genuine, remembered, routed, its effects made.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::coverage::Coverage;
use super::send::Moment;
use super::shown::{self, Shown};
use super::{Read, Step, nearest, signed, wanted};
use crate::effect::Respond;
use crate::event::Event;
use crate::provider::{Around, Received, Source};
use crate::rule::{Rule, Set};
use crate::time::Timestamp;

/// What is answered when something is new.
const ACCEPTED: u16 = 202;
/// What a repeat is answered.
const REPEATED: u16 = 200;
/// What the same id with another body is answered.
const CONFLICT: u16 = 409;

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
pub(super) type Memory = HashMap<(String, String), (Bytes, Timestamp)>;

/// The events in a webhook, or why there are none.
enum Taken {
    Events(Vec<Event>, Duration),
    None(Came),
}

/// What comes of the webhook of a step.
pub(super) fn came(
    step: &Step,
    set: &Set,
    moment: Moment<'_>,
    (read, memory): (Read<'_>, &mut Memory),
    coverage: &mut Coverage,
) -> Result<Came, String> {
    let source = source(step, set)?;
    let taken = match step.send.signed {
        true => proven(step, source, moment, read)?,
        false => supposed(step, source, moment, read)?,
    };
    let (events, dedupe_for) = match taken {
        Taken::Events(events, dedupe_for) => (events, dedupe_for),
        Taken::None(came) => return Ok(came),
    };
    let mut whole = Came::default();
    for event in &events {
        let until = moment.now.plus(dedupe_for);
        let one = match repeated(source, event, (moment.now, until), memory) {
            Some(repeat) => repeat,
            None => routed(set, event, step.results.as_ref(), coverage),
        };
        whole.add(one);
    }
    if events.is_empty() {
        whole.status = ACCEPTED;
        whole.why.push("the batch is empty; no rule is asked".to_owned());
    }
    if whole.status != CONFLICT {
        whole.said = whole.said.or_else(|| source.respond.clone());
    }
    Ok(whole)
}

/// The source that a webhook comes to.
pub(super) fn source<'s>(step: &Step, set: &'s Set) -> Result<&'s Source, String> {
    match (&step.send.to, set.sources.as_slice()) {
        (Some((name, _)), _) => set.source(name).ok_or_else(|| format!("there is no source `{name}`")),
        (None, [only]) => Ok(only),
        (None, _) => Err("which source does it come to? say `to:` in `send`".to_owned()),
    }
}

/// Takes it for genuine.
fn supposed(step: &Step, source: &Source, moment: Moment<'_>, read: Read<'_>) -> Result<Taken, String> {
    let (request, kind) = step.send.request(source, moment, None, read)?;
    Ok(match source.suppose(request, moment.id, kind) {
        Ok(events) => Taken::Events(events, source.dedupe_for),
        Err(refusal) => Taken::None(refused(refusal.status, &refusal.cause)),
    })
}

/// Signs it with a secret made for the test, and verifies that.
fn proven(step: &Step, source: &Source, moment: Moment<'_>, read: Read<'_>) -> Result<Taken, String> {
    if source.is_open() {
        return Err(format!("source `{}` verifies nothing: leave `signed` out", source.name));
    }
    let mut why = "its sender signs with a key that only it has".to_owned();
    for (secret, armed) in signed::pairs(source) {
        match step.send.request(source, moment, Some(&secret), read) {
            Ok((request, _)) => {
                return match armed.receive(request, moment.id, &Around::at(moment.now)) {
                    Ok(received) => taken(received, source),
                    Err(refusal) => Ok(Taken::None(refused(refusal.status, &refusal.cause))),
                };
            }
            Err(reason) => why = reason,
        }
    }
    Err(format!("source `{}` cannot be signed for in a test: {why}", source.name))
}

fn taken(received: Received, source: &Source) -> Result<Taken, String> {
    Ok(match received {
        Received::Event { event, dedupe_for } => Taken::Events(vec![*event], dedupe_for),
        Received::Batch { events, dedupe_for } => Taken::Events(events, dedupe_for),
        Received::Answer(answer) | Received::Confirm { answer, .. } | Received::Secret { answer, .. } => {
            let why = vec!["the sender asked about the address itself; no rule is asked".to_owned()];
            Taken::None(Came { status: answer.status, said: Some(answer), why, ..Came::default() })
        }
        Received::NeedsKey { wanted, .. } => {
            let name = &source.name;
            return Err(format!(
                "source `{name}` opens a key at {}, which no test does: leave `signed` out",
                wanted.url
            ));
        }
    })
}

fn refused(status: u16, cause: &str) -> Came {
    Came { status, why: vec![format!("refused with {status}: {cause}")], ..Came::default() }
}

/// What comes of an event that was seen before; `None` when it is new, and remembered from now on.
fn repeated(
    source: &Source,
    event: &Event,
    (now, until): (Timestamp, Timestamp),
    memory: &mut Memory,
) -> Option<Came> {
    let key = event.dedupe_key.as_ref()?;
    let name = (source.name.to_string(), key.clone());
    let seen = memory.get(&name).filter(|(_, until)| now < *until);
    let Some((body, _)) = seen else {
        memory.insert(name, (event.request.body.clone(), until));
        return None;
    };
    let (status, words) = match *body == event.request.body {
        true => (REPEATED, "the same again: a duplicate, for which nothing is done"),
        false => (CONFLICT, "the same id with another body: a conflict, for which nothing is done"),
    };
    let why = vec![format!("{words} (id `{key}` of source `{}`)", source.name)];
    Some(Came { status, why, ..Came::default() })
}

fn routed(set: &Set, event: &Event, results: Option<&Value>, coverage: &mut Coverage) -> Came {
    let explained = set.explain(event);
    coverage.see(event, &explained);
    let mut came = Came { status: ACCEPTED, why: nearest::why(&explained), ..Came::default() };
    for rule in explained.iter().filter(|one| one.is_matched()).map(|one| one.rule) {
        came.matched.push(rule.name.to_string());
        act(set, rule, event, results, &mut came, coverage);
    }
    came
}

fn act(
    set: &Set,
    rule: &Rule,
    event: &Event,
    results: Option<&Value>,
    came: &mut Came,
    coverage: &mut Coverage,
) {
    for wanted in wanted(set, rule, event, results) {
        if wanted.is_filled {
            coverage.rendered(rule, wanted.action);
        }
        came.effects.push(wanted.shown);
        came.said = came.said.take().or(wanted.respond);
    }
}

impl Came {
    /// Adds an item of a batch: one new event makes it new, without one a conflict is told.
    fn add(&mut self, other: Self) {
        let weight = |status: u16| [REPEATED, CONFLICT, ACCEPTED].iter().position(|known| *known == status);
        if self.status == 0 || weight(other.status) > weight(self.status) {
            self.status = other.status;
        }
        self.said = self.said.take().or(other.said);
        self.matched.extend(other.matched);
        self.effects.extend(other.effects);
        self.why.extend(other.why);
    }

    /// The answer as an action `respond` shows one.
    pub(super) fn answer(&self) -> Map<String, Value> {
        self.said
            .as_ref()
            .map_or_else(|| Map::from_iter([("respond".to_owned(), Value::from(self.status))]), shown::answer)
    }
}
