//! What the cases have been through: rules that matched, conditions seen both true and false, actions that were filled.
//!
//! Only events that a rule listens to tell something of its conditions. Verdicts are those of the proof.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::json;

use crate::condition::{Condition, Leaf, Verdict as Tested};
use crate::event::{Event, Request};
use crate::id::EventId;
use crate::provider::Source;
use crate::rule::{Explained, Rule, RuleAction, Set, Verdict};
use crate::time::Timestamp;

/// Where something stands: file and line, and what tells it from others on that line.
type Spot = (Arc<str>, usize, usize, &'static str);

/// What was seen of all that can be seen.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    rules: BTreeMap<(Arc<str>, usize), (String, bool)>,
    tests: BTreeMap<Spot, Seen>,
    actions: BTreeMap<(Arc<str>, usize, &'static str), (String, bool)>,
}

/// One condition.
#[derive(Clone, Debug)]
struct Seen {
    name: String,
    is_true: bool,
    is_false: bool,
}

/// Something that no case has been through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// `never matched`, `never true`, `never false`, `never filled`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// The file it stands in.
    pub file: Arc<str>,
    /// The line it stands on.
    pub line: usize,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// How many were.
    pub seen: usize,
    /// Of how many.
    pub of: usize,
}

impl Coverage {
    /// Nothing seen yet of a set; rules that are not enabled cannot be seen.
    pub fn new(set: &Set) -> Self {
        let mut coverage = Self::default();
        let nothing = set.sources.first().and_then(nothing);
        for rule in set.rules.iter().filter(|rule| rule.enabled) {
            coverage.rules.insert((Arc::clone(&rule.file), rule.line), (rule.name.to_string(), false));
            // No case brings a death about that they would follow.
            for action in rule.actions.iter().filter(|action| !action.is_on_failure) {
                coverage.actions.insert(spot(rule, action), (words(rule, action), false));
            }
            let own = rule.actions.iter().filter_map(|action| action.condition.as_deref());
            for condition in rule.condition.iter().chain(own) {
                if let Some(nothing) = &nothing {
                    coverage.prove(condition, nothing, false);
                }
            }
        }
        coverage
    }

    /// Notes what became of every rule.
    pub(super) fn see(&mut self, event: &Event, explained: &[Explained<'_>]) {
        for one in explained.iter().filter(|one| one.verdict != Verdict::Disabled) {
            if let Some(proof) = &one.proof
                && [&one.from, &one.path, &one.event].iter().all(|held| held.is_held())
            {
                proof.leaves().into_iter().for_each(|(verdict, leaf)| self.note(verdict, leaf, true));
            }
            if !one.is_matched() {
                continue;
            }
            if let Some((_, is_hit)) = self.rules.get_mut(&(Arc::clone(&one.rule.file), one.rule.line)) {
                *is_hit = true;
            }
            for condition in one.rule.actions.iter().filter_map(|action| action.condition.as_deref()) {
                self.prove(condition, event, true);
            }
        }
    }

    /// Notes that an action was filled.
    pub(super) fn rendered(&mut self, rule: &Rule, action: &RuleAction) {
        if let Some((_, is_filled)) = self.actions.get_mut(&spot(rule, action)) {
            *is_filled = true;
        }
    }

    fn prove(&mut self, condition: &Condition, event: &Event, counts: bool) {
        let proof = condition.prove(event);
        proof.leaves().into_iter().for_each(|(verdict, leaf)| self.note(verdict, leaf, counts));
    }

    /// `counts` is false for what is only listed.
    fn note(&mut self, verdict: Tested, leaf: &Leaf, counts: bool) {
        let spot = (Arc::clone(&leaf.file), leaf.line, leaf.span.start, leaf.operator);
        let seen = self.tests.entry(spot).or_insert_with(|| Seen {
            name: format!("{} {} {}", leaf.subject, leaf.operator, leaf.wanted),
            is_true: false,
            is_false: false,
        });
        match verdict {
            Tested::Held if counts => seen.is_true = true,
            Tested::Failed if counts => seen.is_false = true,
            _ => {}
        }
    }

    /// The rules that matched.
    pub fn rules(&self) -> Count {
        count(self.rules.values().map(|(_, is_hit)| *is_hit))
    }

    /// The conditions that were both true and false.
    pub fn conditions(&self) -> Count {
        count(self.tests.values().map(|seen| seen.is_true && seen.is_false))
    }

    /// The actions that were filled.
    pub fn actions(&self) -> Count {
        count(self.actions.values().map(|(_, is_filled)| *is_filled))
    }

    /// How much of all was seen, in percent: rules, actions, and conditions, each way one point.
    pub fn percent(&self) -> f64 {
        let ways = count(self.tests.values().flat_map(|seen| [seen.is_true, seen.is_false]));
        let all = [self.rules(), self.actions(), ways];
        let (seen, of) = all.iter().fold((0, 0), |sum, one| (sum.0 + one.seen, sum.1 + one.of));
        let part = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        if of == 0 { 100.0 } else { part(seen) * 100.0 / part(of) }
    }

    /// What no case has been through, in the order of the files.
    pub fn gaps(&self) -> Vec<Gap> {
        let rules = self.rules.iter().filter(|(_, (_, is_hit))| !is_hit);
        let rules = rules.map(|((file, line), (name, _))| gap("never matched", name, file, *line));
        let actions = self.actions.iter().filter(|(_, (_, is_filled))| !is_filled);
        let actions = actions.map(|((file, line, _), (name, _))| gap("never filled", name, file, *line));
        let tests = self.tests.iter().flat_map(|((file, line, ..), seen)| {
            let ways = [("never true", seen.is_true), ("never false", seen.is_false)];
            ways.into_iter().filter(|(_, was)| !was).map(|(what, _)| gap(what, &seen.name, file, *line))
        });
        let mut gaps: Vec<Gap> = rules.chain(actions).chain(tests).collect();
        gaps.sort_by(|one, two| (&one.file, one.line, one.what).cmp(&(&two.file, two.line, two.what)));
        gaps
    }
}

fn gap(what: &'static str, name: &str, file: &Arc<str>, line: usize) -> Gap {
    Gap { what, name: name.to_owned(), file: Arc::clone(file), line }
}

fn count(all: impl Iterator<Item = bool>) -> Count {
    all.fold(Count { seen: 0, of: 0 }, |count, is_seen| Count {
        seen: count.seen + usize::from(is_seen),
        of: count.of + 1,
    })
}

fn spot(rule: &Rule, action: &RuleAction) -> (Arc<str>, usize, &'static str) {
    (Arc::clone(&rule.file), action.line, action.verb.name)
}

fn words(rule: &Rule, action: &RuleAction) -> String {
    format!("{} of `{}`", action.verb.name, rule.name)
}

/// An event that says nothing, to list conditions by.
fn nothing(source: &Source) -> Option<Event> {
    let request = Request {
        headers: HeaderMap::from_iter([(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/json"),
        )]),
        body: Bytes::from(source.body(&json!({}))),
        ..Request::local(Method::POST, "/", Timestamp::default())
    };
    source.suppose(request, EventId::from_bytes([0; 16]), Some(String::new())).ok()?.pop()
}
