//! The results of the actions that a delivery waited for, read back from the history.

use serde_json::{Map, Value};

use crate::action;
use crate::delivery::{Delivery, State};
use crate::limit;
use crate::rule::{Rule, RuleAction};
use crate::store::{DeliveryFilter, DeliveryRow, Store};

/// Deliveries of one event and rule that are looked at.
const ROWS_MAX: usize = limit::FOR_EACH_MAX * 4;

/// A map of ids to results; of an action with `for_each` a list of them, in the order of its elements.
pub(super) async fn results(
    store: &dyn Store,
    rule: &Rule,
    action: &RuleAction,
    delivery: &Delivery,
) -> Result<Value, String> {
    let filter = DeliveryFilter {
        event: Some(delivery.event),
        rule: Some(delivery.rule.to_string()),
        limit: ROWS_MAX,
        ..DeliveryFilter::default()
    };
    let rows = store.deliveries(filter).await.map_err(|error| error.to_string())?;
    let mut steps = Map::new();
    for need in &action.needs {
        let found = rule.actions.iter().zip(0..).find(|(other, _)| other.id.as_ref() == Some(need));
        let Some((needed, index)) = found else { continue };
        let mut done: Vec<&DeliveryRow> = rows.iter().filter(|row| is_done(row, index)).collect();
        done.sort_by_key(|row| row.delivery.context.item);
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
