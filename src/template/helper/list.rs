//! Helpers for lists: `join split first last length lookup`.

use std::borrow::Cow;

use serde_json::Value;

use super::Inputs;
use super::inputs::scalar;
use crate::limit;
use crate::template::error::Failure;

pub(super) fn join<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let list = inputs.list(0)?;
    list.iter().try_for_each(|item| inputs.look(item))?;
    let between = if inputs.len() > 1 { inputs.text(1)? } else { Cow::Borrowed(", ") };
    let mut joined = String::new();
    for (index, item) in list.iter().enumerate() {
        let text = scalar(item).ok_or_else(|| {
            let words = format!("has {} among its items; name a part: `$.items[*].name`", super::kind(item));
            inputs.wrong(0, &words)
        })?;
        inputs.fits(joined.len() + between.len() + text.len())?;
        if index > 0 {
            joined.push_str(&between);
        }
        joined.push_str(&text);
    }
    inputs.made(joined)
}

pub(super) fn split<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let (text, separator) = (inputs.text(0)?, inputs.text(1)?);
    if separator.is_empty() {
        return Err(inputs.wrong(1, "is empty; a separator has at least one character"));
    }
    let parts: Vec<Value> =
        text.split(&*separator).take(limit::JSON_NODES_MAX + 1).map(Value::from).collect();
    if parts.len() > limit::JSON_NODES_MAX {
        return Err(inputs.wrong(0, "has too many parts"));
    }
    Ok(Cow::Owned(Value::Array(parts)))
}

pub(super) fn first<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    item(inputs, |items| items.first())
}

pub(super) fn last<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    item(inputs, |items| items.last())
}

/// One item of a list that is the first argument; an empty list has none, so it is missing.
fn item<'a>(
    inputs: &Inputs<'_, 'a>,
    choose: fn(&[Value]) -> Option<&Value>,
) -> Result<Cow<'a, Value>, Failure> {
    let chosen = match inputs.list(0)? {
        Cow::Borrowed(items) => choose(items).map(Cow::Borrowed),
        Cow::Owned(items) => choose(&items).cloned().map(Cow::Owned),
    };
    there(inputs, chosen)
}

fn there<'a>(inputs: &Inputs<'_, 'a>, value: Option<Cow<'a, Value>>) -> Result<Cow<'a, Value>, Failure> {
    match value {
        Some(value) if value.is_null() => Err(inputs.missing(true)),
        Some(value) => Ok(value),
        None => Err(inputs.missing(false)),
    }
}

pub(super) fn length<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let value = inputs.value(0)?;
    let length = match &*value {
        Value::String(text) => {
            inputs.look(&value)?;
            text.chars().count()
        }
        Value::Array(items) => items.len(),
        Value::Object(entries) => entries.len(),
        other => return Err(inputs.unfit(0, other, "a list, a map or a text")),
    };
    Ok(Cow::Owned(Value::from(length)))
}

pub(super) fn lookup<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let key = inputs.value(1)?;
    let found = match inputs.value(0)? {
        Cow::Borrowed(whole) => entry(inputs, whole, &key)?.map(Cow::Borrowed),
        Cow::Owned(whole) => entry(inputs, &whole, &key)?.cloned().map(Cow::Owned),
    };
    there(inputs, found)
}

fn entry<'v>(inputs: &Inputs<'_, '_>, whole: &'v Value, key: &Value) -> Result<Option<&'v Value>, Failure> {
    match (whole, key) {
        (Value::Object(entries), Value::String(name)) => Ok(entries.get(name)),
        (Value::Array(items), Value::Number(index)) => {
            Ok(index.as_u64().and_then(|index| items.get(usize::try_from(index).ok()?)))
        }
        (Value::Object(_), _) => Err(inputs.unfit(1, key, "a text, the name of an entry")),
        (Value::Array(_), _) => Err(inputs.unfit(1, key, "a number, the index of an item")),
        _ => Err(inputs.unfit(0, whole, "a map or a list")),
    }
}
