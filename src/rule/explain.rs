//! Why each rule matched an event or did not: the whole answer, with the grounds of every rule.

use std::sync::Arc;

use super::route::Routed;
use super::rules::Rule;
use super::set::Set;
use crate::condition::Proof;
use crate::event::Event;
use crate::limit;
use crate::path::Steps;

/// One rule and what became of it.
#[derive(Debug)]
pub struct Explained<'s> {
    /// The rule.
    pub rule: &'s Rule,
    /// Whether its actions are owed.
    pub verdict: Verdict,
    /// Whether it listens to the event's source.
    pub from: Held,
    /// Whether it listens to the event's path.
    pub path: Held,
    /// Whether it listens to the event's type.
    pub event: Held,
    /// The grounds of its conditions; `None` when it has none.
    pub proof: Option<Proof>,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It matched.
    Matched,
    /// Something did not hold.
    Unmatched,
    /// `enabled: false`.
    Disabled,
    /// It would have matched, but an earlier rule ended the list.
    Stopped {
        /// That rule's name.
        by: Arc<str>,
    },
    /// It would have matched as a fallback, but another rule matched.
    NotNeeded,
    /// Its conditions took too many steps.
    Unknown,
}

/// One thing a rule wants of an event beside its conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The rule does not ask.
    Unasked,
    /// It held.
    Yes {
        /// What was wanted.
        wanted: String,
        /// What the event has.
        got: String,
    },
    /// It did not hold.
    No {
        /// What was wanted.
        wanted: String,
        /// What the event has.
        got: String,
    },
}

impl Held {
    /// What came of looking at `got` for one of `wanted`.
    fn new(wanted: &[&str], got: &str, takes: impl Fn(&str) -> bool) -> Self {
        let (wanted, got) = (wanted.join(", "), got.to_owned());
        match takes(&got) {
            _ if wanted.is_empty() => Self::Unasked,
            true => Self::Yes { wanted, got },
            false => Self::No { wanted, got },
        }
    }

    /// Whether nothing here speaks against the rule.
    pub fn is_held(&self) -> bool {
        !matches!(self, Self::No { .. })
    }
}

impl Explained<'_> {
    /// Whether its actions are owed.
    pub fn is_matched(&self) -> bool {
        self.verdict == Verdict::Matched
    }
}

impl Set {
    /// What became of every rule, in the order of the files. It agrees with `route`; conditions that no longer decide
    /// anything are looked at too.
    pub fn explain(&self, event: &Event) -> Vec<Explained<'_>> {
        let routed = self.route(event);
        self.rules.iter().map(|rule| explained(rule, event, &routed)).collect()
    }
}

fn explained<'s>(rule: &'s Rule, event: &Event, routed: &Routed<'_>) -> Explained<'s> {
    let names: Vec<&str> = rule.from.iter().map(|name| &**name).collect();
    let patterns: Vec<&str> = rule.path.iter().map(|pattern| pattern.text()).collect();
    let globs: Vec<&str> = rule.events.iter().map(|glob| glob.text()).collect();
    let from = Held::new(&names, &event.source, |source| rule.takes_source(source));
    let path = Held::new(&patterns, &event.request.path, |path| rule.takes_path(path));
    let kind = Held::new(&globs, &event.kind, |kind| rule.takes_kind(kind));
    let mut steps = Steps::new(limit::CONDITION_STEPS_MAX);
    let proof = rule.condition.as_ref().map(|condition| condition.prove_within(event, &mut steps));
    let held =
        [&from, &path, &kind].iter().all(|one| one.is_held()) && proof.as_ref().is_none_or(Proof::holds);
    Explained { rule, verdict: verdict(rule, routed, held), from, path, event: kind, proof }
}

/// `held` tells whether the rule would match by itself.
fn verdict(rule: &Rule, routed: &Routed<'_>, held: bool) -> Verdict {
    let stop = routed.matched.last().filter(|last| last.stop);
    if routed.matched.iter().any(|other| std::ptr::eq(*other, rule)) {
        Verdict::Matched
    } else if routed.errors.iter().any(|error| error.rule == rule.name) {
        Verdict::Unknown
    } else if !rule.enabled {
        Verdict::Disabled
    } else if !held {
        Verdict::Unmatched
    } else if let Some(stop) = stop.filter(|stop| stop.fallback == rule.fallback) {
        Verdict::Stopped { by: Arc::clone(&stop.name) }
    } else {
        Verdict::NotNeeded
    }
}
