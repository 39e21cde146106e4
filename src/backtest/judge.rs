//! One event routed by two rule sets, and what differs.

use std::collections::HashSet;
use std::sync::Arc;

use super::outline::{self, Change, Kind, short};
use super::source::{self, Kept, SourceChange};
use super::tally::Tally;
use crate::condition::Verdict;
use crate::event::Event;
use crate::rehearse::{Shown, wanted};
use crate::rule::{Routed, Rule, Set};

/// Two rule sets, held against each other.
#[derive(Debug)]
pub struct Comparison {
    old: Arc<Set>,
    new: Arc<Set>,
    /// What became of each rule.
    pub changes: Vec<Change>,
    /// What became of the sources that say something else.
    pub sources: Vec<SourceChange>,
    /// Rules that may do something else for the same event.
    otherwise: HashSet<String>,
    /// Samples kept for each difference.
    pub samples_max: usize,
}

impl Comparison {
    /// Holds two sets against each other; of each difference so many samples are kept.
    pub fn new(old: Arc<Set>, new: Arc<Set>, samples_max: usize) -> Self {
        let (changes, sources) = outline::changes(&old, &new);
        let otherwise = changes.iter().filter(|change| change.may_act_otherwise);
        let otherwise = otherwise.map(|change| change.name.clone()).collect();
        Self { old, new, changes, sources, otherwise, samples_max }
    }

    /// Whether no rule says anything else.
    pub fn is_same(&self) -> bool {
        self.otherwise.is_empty() && self.changes.iter().all(|change| change.kind == Kind::Same)
    }

    /// Routes an event by both sets and counts what differs.
    pub fn judge(&self, event: &Event, kept: Kept, tally: &mut Tally) {
        tally.events += 1;
        let anew = self.anew(event, kept, tally);
        let later = match &anew {
            Anew::Same => Some(event),
            Anew::Event(event) => Some(&**event),
            Anew::Nothing => None,
        };
        let old = routed(&self.old, Some(event));
        let new = routed(&self.new, later);
        tally.unknown += u64::from(!old.errors.is_empty() || !new.errors.is_empty());
        let most = self.samples_max;
        match (old.matched.is_empty(), new.matched.is_empty()) {
            (false, true) => tally.unrouted.add(event, String::new, most),
            (true, false) => tally.routed.add(event, String::new, most),
            _ => {}
        }
        let later = later.unwrap_or(event);
        for rule in &old.matched {
            self.before(rule, (event, later), &new, tally);
        }
        for rule in new.matched.iter().filter(|rule| old.matched.iter().all(|other| other.name != rule.name))
        {
            self.gain(rule, later, tally);
        }
    }

    /// A rule that the old set matched.
    fn before(&self, rule: &Rule, (event, later): (&Event, &Event), new: &Routed<'_>, tally: &mut Tally) {
        let other = new.matched.iter().find(|other| other.name == rule.name);
        let own = tally.rule(&rule.name);
        own.before += 1;
        own.last = own.last.max(Some(event.request.received_at));
        match other {
            None => {
                own.unrouted += u64::from(new.matched.is_empty());
                self.lose(rule, (event, later), tally);
            }
            Some(other) => {
                own.after += 1;
                if self.otherwise.contains(&*rule.name) {
                    self.hold((rule, event), (other, later), tally);
                }
            }
        }
    }

    /// The event as its source reads it now, where that may be otherwise and can be told.
    fn anew(&self, event: &Event, kept: Kept, tally: &mut Tally) -> Anew {
        let Some(change) = self.sources.iter().find(|change| *change.name == *event.source) else {
            return Anew::Same;
        };
        if !change.reads_otherwise {
            return Anew::Same;
        }
        let own = tally.sources.entry(change.name.clone()).or_default();
        if kept == Kept::Payload || change.is_batch {
            own.as_recorded += 1;
            return Anew::Same;
        }
        own.anew += 1;
        let most = self.samples_max;
        match source::read_anew(&self.new, event) {
            Ok(Some(other)) if other.kind == event.kind && other.payload == event.payload => Anew::Same,
            Ok(Some(other)) => {
                own.otherwise.add(event, || read_words(event, &other), most);
                Anew::Event(Box::new(other))
            }
            Ok(None) => Anew::Nothing,
            Err(why) => {
                own.refused.add(event, || why, most);
                Anew::Nothing
            }
        }
    }

