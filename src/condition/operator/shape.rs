//! `exists`, `type`, `length`, `count`: what a value is like without looking at what it says.

use super::Check;
use crate::condition::compile::{Argument, Scope};
use crate::condition::each::Each;
use crate::condition::whole::Whole;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, listed, nearest};

/// The types, by the names JSON Schema has for them.
pub(super) const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object", "null"];
/// What other languages call them.
const OTHER_TYPES: &[(&str, &str)] = &[
    ("text", "string"),
    ("str", "string"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "number"),
    ("int", "integer"),
    ("bool", "boolean"),
    ("list", "array"),
    ("map", "object"),
    ("dict", "object"),
    ("nil", "null"),
    ("none", "null"),
];

pub(super) fn exists(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.beside_others()?;
    match argument.node().value().as_bool() {
        Some(true) => Some(Check::Whole(Whole::There)),
        Some(false) => Some(Check::Whole(Whole::Absent)),
        None => argument.refuse("`exists` takes true or false", "write `exists: true`"),
    }
}

pub(super) fn kind(argument: &mut Argument<'_, '_>) -> Option<Check> {
    // `type: null` without quotes is YAML's own null, and means the type of it.
    if argument.node().is_null() && !argument.is_blank() {
        return Some(Check::Each(Each::Type(vec!["null"])));
    }
    argument.texts(named).map(Each::Type).map(Check::Each)
}

fn named(node: &Node<'_>, text: &str, problems: &mut Vec<Diagnostic>) -> Option<&'static str> {
    let name = TYPES.iter().copied().find(|name| *name == text);
    if name.is_none() {
        let other = OTHER_TYPES.iter().find(|(other, _)| *other == text).map(|(_, name)| *name);
        let problem = node.error("E104", format!("`{text}` is not a type"));
        problems.push(problem.help(match other.or_else(|| nearest(text, TYPES.iter().copied())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the types are {}", listed(TYPES.iter().copied())),
        }));
    }
    name
}

pub(super) fn length(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.inner(Scope::Amount).map(Each::Length).map(Check::Each)
}

pub(super) fn count(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.beside_others()?;
    argument.inner(Scope::Amount).map(Whole::Count).map(Check::Whole)
}
