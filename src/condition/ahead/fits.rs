//! Whether a value that is written in the rules file passes a test, told without an event.

use serde_json::Value;

use crate::condition::each::{Each, Order, compare, is_type, within};
use crate::condition::operand::Operand;
use crate::condition::seen::Seen;
use crate::condition::test::Tests;
use crate::path::equal;

/// The values one of which a test wants exactly; `None` when it wants none, or the event decides.
pub(super) fn wanted(check: &Each) -> Option<Vec<&Value>> {
    match check {
        Each::Equal(right) => right.literal().map(|value| vec![value]),
        Each::OneOf(rights) => rights.iter().map(Operand::literal).collect(),
        _ => None,
    }
}

/// Whether the value passes the test; `None` when that is up to the event.
pub(super) fn fits(check: &Each, value: &Value) -> Option<bool> {
    let seen = Seen::Json(value);
    match check {
        Each::Equal(right) => right.literal().map(|right| equal(value, right)),
        Each::OneOf(rights) => any(rights, |right| equal(value, right)),
        Each::Order(order, right) => right.literal().map(|right| in_order(*order, seen, right)),
        Each::Between(low, high) => {
            let (low, high) = (low.literal()?, high.literal()?);
            Some(in_order(Order::AtLeast, seen, low) && in_order(Order::AtMost, seen, high))
        }
        Each::Contains(rights) => any(rights, |right| contains(value, right)),
        Each::Text(alike, rights) => any(rights, |right| {
            value.as_str().zip(right.as_str()).is_some_and(|(text, right)| alike.holds(text, right))
        }),
        Each::Matches(patterns) => {
            Some(seen.text().is_some_and(|text| patterns.iter().any(|pattern| pattern.is_match(text))))
        }
        Each::Glob(globs) => {
            Some(seen.text().is_some_and(|text| globs.iter().any(|glob| glob.matches(text))))
        }
        Each::Type(names) => Some(names.iter().any(|name| is_type(seen, name))),
        Each::Length(tests) => match length(value) {
            Some(length) => fits_all(tests, &Value::from(length)),
            None => Some(false),
        },
        Each::Time(..) => None,
        Each::Network(networks) => Some(within(seen, networks).passes()),
    }
}

/// Whether the value passes all tests on one value.
fn fits_all(tests: &Tests, value: &Value) -> Option<bool> {
    let all: Vec<Option<bool>> = tests.each.iter().map(|test| fits(&test.check, value)).collect();
    match all.contains(&Some(false)) {
        true => Some(false),
        false if tests.whole.is_empty() && !all.contains(&None) => Some(true),
        false => None,
    }
}

/// Whether any right side passes; one that the event decides leaves only a yes sure.
fn any(rights: &[Operand], passes: impl Fn(&Value) -> bool) -> Option<bool> {
    let passed = rights.iter().filter_map(Operand::literal).any(passes);
    let is_known = rights.iter().all(|right| right.literal().is_some());
    (passed || is_known).then_some(passed)
}

fn in_order(order: Order, seen: Seen<'_>, right: &Value) -> bool {
    order.of(compare(seen, Seen::Json(right))).passes()
}

fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Array(items), _) => items.iter().any(|item| equal(item, part)),
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        _ => false,
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Array(items) => Some(items.len()),
        Value::Object(members) => Some(members.len()),
        Value::String(text) => Some(text.chars().count()),
        _ => None,
    }
}