    fn lose(&self, rule: &Rule, (event, later): (&Event, &Event), tally: &mut Tally) {
        tally.deliveries_fewer += deliveries(&self.old, rule, event);
        let why = || self.new.rule(&rule.name).map(|rule| failed(rule, later)).unwrap_or_default();
        tally.rule(&rule.name).lost.add(event, why, self.samples_max);
    }

    fn gain(&self, rule: &Rule, event: &Event, tally: &mut Tally) {
        tally.deliveries_more += deliveries(&self.new, rule, event);
        let own = tally.rule(&rule.name);
        own.after += 1;
        let why = || self.old.rule(&rule.name).map(|rule| failed(rule, event)).unwrap_or_default();
        own.gained.add(event, why, self.samples_max);
    }

    /// Fills the actions of one rule by both sets.
    fn hold(&self, (old, event): (&Rule, &Event), (new, later): (&Rule, &Event), tally: &mut Tally) {
        let (before, after) = (effects(&self.old, old, event), effects(&self.new, new, later));
        tally.deliveries_more += count(&after).saturating_sub(count(&before));
        tally.deliveries_fewer += count(&before).saturating_sub(count(&after));
        if before != after {
            let most = self.samples_max;
            tally.rule(&old.name).differing.add(event, || difference(&before, &after), most);
        }
    }
}

/// An event as its source reads it now.
enum Anew {
    Same,
    Event(Box<Event>),
    /// It would be no event.
    Nothing,
}

/// What a set makes of an event; one whose source it does not have reaches no rule.
fn routed<'s>(set: &'s Set, event: Option<&Event>) -> Routed<'s> {
    match event.filter(|event| set.source(&event.source).is_some()) {
        Some(event) => set.route(event),
        None => Routed::default(),
    }
}

/// What of an event is read otherwise.
fn read_words(before: &Event, after: &Event) -> String {
    match before.kind == after.kind {
        true => "another payload".to_owned(),
        false => format!("type `{}` -> `{}`", before.kind, after.kind),
    }
}

/// What of the event the rule did not take: the first test that failed, with what was there.
fn failed(rule: &Rule, event: &Event) -> String {
    if !rule.enabled {
        return "`enabled` is false".to_owned();
    }
    let Some(proof) = rule.condition.as_ref().map(|condition| condition.prove(event)) else {
        return String::new();
    };
    let leaves = proof.leaves();
    let failed = leaves.iter().find(|(verdict, _)| *verdict == Verdict::Failed && !proof.holds());
    failed
        .map(|(_, leaf)| format!("{} is {}", leaf.subject, leaf.got.as_deref().unwrap_or("missing")))
        .unwrap_or_default()
}

/// What a rule owes for an event.
fn deliveries(set: &Set, rule: &Rule, event: &Event) -> u64 {
    count(&effects(set, rule, event))
}

fn count(effects: &[Shown]) -> u64 {
    let owed = effects.iter().filter(|one| one.verb != "respond").count();
    u64::try_from(owed).unwrap_or(u64::MAX)
}

fn effects(set: &Set, rule: &Rule, event: &Event) -> Vec<Shown> {
    wanted(set, rule, event, None).into_iter().map(|one| one.shown).collect()
}

/// The first fields that differ, in words.
fn difference(before: &[Shown], after: &[Shown]) -> String {
    if before.len() != after.len() {
        return format!("actions: {} -> {}", before.len(), after.len());
    }
    let Some((one, two)) = before.iter().zip(after).find(|(one, two)| one != two) else {
        return String::new();
    };
    if one.verb != two.verb {
        return format!("{} -> {}", one.verb, two.verb);
    }
    let nothing = serde_json::Value::Null;
    let keys = one.fields.keys().chain(two.fields.keys().filter(|key| !one.fields.contains_key(*key)));
    let other = keys
        .map(|key| (key, one.fields.get(key).unwrap_or(&nothing), two.fields.get(key).unwrap_or(&nothing)));
    let words = other
        .filter(|(_, one, two)| one != two)
        .map(|(key, one, two)| format!("{key}: {} -> {}", short(one), short(two)));
    words.take(2).collect::<Vec<_>>().join("  ")
}
