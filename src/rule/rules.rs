//! A rule and its actions, ready for events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

use super::checked::CheckedAction;
use super::concurrency::Concurrency;
use super::debounce::Debounced;
use super::defaults::Defaults;
use super::route::Error;
use super::throttle::Throttled;
use crate::action::{Action, Connection, Each, Failure, Verb};
use crate::condition::Condition;
use crate::delivery::{Context, Debounce, Mode, Retry, Slots, Throttle};
use crate::effect::Effect;
use crate::event::Event;
use crate::glob::Glob;
use crate::limit;
use crate::path::{OutOfSteps, Steps};
use crate::route::Pattern;
use crate::template::{self, Scope, Template};
use crate::time::Timestamp;

/// A key longer than this is kept as its digest.
const ORDER_KEY_MAX_BYTES: usize = 256;

/// One rule: when it matches, and what it does then.
#[derive(Debug)]
pub struct Rule {
    /// Its name, which no other rule of the set has.
    pub name: Arc<str>,
    /// What it is for, in the words of its writer.
    pub description: Option<String>,
    /// Whether it is looked at at all.
    pub enabled: bool,
    /// What it would do is written down, and nothing is done; other rules do not notice it.
    pub shadow: bool,
    /// The sources it listens to; empty for any.
    pub from: Vec<Arc<str>>,
    /// The paths it listens to; `None` for any.
    pub path: Option<Box<Pattern>>,
    /// The event types it listens to; empty for any.
    pub events: Vec<Glob>,
    /// What must hold of the event; `None` for nothing.
    pub condition: Option<Condition>,
    /// What it does: the items of `do`, then those of `on_failure`.
    pub actions: Vec<RuleAction>,
    /// Whether no later rule is looked at once it matched.
    pub stop: bool,
    /// Whether it is looked at only when no other rule matched.
    pub fallback: bool,
    /// What makes the key by which its deliveries keep their order.
    pub order_by: Option<Box<Template>>,
    /// How many events of one key are worked on at once; `None` for any number.
    pub concurrency: Option<Box<Concurrency>>,
    /// Which of events that come soon after each other is done; `None` for each.
    pub debounce: Option<Box<Debounced>>,
    /// How many events of one key in some time; `None` for any number.
    pub throttle: Option<Box<Throttled>>,
    /// The file it stands in.
    pub file: Arc<str>,
    /// The line it starts on, from 1.
    pub line: usize,
}

impl Rule {
    /// Whether it listens to this source.
    pub fn takes_source(&self, source: &str) -> bool {
        self.from.is_empty() || self.from.iter().any(|name| **name == *source)
    }

    /// Whether it listens to this path.
    pub fn takes_path(&self, path: &str) -> bool {
        self.path.as_ref().is_none_or(|pattern| pattern.matches(path).is_some())
    }

    /// Whether it listens to this event type.
    pub fn takes_kind(&self, kind: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|glob| glob.matches(kind))
    }

    /// Whether it matches the event, whatever other rules say.
    ///
    /// # Errors
    /// When the steps run out before the answer is known.
    pub fn matches(&self, event: &Event, steps: &mut Steps) -> Result<bool, OutOfSteps> {
        let listens = self.enabled
            && self.takes_source(&event.source)
            && self.takes_kind(&event.kind)
            && self.takes_path(&event.request.path);
        match &self.condition {
            Some(condition) if listens => condition.holds(event, steps),
            _ => Ok(listens),
        }
    }

    /// The key by which the deliveries of its action at `index` keep their order for the event of `scope`; `None` for
    /// no order. Actions of one rule stay side by side, and other rules have keys of their own, unless the key is one of
    /// their connection.
    ///
    /// # Errors
    /// When the event has no value for it.
    pub fn order_key(&self, index: usize, scope: &Scope<'_>) -> Result<Option<String>, template::Failure> {
        if let Some(template) = &self.order_by {
            let key = short(template.text(scope)?);
            return Ok(Some(format!("{}#{index} {key}", self.name)));
        }
        let Some(action) = self.actions.get(index) else { return Ok(None) };
        let (Some(connection), Some(template)) = (&action.connection, &action.order_by) else {
            return Ok(None);
        };
        Ok(Some(format!("connection:{connection}# {}", short(template.text(scope)?))))
    }

    /// The key by which all its deliveries for the event of `scope` wait for later events, and how long they do.
    ///
    /// # Errors
    /// When the event has no value for it.
    pub fn debounced(
        &self,
        scope: &Scope<'_>,
        now: Timestamp,
    ) -> Result<Option<(String, Debounce)>, template::Failure> {
        let Some(debounced) = &self.debounce else { return Ok(None) };
        let key = short(debounced.key(scope)?);
        Ok(Some((format!("{}~ {key}", self.name), debounced.begin(now))))
    }

    /// The key by which all its deliveries for the event of `scope` count as one, and how many such there may be at once.
    ///
    /// # Errors
    /// When the event has no value for it.
    pub fn slots(&self, scope: &Scope<'_>) -> Result<Option<(String, Slots)>, template::Failure> {
        let Some(concurrency) = &self.concurrency else { return Ok(None) };
        let key = short(concurrency.key(scope)?);
        Ok(Some((format!("{}* {key}", self.name), concurrency.slots)))
    }
}

