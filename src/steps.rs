//! The results of the actions that others of their rule wait for, read back from the history.

use serde_json::{Map, Value};

use crate::action;
use crate::delivery::State;
use crate::id::EventId;
use crate::limit;
use crate::rule::{Rule, RuleAction};
use crate::store::{DeliveryFilter, DeliveryRow, Store};

/// Deliveries of one event and rule that are looked at.
const ROWS_MAX: usize = limit::FOR_EACH_MAX * 4;

/// How what an action needs stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Some of it is not at its end.
    Open,
    /// All of it succeeded.
    Done,
    /// Some of it did not, or is not owed.
    Failed,
}

/// How what an action needs stands for an event.
///
/// # Errors
/// In words, when the store cannot be asked.
pub async fn stand(
    store: &dyn Store,
    rule: &Rule,
    action: &RuleAction,
    event: EventId,
) -> Result<Stand, String> {
    let rows = rows(store, rule, event).await?;
    let mut stand = Stand::Done;
    for index in needed(rule, action) {
        let mut own = rows.iter().filter(|row| row.delivery.action == index).peekable();
        if own.peek().is_none() {
            return Ok(Stand::Failed);
        }
        for row in own {
            match &row.delivery.state {
                State::Delivered => {}
                state if state.is_end() => return Ok(Stand::Failed),
                _ => stand = Stand::Open,
            }
        }
    }
    Ok(stand)
}

/// The places of the actions that an action needs.
fn needed(rule: &Rule, action: &RuleAction) -> Vec<u32> {
    let is_needed = |other: &RuleAction| other.id.as_ref().is_some_and(|id| action.needs.contains(id));
    rule.actions.iter().zip(0..).filter(|(other, _)| is_needed(other)).map(|(_, index)| index).collect()
}

async fn rows(store: &dyn Store, rule: &Rule, event: EventId) -> Result<Vec<DeliveryRow>, String> {
    let filter = DeliveryFilter {
        event: Some(event),
        rule: Some(rule.name.to_string()),
        limit: ROWS_MAX,
        ..DeliveryFilter::default()
    };
    Ok(store.deliveries(filter).await.map_err(|error| error.to_string())?.rows)
}

/// A map of ids to results; of an action with `for_each` a list of them, in the order of its elements. `replayed_at` is
/// when a person wanted it done anew, if one did.
///
/// # Errors
/// In words, when the store cannot be asked.
pub async fn results(
    store: &dyn Store,
    rule: &Rule,
    action: &RuleAction,
    (event, replayed_at): (EventId, Option<i64>),
) -> Result<Value, String> {
    let rows = rows(store, rule, event).await?;
    let mut steps = Map::new();
    for need in &action.needs {
        let found = rule.actions.iter().zip(0..).find(|(other, _)| other.id.as_ref() == Some(need));
        let Some((needed, index)) = found else { continue };
        let mut done: Vec<&DeliveryRow> = rows.iter().filter(|row| is_done(row, index)).collect();
        // What a person wanted done anew takes what was done with it, else what was done before.
        let is_other = |row: &DeliveryRow| row.delivery.context.replayed_at != replayed_at;
        done.sort_by_key(|row| (row.delivery.context.item, is_other(row)));
        done.dedup_by_key(|row| row.delivery.context.item);
        let mut list = Vec::new();
        for row in done {
            list.extend(result(store, row).await?);
        }
        let value = if needed.each.is_some() { Some(Value::Array(list)) } else { list.pop() };
        if let Some(value) = value {
            steps.insert(need.clone(), value);
        }
    }
    Ok(Value::Object(steps))
}

fn is_done(row: &DeliveryRow, index: u32) -> bool {
    row.delivery.action == index && row.delivery.state == State::Delivered
}

/// What the attempt that succeeded gave.
async fn result(store: &dyn Store, row: &DeliveryRow) -> Result<Option<Value>, String> {
    let found = store.delivery(row.delivery.id).await.map_err(|error| error.to_string())?;
    let attempts = found.map(|(_, attempts)| attempts).unwrap_or_default();
    let last = attempts.iter().rev().find(|attempt| !attempt.stale);
    Ok(last.map(|attempt| action::result(&attempt.got_head, &attempt.got_body)))
}
