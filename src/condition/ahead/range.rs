//! The stretch of numbers, texts or times that a test lets through.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::condition::each::{Each, Order};
use crate::condition::moment::When;
use crate::condition::operand::Operand;
use crate::path::number;
use crate::time::Timestamp;

/// From where to where; what has no end there goes on for ever.
#[derive(Clone, Copy, Default)]
pub(super) struct Range<'t> {
    low: Option<End<'t>>,
    high: Option<End<'t>>,
}

#[derive(Clone, Copy)]
struct End<'t> {
    at: Point<'t>,
    /// Whether the point itself is let through.
    belongs: bool,
}

#[derive(Clone, Copy)]
enum Point<'t> {
    Number(&'t Number),
    Text(&'t str),
    /// A moment that is written down.
    Fixed(Timestamp),
    /// One that counts from the arrival of the event, which is taken to be at 0.
    Relative(Timestamp),
}

impl<'t> Range<'t> {
    /// The range of a test; `None` when it has none, or one that the event decides.
    pub(super) fn of(check: &'t Each) -> Option<Self> {
        match check {
            Each::Equal(right) => point(right).map(|at| Self::between(at, at)),
            Each::Between(low, high) => Some(Self::between(point(low)?, point(high)?)),
            Each::Order(order, right) | Each::Time(order, right) => {
                let at = point(right)?;
                Some(match order {
                    Order::Above => Self { low: Some(End { at, belongs: false }), high: None },
                    Order::AtLeast => Self { low: Some(End { at, belongs: true }), high: None },
                    Order::Below => Self { low: None, high: Some(End { at, belongs: false }) },
                    Order::AtMost => Self { low: None, high: Some(End { at, belongs: true }) },
                })
            }
            _ => None,
        }
    }

    fn between(low: Point<'t>, high: Point<'t>) -> Self {
        let end = |at| Some(End { at, belongs: true });
        Self { low: end(low), high: end(high) }
    }

    /// From one number to another, both belonging to it.
    pub(super) fn of_numbers(low: &'t Number, high: Option<&'t Number>) -> Self {
        let end = |at| End { at: Point::Number(at), belongs: true };
        Self { low: Some(end(low)), high: high.map(end) }
    }

    /// Whether no value lies in both.
    pub(super) fn misses(&self, other: &Self) -> bool {
        is_behind(self.low, other.high) || is_behind(other.low, self.high)
    }

    /// Whether every value of the other lies in this one too.
    pub(super) fn holds(&self, inner: &Self) -> bool {
        let within = |outer: Option<End<'_>>, inner: Option<End<'_>>, wanted: Ordering| match (outer, inner) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(outer), Some(inner)) => match compare(inner.at, outer.at) {
                Some(Ordering::Equal) => outer.belongs || !inner.belongs,
                found => found == Some(wanted),
            },
        };
        within(self.low, inner.low, Ordering::Greater) && within(self.high, inner.high, Ordering::Less)
    }
}

/// Whether a range that starts at `low` starts only behind one that ends at `high`.
fn is_behind(low: Option<End<'_>>, high: Option<End<'_>>) -> bool {
    let Some((low, high)) = low.zip(high) else { return false };
    match compare(low.at, high.at) {
        Some(Ordering::Greater) => true,
        Some(Ordering::Equal) => !(low.belongs && high.belongs),
        Some(Ordering::Less) | None => false,
    }
}

fn point(right: &Operand) -> Option<Point<'_>> {
    match right {
        Operand::Literal(Value::Number(number)) => Some(Point::Number(number)),
        Operand::Literal(Value::String(text)) => Some(Point::Text(text)),
        Operand::Time(When::At(moment)) => Some(Point::Fixed(*moment)),
        Operand::Time(when) => Some(Point::Relative(when.moment(Timestamp::from_millis(0)))),
        Operand::Literal(_) | Operand::Path(_) | Operand::Elements(_) => None,
    }
}

/// Nothing is known of points of two sorts.
fn compare(one: Point<'_>, other: Point<'_>) -> Option<Ordering> {
    match (one, other) {
        (Point::Number(one), Point::Number(other)) => Some(number::compare(one, other)),
        (Point::Text(one), Point::Text(other)) => Some(one.cmp(other)),
        (Point::Fixed(one), Point::Fixed(other)) | (Point::Relative(one), Point::Relative(other)) => {
            Some(one.cmp(&other))
        }
        _ => None,
    }
}
