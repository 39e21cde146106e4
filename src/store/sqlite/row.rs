//! A delivery as a row of `delivery` or `delivery_done`, and back.

use std::sync::Arc;

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{CachedStatement, Row, ToSql};

use super::sealed;

use crate::delivery::{Context, Delivery, Mode, State};
use crate::id::{DeliveryId, EventId};
use crate::store::DeliveryRow;
use crate::store::seal::{Keys, Whose};
use crate::time::Timestamp;

/// What `delivery` and `delivery_done` have in common, as `delivery` reads it.
pub(super) const COLUMNS: &str = "id, event, rule, revision, action, verb, destination, order_key, mode, \
     accepted_at, attempts, state, due_at, reason, last_error, context";
/// The same of what ended.
pub(super) const COLUMNS_DONE: &str = "id, event, rule, revision, action, verb, destination, order_key, mode, \
     accepted_at, attempts, state, finished_at, reason, last_error, context";

/// Why a delivery is dead or cancelled, or what it waits for.
pub(super) const REASON: &str = "reason";
/// Its last failure.
pub(super) const LAST_ERROR: &str = "last_error";
/// What sets it apart.
const CONTEXT: &str = "context";
/// Those of its columns that are sealed.
pub(super) const SEALED: &[&str] = &[REASON, LAST_ERROR, CONTEXT];

/// The names of the states; the place in this list is the number that stands in the tables.
pub(super) const STATES: &[&str] =
    &["waiting", "due", "started", "delivered", "dead", "in_doubt", "cancelled"];
/// The number of `due`.
pub(super) const DUE: i64 = 1;
/// The number of `started`.
pub(super) const STARTED: i64 = 2;
/// The number of `delivered`, the one end that is not listed by state.
pub(super) const DELIVERED: i64 = 3;
/// The number of `dead`.
pub(super) const DEAD: i64 = 4;
/// The number of `in_doubt`.
pub(super) const IN_DOUBT: i64 = 5;
/// The number of `cancelled`.
pub(super) const CANCELLED: i64 = 6;

/// The number of a state's name; `None` when there is no such state.
pub(super) fn state_number(name: &str) -> Option<i64> {
    STATES.iter().zip(0..).find(|(known, _)| **known == name).map(|(_, number)| number)
}

/// Whether a state of this number is an end.
pub(super) const fn is_end(number: i64) -> bool {
    number >= DELIVERED
}

/// A state in columns.
pub(super) struct StateColumns<'s> {
    pub(super) number: i64,
    pub(super) due_at: Option<i64>,
    pub(super) reason: Option<&'s str>,
}

impl<'s> From<&'s State> for StateColumns<'s> {
    fn from(state: &'s State) -> Self {
        let number = state_number(state.name()).unwrap_or(DUE);
        let (due_at, reason) = match state {
            State::Waiting { on } => (None, Some(on.as_str())),
            State::Due { at } => (Some(at.millis()), None),
            State::Dead { reason } | State::Cancelled { reason } => (None, Some(reason.as_str())),
            State::Started | State::Delivered | State::InDoubt => (None, None),
        };
        Self { number, due_at, reason }
    }
}

/// Binds the sixteen shared columns, those with texts sealed; `at` is `due_at` or `finished_at`.
pub(super) fn bind(
    statement: &mut CachedStatement<'_>,
    keys: &Keys,
    delivery: &Delivery,
    at: Option<i64>,
    last_error: Option<&str>,
) -> rusqlite::Result<()> {
    let state = StateColumns::from(&delivery.state);
    let context = context_text(&delivery.context);
    let seal = |column, text| sealed::value(keys, Whose::delivery(delivery.id, column), text);
    let values: [&dyn ToSql; 16] = [
        delivery.id.as_bytes(),
        delivery.event.as_bytes(),
        &delivery.rule,
        &delivery.revision,
        &delivery.action,
        &delivery.verb,
        &delivery.destination,
        &delivery.order_key,
        &matches!(delivery.mode, Mode::AtMostOnce),
        &delivery.accepted_at.millis(),
        &delivery.attempts,
        &state.number,
        &at,
        &seal(REASON, state.reason)?,
        &seal(LAST_ERROR, last_error)?,
        &seal(CONTEXT, context.as_deref())?,
    ];
    for (index, value) in (1..).zip(values) {
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// Reads the sixteen shared columns.
pub(super) fn read(row: &Row<'_>, keys: &Keys) -> rusqlite::Result<DeliveryRow> {
    let id = DeliveryId::from_bytes(row.get(0)?);
    let open = |index, column| sealed::text(keys, Whose::delivery(id, column), row, index);
    let text = |index| Ok::<_, rusqlite::Error>(Arc::<str>::from(row.get_ref(index)?.as_str()?));
    let at: Option<i64> = row.get(12)?;
    let number: i64 = row.get(11)?;
    let delivery = Delivery {
        id,
        event: EventId::from_bytes(row.get(1)?),
        rule: text(2)?,
        revision: row.get(3)?,
        action: row.get(4)?,
        verb: text(5)?,
        destination: text(6)?,
        order_key: row.get(7)?,
        mode: if row.get(8)? { Mode::AtMostOnce } else { Mode::AtLeastOnce },
        accepted_at: Timestamp::from_millis(row.get(9)?),
        attempts: row.get(10)?,
        state: state(number, at, open(13, REASON)?)?,
        context: context(open(15, CONTEXT)?)?,
    };
    let finished_at = at.filter(|_| is_end(number)).map(Timestamp::from_millis);
    Ok(DeliveryRow { delivery, finished_at, last_error: open(14, LAST_ERROR)? })
}

/// Most deliveries have nothing that sets them apart.
fn context_text(context: &Context) -> Option<String> {
    (*context != Context::default()).then(|| serde_json::to_string(context).unwrap_or_default())
}

fn context(text: Option<String>) -> rusqlite::Result<Context> {
    let Some(text) = text else { return Ok(Context::default()) };
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(15, Type::Text, Box::new(error)))
}

fn state(number: i64, at: Option<i64>, reason: Option<String>) -> rusqlite::Result<State> {
    let reason = reason.unwrap_or_default();
    Ok(match number {
        0 => State::Waiting { on: reason },
        DUE => State::Due { at: Timestamp::from_millis(at.unwrap_or(0)) },
        STARTED => State::Started,
        DELIVERED => State::Delivered,
        DEAD => State::Dead { reason },
        IN_DOUBT => State::InDoubt,
        CANCELLED => State::Cancelled { reason },
        other => return Err(out_of_range(11, other)),
    })
}

fn out_of_range(column: usize, number: i64) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        column,
        Type::Integer,
        Box::new(FromSqlError::OutOfRange(number)),
    )
}
