//! What a helper is given: its arguments, looked at only when it asks for them, and words for what does not fit.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::Ready;
use crate::limit;
use crate::template::error::Failure;
use crate::template::find::{Finder, Frame};
use crate::template::node::{Call, Expression};

/// The arguments of one call.
pub(in crate::template) struct Inputs<'r, 'a> {
    pub(in crate::template) finder: &'r Finder<'a>,
    pub(in crate::template) call: &'a Call,
    pub(in crate::template) frame: Option<&'r Frame<'r, 'a>>,
}

impl<'a> Inputs<'_, 'a> {
    pub(super) fn len(&self) -> usize {
        self.call.arguments.len()
    }

    pub(super) fn ready(&self) -> &'a Ready {
        &self.call.ready
    }

    fn expression(&self, index: usize) -> Result<&'a Expression, Failure> {
        self.call
            .arguments
            .get(index)
            .ok_or_else(|| self.failure(format!("argument {} is not given", index + 1)))
    }

    /// An argument that must be there.
    pub(super) fn value(&self, index: usize) -> Result<Cow<'a, Value>, Failure> {
        self.finder.value(self.expression(index)?, self.frame)
    }

    /// An argument that may be missing; then it is null.
    pub(super) fn value_or_null(&self, index: usize) -> Result<Cow<'a, Value>, Failure> {
        match self.value(index) {
            Err(Failure::Missing { .. }) => Ok(Cow::Owned(Value::Null)),
            other => other,
        }
    }

    /// A text, or what has one: a number, true, false.
    pub(super) fn text(&self, index: usize) -> Result<Cow<'a, str>, Failure> {
        let text = match self.value(index)? {
            Cow::Borrowed(Value::String(text)) => Cow::Borrowed(text.as_str()),
            Cow::Owned(Value::String(text)) => Cow::Owned(text),
            value => scalar(&value).map(Cow::Owned).ok_or_else(|| self.unfit(index, &value, "a text"))?,
        };
        self.finder.budget.text(text.len()).map_err(|_| self.too_many())?;
        Ok(text)
    }

    /// A number, exactly as it was sent.
    pub(super) fn number(&self, index: usize) -> Result<Number, Failure> {
        match &*self.value(index)? {
            Value::Number(number) => Ok(number.clone()),
            other => Err(self.unfit(index, other, "a number")),
        }
    }

    /// A number that counts something.
    pub(super) fn count(&self, index: usize) -> Result<usize, Failure> {
        let value = self.value(index)?;
        let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| self.unfit(index, &value, "a whole number from 0 on"))
    }

    pub(super) fn list(&self, index: usize) -> Result<Cow<'a, [Value]>, Failure> {
        match self.value(index)? {
            Cow::Borrowed(Value::Array(items)) => Ok(Cow::Borrowed(items)),
            Cow::Owned(Value::Array(items)) => Ok(Cow::Owned(items)),
            other => Err(self.unfit(index, &other, "a list")),
        }
    }

    /// A text that was made, unless it is longer than a payload's may be.
    pub(super) fn made(&self, text: String) -> Result<Cow<'a, Value>, Failure> {
        self.fits(text.len())?;
        self.finder.budget.text(text.len()).map_err(|_| self.too_many())?;
        Ok(Cow::Owned(Value::String(text)))
    }

    /// Pays for looking at all that is inside a value.
    pub(super) fn look(&self, value: &Value) -> Result<(), Failure> {
        self.finder.budget.whole(value).map_err(|_| self.too_many())
    }

    fn too_many(&self) -> Failure {
        Failure::TooManySteps { name: self.name() }
    }

    fn name(&self) -> String {
        Expression::Call(self.call.clone()).to_string()
    }

    /// Whether a text of so many bytes may be made.
    pub(super) fn fits(&self, bytes: usize) -> Result<(), Failure> {
        if bytes <= limit::JSON_TEXT_MAX_BYTES {
            return Ok(());
        }
        Err(self.failure(format!("the result is longer than {} bytes", limit::JSON_TEXT_MAX_BYTES)))
    }

    /// The complaint that an argument is of the wrong kind.
    pub(super) fn unfit(&self, index: usize, value: &Value, wanted: &str) -> Failure {
        self.wrong(index, &format!("is {}, not {wanted}", kind(value)))
    }

    /// A complaint about an argument: its words follow its name.
    pub(super) fn wrong(&self, index: usize, words: &str) -> Failure {
        let name = self.call.arguments.get(index).map(ToString::to_string).unwrap_or_default();
        self.failure(format!("`{name}` {words}"))
    }

    /// The complaint that there is nothing to give.
    pub(super) fn missing(&self, null: bool) -> Failure {
        Failure::Missing { name: self.name(), null }
    }

    pub(super) fn failure(&self, problem: String) -> Failure {
        Failure::Helper { helper: self.call.helper.name, problem }
    }
}

/// What a value is, in words.
pub(in crate::template) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// The text of a number, true or false.
pub(super) fn scalar(value: &Value) -> Option<String> {
    matches!(value, Value::Number(_) | Value::Bool(_) | Value::String(_))
        .then(|| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
