//! Helpers for texts, and the two that turn a text into a number and back.

use std::borrow::Cow;

use serde_json::Value;

use super::Inputs;
use crate::path::number as digits;
use crate::template::error::Failure;

/// What `truncate` puts where it cuts.
const CUT: &str = "…";

pub(super) fn string<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    inputs.made(inputs.text(0)?.into_owned())
}

pub(super) fn number<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let value = inputs.value(0)?;
    let Value::String(text) = &*value else {
        return inputs.number(0).map(|number| Cow::Owned(number.into()));
    };
    let number = digits::parse_text(text);
    number
        .map(|number| Cow::Owned(number.into()))
        .ok_or_else(|| inputs.wrong(0, "is a text, but not of a number"))
}

pub(super) fn upper<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    inputs.made(inputs.text(0)?.to_uppercase())
}

pub(super) fn lower<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    inputs.made(inputs.text(0)?.to_lowercase())
}

pub(super) fn trim<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    inputs.made(inputs.text(0)?.trim().to_owned())
}

pub(super) fn replace<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let (text, from, to) = (inputs.text(0)?, inputs.text(1)?, inputs.text(2)?);
    if from.is_empty() {
        return Err(inputs.wrong(1, "is empty; there must be something to replace"));
    }
    let growth = to.len().saturating_sub(from.len());
    if growth > 0 {
        inputs.fits(text.matches(&*from).count().saturating_mul(growth).saturating_add(text.len()))?;
    }
    inputs.made(text.replace(&*from, &to))
}

pub(super) fn truncate<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let (text, most) = (inputs.text(0)?, inputs.count(1)?);
    let cut = if inputs.len() > 2 { inputs.text(2)? } else { Cow::Borrowed(CUT) };
    if text.chars().nth(most).is_none() {
        return inputs.made(text.into_owned());
    }
    let kept = most.saturating_sub(cut.chars().count());
    inputs.made(text.chars().take(kept).chain(cut.chars()).take(most).collect())
}
