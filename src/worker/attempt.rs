//! One attempt: the action of the rule set that decided, the connection of today, the effect, and the end of it in the store.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::revisions::Revisions;
use super::steps;
use crate::clock::{Clock, random};
use crate::delivery::{Answer, Delivery, Mode, Outcome, Retry, State};
use crate::effect::Effect;
use crate::event::Event;
use crate::id::DeliveryId;
use crate::live::Live;
use crate::perform::{Performer, Ticket};
use crate::rule::{Desk, RuleAction, Set};
use crate::schedule::Waiting;
use crate::store::{Error, Ready, Settle, Settled, Store};
use crate::time::Timestamp;

/// Rest between two tries to write an end down while the store cannot.
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

/// What every attempt works with.
pub(super) struct Tools {
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<ArcSwap<Live>>,
    pub(super) performer: Performer,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) revisions: Revisions,
}

/// What the loop has to know of an attempt that ended.
pub(super) struct Ended {
    pub(super) id: DeliveryId,
    pub(super) destination: Arc<str>,
    /// It is due again.
    pub(super) again: Option<Ready>,
}

/// What came of an attempt: the outcome, and the policy that judges it.
struct Done {
    outcome: Outcome,
    retry: Retry,
    /// What decided; `None` when it could not be looked up.
    decided: Option<(Arc<Set>, Arc<Event>)>,
}

/// Makes one attempt and writes its end down.
pub(super) async fn make(tools: &Tools, waiting: Waiting) -> Ended {
    let mut delivery = waiting.delivery;
    let ended = |again| Ended { id: delivery.id, destination: Arc::clone(&delivery.destination), again };
    let started_at = tools.clock.now();
    let number = delivery.attempts + 1;
    if delivery.mode == Mode::AtMostOnce {
        match tools.store.start(delivery.id, number, started_at).await {
            Ok(Settled::Done) => {}
            Ok(Settled::Stale) => return ended(None),
            Err(error) => {
                tracing::error!(delivery = %delivery.id, %error, "the start of a command cannot be written down; it waits");
                tokio::time::sleep(SETTLE_PAUSE).await;
                return ended(None);
            }
        }
    }
    let live = tools.live.load_full();
    let done = perform(tools, &live, &delivery, waiting.event, started_at).await;
    let now = tools.clock.now();
    delivery.attempts = number;
    let state = done.retry.settle(&delivery, &done.outcome.answer, now);
    log(&delivery, &done.outcome, &state);
    let settle = Settle {
        delivery: delivery.id,
        attempt: number,
        started_at,
        now,
        outcome: done.outcome,
        owes: done.decided.map_or_else(Vec::new, |decided| owed(&delivery, &state, &decided, now)),
        state: state.clone(),
    };
    let settled = write_down(tools, settle).await;
    let again = matches!((&state, settled), (State::Due { .. }, Some(Settled::Done)))
        .then(|| Ready { delivery: Delivery { state, ..delivery.clone() }, event: None });
    Ended { id: delivery.id, destination: delivery.destination, again }
}

/// Settles an attempt that a bug of ours ended: the delivery is given up and says so; the others go on.
pub(super) async fn panicked(tools: &Tools, mut delivery: Delivery) {
    let now = tools.clock.now();
    let reason = "doorbell itself failed in this attempt; this is a bug".to_owned();
    let outcome = refused(reason.clone());
    delivery.attempts += 1;
    let state = State::Dead { reason };
    log(&delivery, &outcome, &state);
    let (id, attempt) = (delivery.id, delivery.attempts);
    write_down(
        tools,
        Settle { delivery: id, attempt, started_at: now, now, outcome, state, owes: Vec::new() },
    )
    .await;
}

async fn perform(
    tools: &Tools,
    live: &Live,
    delivery: &Delivery,
    event: Option<Arc<Event>>,
    now: Timestamp,
) -> Done {
    let looked_up = look_up(tools, live, delivery, event).await;
    let decided = looked_up.as_ref().ok().cloned();
    let prepared = match looked_up {
        Ok((set, event)) => prepare(tools, live, delivery, (&set, &event)).await,
        Err(why) => Err(why),
    };
    match prepared {
        Ok((effect, retry)) => {
            let ticket = Ticket {
                delivery: delivery.id,
                event: delivery.event,
                rule: Arc::clone(&delivery.rule),
                attempt: delivery.attempts + 1,
                now,
            };
            let outcome = tools.performer.perform(effect, &live.vault, &ticket).await;
            Done { outcome, retry, decided }
        }
        Err(why) => Done { outcome: refused(live.vault.redact(&why)), retry: Retry::default(), decided },
    }
}

