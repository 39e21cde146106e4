//! The only place that knows `jsonpath-rust`: it reads the grammar, and its tree becomes ours.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::{
    self as tree, Comparable, Filter, FilterAtom, FnArg, Literal, SingularQuery, SingularQuerySegment,
    TestFunction,
};
use jsonpath_rust::parser::parse_json_path;
use serde_json::{Number, Value};

use super::Options;
use super::calls::Place;
use super::error::Error;
use super::function::{self, Argument, Call};
use super::query::{Comparison, Operand, Query, Segment, Selector, Slice, Start, Step, Test};

/// The parser's refusal of a text, and where it stopped if it says so.
pub(super) struct Refusal {
    pub(super) offset: Option<usize>,
}

/// A path that the parser accepts.
pub(super) struct Tree(tree::JpQuery);

/// Parses the plain form of a path.
pub(super) fn parse(text: &str) -> Result<Tree, Refusal> {
    parse_json_path(text).map(Tree).map_err(|error| Refusal { offset: offset(&error) })
}

/// The type of the location is of a crate that is not ours to name, so its debug form is read: `Pos(7)`, `Span((7, 9))`.
fn offset(error: &JsonPathError) -> Option<usize> {
    let JsonPathError::PestError(error) = error else { return None };
    let location = format!("{:?}", error.location);
    location.split(|character: char| !character.is_ascii_digit()).find_map(|digits| digits.parse().ok())
}

/// Turns the parser's tree into the form that is walked; `numbers` are those that the tree holds as `0`, `1`, `2`, …, and
/// `calls` are the places of the functions in the order of the text.
pub(super) fn compile(
    tree: Tree,
    numbers: &[Number],
    calls: Vec<Place<'_>>,
    options: Options,
) -> Result<Query, Error> {
    Compiler { numbers, calls: calls.into_iter(), options }.query(Start::Root, tree.0.segments)
}

struct Compiler<'t> {
    numbers: &'t [Number],
    calls: std::vec::IntoIter<Place<'t>>,
    options: Options,
}

