//! The kinds of value that a test may let through.

use serde_json::Value;

use crate::condition::cast::As;
use crate::condition::each::Each;
use crate::condition::operand::Operand;
use crate::condition::seen::{Kind, Seen};
use crate::condition::subject::Subject;

const ALL: &[Kind] = &[Kind::Null, Kind::Bool, Kind::Number, Kind::Text, Kind::List, Kind::Map, Kind::Moment];
const ORDERED: &[Kind] = &[Kind::Number, Kind::Text, Kind::Moment];

/// The kinds of what a subject finds, once it is converted.
pub(super) fn of_subject(subject: &Subject, casts: &[As]) -> Vec<Kind> {
    match casts.last() {
        Some(cast) => vec![cast.kind()],
        None if subject.is_text() => vec![Kind::Text],
        None => ALL.to_vec(),
    }
}

/// The kinds that a test may let through.
pub(super) fn of_test(check: &Each) -> Vec<Kind> {
    match check {
        Each::Equal(right) => of_operand(right, ALL),
        Each::OneOf(rights) => rights.iter().flat_map(|right| of_operand(right, ALL)).collect(),
        Each::Order(_, right) => of_operand(right, ORDERED),
        Each::Between(low, high) => {
            let high = of_operand(high, ORDERED);
            of_operand(low, ORDERED).into_iter().filter(|kind| high.contains(kind)).collect()
        }
        Each::Contains(rights) if rights.iter().all(|right| right.literal().is_some_and(is_no_text)) => {
            vec![Kind::List]
        }
        Each::Contains(_) => vec![Kind::Text, Kind::List],
        Each::Text(..) | Each::Matches(_) | Each::Glob(_) | Each::Network(_) => vec![Kind::Text],
        Each::Type(names) => names.iter().filter_map(|name| named(name)).collect(),
        Each::Length(_) => vec![Kind::Text, Kind::List, Kind::Map],
        Each::Time(..) => vec![Kind::Moment, Kind::Text],
    }
}

fn is_no_text(value: &Value) -> bool {
    !value.is_string()
}

fn of_operand(right: &Operand, otherwise: &[Kind]) -> Vec<Kind> {
    match right {
        Operand::Literal(value) => vec![Seen::Json(value).kind()],
        Operand::Time(_) => vec![Kind::Moment],
        Operand::Path(_) | Operand::Elements(_) => otherwise.to_vec(),
    }
}

/// The kind that a name of the `type` operator means.
fn named(name: &str) -> Option<Kind> {
    ALL.iter().copied().find(|kind| *kind != Kind::Moment && type_name(*kind) == name).or_else(|| {
        // Whole numbers have a name of their own.
        (name == "integer").then_some(Kind::Number)
    })
}

/// The name that the `type` operator has for all values of a kind.
pub(super) fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "boolean",
        Kind::Number => "number",
        Kind::Text => "string",
        Kind::List => "array",
        Kind::Map => "object",
        Kind::Moment => "time",
    }
}
