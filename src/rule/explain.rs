//! Why each rule matched an event or did not: the whole answer, with the grounds of every rule.

use std::sync::Arc;

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
    fn new(wanted: Vec<&str>, got: &str, holds: bool) -> Self {
        let (wanted, got) = (wanted.join(", "), got.to_owned());
        match holds {
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
        let stop = routed.matched.last().filter(|rule| rule.stop).map(|rule| &rule.name);
        self.rules
            .iter()
            .map(|rule| {
                let from = Held::new(
                    rule.from.iter().map(|name| &**name).collect(),
                    &event.source,
                    rule.takes_source(&event.source),
                );
                let wanted = rule.path.iter().map(|pattern| pattern.text()).collect();
                let path = Held::new(wanted, &event.request.path, rule.takes_path(&event.request.path));
                let wanted = rule.events.iter().map(|glob| glob.text()).collect();
                let kind = Held::new(wanted, &event.kind, rule.takes_kind(&event.kind));
                let mut steps = Steps::new(limit::CONDITION_STEPS_MAX);
                let proof =
                    rule.condition.as_ref().map(|condition| condition.prove_within(event, &mut steps));
                let held = from.is_held()
                    && path.is_held()
                    && kind.is_held()
                    && proof.as_ref().is_none_or(Proof::holds);
                let is = |other: &&Rule| std::ptr::eq(*other, rule);
                let verdict = match (stop, held) {
                    _ if routed.matched.iter().any(|other| is(other)) => Verdict::Matched,
                    _ if routed.errors.iter().any(|error| error.rule == rule.name) => Verdict::Unknown,
                    _ if !rule.enabled => Verdict::Disabled,
                    (_, false) => Verdict::Unmatched,
                    (Some(by), true) if !rule.fallback => Verdict::Stopped { by: Arc::clone(by) },
                    (_, true) => Verdict::NotNeeded,
                };
                Explained { rule, verdict, from, path, event: kind, proof }
            })
            .collect()
    }
}
