//! The right side of a line: a plain value means *equals*, a list *one of*, a map names operators.

use super::argument::Argument;
use super::{Context, NESTING_MAX, Scope, Subject, too_deep, trap};
use crate::condition::cast::As;
use crate::condition::operator::{Check, OPERATORS, Operator};
use crate::condition::test::Tests;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Node, listed, nearest};

/// Operators that make sense on a number that was counted.
pub(in crate::condition) const ON_AMOUNTS: &[&str] =
    &["eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "between"];

/// Reads the right side of a line, or of an operator that holds tests.
pub(super) fn tests(node: &Node<'_>, context: Context<'_>, problems: &mut Vec<Diagnostic>) -> Option<Tests> {
    if context.depth > NESTING_MAX {
        problems.push(too_deep(node));
        return None;
    }
    if node.value().is_mapping() {
        return operators(node, context, problems);
    }
    let name = if node.value().is_sequence() { "in" } else { "eq" };
    let traps: Vec<Diagnostic> = std::iter::once(node).chain(&node.items()).filter_map(trap::sign).collect();
    if !traps.is_empty() {
        problems.extend(traps);
        return None;
    }
    let mut tests = Tests { casts: context.casts.to_vec(), each: Vec::new(), whole: Vec::new() };
    let argument = Argument { operator: Operator::named(name)?, node, context, problems };
    add(argument, &mut tests).then_some(tests)
}

fn operators(node: &Node<'_>, context: Context<'_>, problems: &mut Vec<Diagnostic>) -> Option<Tests> {
    let entries = node.entries();
    if entries.is_empty() {
        problems
            .push(node.error("E104", "a map that names no operator").help("write one: `{ exists: true }`"));
        return None;
    }
    let (casts, mut is_right) = casts(&entries, context, problems);
    let context = Context { casts: &casts, ..context };
    let mut tests = Tests { casts: casts.clone(), each: Vec::new(), whole: Vec::new() };
    for (key, entry) in entries.iter().filter(|(key, _)| *key != "as" || context.scope == Scope::Amount) {
        let Some(operator) = Operator::named(key).filter(|operator| fits(operator, context)) else {
            problems.push(unknown(key, entry, context));
            is_right = false;
            continue;
        };
        let argument = Argument { operator, node: entry, context, problems };
        is_right &= add(argument, &mut tests);
    }
    if is_right && tests.each.is_empty() && tests.whole.is_empty() {
        problems.push(
            node.error("E104", "`as` alone tests nothing").help("add a test: `{ as: number, gt: 100 }`"),
        );
        return None;
    }
    is_right.then_some(tests)
}

/// The conversions before these tests, and whether they could be read.
fn casts(
    entries: &[(&str, Node<'_>)],
    context: Context<'_>,
    problems: &mut Vec<Diagnostic>,
) -> (Vec<As>, bool) {
    let mut casts = context.casts.to_vec();
    let entry = entries.iter().find(|(key, _)| *key == "as" && context.scope != Scope::Amount);
    let Some(((_, node), operator)) = entry.zip(Operator::named("as")) else { return (casts, true) };
    match (operator.compile)(&mut Argument { operator, node, context, problems }) {
        Some(Check::Cast(cast)) => {
            casts.push(cast);
            (casts, true)
        }
        _ => (casts, false),
    }
}

/// Reads one operator; false when it is wrong.
fn add(mut argument: Argument<'_, '_>, tests: &mut Tests) -> bool {
    match (argument.operator.compile)(&mut argument) {
        Some(Check::Each(check)) => push(&mut tests.each, argument.test(check)),
        Some(Check::Whole(check)) => push(&mut tests.whole, argument.test(check)),
        Some(Check::Cast(_)) => {}
        None => return false,
    }
    true
}

/// Adds one where seldom more will come; rules are many, so room for more would be much.
fn push<T>(list: &mut Vec<T>, one: T) {
    list.reserve_exact(1);
    list.push(one);
}

fn fits(operator: &Operator, context: Context<'_>) -> bool {
    context.scope != Scope::Amount || operator.is_on_amounts()
}

fn unknown(key: &str, node: &Node<'_>, context: Context<'_>) -> Diagnostic {
    if Operator::named(key).is_some() {
        let problem = node.key_error("E104", format!("`{key}` makes no sense of a length or count"));
        return problem.help(format!("these do: {}", listed(ON_AMOUNTS.iter().copied())));
    }
    if let Some(problem) = trap::template(key, |_, _, message| node.key_error("E212", message)) {
        return problem;
    }
    let names = || OPERATORS.iter().map(|operator| operator.name);
    let message = format!("`{key}` is not an operator");
    if key == "path" {
        let problem = node.key_error("E103", message);
        return problem.help(format!(
            "a path stands under one: `eq: {{ path: {} }}`",
            node.text().unwrap_or("$.other")
        ));
    }
    if let Some(meant) = trap::other_name(key).or_else(|| nearest(key, names())) {
        let extra = match key {
            "missing" | "absent" => " Write `exists: false`",
            _ => "",
        };
        return node.key_error("E103", format!("{message}; did you mean `{meant}`?{extra}"));
    }
    let problem = node.key_error("E103", message);
    if let (Scope::Field, Some(Subject::Payload(path))) = (context.scope, context.subject) {
        return problem.help(format!("for a value inside, write its whole path as the key: `{path}.{key}`"));
    }
    problem.help(format!("the operators are {}", listed(names())))
}
