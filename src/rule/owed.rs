//! What a rule owes for an event that it matches: each action, each element of a list, what waits for what.

use std::collections::HashMap;
use std::sync::Arc;

use super::rules::{Rule, RuleAction};
use crate::action::NoItems;
use crate::delivery::{Context, Debounce, Delivery, Digest, Mode, Need, Slots, State, Throttle};
use crate::event::Event;
use crate::id::DeliveryId;
use crate::template::Scope;
use crate::time::Timestamp;
use crate::trace;

/// Deliveries and how they hang together.
#[derive(Debug, Default)]
pub struct Owed {
    /// The deliveries, in the order of the actions.
    pub deliveries: Vec<Delivery>,
    /// Which of them wait for which.
    pub needs: Vec<Need>,
    /// What the event must pass first.
    pub throttles: Vec<Throttle>,
    /// What could not be made, in words for our log.
    pub problems: Vec<String>,
}

/// What stands ready before the first delivery is made.
pub struct Desk<'d> {
    /// The rule set that decides.
    pub revision: Digest,
    /// The moment of acceptance.
    pub now: Timestamp,
    /// Gives new ids.
    pub new_id: &'d mut dyn FnMut() -> DeliveryId,
}

/// By which key a delivery waits for others, and how: without slots and debounce it keeps an order.
#[derive(Default)]
struct Turn {
    order_key: Option<String>,
    slots: Option<Slots>,
    debounce: Option<Debounce>,
}

/// What became of an action.
enum Fate {
    /// Its `if` does not hold, or cannot be judged.
    NotOwed(String),
    /// These are owed.
    Owed(Vec<DeliveryId>),
    /// It is recorded, and will not be attempted.
    Cancelled(String),
}

impl Rule {
    /// What it owes for an event that it matches. Answers to the sender are no deliveries.
    pub fn owe(&self, event: &Event, desk: &mut Desk<'_>) -> Owed {
        let mut owed = Owed::default();
        let mut fates: HashMap<&str, Fate> = HashMap::new();
        for index in self.in_order() {
            let Some(action) = self.actions.get(index) else { continue };
            let fate = self.owe_one((index, action), event, desk, &fates, &mut owed);
            if let Some(id) = &action.id {
                fates.insert(id, fate);
            }
        }
        owed.deliveries.sort_by_key(|delivery| delivery.action);
        match self.throttled(&Scope::new(event, &self.name)) {
            Ok(throttle) if !owed.deliveries.is_empty() => owed.throttles.extend(throttle),
            Ok(_) => {}
            Err(failure) => {
                owed.problems.push(format!("`throttle` has no key; the event is not bounded: {failure}"));
            }
        }
        owed
    }

    /// What is owed because a delivery of it died.
    pub fn owe_on_failure(
        &self,
        dead: &Delivery,
        reason: &str,
        event: &Event,
        desk: &mut Desk<'_>,
    ) -> Vec<Delivery> {
        let index = usize::try_from(dead.action).unwrap_or(usize::MAX);
        if self.actions.get(index).is_none_or(|action| action.is_on_failure) {
            return Vec::new();
        }
        let context = Context {
            failure: Some(reason.to_owned()),
            replayed_at: dead.context.replayed_at,
            ..Context::default()
        };
        let actions = self.actions.iter().enumerate().filter(|(_, action)| action.is_on_failure);
        actions
            .filter(|(_, action)| action.applies(event).unwrap_or(true))
            .map(|(index, action)| {
                let state = State::Due { at: desk.now };
                self.delivery((index, action), event, desk, (state, context.clone()), &mut Owed::default())
            })
            .collect()
    }

    /// The action that a delivery carries out.
    pub fn action(&self, delivery: &Delivery) -> Option<&RuleAction> {
        self.actions.get(usize::try_from(delivery.action).ok()?)
    }

    /// Whether anything is done when an action has died.
    pub fn follows_failures(&self) -> bool {
        self.actions.iter().any(|action| action.is_on_failure)
    }

