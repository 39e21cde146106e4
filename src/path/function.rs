//! The functions of RFC 9535, section 2.4: what each takes and gives, and that a call is well-typed.

use serde_json::Value;

use super::Options;
use super::calls::Place;
use super::error::Error;
use super::pattern::{Pattern, Whole};
use super::query::{Operand, Query, Test};
use super::quoted;

/// A function: its name, what it takes, how it is used, and how a call becomes something to evaluate.
struct Row {
    name: &'static str,
    usage: &'static str,
    takes: &'static [Takes],
    gives: Gives,
}

#[derive(Clone, Copy)]
enum Takes {
    /// A single value: written out, found by a path that finds one, or given by a function.
    Value,
    /// What a path finds.
    Nodes,
}

enum Gives {
    Length,
    Count,
    Value,
    Test(Whole),
}

const FUNCTIONS: &[Row] = &[
    Row { name: "count", usage: "write `count(@.items)`", takes: &[Takes::Nodes], gives: Gives::Count },
    Row { name: "length", usage: "write `length(@.name)`", takes: &[Takes::Value], gives: Gives::Length },
    Row {
        name: "match",
        usage: "write `match(@.name, 'pattern')`",
        takes: &[Takes::Value, Takes::Value],
        gives: Gives::Test(Whole::Yes),
    },
    Row {
        name: "search",
        usage: "write `search(@.name, 'pattern')`",
        takes: &[Takes::Value, Takes::Value],
        gives: Gives::Test(Whole::No),
    },
    Row { name: "value", usage: "write `value(@..id)`", takes: &[Takes::Nodes], gives: Gives::Value },
];

/// Whether there is a function of that name.
pub(super) fn is_known(name: &str) -> bool {
    find(name).is_some()
}

/// Whether the function is a test by itself.
pub(super) fn is_test(name: &str) -> bool {
    find(name).is_some_and(|row| matches!(row.gives, Gives::Test(_)))
}

/// How the function is used, as help.
pub(super) fn usage(name: &str) -> Option<&'static str> {
    find(name).map(|row| row.usage)
}

/// The names of all functions, for a message.
pub(super) fn names() -> String {
    FUNCTIONS.iter().map(|row| format!("`{}`", row.name)).collect::<Vec<_>>().join(", ")
}

fn find(name: &str) -> Option<&'static Row> {
    FUNCTIONS.iter().find(|row| row.name == name)
}

/// An argument as it is written.
pub(super) enum Argument {
    Literal(Value),
    Query(Query),
    Call(Call),
    /// Tests joined by operators.
    Tests,
}

/// A call that is well-typed.
pub(super) enum Call {
    Value(Operand),
    Test(Test),
}

/// Checks a call of the function `name` and makes it ready.
pub(super) fn call(
    name: &str,
    arguments: Vec<Argument>,
    place: &Place<'_>,
    options: Options,
) -> Result<Call, Error> {
    let wrong = |message: String| Error::at(place.name, message);
    let Some(row) = find(name) else {
        return Err(wrong(format!("`{name}` is not a function")).help(format!("there are {}", names())));
    };
    if arguments.len() != row.takes.len() {
        return Err(wrong(format!("`{name}` does not take these arguments")).help(row.usage));
    }
    let mut values = Vec::new();
    let mut nodes = None;
    for (argument, takes) in arguments.into_iter().zip(row.takes) {
        match takes {
            Takes::Value => {
                values.push(value(argument).map_err(|got| ill_typed(row, place, "a single value", got))?);
            }
            Takes::Nodes => {
                nodes = Some(found(argument).map_err(|got| ill_typed(row, place, "a path", got))?);
            }
        }
    }
    build(row, values, nodes, place, options)
}

fn build(
    row: &Row,
    values: Vec<Operand>,
    nodes: Option<Query>,
    place: &Place<'_>,
    options: Options,
) -> Result<Call, Error> {
    let mut values = values.into_iter();
    Ok(match (&row.gives, nodes, values.next(), values.next()) {
        (Gives::Count, Some(nodes), ..) => Call::Value(Operand::Count(nodes)),
        (Gives::Value, Some(nodes), ..) => Call::Value(Operand::Value(nodes)),
        (Gives::Length, _, Some(value), _) => Call::Value(Operand::Length(Box::new(value))),
        (Gives::Test(whole), _, Some(text), Some(pattern)) => {
            let pattern = make_pattern(row, pattern, *whole, place, options)?;
            Call::Test(Test::Matches { text, pattern })
        }
        _ => {
            return Err(Error::at(place.name, format!("`{}` does not take these arguments", row.name))
                .help(row.usage));
        }
    })
}

fn make_pattern(
    row: &Row,
    pattern: Operand,
    whole: Whole,
    place: &Place<'_>,
    options: Options,
) -> Result<Pattern, Error> {
    let wrong = |message: String| Error::at(place.last, message);
    match pattern {
        Operand::Literal(Value::String(text)) if options.dynamic_patterns => {
            Ok(Pattern::lenient(&text, whole))
        }
        Operand::Literal(Value::String(text)) => Pattern::parse(&text, whole).map_err(|error| {
            let offset = place.last + quoted::written_offset(place.word, error.offset);
            Error { offset, ..error }
        }),
        other if options.dynamic_patterns => Ok(Pattern::dynamic(other, whole)),
        Operand::Literal(_) => {
            Err(wrong(format!("the pattern of `{}` is text in quotes", row.name)).help(row.usage))
        }
        _ => Err(wrong(format!("the pattern of `{}` comes from the payload", row.name))
            .help("write it here in quotes: whoever sends a payload shall not choose what is searched")),
    }
}

fn ill_typed(row: &Row, place: &Place<'_>, wants: &str, got: &str) -> Error {
    Error::at(place.name, format!("`{}` wants {wants}, not {got}", row.name)).help(row.usage)
}

fn value(argument: Argument) -> Result<Operand, &'static str> {
    match argument {
        Argument::Literal(value) => Ok(Operand::Literal(value)),
        Argument::Query(query) if query.is_singular() => Ok(Operand::One(query)),
        Argument::Query(_) => Err("a path that may find several"),
        Argument::Call(Call::Value(operand)) => Ok(operand),
        Argument::Call(Call::Test(_)) | Argument::Tests => Err("a test"),
    }
}

fn found(argument: Argument) -> Result<Query, &'static str> {
    match argument {
        Argument::Query(query) => Ok(query),
        Argument::Literal(_) => Err("a value written out"),
        Argument::Call(Call::Value(_)) => Err("a value"),
        Argument::Call(Call::Test(_)) | Argument::Tests => Err("a test"),
    }
}