/// The rule set that decided and the event.
async fn look_up(
    tools: &Tools,
    live: &Live,
    delivery: &Delivery,
    event: Option<Arc<Event>>,
) -> Result<(Arc<Set>, Arc<Event>), String> {
    let set = tools.revisions.get(live, delivery.revision).await?;
    let event = match event {
        Some(event) => event,
        None => tools
            .store
            .event(delivery.event)
            .await
            .map_err(|error| error.to_string())?
            .ok_or("the event of this delivery is not in the store")?,
    };
    Ok((set, event))
}

/// The effect, pure once everything it needs is at hand; the error says in words why there is none.
async fn prepare(
    tools: &Tools,
    live: &Live,
    delivery: &Delivery,
    (set, event): (&Set, &Event),
) -> Result<(Effect, Retry), String> {
    let action = find(set, delivery).ok_or("the rule of this delivery is not in its rule set")?;
    let steps = match set.rule(&delivery.rule) {
        Some(rule) if !action.needs.is_empty() => {
            Some(steps::results(&*tools.store, rule, action, delivery).await?)
        }
        _ => None,
    };
    // A connection is looked up at the attempt: a moved address or a new secret heals what is still pending.
    let connection = match &action.connection {
        None => None,
        Some(name) => Some(
            live.set
                .connections
                .get(name)
                .or_else(|| set.connections.get(name))
                .ok_or_else(|| format!("there is no connection `{name}` any more"))?,
        ),
    };
    let scope = action.scope(event, &delivery.rule, &delivery.context, steps)?;
    let effect = action.effect(connection, &scope).map_err(|failure| failure.to_string())?;
    Ok((effect, action.retry_with(connection)))
}

fn find<'set>(set: &'set Set, delivery: &Delivery) -> Option<&'set RuleAction> {
    set.rule(&delivery.rule)?.actions.get(usize::try_from(delivery.action).ok()?)
}

/// What its rule owes because this delivery died.
fn owed(
    delivery: &Delivery,
    state: &State,
    (set, event): &(Arc<Set>, Arc<Event>),
    now: Timestamp,
) -> Vec<Delivery> {
    let (State::Dead { reason }, Some(rule)) = (state, set.rule(&delivery.rule)) else { return Vec::new() };
    let mut new_id = || DeliveryId::new(now.millis(), random());
    let mut desk = Desk { revision: delivery.revision, now, new_id: &mut new_id };
    rule.owe_on_failure(delivery, reason, event, &mut desk)
}

fn refused(why: String) -> Outcome {
    Outcome {
        answer: Answer::Invalid(why),
        sent: String::new(),
        got_head: String::new(),
        got_body: String::new(),
        took: Duration::ZERO,
    }
}

/// Writes an end down, however long the store cannot: what was done in the world is not forgotten while we live.
async fn write_down(tools: &Tools, settle: Settle) -> Option<Settled> {
    let mut settle = settle;
    loop {
        let copy = Settle {
            outcome: settle.outcome.clone(),
            state: settle.state.clone(),
            owes: settle.owes.clone(),
            ..settle
        };
        match tools.store.settle(copy).await {
            Ok(settled) => return Some(settled),
            Err(Error::Closed) => return None,
            Err(error) => {
                tracing::error!(delivery = %settle.delivery, %error, "the end of an attempt cannot be written down; trying again");
                tokio::time::sleep(SETTLE_PAUSE).await;
                settle.now = tools.clock.now();
            }
        }
    }
}

fn log(delivery: &Delivery, outcome: &Outcome, state: &State) {
    let took_ms = u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX);
    let words = outcome.answer.words();
    let (id, event, rule, verb) = (delivery.id, delivery.event, &*delivery.rule, &*delivery.verb);
    let (attempt, state_name) = (delivery.attempts, state.name());
    match state {
        State::Delivered => {
            tracing::info!(delivery = %id, event = %event, rule, verb, attempt, took_ms, state = state_name, "{words}");
        }
        State::Due { at } => {
            tracing::warn!(delivery = %id, event = %event, rule, verb, attempt, took_ms, state = state_name, again_at = %at, "{words}");
        }
        _ => {
            tracing::error!(delivery = %id, event = %event, rule, verb, attempt, took_ms, state = state_name, "{words}");
        }
    }
}