    /// The places of what an event owes, each behind those it needs; there are no circles.
    fn in_order(&self) -> Vec<usize> {
        let is_owed = |action: &RuleAction| !action.is_on_failure && !action.is_respond();
        let mut left: Vec<usize> = (0..self.actions.len()).collect();
        left.retain(|index| self.actions.get(*index).is_some_and(is_owed));
        let mut order: Vec<usize> = Vec::new();
        while !left.is_empty() {
            let waits = |index: &usize| {
                let needs = self.actions.get(*index).map_or(&[][..], |action| &action.needs);
                needs.iter().any(|need| left.iter().any(|other| self.is_called(*other, need)))
            };
            let (later, next): (Vec<usize>, Vec<usize>) = left.iter().partition(|index| waits(index));
            order.extend(if next.is_empty() { &later } else { &next });
            left = if next.is_empty() { Vec::new() } else { later };
        }
        order
    }

    fn is_called(&self, index: usize, id: &str) -> bool {
        self.actions.get(index).and_then(|action| action.id.as_deref()) == Some(id)
    }

    fn owe_one(
        &self,
        (index, action): (usize, &RuleAction),
        event: &Event,
        desk: &mut Desk<'_>,
        fates: &HashMap<&str, Fate>,
        owed: &mut Owed,
    ) -> Fate {
        match action.applies(event) {
            Ok(true) => {}
            Ok(false) => return Fate::NotOwed("its `if` does not hold".to_owned()),
            Err(error) => {
                owed.problems.push(format!("an action could not be judged: {error}"));
                return Fate::NotOwed("its `if` could not be judged".to_owned());
            }
        }
        let items = match &action.each {
            None => Ok(vec![None]),
            Some(each) => each.items(&event.payload).map(|items| (0..).map(Some).take(items.len()).collect()),
        };
        let cancelled = |reason: String| (State::Cancelled { reason: reason.clone() }, reason);
        let ended = match (items, waits(action, fates)) {
            (Ok(items), Ok(on)) => return self.owe_each((index, action), event, desk, (items, on), owed),
            (Err(NoItems::TooMany(reason)), Ok(_)) if !self.shadow => {
                (State::Dead { reason: reason.clone() }, reason)
            }
            (Err(why), Ok(_)) => cancelled(why.to_string()),
            (_, Err(reason)) => cancelled(reason),
        };
        self.owe_nothing((index, action), event, desk, ended, owed)
    }

    /// Records a delivery that is at its end before it began, with what its rule does about a failure.
    fn owe_nothing(
        &self,
        (index, action): (usize, &RuleAction),
        event: &Event,
        desk: &mut Desk<'_>,
        (state, reason): (State, String),
        owed: &mut Owed,
    ) -> Fate {
        let is_dead = matches!(state, State::Dead { .. });
        let delivery = self.delivery((index, action), event, desk, (state, Context::default()), owed);
        if is_dead {
            owed.problems.push(format!("a delivery is dead: {reason}"));
            owed.deliveries.extend(self.owe_on_failure(&delivery, &reason, event, desk));
        }
        owed.deliveries.push(delivery);
        Fate::Cancelled(reason)
    }

    /// One delivery for each element, or the one of an action without elements.
    fn owe_each(
        &self,
        (index, action): (usize, &RuleAction),
        event: &Event,
        desk: &mut Desk<'_>,
        (items, on): (Vec<Option<u32>>, Vec<(String, DeliveryId)>),
        owed: &mut Owed,
    ) -> Fate {
        let mut ids = Vec::new();
        for item in items {
            let state = match on.is_empty() {
                true => State::Due { at: desk.now },
                false => State::Waiting { on: action.needs.join(", ") },
            };
            let context = Context { item, ..Context::default() };
            let delivery = self.delivery((index, action), event, desk, (state, context), owed);
            let need = |(name, on): &(String, DeliveryId)| Need {
                delivery: delivery.id,
                on: *on,
                name: name.clone(),
            };
            owed.needs.extend(on.iter().map(need));
            ids.push(delivery.id);
            owed.deliveries.push(delivery);
        }
        Fate::Owed(ids)
    }

