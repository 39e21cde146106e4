//! `default`, comparisons and what counts as true. Here a missing value is no failure.

use std::borrow::Cow;

use serde_json::Value;

use super::Inputs;
use crate::path;
use crate::template::error::Failure;

/// The first argument that is there. The last is taken as it is, so `null` may be written there.
pub(super) fn default<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let last = inputs.len().saturating_sub(1);
    for index in 0..last {
        match inputs.value(index) {
            Err(Failure::Missing { .. }) => {}
            Ok(value) if value.is_null() => {}
            other => return other,
        }
    }
    inputs.value(last)
}

pub(super) fn eq<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    same(inputs).map(boolean)
}

pub(super) fn ne<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    same(inputs).map(|same| boolean(!same))
}

fn same(inputs: &Inputs<'_, '_>) -> Result<bool, Failure> {
    let (left, right) = (inputs.value_or_null(0)?, inputs.value_or_null(1)?);
    inputs.look(&left)?;
    Ok(path::equal(&left, &right))
}

pub(super) fn and<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    any(inputs, false).map(|found| boolean(!found))
}

pub(super) fn or<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    any(inputs, true).map(boolean)
}

pub(super) fn not<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    Ok(boolean(!truthy(&*inputs.value_or_null(0)?)))
}

/// Whether one argument counts as `wanted`; those behind it are not looked at.
fn any(inputs: &Inputs<'_, '_>, wanted: bool) -> Result<bool, Failure> {
    for index in 0..inputs.len() {
        if truthy(&*inputs.value_or_null(index)?) == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

fn boolean<'a>(truth: bool) -> Cow<'a, Value> {
    Cow::Owned(Value::Bool(truth))
}

/// What counts as true: all but null, false, 0 and what is empty.
pub(in crate::template) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => !path::number::equal(number, &0.into()),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}
