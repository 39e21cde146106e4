//! What a rule wants done for an event: every delivery that is owed, and what it says to the sender.

use serde_json::Value;

use super::shown::{Shown, shown};
use crate::delivery::{Delivery, State};
use crate::effect::{Effect, Respond};
use crate::event::Event;
use crate::id::DeliveryId;
use crate::rule::{Desk, Rule, RuleAction, Set};
use crate::template::Scope;

/// How the reason of a delivery begins that was owed and has no list to go through.
const NO_LIST: &str = "`for_each`";

/// One thing that a rule wants done.
#[derive(Debug)]
pub struct Wanted<'s> {
    /// The action that wants it.
    pub action: &'s RuleAction,
    /// The delivery that is owed; `None` for an answer, and for what could not be judged.
    pub delivery: Option<DeliveryId>,
    /// It as it is compared and shown.
    pub shown: Shown,
    /// What the sender is to be answered, when that is it.
    pub respond: Option<Respond>,
    /// Whether its templates were filled.
    pub is_filled: bool,
}

/// All that a rule wants done, in the order of its actions. `results` stand in for what actions give to those that need
/// them, by their ids. What waits for an action that is not owed is left out: nothing is done for it.
pub fn wanted<'s>(set: &'s Set, rule: &'s Rule, event: &Event, results: Option<&Value>) -> Vec<Wanted<'s>> {
    let mut made = 0_u8;
    let mut new_id = || {
        made = made.wrapping_add(1);
        DeliveryId::from_bytes([made; 16])
    };
    let mut desk = Desk { revision: set.digest, now: event.request.received_at, new_id: &mut new_id };
    let owed = rule.owe(event, &mut desk).deliveries;
    of_owed(set, rule, event, (&owed, results))
}

/// The same, where it is known what is owed.
pub(super) fn of_owed<'s>(
    set: &'s Set,
    rule: &'s Rule,
    event: &Event,
    (owed, results): (&[Delivery], Option<&Value>),
) -> Vec<Wanted<'s>> {
    let mut all = Vec::new();
    for (index, action) in rule.actions.iter().enumerate().filter(|(_, action)| !action.is_on_failure) {
        if action.is_respond() {
            all.extend(answer(rule, action, event));
        } else if let Err(error) = action.applies(event) {
            all.push(failed(rule, action, &error.to_string()));
        }
        let own = owed.iter().filter(|delivery| usize::try_from(delivery.action) == Ok(index));
        all.extend(own.filter_map(|delivery| done(set, (rule, action), delivery, event, results)));
    }
    all
}

/// What it says to the sender, when its own `if` holds.
fn answer<'s>(rule: &Rule, action: &'s RuleAction, event: &Event) -> Option<Wanted<'s>> {
    match action.applies(event) {
        Ok(false) => None,
        Err(error) => Some(failed(rule, action, &error.to_string())),
        Ok(true) => Some(match action.effect(None, &Scope::new(event, &rule.name)) {
            Ok(effect) => filled(rule, action, effect),
            Err(failure) => failed(rule, action, &failure.to_string()),
        }),
    }
}

fn done<'s>(
    set: &Set,
    (rule, action): (&Rule, &'s RuleAction),
    delivery: &Delivery,
    event: &Event,
    results: Option<&Value>,
) -> Option<Wanted<'s>> {
    if let State::Cancelled { reason } | State::Dead { reason } = &delivery.state {
        return reason.starts_with(NO_LIST).then(|| failed(rule, action, reason));
    }
    let steps = results.filter(|_| !action.needs.is_empty()).cloned();
    let connection = action.connection.as_ref().and_then(|name| set.connections.get(name));
    let scope = action.scope(event, &rule.name, &delivery.context, steps);
    let effect = scope.and_then(|scope| action.effect(connection, &scope).map_err(|why| why.to_string()));
    let wanted = match effect {
        Ok(effect) => filled(rule, action, effect),
        Err(why) => failed(rule, action, &why),
    };
    Some(Wanted { delivery: Some(delivery.id), ..wanted })
}

fn filled<'s>(rule: &Rule, action: &'s RuleAction, effect: Effect) -> Wanted<'s> {
    let shown = shown(&rule.name, action, Ok(&effect));
    let respond = match effect {
        Effect::Respond(respond) => Some(respond),
        _ => None,
    };
    Wanted { action, delivery: None, shown, respond, is_filled: true }
}

fn failed<'s>(rule: &Rule, action: &'s RuleAction, why: &str) -> Wanted<'s> {
    let shown = shown(&rule.name, action, Err(why));
    Wanted { action, delivery: None, shown, respond: None, is_filled: false }
}
