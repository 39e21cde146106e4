//! Which rules an event meets: every matching one in the order of the files, `stop` ends the list, `fallback` waits.

use std::sync::Arc;

use super::rules::Rule;
use super::set::Set;
use crate::event::Event;
use crate::limit;
use crate::path::{OutOfSteps, Steps};

/// The rules that an event meets.
#[derive(Debug, Default)]
pub struct Routed<'s> {
    /// Those that match, in the order of the files; fallbacks behind shadows.
    pub matched: Vec<&'s Rule>,
    /// Those of which it is not known whether they match.
    pub errors: Vec<Error>,
}

/// A rule whose conditions took more steps than an event has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule `{rule}`: {cause}")]
pub struct Error {
    /// The rule.
    pub rule: Arc<str>,
    /// Why it is not known.
    #[source]
    pub cause: OutOfSteps,
}

impl Set {
    /// The rules that match the event. All of them share the steps that one event has; none may take more than half of
    /// what is left, so that one which takes too many does not take the others with it.
    ///
    /// Rules with `fallback` are looked at only when no other rule matched, shadows aside; then every one of them that
    /// matches counts.
    pub fn route(&self, event: &Event) -> Routed<'_> {
        let mut steps = Steps::new(limit::CONDITION_STEPS_MAX);
        let mut routed = Routed { matched: Vec::new(), errors: Vec::new() };
        let candidates = self.index.candidates(event);
        let rules = || candidates.iter().filter_map(|rank| self.rules.get(usize::try_from(*rank).ok()?));
        routed.take(rules().filter(|rule| !rule.fallback), event, &mut steps);
        if routed.matched.iter().all(|rule| rule.shadow) {
            routed.take(rules().filter(|rule| rule.fallback), event, &mut steps);
        }
        routed
    }
}

impl<'s> Routed<'s> {
    fn take(&mut self, rules: impl Iterator<Item = &'s Rule>, event: &Event, steps: &mut Steps) {
        for rule in rules {
            let mut share = Steps::new(steps.left() / 2);
            let rest = steps.left() - share.left();
            let matches = rule.matches(event, &mut share);
            *steps = Steps::new(rest + share.left());
            match matches {
                Ok(false) => {}
                Ok(true) => {
                    self.matched.push(rule);
                    if rule.stop {
                        return;
                    }
                }
                Err(cause) => self.errors.push(Error { rule: Arc::clone(&rule.name), cause }),
            }
        }
    }
}
