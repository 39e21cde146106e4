//! One value being looked at, wherever it comes from, without copying it.

use serde_json::{Number, Value};

use crate::path::number;
use crate::time::Timestamp;

/// A value of the payload, a text of the request, or the moment that `as: time` made of one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'v> {
    Json(&'v Value),
    Text(&'v str),
    Moment(Timestamp),
}

/// What sort of thing a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool,
    Number,
    Text,
    List,
    Map,
    Moment,
}

impl<'v> Seen<'v> {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Json(Value::Null) => Kind::Null,
            Self::Json(Value::Bool(_)) => Kind::Bool,
            Self::Json(Value::Number(_)) => Kind::Number,
            Self::Json(Value::String(_)) | Self::Text(_) => Kind::Text,
            Self::Json(Value::Array(_)) => Kind::List,
            Self::Json(Value::Object(_)) => Kind::Map,
            Self::Moment(_) => Kind::Moment,
        }
    }

    pub(super) fn text(self) -> Option<&'v str> {
        match self {
            Self::Json(Value::String(text)) => Some(text),
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(self) -> Option<&'v Number> {
        if let Self::Json(Value::Number(number)) = self { Some(number) } else { None }
    }

    pub(super) fn list(self) -> Option<&'v [Value]> {
        if let Self::Json(Value::Array(items)) = self { Some(items) } else { None }
    }

    /// The name that the `type` operator knows it by; whole numbers are integers too.
    pub(super) fn type_name(self) -> &'static str {
        match self.kind() {
            Kind::Null => "null",
            Kind::Bool => "boolean",
            Kind::Number if self.number().is_some_and(number::is_integer) => "integer",
            Kind::Number => "number",
            Kind::Text => "string",
            Kind::List => "array",
            Kind::Map => "object",
            Kind::Moment => "time",
        }
    }
}

impl Kind {
    /// What it is called in a sentence: "is …".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "text",
            Self::List => "a list",
            Self::Map => "an object",
            Self::Moment => "a time",
        }
    }
}
