//! A template as it is filled: texts, expressions and blocks, with every name resolved and every helper found.

use std::fmt;

use serde_json::Value;

use super::helper::{Block, Helper, Ready};
use crate::path::Path;

/// One piece of a template.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Copied as it is.
    Text(String),
    /// `{{ … }}`
    Put(Expression),
    /// `{{#if …}}…{{else}}…{{/if}}`
    Block(Box<Part>),
}

/// A block: what it asks for, and its two parts.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) block: Block,
    pub(super) over: Expression,
    pub(super) then: Vec<Node>,
    /// Behind `{{else}}`; `None` without one.
    pub(super) otherwise: Option<Vec<Node>>,
}

/// What gives a value.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// Written in the template.
    Literal(Value),
    /// Found in the event.
    Place(Place),
    /// Made by a helper.
    Call(Call),
}

/// A helper with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) helper: &'static Helper,
    pub(super) arguments: Vec<Expression>,
    /// What the helper made of its literals when the template was read.
    pub(super) ready: Ready,
}

/// Where a value is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// As it stands in the template.
    pub(super) text: String,
    pub(super) root: Root,
    /// From the root on; `None` for the root itself.
    pub(super) path: Option<Path>,
}

/// Where a way begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// `$`
    Payload,
    /// `headers`, or one of them.
    Headers(Option<String>),
    /// `query`, or the first value of one name.
    Query(Option<String>),
    /// `params`, or one of them.
    Params(Option<String>),
    /// `event.id` and its like.
    Event(EventField),
    /// `rule.name`
    RuleName,
    /// `steps`
    Steps,
    /// `failure.reason`
    FailureReason,
    /// What `for_each` goes over, by the name the rule gives it.
    Given(String),
    /// The value of the block so many blocks further out.
    This(usize),
    /// `@index` of that block.
    Index(usize),
    /// `@key` of that block; of a list the index.
    Key(usize),
    /// `@first` of that block.
    First(usize),
    /// `@last` of that block.
    Last(usize),
}

/// What is known about an event beside its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventField {
    Id,
    Type,
    Source,
    ReceivedAt,
}

impl fmt::Display for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(out, "{value}"),
            Self::Place(place) => out.write_str(&place.text),
            Self::Call(call) => {
                write!(out, "({}", call.helper.name)?;
                call.arguments.iter().try_for_each(|argument| write!(out, " {argument}"))?;
                out.write_str(")")
            }
        }
    }
}
