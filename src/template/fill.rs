//! Filling a template: finds the values, runs the helpers and blocks, and writes the text, within bounds.

use std::borrow::Cow;
use std::cell::Cell;

use serde_json::Value;

use super::error::Failure;
use super::escape::Escape;
use super::helper::{Block, Inputs, Run, kind, truthy};
use super::node::{Call, Expression, Node, Part, Place, Root};
use super::scope::Scope;
use crate::limit;
use crate::path::{Path, Steps};
use std::ops::ControlFlow;

/// One filling of one template.
pub(super) struct Fill<'a> {
    scope: &'a Scope<'a>,
    escape: Escape,
    rounds_left: Cell<usize>,
    steps_left: Cell<u64>,
}

/// What a block gives to the text inside it, and the block around it.
pub(super) struct Frame<'f, 'a> {
    this: Cow<'a, Value>,
    index: usize,
    key: Option<&'f str>,
    last: bool,
    outer: Option<&'f Frame<'f, 'a>>,
}

impl<'a> Fill<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, escape: Escape) -> Self {
        Self {
            scope,
            escape,
            rounds_left: Cell::new(limit::TEMPLATE_ROUNDS_MAX),
            steps_left: Cell::new(Steps::DEFAULT.left()),
        }
    }

    pub(super) fn payload(&self) -> &'a Value {
        self.scope.payload()
    }

    /// The value of an expression, never null unless a literal says so.
    pub(super) fn value(
        &self,
        expression: &'a Expression,
        frame: Option<&Frame<'_, 'a>>,
    ) -> Result<Cow<'a, Value>, Failure> {
        match expression {
            Expression::Literal(value) => Ok(Cow::Borrowed(value)),
            Expression::Place(place) => self.place(place, frame),
            Expression::Call(call) => self.call(call, frame),
        }
    }

    fn call(&self, call: &'a Call, frame: Option<&Frame<'_, 'a>>) -> Result<Cow<'a, Value>, Failure> {
        let inputs = Inputs { fill: self, call, frame };
        match &call.helper.run {
            Run::Value { make, .. } => make(&inputs),
            Run::Block(_) => {
                Err(Failure::Helper { helper: call.helper.name, problem: "is a block".to_owned() })
            }
        }
    }

    fn place(&self, place: &'a Place, frame: Option<&Frame<'_, 'a>>) -> Result<Cow<'a, Value>, Failure> {
        let missing = |null| Failure::Missing { name: place.text.clone(), null };
        let root = self.root(&place.root, frame).ok_or_else(|| missing(false))?;
        let value = match &place.path {
            None => Some(root),
            Some(path) => self.follow(path, root, &place.text)?,
        };
        match value {
            None => Err(missing(false)),
            Some(value) if value.is_null() => Err(missing(true)),
            Some(value) => Ok(value),
        }
    }

    fn root(&self, root: &'a Root, frame: Option<&Frame<'_, 'a>>) -> Option<Cow<'a, Value>> {
        let scope = self.scope;
        let frame = |up: &usize| (0..*up).try_fold(frame?, |frame, _| frame.outer);
        let text = |text: &str| Cow::Owned(Value::from(text));
        match root {
            Root::Payload => Some(Cow::Borrowed(scope.payload())),
            Root::Headers(name) => scope.headers(name.as_deref()),
            Root::Query(name) => scope.query(name.as_deref()),
            Root::Params(name) => scope.params(name.as_deref()),
            Root::Event(field) => scope.event_field(*field).map(|value| Cow::Owned(Value::String(value))),
            Root::RuleName => Some(text(scope.rule())),
            Root::Steps => scope.steps().map(Cow::Borrowed),
            Root::FailureReason => scope.failure().map(text),
            Root::Given(name) => scope.given(name).map(Cow::Borrowed),
            Root::This(up) => frame(up).map(|frame| frame.this.clone()),
            Root::Index(up) => frame(up).map(|frame| Cow::Owned(frame.index.into())),
            Root::Key(up) => {
                frame(up).map(|frame| Cow::Owned(frame.key.map_or(frame.index.into(), Value::from)))
            }
            Root::First(up) => frame(up).map(|frame| Cow::Owned(Value::Bool(frame.index == 0))),
            Root::Last(up) => frame(up).map(|frame| Cow::Owned(Value::Bool(frame.last))),
        }
    }

    /// What a path finds: one value, or a list when the path can find several.
    pub(super) fn follow(
        &self,
        path: &Path,
        root: Cow<'a, Value>,
        name: &str,
    ) -> Result<Option<Cow<'a, Value>>, Failure> {
        let too_many = |_| Failure::TooManySteps { name: name.to_owned() };
        if path.is_singular() {
            return Ok(match root {
                Cow::Borrowed(root) => path.first(root).map_err(too_many)?.map(Cow::Borrowed),
                Cow::Owned(root) => path.first(&root).map_err(too_many)?.cloned().map(Cow::Owned),
            });
        }
        let mut steps = Steps::new(self.steps_left.get());
        let mut found = Vec::new();
        let ended = path.each(&root, &mut steps, &mut |value| {
            found.push(value.clone());
            if found.len() > limit::JSON_NODES_MAX {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        self.steps_left.set(steps.left());
        ended.map_err(too_many)?;
        Ok(Some(Cow::Owned(Value::Array(found))))
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
        match &*self.value(expression, frame)? {
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
        let value = match (self.value(&part.over, frame), part.block, &part.otherwise) {
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
            let left = self.fill.rounds_left.get().checked_sub(1).ok_or(Failure::TooManyRounds)?;
            self.fill.rounds_left.set(left);
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
