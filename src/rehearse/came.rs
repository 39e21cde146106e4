//! What came of one webhook: received or taken for genuine, remembered, routed, its effects made.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Map, Value};

use super::coverage::Coverage;
use super::line::{Landed, Line, Taken};
use super::send::Moment;
use super::shown::{self, Shown};
use super::wanted::{Wanted, of_owed};
use super::{Read, Step, nearest, signed};
use crate::delivery::State;
use crate::effect::Respond;
use crate::event::Event;
use crate::id::DeliveryId;
use crate::provider::{Around, Received, Source};
use crate::rule::{Desk, Explained, Owed, Rule, Set};
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
    /// What is done; known in the end.
    pub(super) effects: Vec<Shown>,
    /// What is still to come to its end on the line.
    pending: Vec<Pending>,
    /// Why rules were not asked, or did not match.
    pub(super) why: Vec<String>,
}

/// A delivery whose end decides whether anything is done.
#[derive(Debug)]
struct Pending {
    /// `None` for what is no delivery: it is done at once.
    delivery: Option<DeliveryId>,
    accepted: Timestamp,
    shown: Shown,
}

/// The stage on which a case plays.
pub(super) struct Stage<'s> {
    pub(super) set: &'s Set,
    pub(super) read: Read<'s>,
    pub(super) line: Box<dyn Line>,
    /// How many deliveries the case has made.
    pub(super) made: u128,
}

/// The events in a webhook, or why there are none.
enum Webhook {
    Events(Vec<Event>, Duration),
    None(Came),
}