    fn delivery(
        &self,
        (index, action): (usize, &RuleAction),
        event: &Event,
        desk: &mut Desk<'_>,
        (state, context): (State, Context),
        owed: &mut Owed,
    ) -> Delivery {
        // A shadow takes nobody's room, turn or time.
        let destination = match &action.connection {
            Some(connection) if !self.shadow => format!("connection:{connection}"),
            _ => format!("rule:{}", self.name),
        };
        let turn = match self.turn((index, action), event, desk.now) {
            Ok(turn) if !self.shadow => turn,
            Ok(_) => Turn::default(),
            Err(problem) => {
                owed.problems.push(problem);
                Turn::default()
            }
        };
        let Turn { order_key, slots, debounce } = turn;
        let state = match (state, debounce) {
            (State::Due { at }, Some(debounce)) => State::Due { at: debounce.due(at) },
            (state, _) => state,
        };
        let mode = if self.shadow { Mode::AtLeastOnce } else { action.mode };
        let traceparent = trace::incoming(&event.request.headers).map(str::to_owned);
        Delivery {
            id: (desk.new_id)(),
            event: event.id,
            rule: Arc::clone(&self.name),
            revision: desk.revision,
            action: u32::try_from(index).unwrap_or(u32::MAX),
            verb: Arc::from(action.verb.name),
            destination: Arc::from(destination),
            order_key,
            mode,
            state,
            attempts: 0,
            accepted_at: desk.now,
            context: Context { shadow: self.shadow, slots, debounce, traceparent, ..context },
        }
    }
}

impl Rule {
    /// By which key a delivery has to wait for others, and with slots how many events may go at once. A key that cannot
    /// be made leaves it without.
    fn turn(
        &self,
        (index, action): (usize, &RuleAction),
        event: &Event,
        now: Timestamp,
    ) -> Result<Turn, String> {
        let scope = Scope::new(event, &self.name);
        // What follows a failure is not kept waiting by others.
        let slots = if action.is_on_failure { Ok(None) } else { self.slots(&scope) };
        let debounced = if action.is_on_failure { Ok(None) } else { self.debounced(&scope, now) };
        let debounced = debounced
            .map_err(|failure| format!("`debounce` has no key; its delivery waits for nothing: {failure}"))?;
        if let Some((key, debounce)) = debounced {
            return Ok(Turn { order_key: Some(key), debounce: Some(debounce), slots: None });
        }
        let slots = slots
            .map_err(|failure| format!("`concurrency` has no key; its delivery is not bounded: {failure}"))?;
        if let Some((key, slots)) = slots {
            return Ok(Turn { order_key: Some(key), slots: Some(slots), debounce: None });
        }
        let order_key = self.order_key(index, &scope);
        let order_key = order_key
            .map_err(|failure| format!("`order_by` has no value; its delivery keeps no order: {failure}"))?;
        Ok(Turn { order_key, ..Turn::default() })
    }
}

/// What an action waits for; the error says why it can wait no more.
fn waits(action: &RuleAction, fates: &HashMap<&str, Fate>) -> Result<Vec<(String, DeliveryId)>, String> {
    let mut on = Vec::new();
    for need in &action.needs {
        match fates.get(need.as_str()) {
            Some(Fate::Owed(ids)) => on.extend(ids.iter().map(|id| (need.clone(), *id))),
            Some(Fate::NotOwed(why)) => return Err(format!("`{need}` is not owed: {why}")),
            Some(Fate::Cancelled(why)) => return Err(format!("`{need}` was cancelled: {why}")),
            None => return Err(format!("`{need}` is not owed")),
        }
    }
    Ok(on)
}
