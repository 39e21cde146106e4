//! What must hold of an event for a condition to hold, in the plain form that an index of rules can look up.
//!
//! It says less than the condition, never more: an event that lacks what is said here cannot pass.

use serde_json::{Number, Value};

use super::Condition;
use super::Field;
use super::each::{Alike, Each, Order};
use super::operand::Operand;
use super::subject::{Subject, Word};
use super::test::{Test, Tests};
use super::whole::Whole;
use crate::path::Step;

/// Needs of which at least one must be met.
pub type Clause<'c> = Vec<Need<'c>>;

/// What is found at a place, and what it must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Need<'c> {
    /// Where one looks.
    pub place: Place<'c>,
    /// What must be there.
    pub wanted: Wanted<'c>,
}

/// A place of an event that holds at most one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place<'c> {
    /// These steps into the payload.
    Payload(&'c [Step]),
    /// The path as sent.
    Path,
    /// The event type.
    Event,
    /// What the path pattern captured under this name.
    Param(&'c str),
}

/// What a place must hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wanted<'c> {
    /// Anything.
    Something,
    /// This value; numbers are equal by value: `1` and `1.0` are one.
    Value(&'c Value),
    /// A text that starts so.
    Start(&'c str),
    /// A number between these, perhaps one of them.
    Between(Option<&'c Number>, Option<&'c Number>),
}

impl Condition {
    /// Clauses that must all be met for the condition to hold; none when nothing can be said.
    pub fn needs(&self) -> Vec<Clause<'_>> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::needs).collect(),
            Self::Any(parts) => {
                let clauses: Option<Vec<_>> = parts.iter().map(|part| narrowest(part.needs())).collect();
                clauses.map(|clauses| clauses.concat()).into_iter().collect()
            }
            Self::Not(_) => Vec::new(),
            Self::Field(field) => field.needs(),
        }
    }
}

/// The clause that likely fewest events meet.
fn narrowest(clauses: Vec<Clause<'_>>) -> Option<Clause<'_>> {
    let breadth = |need: &Need<'_>| match need.wanted {
        Wanted::Value(_) => 0,
        Wanted::Start(_) => 1,
        Wanted::Between(..) => 2,
        Wanted::Something => 3,
    };
    clauses.into_iter().min_by_key(|clause| (clause.iter().map(breadth).max(), clause.len()))
}

impl Field {
    fn needs(&self) -> Vec<Clause<'_>> {
        let (place, is_whole) = match &self.subject {
            Subject::Payload(path) => (Place::Payload(path.first_steps()), path.is_singular()),
            Subject::Word(Word::Path) => (Place::Path, true),
            Subject::Word(Word::Event) => (Place::Event, true),
            Subject::Param(name) => (Place::Param(name), true),
            Subject::Header(_) | Subject::Query(_) | Subject::Word(_) => return Vec::new(),
        };
        let need = |wanted| Need { place, wanted };
        let mut clauses: Vec<Clause<'_>> = Vec::new();
        // What is converted, or one of several values, cannot be looked up.
        if is_whole && self.tests.casts.is_empty() {
            let wanted = self.tests.each.iter().filter_map(|test| test.check.wanted());
            clauses.extend(wanted.map(|wanted| wanted.into_iter().map(need).collect()));
            clauses.extend(between(&self.tests.each).map(|wanted| vec![need(wanted)]));
        }
        if clauses.is_empty() && self.tests.need_a_value() {
            clauses.push(vec![need(Wanted::Something)]);
        }
        clauses
    }
}

impl Tests {
    /// Whether they fail where there is nothing.
    fn need_a_value(&self) -> bool {
        let needs = |test: &Test<Whole>| matches!(test.check, Whole::There | Whole::Every(_));
        !self.each.is_empty() || self.whole.iter().any(needs)
    }
}

impl Each {
    /// What the one value must be, any of several; orders are seen to elsewhere.
    fn wanted(&self) -> Option<Vec<Wanted<'_>>> {
        match self {
            Self::Equal(right) => Some(vec![Wanted::Value(right.literal()?)]),
            Self::OneOf(rights) => rights.iter().map(|right| right.literal().map(Wanted::Value)).collect(),
            Self::Text(Alike::Starts, rights) => {
                rights.iter().map(|right| right.literal()?.as_str().map(Wanted::Start)).collect()
            }
            _ => None,
        }
    }
}

/// The one stretch of numbers that all orders among the tests leave.
fn between(tests: &[Test<Each>]) -> Option<Wanted<'_>> {
    let (mut least, mut most) = (None, None);
    for test in tests {
        match &test.check {
            Each::Order(Order::Above | Order::AtLeast, right) => least = least.or(number(right)),
            Each::Order(Order::Below | Order::AtMost, right) => most = most.or(number(right)),
            Each::Between(low, high) => {
                least = least.or(number(low));
                most = most.or(number(high));
            }
            _ => {}
        }
    }
    (least.is_some() || most.is_some()).then_some(Wanted::Between(least, most))
}

fn number(right: &Operand) -> Option<&Number> {
    if let Some(Value::Number(number)) = right.literal() { Some(number) } else { None }
}