/// What comes of the webhook of a step, as far as it is known at once.
pub(super) fn came(
    step: &Step,
    moment: Moment<'_>,
    stage: &mut Stage<'_>,
    coverage: &mut Coverage,
) -> Result<Came, String> {
    let source = source(step, stage.set)?;
    let taken = match step.send.signed {
        true => proven(step, source, moment, stage.read)?,
        false => supposed(step, source, moment, stage.read)?,
    };
    let (events, dedupe_for) = match taken {
        Webhook::Events(events, dedupe_for) => (events, dedupe_for),
        Webhook::None(came) => return Ok(came),
    };
    let mut whole = Came::default();
    if events.is_empty() {
        whole.status = ACCEPTED;
        whole.why.push("the batch is empty; no rule is asked".to_owned());
    }
    let judged: Vec<Judged<'_>> = events.iter().map(|event| judge(step, event, moment, stage)).collect();
    let taken = judged.iter().zip(&events).map(|(judged, event)| judged.taken(event, dedupe_for, step));
    let landed = stage.line.accept(taken.collect(), moment.now)?;
    for ((judged, event), landed) in judged.into_iter().zip(&events).zip(landed) {
        whole.add(match landed {
            Landed::New => judged.came(event, moment.now, coverage),
            Landed::Duplicate | Landed::Conflict => repeated(source, event, landed),
        });
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
fn supposed(step: &Step, source: &Source, moment: Moment<'_>, read: Read<'_>) -> Result<Webhook, String> {
    let (request, kind) = step.send.request(source, moment, None, read)?;
    Ok(match source.suppose(request, moment.id, kind) {
        Ok(events) => Webhook::Events(events, source.dedupe_for),
        Err(refusal) => Webhook::None(refused(refusal.status, &refusal.cause)),
    })
}

/// Signs it with a secret made for the test, and verifies that.
fn proven(step: &Step, source: &Source, moment: Moment<'_>, read: Read<'_>) -> Result<Webhook, String> {
    if source.is_open() {
        return Err(format!("source `{}` verifies nothing: leave `signed` out", source.name));
    }
    let mut why = "its sender signs with a key that only it has".to_owned();
    for (secret, armed) in signed::pairs(source) {
        match step.send.request(source, moment, Some(&secret), read) {
            Ok((request, _)) => {
                return match armed.receive(request, moment.id, &Around::at(moment.now)) {
                    Ok(received) => taken(received, source),
                    Err(refusal) => Ok(Webhook::None(refused(refusal.status, &refusal.cause))),
                };
            }
            Err(reason) => why = reason,
        }
    }
    Err(format!("source `{}` cannot be signed for in a test: {why}", source.name))
}

fn taken(received: Received, source: &Source) -> Result<Webhook, String> {
    Ok(match received {
        Received::Event { event, dedupe_for } => Webhook::Events(vec![*event], dedupe_for),
        Received::Batch { events, dedupe_for } => Webhook::Events(events, dedupe_for),
        Received::Answer(answer) | Received::Confirm { answer, .. } | Received::Secret { answer, .. } => {
            let why = vec!["the sender asked about the address itself; no rule is asked".to_owned()];
            Webhook::None(Came { status: answer.status, said: Some(answer), why, ..Came::default() })
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

/// What comes of an event that was seen before.
fn repeated(source: &Source, event: &Event, landed: Landed) -> Came {
    let (status, words) = match landed {
        Landed::Conflict => {
            (CONFLICT, "the same id with another body: a conflict, for which nothing is done")
        }
        _ => (REPEATED, "the same again: a duplicate, for which nothing is done"),
    };
    let key = event.dedupe_key.as_deref().unwrap_or_default();
    let why = vec![format!("{words} (id `{key}` of source `{}`)", source.name)];
    Came { status, why, ..Came::default() }
}

/// What the rules make of an event.
struct Judged<'s> {
    explained: Vec<Explained<'s>>,
    /// What is owed, rule by rule, and what that says.
    owed: Vec<Owed>,
    wanted: Vec<(&'s Rule, Wanted<'s>)>,
}

fn judge<'s>(step: &Step, event: &Event, moment: Moment<'_>, stage: &mut Stage<'s>) -> Judged<'s> {
    let (set, made) = (stage.set, &mut stage.made);
    let mut new_id = || {
        *made += 1;
        DeliveryId::from_bytes(made.to_be_bytes())
    };
    let mut desk = Desk { revision: set.digest, now: moment.now, new_id: &mut new_id };
    let explained = set.explain(event);
    let (mut all, mut wanted) = (Vec::new(), Vec::new());
    for rule in explained.iter().filter(|one| one.is_matched()).map(|one| one.rule) {
        let owed = rule.owe(event, &mut desk);
        let of_rule = of_owed(set, rule, event, (&owed.deliveries, step.results.as_ref()));
        wanted.extend(of_rule.into_iter().map(|one| (rule, one)));
        all.push(owed);
    }
    Judged { explained, owed: all, wanted }
}

impl Judged<'_> {
    /// The event as it goes down the line.
    fn taken(&self, event: &Event, dedupe_for: Duration, step: &Step) -> Taken {
        let mut owed = Owed::default();
        for one in &self.owed {
            owed.deliveries.extend(one.deliveries.iter().cloned());
            owed.needs.extend(one.needs.iter().cloned());
            owed.throttles.extend(one.throttles.iter().cloned());
        }
        let unfilled = self.wanted.iter().filter(|(_, wanted)| !wanted.is_filled);
        let unfillable: HashSet<DeliveryId> = unfilled.filter_map(|(_, wanted)| wanted.delivery).collect();
        let matched = self.explained.iter().filter(|one| one.is_matched());
        let matched = matched.map(|one| one.rule.name.clone()).collect();
        Taken { event: event.clone(), dedupe_for, owed, matched, takes: step.takes, unfillable }
    }

    /// What comes of it when it is new.
    fn came(self, event: &Event, accepted: Timestamp, coverage: &mut Coverage) -> Came {
        coverage.see(event, &self.explained);
        let mut came = Came { status: ACCEPTED, why: nearest::why(&self.explained), ..Came::default() };
        let matched = self.explained.iter().filter(|one| one.is_matched());
        came.matched = matched.map(|one| one.rule.name.to_string()).collect();
        for (rule, wanted) in self.wanted {
            if wanted.is_filled {
                coverage.rendered(rule, wanted.action);
            }
            came.pending.push(Pending { delivery: wanted.delivery, accepted, shown: wanted.shown });
            came.said = came.said.take().or(wanted.respond);
        }
        came
    }
}

impl Came {
    /// What became of its deliveries in the end: those that began are done, those that were left out are told about.
    pub(super) fn settle(&mut self, line: &mut dyn Line) -> Result<(), String> {
        let (mut rules, mut left_out) = (HashSet::new(), HashSet::new());
        for Pending { delivery, accepted, mut shown } in std::mem::take(&mut self.pending) {
            let fate = delivery.map(|delivery| line.fate(delivery)).transpose()?.flatten();
            let reason = fate.as_ref().and_then(|fate| match &fate.state {
                State::Cancelled { reason } => Some(reason.clone()),
                state if fate.began.is_none() => Some(format!("it is {} in the end", state.name())),
                _ => None,
            });
            if let Some(reason) = reason {
                self.why.push(format!(
                    "`{}` matched, and its `{}` was not done: {reason}",
                    shown.rule, shown.verb
                ));
                left_out.insert(shown.rule);
                continue;
            }
            let waited = fate.and_then(|fate| fate.began).map(|began| began.since(accepted));
            if let Some(waited) = waited.filter(|waited| !waited.is_zero()) {
                shown.waits(waited);
            }
            rules.insert(shown.rule.clone());
            self.effects.push(shown);
        }
        self.matched.retain(|rule| rules.contains(rule) || !left_out.contains(rule));
        Ok(())
    }

    /// Adds an item of a batch: one new event makes it new, without one a conflict is told.
    fn add(&mut self, other: Self) {
        let weight = |status: u16| [REPEATED, CONFLICT, ACCEPTED].iter().position(|known| *known == status);
        if self.status == 0 || weight(other.status) > weight(self.status) {
            self.status = other.status;
        }
        self.said = self.said.take().or(other.said);
        self.matched.extend(other.matched);
        self.pending.extend(other.pending);
        self.why.extend(other.why);
    }

    /// The answer as an action `respond` shows one.
    pub(super) fn answer(&self) -> Map<String, Value> {
        self.said
            .as_ref()
            .map_or_else(|| Map::from_iter([("respond".to_owned(), Value::from(self.status))]), shown::answer)
    }
}
