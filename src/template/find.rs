//! Finding the value of an expression in the event, or having a helper make it. What is in the event is lent, not copied.

use std::borrow::Cow;
use std::ops::ControlFlow;

use serde_json::Value;

use super::budget::Budget;
use super::error::Failure;
use super::helper::{Inputs, Run};
use super::node::{Call, Expression, Place, Root};
use super::scope::Scope;
use crate::path::Path;

/// Looks for values in a scope, within a budget.
pub(super) struct Finder<'a> {
    scope: &'a Scope<'a>,
    pub(super) budget: Budget,
}

/// What a block gives to the text inside it, and the block around it.
pub(super) struct Frame<'f, 'a> {
    pub(super) this: Cow<'a, Value>,
    pub(super) index: usize,
    pub(super) key: Option<&'f str>,
    pub(super) last: bool,
    pub(super) outer: Option<&'f Frame<'f, 'a>>,
}

impl<'f, 'a> Frame<'f, 'a> {
    /// The frame of the block so many blocks further out.
    fn above(&'f self, up: usize) -> Option<&'f Self> {
        (0..up).try_fold(self, |frame, _| frame.outer)
    }
}

impl<'a> Finder<'a> {
    pub(super) fn new(scope: &'a Scope<'a>) -> Self {
        Self { scope, budget: Budget::new() }
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
        let inputs = Inputs { finder: self, call, frame };
        match &call.helper.run {
            Run::Value { make, .. } => make(&inputs),
            Run::Block(_) => {
                Err(Failure::Helper { helper: call.helper.name, problem: "is a block".to_owned() })
            }
        }
    }

    fn place(&self, place: &'a Place, frame: Option<&Frame<'_, 'a>>) -> Result<Cow<'a, Value>, Failure> {
        let found = match &place.root {
            Root::This(up) => match frame.and_then(|frame| frame.above(*up)).map(|frame| &frame.this) {
                None => None,
                Some(Cow::Borrowed(this)) => self.follow(place.path.as_ref(), this, &place.text)?,
                Some(Cow::Owned(this)) => self.copied(place.path.as_ref(), this, &place.text)?,
            },
            root => match self.root(root, frame) {
                None => None,
                Some(Cow::Borrowed(root)) => self.follow(place.path.as_ref(), root, &place.text)?,
                Some(Cow::Owned(root)) => Some(Cow::Owned(root)),
            },
        };
        let missing = |null| Failure::Missing { name: place.text.clone(), null };
        match found {
            None => Err(missing(false)),
            Some(value) if value.is_null() => Err(missing(true)),
            Some(value) => Ok(value),
        }
    }

    /// The value under a name; what is made here is a text, a number or true or false, so no way leads further in.
    fn root(&self, root: &'a Root, frame: Option<&Frame<'_, 'a>>) -> Option<Cow<'a, Value>> {
        let scope = self.scope;
        let frame = |up: &usize| frame?.above(*up);
        let owned = |value: Value| Some(Cow::Owned(value));
        match root {
            Root::Payload => Some(Cow::Borrowed(scope.payload())),
            Root::Steps => scope.steps().map(Cow::Borrowed),
            Root::Given(name) => scope.given(name).map(Cow::Borrowed),
            Root::Headers(name) => scope.headers(name.as_deref()),
            Root::Query(name) => scope.query(name.as_deref()),
            Root::Params(name) => scope.params(name.as_deref()),
            Root::Event(field) => owned(Value::String(scope.event_field(*field)?)),
            Root::RuleName => owned(scope.rule().into()),
            Root::FailureReason => owned(scope.failure()?.into()),
            Root::This(up) => owned(frame(up)?.this.clone().into_owned()),
            Root::Index(up) => owned(frame(up)?.index.into()),
            Root::Key(up) => {
                frame(up).map(|frame| Cow::Owned(frame.key.map_or(frame.index.into(), Value::from)))
            }
            Root::First(up) => owned((frame(up)?.index == 0).into()),
            Root::Last(up) => owned(frame(up)?.last.into()),
        }
    }

    /// What a path finds: one value, or a list when the path can find several; without a path, the root.
    pub(super) fn follow<'v>(
        &self,
        path: Option<&Path>,
        root: &'v Value,
        name: &str,
    ) -> Result<Option<Cow<'v, Value>>, Failure> {
        let too_many = || Failure::TooManySteps { name: name.to_owned() };
        let Some(path) = path else { return Ok(Some(Cow::Borrowed(root))) };
        if path.is_singular() {
            return path.first(root).map(|found| found.map(Cow::Borrowed)).map_err(|_| too_many());
        }
        let (mut found, mut affordable) = (Vec::new(), true);
        let walked = self.budget.lend(|steps| {
            path.each(root, steps, &mut |value| match self.budget.copy(value) {
                Ok(copy) => {
                    found.push(copy);
                    ControlFlow::Continue(())
                }
                Err(_) => {
                    affordable = false;
                    ControlFlow::Break(())
                }
            })
        });
        match walked {
            Ok(()) if affordable => Ok(Some(Cow::Owned(Value::Array(found)))),
            _ => Err(too_many()),
        }
    }

    /// The same where the root does not live long enough to be lent.
    pub(super) fn copied(
        &self,
        path: Option<&Path>,
        root: &Value,
        name: &str,
    ) -> Result<Option<Cow<'a, Value>>, Failure> {
        let too_many = |_| Failure::TooManySteps { name: name.to_owned() };
        match self.follow(path, root, name)? {
            None => Ok(None),
            Some(Cow::Borrowed(found)) => {
                self.budget.copy(found).map(|copy| Some(Cow::Owned(copy))).map_err(too_many)
            }
            Some(Cow::Owned(found)) => Ok(Some(Cow::Owned(found))),
        }
    }
}