impl Compiler<'_> {
    fn query(&mut self, start: Start, parsed: Vec<tree::Segment>) -> Result<Query, Error> {
        let mut steps = Vec::new();
        let mut segments = Vec::new();
        for segment in parsed {
            let segment = self.segment(segment)?;
            match single(segment) {
                Ok(step) if segments.is_empty() => steps.push(step),
                Ok(step) => {
                    segments.push(Segment { descends: false, selectors: [Selector::One(step)].into() });
                }
                Err(segment) => segments.push(segment),
            }
        }
        Ok(Query { start, steps: steps.into(), segments: segments.into() })
    }

    fn segment(&mut self, segment: tree::Segment) -> Result<Segment, Error> {
        let (descends, segment) = match segment {
            tree::Segment::Descendant(inner) => (true, *inner),
            child => (false, child),
        };
        let selectors = match segment {
            tree::Segment::Selector(selector) => [self.selector(selector)?].into(),
            tree::Segment::Selectors(selectors) => {
                selectors.into_iter().map(|selector| self.selector(selector)).collect::<Result<_, _>>()?
            }
            tree::Segment::Descendant(_) => return Err(unexpected()),
        };
        Ok(Segment { descends, selectors })
    }

    fn selector(&mut self, selector: tree::Selector) -> Result<Selector, Error> {
        Ok(match selector {
            tree::Selector::Name(name) => Selector::One(Step::Name(name.into())),
            tree::Selector::Index(index) => Selector::One(Step::Index(index)),
            tree::Selector::Wildcard => Selector::Every,
            tree::Selector::Slice(start, end, step) => {
                Selector::Slice(Slice { start, end, step: step.unwrap_or(1) })
            }
            tree::Selector::Filter(filter) => Selector::Filter(self.tests(filter)?),
        })
    }

    fn tests(&mut self, filter: Filter) -> Result<Test, Error> {
        Ok(match filter {
            Filter::Or(tests) => Test::Any(self.each_test(tests)?),
            Filter::And(tests) => Test::All(self.each_test(tests)?),
            Filter::Atom(FilterAtom::Filter { expr, not }) => negated(not, self.tests(*expr)?),
            Filter::Atom(FilterAtom::Test { expr, not }) => negated(not, self.test(*expr)?),
            Filter::Atom(FilterAtom::Comparison(comparison)) => self.comparison(*comparison)?,
        })
    }

    fn each_test(&mut self, tests: Vec<Filter>) -> Result<Box<[Test]>, Error> {
        tests.into_iter().map(|test| self.tests(test)).collect()
    }

    fn test(&mut self, test: tree::Test) -> Result<Test, Error> {
        match test {
            tree::Test::RelQuery(segments) => self.query(Start::Current, segments).map(Test::Exists),
            tree::Test::AbsQuery(query) => self.query(Start::Root, query.segments).map(Test::Exists),
            tree::Test::Function(function) => {
                let (place, call) = self.call(*function)?;
                match call {
                    Call::Test(test) => Ok(test),
                    Call::Value(_) => {
                        Err(Error::at(place, "the function gives a value, which alone tests nothing")
                            .help("compare it, as in `count(@.items) > 2` or `length(@.name) > 2`"))
                    }
                }
            }
        }
    }

    fn comparison(&mut self, comparison: tree::Comparison) -> Result<Test, Error> {
        let (left, is, right) = match comparison {
            tree::Comparison::Eq(left, right) => (left, Comparison::Equal, right),
            tree::Comparison::Ne(left, right) => (left, Comparison::Unequal, right),
            tree::Comparison::Lt(left, right) => (left, Comparison::Less, right),
            tree::Comparison::Lte(left, right) => (left, Comparison::LessOrEqual, right),
            tree::Comparison::Gt(left, right) => (left, Comparison::Greater, right),
            tree::Comparison::Gte(left, right) => (left, Comparison::GreaterOrEqual, right),
        };
        Ok(Test::Compare { left: self.operand(left)?, is, right: self.operand(right)? })
    }

    fn operand(&mut self, operand: Comparable) -> Result<Operand, Error> {
        Ok(match operand {
            Comparable::Literal(literal) => Operand::Literal(self.literal(literal)?),
            Comparable::SingularQuery(SingularQuery::Current(steps)) => {
                Operand::One(singular(Start::Current, steps))
            }
            Comparable::SingularQuery(SingularQuery::Root(steps)) => {
                Operand::One(singular(Start::Root, steps))
            }
            Comparable::Function(function) => match self.call(function)? {
                (_, Call::Value(operand)) => operand,
                (place, Call::Test(_)) => {
                    return Err(Error::at(place, "a function that tests cannot be compared"));
                }
            },
        })
    }

    /// The call and the place of its name.
    fn call(&mut self, function: TestFunction) -> Result<(usize, Call), Error> {
        // The text names a function before its arguments, so its place is taken before theirs.
        let place = self.calls.next().ok_or_else(unexpected)?;
        let (name, arguments) = match function {
            TestFunction::Custom(..) => return Err(unexpected()),
            TestFunction::Length(argument) => ("length", vec![*argument]),
            TestFunction::Value(argument) => ("value", vec![argument]),
            TestFunction::Count(argument) => ("count", vec![argument]),
            TestFunction::Search(text, pattern) => ("search", vec![text, pattern]),
            TestFunction::Match(text, pattern) => ("match", vec![text, pattern]),
        };
        let arguments =
            arguments.into_iter().map(|argument| self.argument(argument)).collect::<Result<_, _>>()?;
        function::call(name, arguments, &place, self.options).map(|call| (place.name, call))
    }

    fn argument(&mut self, argument: FnArg) -> Result<Argument, Error> {
        let test = match argument {
            FnArg::Literal(literal) => return self.literal(literal).map(Argument::Literal),
            FnArg::Filter(filter) => return self.tests(filter).map(|_| Argument::Tests),
            FnArg::Test(test) => *test,
        };
        match test {
            tree::Test::RelQuery(segments) => self.query(Start::Current, segments).map(Argument::Query),
            tree::Test::AbsQuery(query) => self.query(Start::Root, query.segments).map(Argument::Query),
            tree::Test::Function(function) => self.call(*function).map(|(_, call)| Argument::Call(call)),
        }
    }

    fn literal(&self, literal: Literal) -> Result<Value, Error> {
        Ok(match literal {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Bool(value),
            Literal::String(text) => Value::String(text),
            Literal::Int(place) => {
                let number = usize::try_from(place).ok().and_then(|place| self.numbers.get(place));
                Value::Number(number.ok_or_else(unexpected)?.clone())
            }
            Literal::Float(_) => return Err(unexpected()),
        })
    }
}

/// The step that a segment is when it can find only one value.
fn single(segment: Segment) -> Result<Step, Segment> {
    if segment.descends {
        return Err(segment);
    }
    match <[Selector; 1]>::try_from(segment.selectors.into_vec()) {
        Ok([Selector::One(step)]) => Ok(step),
        Ok(selectors) => Err(Segment { descends: false, selectors: selectors.into() }),
        Err(selectors) => Err(Segment { descends: false, selectors: selectors.into() }),
    }
}

fn singular(start: Start, steps: Vec<SingularQuerySegment>) -> Query {
    let step = |step| match step {
        SingularQuerySegment::Name(name) => Step::Name(name.into()),
        SingularQuerySegment::Index(index) => Step::Index(index),
    };
    Query { start, steps: steps.into_iter().map(step).collect(), segments: [].into() }
}

fn negated(not: bool, test: Test) -> Test {
    if not { Test::Not(Box::new(test)) } else { test }
}

/// The parser gave something that its input cannot mean.
fn unexpected() -> Error {
    Error::at(0, "this path is read in two ways, so it is refused").help("write it more simply")
}
