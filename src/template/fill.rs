//! Filling a template: writes texts, values and blocks behind one another, within bounds.

use std::borrow::Cow;

use serde_json::Value;

use super::error::Failure;
use super::escape::Escape;
use super::find::{Finder, Frame};
use super::helper::{Block, kind, truthy};
use super::node::{Expression, Node, Part};
use super::scope::Scope;
use crate::limit;

/// One filling of one template.
pub(super) struct Fill<'a> {
    finder: Finder<'a>,
    escape: Escape,
}

impl<'a> Fill<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, escape: Escape) -> Self {
        Self { finder: Finder::new(scope), escape }
    }

    /// Writes nodes behind `out`.
    pub(super) fn write(
        &self,
        nodes: &'a [Node],
        frame: Option<&Frame<'_, 'a>>,
        out: &mut String,
    ) -> Result<(), Failure> {
        nodes.iter().try_for_each(|node| match node {
            Node::Text(text) => push(out, text),
            Node::Put(expression) => self.put(expression, frame, out),
            Node::Block(part) => self.block(part, frame, out),
        })
    }

    /// Writes one value as text, escaped for where it lands.
    pub(super) fn put(
        &self,
        expression: &'a Expression,
        frame: Option<&Frame<'_, 'a>>,
        out: &mut String,
    ) -> Result<(), Failure> {
        match &*self.finder.value(expression, frame)? {
            Value::String(text) => self.put_text(expression, text, out),
            Value::Number(number) => self.put_text(expression, number.as_str(), out),
            Value::Bool(truth) => push(out, if *truth { "true" } else { "false" }),
            other => Err(Failure::NotText { name: expression.to_string(), kind: kind(other) }),
        }
    }

    fn put_text(&self, expression: &Expression, text: &str, out: &mut String) -> Result<(), Failure> {
        let unfit = |problem| Failure::Unfit { name: expression.to_string(), problem };
        push(out, &self.escape.apply(text).map_err(unfit)?)
    }

    fn block(&self, part: &'a Part, frame: Option<&Frame<'_, 'a>>, out: &mut String) -> Result<(), Failure> {
        let value = match (self.finder.value(&part.over, frame), part.block, &part.otherwise) {
            // A condition puts up with a missing value, and `each` and `with` do so when there is an `else`.
            (Err(Failure::Missing { .. }), Block::If | Block::Unless, _) => Cow::Owned(Value::Null),
            (Err(Failure::Missing { .. }), _, Some(otherwise)) => return self.write(otherwise, frame, out),
            (value, _, _) => value?,
        };
        let inside = match part.block {
            Block::If => truthy(&value),
            Block::Unless => !truthy(&value),
            Block::With => return self.with(value, part, frame, out),
            Block::Each => return self.each(value, part, frame, out),
        };
        let nodes = if inside { Some(&part.then) } else { part.otherwise.as_ref() };
        nodes.map_or(Ok(()), |nodes| self.write(nodes, frame, out))
    }

    fn with(
        &self,
        this: Cow<'a, Value>,
        part: &'a Part,
        outer: Option<&Frame<'_, 'a>>,
        out: &mut String,
    ) -> Result<(), Failure> {
        self.write(&part.then, Some(&Frame { this, index: 0, key: None, last: true, outer }), out)
    }

    fn each(
        &self,
        over: Cow<'a, Value>,
        part: &'a Part,
        outer: Option<&Frame<'_, 'a>>,
        out: &mut String,
    ) -> Result<(), Failure> {
        let mut rounds = Rounds { fill: self, part, outer, out };
        let count = match &*over {
            Value::Array(items) => items.len(),
            Value::Object(entries) => entries.len(),
            other => return Err(not_each(part, other)),
        };
        match (over, &part.otherwise) {
            (_, Some(otherwise)) if count == 0 => self.write(otherwise, outer, rounds.out),
            (Cow::Borrowed(Value::Array(items)), _) => {
                rounds.run(count, items.iter().map(|item| (None, Cow::Borrowed(item))))
            }
            (Cow::Owned(Value::Array(items)), _) => {
                rounds.run(count, items.into_iter().map(|item| (None, Cow::Owned(item))))
            }
            (Cow::Borrowed(Value::Object(entries)), _) => rounds
                .run(count, entries.iter().map(|(key, value)| (Some(key.clone()), Cow::Borrowed(value)))),
            (Cow::Owned(Value::Object(entries)), _) => {
                rounds.run(count, entries.into_iter().map(|(key, value)| (Some(key), Cow::Owned(value))))
            }
            (other, _) => Err(not_each(part, &other)),
        }
    }
}

fn not_each(part: &Part, value: &Value) -> Failure {
    let problem = format!("`{}` is {}, not a list or a map", part.over, kind(value));
    Failure::Helper { helper: "each", problem }
}

/// The rounds of one `each`.
struct Rounds<'r, 'o, 'a> {
    fill: &'r Fill<'a>,
    part: &'a Part,
    outer: Option<&'r Frame<'o, 'a>>,
    out: &'r mut String,
}

impl<'a> Rounds<'_, '_, 'a> {
    fn run(
        &mut self,
        count: usize,
        items: impl Iterator<Item = (Option<String>, Cow<'a, Value>)>,
    ) -> Result<(), Failure> {
        for (index, (key, this)) in items.enumerate() {
            self.fill.finder.budget.round().map_err(|_| Failure::TooManyRounds)?;
            let frame =
                Frame { this, index, key: key.as_deref(), last: index + 1 == count, outer: self.outer };
            self.fill.write(&self.part.then, Some(&frame), self.out)?;
        }
        Ok(())
    }
}

fn push(out: &mut String, text: &str) -> Result<(), Failure> {
    if out.len() + text.len() > limit::TEMPLATE_OUTPUT_MAX_BYTES {
        return Err(Failure::TooLong);
    }
    out.push_str(text);
    Ok(())
}
