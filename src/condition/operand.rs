//! The right side of a test: a value of the rules file, a time, or what a path finds in the payload.

use std::ops::ControlFlow;

use serde_json::Value;

use super::cast::{As, cast};
use super::look::Look;
use super::moment::When;
use super::reason::{Outcome, Reason};
use super::seen::Seen;
use crate::path::{OutOfSteps, Path, equal};

/// Bytes of text that are compared for the price of one step.
const COMPARED_BYTES_PER_STEP: usize = 256;

/// A right side.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Value),
    Time(When),
    /// `{ path: $.other }`
    Path(Path),
}

/// What a test makes of one value of the right side.
pub(super) type Compare<'f, 'e> = &'f mut dyn FnMut(Seen<'_>, &mut Look<'e>) -> Result<Outcome, OutOfSteps>;

impl Operand {
    pub(super) const NULL: Self = Self::Literal(Value::Null);

    pub(super) fn literal(&self) -> Option<&Value> {
        if let Self::Literal(value) = self { Some(value) } else { None }
    }

    /// Whether any value of the right side passes; what a path finds is converted as the left side is.
    pub(super) fn any<'e>(
        &self,
        casts: &[As],
        look: &mut Look<'e>,
        compare: Compare<'_, 'e>,
    ) -> Result<Outcome, OutOfSteps> {
        let path = match self {
            Self::Literal(value) => return compare(Seen::Json(value), look),
            Self::Time(when) => {
                let moment = when.moment(look.event.request.received_at);
                return compare(Seen::Moment(moment), look);
            }
            Self::Path(path) => path,
        };
        let mut outcome: Option<Outcome> = None;
        look.walk(path, &mut |seen, look| {
            let now = match cast(casts, seen) {
                Ok(made) => compare(made.seen(), look)?,
                Err(_) => Outcome::FAIL,
            };
            outcome = Some(outcome.map_or(now, |before| before.or(now)));
            Ok(if now.passes() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(outcome.unwrap_or(Outcome::Fail(Reason::OtherMissing)))
    }
}

/// Whether any of several right sides passes.
pub(super) fn any<'e>(
    operands: &[Operand],
    casts: &[As],
    look: &mut Look<'e>,
    compare: Compare<'_, 'e>,
) -> Result<Outcome, OutOfSteps> {
    let mut outcome: Option<Outcome> = None;
    for operand in operands {
        let now = operand.any(casts, look, compare)?;
        if now.passes() {
            return Ok(now);
        }
        outcome = Some(outcome.map_or(now, |before| before.or(now)));
    }
    Ok(outcome.unwrap_or(Outcome::FAIL))
}

/// Whether two values are the same, numbers by their exact value; no kind equals another.
pub(super) fn same(left: Seen<'_>, right: Seen<'_>, look: &mut Look<'_>) -> Result<Outcome, OutOfSteps> {
    if left.kind() != right.kind() {
        return Ok(Outcome::Fail(Reason::Kind(right.kind())));
    }
    Ok(Outcome::of(match (left, right) {
        (Seen::Moment(left), Seen::Moment(right)) => left == right,
        (Seen::Json(left), Seen::Json(right)) => {
            look.spend(weight(left, look.left()))?;
            equal(left, right)
        }
        _ => left.text() == right.text(),
    }))
}

/// What comparing the value costs; no more is counted than `most`.
fn weight(value: &Value, most: u64) -> usize {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut sum: usize = 0;
    let mut rest = vec![value];
    while let Some(value) = rest.pop()
        && sum <= most
    {
        sum += match value {
            Value::Null | Value::Bool(_) => 0,
            Value::Number(number) => number.as_str().len() / COMPARED_BYTES_PER_STEP,
            Value::String(text) => text.len() / COMPARED_BYTES_PER_STEP,
            Value::Array(items) => {
                rest.extend(items);
                1 + items.len()
            }
            Value::Object(members) => {
                rest.extend(members.values());
                1 + members.len()
            }
        };
    }
    sum
}
