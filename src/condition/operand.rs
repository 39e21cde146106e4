//! The right side of a test: a value of the rules file, a time, or what a path finds in the payload.

use serde_json::Value;

use super::cast::{As, cast};
use super::look::Look;
use super::moment::When;
use super::reason::{Outcome, Reason};
use super::seen::Seen;
use super::subject::until;
use crate::path::{OutOfSteps, Path, equal};

/// Bytes of text that are compared for the price of one step.
const COMPARED_BYTES_PER_STEP: usize = 256;

/// A right side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    Literal(Value),
    Time(When),
    /// `{ path: $.other }`
    Path(Path),
    /// The same where one of several is wanted: a list that is found stands for its elements.
    Elements(Path),
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
            Self::Path(path) | Self::Elements(path) => path,
        };
        let mut outcome: Option<Outcome> = None;
        look.walk(path, &mut |seen, look| {
            let elements = seen.list().filter(|_| matches!(self, Self::Elements(_)));
            let values = elements.into_iter().flatten().map(Seen::Json);
            let alone = elements.is_none().then_some(seen);
            for value in values.chain(alone) {
                look.spend(1)?;
                let now = match cast(casts, value) {
                    Ok(made) => compare(made.seen(), look)?,
                    Err(_) => Outcome::FAIL,
                };
                outcome = Some(outcome.map_or(now, |before| before.or(now)));
                if now.passes() {
                    return until(true);
                }
            }
            until(false)
        })?;
        Ok(outcome.unwrap_or(Outcome::Fail(Reason::OtherMissing)))
    }

    /// The same right side where a list that is found stands for its elements.
    pub(super) fn elements(self) -> Self {
        if let Self::Path(path) = self { Self::Elements(path) } else { self }
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
    let mut sum = own_weight(value);
    // Empty, and so without memory of its own, for all but lists and objects.
    let mut rest: Vec<&Value> = parts(value).collect();
    while let Some(value) = rest.pop()
        && sum <= most
    {
        sum += 1 + own_weight(value);
        rest.extend(parts(value));
    }
    sum
}

fn own_weight(value: &Value) -> usize {
    match value {
        Value::Number(number) => number.as_str().len() / COMPARED_BYTES_PER_STEP,
        Value::String(text) => text.len() / COMPARED_BYTES_PER_STEP,
        Value::Object(members) => members.keys().map(|name| name.len() / COMPARED_BYTES_PER_STEP).sum(),
        Value::Null | Value::Bool(_) | Value::Array(_) => 0,
    }
}

fn parts(value: &Value) -> impl Iterator<Item = &Value> {
    let (items, members) = match value {
        Value::Array(items) => (Some(items), None),
        Value::Object(members) => (None, Some(members)),
        _ => (None, None),
    };
    items.into_iter().flatten().chain(members.into_iter().flat_map(|members| members.values()))
}
