//! From the `if` of a rules file to a condition: every mistake is found here, none when an event comes.

mod argument;
mod key;
mod literal;
mod map;
mod trap;

pub(super) use argument::Argument;
pub use key::{JOINS, PREFIXES};
pub(super) use map::ON_AMOUNTS;

use super::cast::As;
use super::{Condition, Field, Spot, Subject};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// How deep `any`, `all`, `not`, `every` and `none` may stand in one another.
const NESTING_MAX: usize = 64;

/// What a right side is read for.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// Nothing while its key is wrong and only the right side is read.
    pub(super) subject: Option<&'a Subject>,
    /// What values are read as before they are tested.
    pub(super) casts: &'a [As],
    pub(super) scope: Scope,
    pub(super) depth: usize,
}

/// What the tests look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that a subject finds.
    Field,
    /// One value of it: the tests stand in `every` or `none`.
    Each,
    /// A number: the tests stand in `length` or `count`.
    Amount,
}

/// Words that join conditions, as other languages have them.
const OTHER_JOINS: &[(&str, &str)] =
    &[("and", "all"), ("or", "any"), ("every", "all"), ("none", "not"), ("nor", "not")];

/// Reads an `if`.
pub(super) fn condition(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Condition> {
    lines(node, Condition::All, 0, problems)
}

/// Reads a map of lines; how they are joined is given.
fn lines(
    node: &Node<'_>,
    join: fn(Vec<Condition>) -> Condition,
    depth: usize,
    problems: &mut Vec<Diagnostic>,
) -> Option<Condition> {
    if !node.value().is_mapping() {
        problems.push(no_map(node));
        return None;
    }
    let entries = node.entries();
    if entries.is_empty() {
        problems.push(empty(node, "a map without conditions"));
        return None;
    }
    let parts = entries.iter().map(|(key, entry)| line(key, entry, depth, problems)).collect();
    joined(parts, join)
}

fn line(key: &str, node: &Node<'_>, depth: usize, problems: &mut Vec<Diagnostic>) -> Option<Condition> {
    if depth >= NESTING_MAX {
        problems.push(too_deep(node));
        return None;
    }
    match key {
        "all" => group(node, Condition::All, depth + 1, problems),
        "any" => group(node, Condition::Any, depth + 1, problems),
        "not" if node.value().is_sequence() => {
            let problem = node.error("E104", "`not` takes a map of conditions");
            problems.push(problem.help("for none of several write `not: { any: […] }`"));
            None
        }
        "not" => {
            let part = lines(node, Condition::All, depth + 1, problems)?;
            Some(Condition::Not(Box::new(part)))
        }
        _ => field(key, node, depth, problems),
    }
}

/// Reads what stands under `all` or `any`: a list of maps, or one map.
fn group(
    node: &Node<'_>,
    join: fn(Vec<Condition>) -> Condition,
    depth: usize,
    problems: &mut Vec<Diagnostic>,
) -> Option<Condition> {
    if !node.value().is_sequence() {
        return lines(node, join, depth, problems);
    }
    let items = node.items();
    if items.is_empty() {
        problems.push(empty(node, "a list without conditions"));
        return None;
    }
    let parts = items.iter().map(|item| lines(item, Condition::All, depth, problems)).collect();
    joined(parts, join)
}

/// Joins parts that were all read; one alone needs no joining.
fn joined(parts: Vec<Option<Condition>>, join: fn(Vec<Condition>) -> Condition) -> Option<Condition> {
    let mut parts = parts.into_iter().collect::<Option<Vec<Condition>>>()?;
    if parts.len() == 1 { parts.pop() } else { Some(join(parts)) }
}

fn field(key: &str, node: &Node<'_>, depth: usize, problems: &mut Vec<Diagnostic>) -> Option<Condition> {
    let subject = key::subject(key, node, problems);
    // The right side of a wrong key is read all the same, to find what else is wrong.
    let context = Context { subject: subject.as_ref(), casts: &[], scope: Scope::Field, depth };
    let tests = map::tests(node, context, problems)?;
    Some(Condition::Field(Field { subject: subject?, tests, file: node.file().clone(), spot: spot(node) }))
}

/// The whole entry: its key and its value.
fn spot(node: &Node<'_>) -> Spot {
    let (key, value) = (node.key_span(), node.span());
    Spot { span: key.start.min(value.start)..key.end.max(value.end), line: node.line() }
}

fn no_map(node: &Node<'_>) -> Diagnostic {
    let problem = node.error("E004", format!("conditions are a map, this is {}", node.kind()));
    problem.help(if node.value().is_sequence() {
        "say how the parts are joined: `all: […]` or `any: […]`"
    } else {
        "write `$.ref: refs/heads/main`"
    })
}

fn empty(node: &Node<'_>, what: &str) -> Diagnostic {
    node.error("E104", what).help("leave it out, or write a condition such as `$.ref: refs/heads/main`")
}

fn too_deep(node: &Node<'_>) -> Diagnostic {
    node.error("E007", format!("conditions nest more than {NESTING_MAX} levels deep"))
        .help("split the rule, or join more of them on one level")
}
