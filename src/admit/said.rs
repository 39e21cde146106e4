//! The answer of a rule to the sender: known at once, or made of the results of other actions.

use std::sync::Arc;
use std::time::Duration;

use crate::effect::{Effect, Respond};
use crate::event::Event;
use crate::limit;
use crate::rule::{Rule, RuleAction};
use crate::template::Scope;

/// What a rule says.
pub enum Say {
    /// This.
    Now(Respond),
    /// What this action makes of the results of others.
    Later(Later),
}

/// An answer that waits.
pub struct Later {
    /// Its rule.
    pub rule: Arc<str>,
    /// The place of the action in its rule.
    pub action: usize,
    /// How long the sender waits for it.
    pub within: Duration,
}

impl Say {
    /// What an action of a rule says; `None` when its template fails.
    pub fn of(rule: &Rule, (index, action): (usize, &RuleAction), event: &Event) -> Option<Self> {
        if action.needs.is_empty() {
            return say(action, &Scope::new(event, &rule.name), event).map(Self::Now);
        }
        let within = action.timeout.unwrap_or(limit::ANSWER_WITHIN).min(limit::ANSWER_WITHIN_MAX);
        Some(Self::Later(Later { rule: Arc::clone(&rule.name), action: index, within }))
    }

    /// What can be said at once.
    pub fn now(self) -> Option<Respond> {
        match self {
            Self::Now(respond) => Some(respond),
            Self::Later(_) => None,
        }
    }
}

/// The answer that a matching rule gives; a template that fails leaves the usual one.
pub fn say(action: &RuleAction, scope: &Scope<'_>, event: &Event) -> Option<Respond> {
    match action.action.effect(None, scope) {
        Ok(Effect::Respond(respond)) => Some(respond),
        Ok(_) => None,
        Err(failure) => {
            tracing::error!(event = %event.id, error = %failure, "the answer of a rule could not be made; 202 is sent");
            None
        }
    }
}