impl Rule {
    /// What the event of `scope` must pass before anything is owed for it; `None` for nothing.
    ///
    /// # Errors
    /// When the event has no value for the key.
    pub fn throttled(&self, scope: &Scope<'_>) -> Result<Option<Throttle>, template::Failure> {
        let Some(throttled) = &self.throttle else { return Ok(None) };
        let key = format!("{}! {}", self.name, short(throttled.key(scope)?));
        Ok(Some(Throttle { rule: Arc::clone(&self.name), key, rate: throttled.rate }))
    }
}

/// A key as it is, or a fixed-length stand-in for a long one: its SHA-256.
fn short(key: String) -> String {
    if key.len() <= ORDER_KEY_MAX_BYTES {
        return key;
    }
    crate::hex::hex(digest(&SHA256, key.as_bytes()).as_ref())
}

/// One action of a rule.
#[derive(Debug)]
pub struct RuleAction {
    /// What other actions of the rule call it.
    pub id: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// It is owed when another has died, not by the event itself.
    pub is_on_failure: bool,
    /// One delivery for each element of a list.
    pub each: Option<Each>,
    /// The ids of the actions whose success it waits for.
    pub needs: Vec<String>,
    /// The row of its verb.
    pub verb: &'static Verb,
    /// The verb with its settings.
    pub action: Box<dyn Action>,
    /// The connection it goes through.
    pub connection: Option<Arc<str>>,
    /// What makes the key by which that connection keeps an order, where its rule says none.
    order_by: Option<Arc<Template>>,
    /// What must hold beyond the rule's own conditions.
    pub condition: Option<Box<Condition>>,
    /// Its own retry policy.
    pub retry: Option<Box<Retry>>,
    /// Whether an attempt that a crash cut off is made again.
    pub mode: Mode,
    /// Its own bound on the time of an attempt; its effect has it already.
    pub timeout: Option<Duration>,
    /// What counts where neither it nor its connection says otherwise.
    defaults: Arc<Defaults>,
    /// The line it starts on, from 1.
    pub line: usize,
}

impl RuleAction {
    /// What it does not say is taken from `defaults`, then from its verb.
    pub(super) fn new(
        checked: CheckedAction,
        defaults: &Arc<Defaults>,
        connections: &BTreeMap<Arc<str>, Connection>,
    ) -> Self {
        let compiled = checked.compiled;
        let connection = compiled.connection.map(|named| Arc::<str>::from(named.name));
        let order_by = connection.as_ref().and_then(|name| connections.get(name)?.order_by.clone());
        Self {
            id: compiled.id,
            name: compiled.name,
            is_on_failure: checked.is_on_failure,
            each: compiled.each,
            needs: compiled.needs.into_iter().map(|need| need.id).collect(),
            verb: compiled.verb,
            action: compiled.action,
            connection,
            order_by,
            condition: checked.condition,
            retry: compiled.retry,
            mode: compiled.mode.or(defaults.mode).unwrap_or(compiled.verb.mode),
            timeout: compiled.timeout,
            defaults: Arc::clone(defaults),
            line: checked.line,
        }
    }

    /// What its templates see for a delivery. `steps` are the results of the actions it needs, a map by their ids.
    ///
    /// # Errors
    /// In words for a person: the element of its list is not there.
    pub fn scope<'s>(
        &'s self,
        event: &'s Event,
        rule: &'s str,
        context: &Context,
        steps: Option<Value>,
    ) -> Result<Scope<'s>, String> {
        let mut scope = Scope::new(event, rule);
        if let Some(steps) = steps {
            scope = scope.with_steps(steps);
        }
        if let Some(reason) = &context.failure {
            scope = scope.with_failure(reason);
        }
        if let (Some(each), Some(place)) = (&self.each, context.item) {
            let items = each.items(&event.payload).map_err(|why| why.to_string())?;
            let item = usize::try_from(place).ok().and_then(|place| items.get(place).copied());
            let item = item.ok_or_else(|| format!("`for_each` has no element {place}"))?;
            scope = scope.with_each(&each.name, item);
        }
        Ok(scope)
    }

    /// Whether its own `if` holds; the event has steps of its own for it.
    ///
    /// # Errors
    /// When the steps run out before the answer is known.
    pub fn applies(&self, event: &Event) -> Result<bool, Error> {
        let Some(condition) = &self.condition else { return Ok(true) };
        condition.holds(event, &mut Steps::new(limit::CONDITION_STEPS_MAX)).map_err(|cause| Error {
            rule: Arc::from(format!("{} (line {})", self.verb.name, self.line)),
            cause,
        })
    }

    /// What it wants done for the event of `scope`. `connection` is today's, when it names one.
    ///
    /// # Errors
    /// When a template has no value, or a value may not stand where it would land.
    pub fn effect(&self, connection: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let effect = self.action.effect(connection, scope)?;
        let said = self.timeout.or_else(|| connection?.timeout);
        Ok(match self.defaults.timeout {
            Some(timeout) if said.is_none() => effect.within(timeout),
            _ => effect,
        })
    }

    /// Whether it is the answer to the sender, which is given at once and never a delivery.
    pub fn is_respond(&self) -> bool {
        self.verb.name == "respond"
    }

    /// The retry policy that counts: its own, else the connection's, else that of `defaults`, else the verb's.
    pub fn retry_with(&self, connection: Option<&Connection>) -> Retry {
        let connections = || connection.and_then(|connection| connection.retry.clone());
        let defaults = || self.defaults.retry.clone();
        self.retry
            .as_deref()
            .cloned()
            .or_else(connections)
            .or_else(defaults)
            .unwrap_or_else(|| self.verb.attempts.retry())
    }
}
