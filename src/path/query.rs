//! A path in the form that is walked: made once, when the path is parsed.

use serde_json::Value;

use super::pattern::Pattern;

/// One step of a path that finds at most one value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The member of an object with this name.
    Name(Box<str>),
    /// The element of an array: `0` is the first, `-1` the last.
    Index(i64),
}

impl Step {
    /// What the step finds in `node`.
    pub(super) fn find<'v>(&self, node: &'v Value) -> Option<&'v Value> {
        match (self, node) {
            (Self::Name(name), Value::Object(members)) => members.get(&**name),
            (Self::Index(index), Value::Array(items)) => element(items, *index),
            _ => None,
        }
    }
}

/// The element at an index: `0` is the first, `-1` the last.
pub fn element(items: &[Value], index: i64) -> Option<&Value> {
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    items.get(if index < 0 { items.len().checked_sub(distance)? } else { distance })
}

/// A path: from where it starts, single steps as far as they go, then the rest.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) start: Start,
    pub(super) steps: Box<[Step]>,
    pub(super) segments: Box<[Segment]>,
}

impl Query {
    /// Whether it can find at most one value, by its form alone.
    pub(super) fn is_singular(&self) -> bool {
        self.segments.is_empty()
    }
}

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// `$`
    Root,
    /// `@`
    Current,
}

/// Selectors that are applied to a value, or to it and everything inside it.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) descends: bool,
    pub(super) selectors: Box<[Selector]>,
}

#[derive(Debug)]
pub(super) enum Selector {
    One(Step),
    Every,
    Slice(Slice),
    Filter(Test),
}

/// `start:end:step`
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) step: i64,
}

impl Slice {
    /// The places the slice picks from an array (RFC 9535, section 2.3.4.2.2).
    pub(super) fn places(&self, length: usize) -> impl Iterator<Item = usize> {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let from_end = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
        let step = self.step;
        let (first, last) = if step >= 0 {
            (
                self.start.map_or(0, from_end).clamp(0, length),
                self.end.map_or(length, from_end).clamp(0, length),
            )
        } else {
            let first = self.start.map_or(length - 1, from_end).clamp(-1, length - 1);
            (first, self.end.map_or(-1, from_end).clamp(-1, length - 1))
        };
        let inside = move |place: &i64| if step > 0 { *place < last } else { step < 0 && *place > last };
        std::iter::successors(Some(first), move |place| place.checked_add(step))
            .take_while(inside)
            .filter_map(|place| usize::try_from(place).ok())
    }
}

/// What a filter asks of an item.
#[derive(Debug)]
pub(super) enum Test {
    Any(Box<[Test]>),
    All(Box<[Test]>),
    Not(Box<Test>),
    Exists(Query),
    Compare { left: Operand, is: Comparison, right: Operand },
    Matches { text: Operand, pattern: Pattern },
}

/// A side of a comparison, or an argument that is a value.
#[derive(Debug)]
pub(super) enum Operand {
    Literal(Value),
    /// Always singular.
    One(Query),
    Length(Box<Operand>),
    Count(Query),
    Value(Query),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
