//! Whether two JSON values are the same, numbers by exact value, objects whatever the order of their keys.

use serde_json::{Map, Value};

use super::limits::DEPTH_MAX;
use super::number;
use super::steps::{OutOfSteps, Steps};

/// Whether two values are the same: numbers by exact value (`1` equals `1.0`), objects whatever the order of their keys.
///
/// Values that nest deeper than any payload is allowed to are never equal.
#[must_use]
pub fn equal(left: &Value, right: &Value) -> bool {
    equal_within(left, right, &mut Steps::new(u64::MAX)).unwrap_or(false)
}

/// The same, stopping when the steps run out.
pub(super) fn equal_within(left: &Value, right: &Value, steps: &mut Steps) -> Result<bool, OutOfSteps> {
    descend(left, right, steps, DEPTH_MAX)
}

fn descend(left: &Value, right: &Value, steps: &mut Steps, depth: usize) -> Result<bool, OutOfSteps> {
    match (left, right) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
        (Value::Number(left), Value::Number(right)) => {
            steps.spend_on_text(left.as_str())?;
            Ok(number::equal(left, right))
        }
        (Value::String(left), Value::String(right)) => {
            steps.spend_on_text(left)?;
            Ok(left == right)
        }
        (Value::Array(left), Value::Array(right)) => items(left, right, steps, depth),
        (Value::Object(left), Value::Object(right)) => members(left, right, steps, depth),
        _ => Ok(false),
    }
}

fn items(left: &[Value], right: &[Value], steps: &mut Steps, depth: usize) -> Result<bool, OutOfSteps> {
    let depth = depth.checked_sub(1).ok_or(OutOfSteps)?;
    if left.len() != right.len() {
        return Ok(false);
    }
    for (left, right) in left.iter().zip(right) {
        steps.spend(1)?;
        if !descend(left, right, steps, depth)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn members(
    left: &Map<String, Value>,
    right: &Map<String, Value>,
    steps: &mut Steps,
    depth: usize,
) -> Result<bool, OutOfSteps> {
    let depth = depth.checked_sub(1).ok_or(OutOfSteps)?;
    if left.len() != right.len() {
        return Ok(false);
    }
    for (name, left) in left {
        steps.spend(1)?;
        let Some(right) = right.get(name) else { return Ok(false) };
        if !descend(left, right, steps, depth)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &[(&str, &str, bool)] = &[
        ("null", "null", true),
        ("null", "false", false),
        ("\"1\"", "1", false),
        ("[1, 2.0]", "[1e0, 2]", true),
        ("[1, 2]", "[2, 1]", false),
        ("[1]", "[1, 1]", false),
        (r#"{"a": 1, "b": [null]}"#, r#"{"b": [null], "a": 1.0}"#, true),
        (r#"{"a": 1}"#, r#"{"b": 1}"#, false),
        (r#"{"a": 1}"#, r#"{"a": 1, "b": 1}"#, false),
        (r#"{"id": 9007199254740993}"#, r#"{"id": 9007199254740992}"#, false),
        ("[]", "{}", false),
    ];

    #[test]
    fn values_are_equal_by_what_they_mean() {
        for (left, right, wanted) in PAIRS {
            let (a, b): (Value, Value) = (left.parse().unwrap(), right.parse().unwrap());
            assert_eq!(equal(&a, &b), *wanted, "{left} and {right}");
            assert_eq!(equal(&b, &a), *wanted, "{right} and {left}");
        }
    }

    #[test]
    fn what_nests_too_deep_is_unequal_and_does_no_harm() {
        let nested = (0..2 * DEPTH_MAX).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(!equal(&nested, &nested));
    }
}
