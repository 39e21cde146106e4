//! Walks a value along a path, without allocating: each value that is found is shown to a visitor, in the order of
//! RFC 9535, and the steps are counted.

use std::ops::ControlFlow;

use serde_json::Value;

use super::limits::DEPTH_MAX;
use super::query::{Query, Segment, Selector, Start, Step, Test};
use super::steps::{OutOfSteps, Steps};

/// What is done with each value that is found.
pub(super) type Visit<'f, 'v> = &'f mut dyn FnMut(&'v Value) -> ControlFlow<()>;

/// Why a walk ends before its end.
pub(super) enum Stop {
    /// The visitor has seen enough.
    Enough,
    OutOfSteps,
}

impl From<OutOfSteps> for Stop {
    fn from(OutOfSteps: OutOfSteps) -> Self {
        Self::OutOfSteps
    }
}

/// The walk of one evaluation, the filters inside it included.
pub(super) struct Walk<'v, 's> {
    root: &'v Value,
    pub(super) steps: &'s mut Steps,
    depth: usize,
}

impl<'v, 's> Walk<'v, 's> {
    pub(super) fn new(root: &'v Value, steps: &'s mut Steps) -> Self {
        Self { root, steps, depth: 0 }
    }

    /// Shows `visit` what `query` finds; `current` is what `@` means.
    pub(super) fn query(
        &mut self,
        query: &Query,
        current: &'v Value,
        visit: Visit<'_, 'v>,
    ) -> Result<(), OutOfSteps> {
        let Some(node) = self.single(query, current) else { return Ok(()) };
        let depth = self.depth;
        let ended = self.segments(&query.segments, node, visit);
        // A walk that is broken off leaves its levels all at once.
        self.depth = depth;
        match ended {
            Ok(()) | Err(Stop::Enough) => Ok(()),
            Err(Stop::OutOfSteps) => Err(OutOfSteps),
        }
    }

    /// What the single steps at the start of `query` find: all of it when the query is singular.
    pub(super) fn single(&self, query: &Query, current: &'v Value) -> Option<&'v Value> {
        let start = match query.start {
            Start::Root => self.root,
            Start::Current => current,
        };
        follow(&query.steps, start)
    }

    fn segments(&mut self, segments: &[Segment], node: &'v Value, visit: Visit<'_, 'v>) -> Result<(), Stop> {
        let Some((segment, rest)) = segments.split_first() else {
            return match visit(node) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(Stop::Enough),
            };
        };
        if !holds_values(node) {
            return Ok(());
        }
        self.enter()?;
        if segment.descends {
            self.descend(segment, rest, node, visit)?;
        } else {
            self.select(segment, rest, node, visit)?;
        }
        self.leave();
        Ok(())
    }

    /// The segment on the node, then on everything inside it, from the top.
    fn descend(
        &mut self,
        segment: &Segment,
        rest: &[Segment],
        node: &'v Value,
        visit: Visit<'_, 'v>,
    ) -> Result<(), Stop> {
        self.select(segment, rest, node, visit)?;
        self.enter()?;
        for child in Children::of(node) {
            self.steps.spend(1)?;
            if holds_values(child) {
                self.descend(segment, rest, child, visit)?;
            }
        }
        self.leave();
        Ok(())
    }

    fn select(
        &mut self,
        segment: &Segment,
        rest: &[Segment],
        node: &'v Value,
        visit: Visit<'_, 'v>,
    ) -> Result<(), Stop> {
        for selector in &segment.selectors {
            self.selector(selector, rest, node, visit)?;
        }
        Ok(())
    }

    fn selector(
        &mut self,
        selector: &Selector,
        rest: &[Segment],
        node: &'v Value,
        visit: Visit<'_, 'v>,
    ) -> Result<(), Stop> {
        match (selector, node) {
            (Selector::One(step), _) => {
                self.steps.spend(1)?;
                step.find(node).map_or(Ok(()), |found| self.segments(rest, found, visit))
            }
            (Selector::Every, _) => {
                for child in Children::of(node) {
                    self.steps.spend(1)?;
                    self.segments(rest, child, visit)?;
                }
                Ok(())
            }
            (Selector::Slice(slice), Value::Array(items)) => {
                for item in slice.places(items.len()).filter_map(|place| items.get(place)) {
                    self.steps.spend(1)?;
                    self.segments(rest, item, visit)?;
                }
                Ok(())
            }
            (Selector::Slice(_), _) => Ok(()),
            (Selector::Filter(test), _) => self.filter(test, rest, node, visit),
        }
    }

    fn filter(
        &mut self,
        test: &Test,
        rest: &[Segment],
        node: &'v Value,
        visit: Visit<'_, 'v>,
    ) -> Result<(), Stop> {
        for child in Children::of(node) {
            self.steps.spend(1)?;
            if self.holds(test, child)? {
                self.segments(rest, child, visit)?;
            }
        }
        Ok(())
    }

    /// One level further down the stack of the program, which has to end somewhere.
    fn enter(&mut self) -> Result<(), OutOfSteps> {
        if self.depth == DEPTH_MAX {
            return Err(OutOfSteps);
        }
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}

fn holds_values(node: &Value) -> bool {
    matches!(node, Value::Array(_) | Value::Object(_))
}

/// The values directly inside a value.
enum Children<'v> {
    Items(std::slice::Iter<'v, Value>),
    Members(serde_json::map::Values<'v>),
    None,
}

impl<'v> Children<'v> {
    fn of(node: &'v Value) -> Self {
        match node {
            Value::Array(items) => Self::Items(items.iter()),
            Value::Object(members) => Self::Members(members.values()),
            _ => Self::None,
        }
    }
}

impl<'v> Iterator for Children<'v> {
    type Item = &'v Value;

    fn next(&mut self) -> Option<&'v Value> {
        match self {
            Self::Items(items) => items.next(),
            Self::Members(members) => members.next(),
            Self::None => None,
        }
    }
}

/// What single steps find from `node`.
pub(super) fn follow<'v>(steps: &[Step], node: &'v Value) -> Option<&'v Value> {
    steps.iter().try_fold(node, |node, step| step.find(node))
}
