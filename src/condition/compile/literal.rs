//! Values of the rules file on the right side: what could never be equal is refused when the file is read.

use serde_json::Value;

use super::{Context, Scope, trap};
use crate::condition::network;
use crate::condition::seen::{Kind, Seen};
use crate::condition::subject::{Subject, Word};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// Operators that ask for the exact value.
const EXACT: &[&str] = &["eq", "ne", "in", "not_in"];

/// Reads a value.
pub(super) fn literal(
    node: &Node<'_>,
    operator: &str,
    context: Context<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let value = node.json();
    let problem = is_blank(node)
        .then(|| blank(node))
        .or_else(|| template(node))
        .or_else(|| no_number(node, &value))
        .or_else(|| wrong_kind(node, &value, context))
        .or_else(|| wrong_word(node, &value, operator, context.subject));
    match problem {
        Some(problem) => {
            problems.push(problem);
            None
        }
        None => Some(settled(value, operator, context.subject)),
    }
}

/// Whether there is a key and then nothing, not even `~`.
pub(super) fn is_blank(node: &Node<'_>) -> bool {
    node.is_null()
        && (node.raw().trim().is_empty() || (node.key().is_some() && node.span() == node.key_span()))
}

pub(super) fn blank(node: &Node<'_>) -> Diagnostic {
    let problem = node.unwanted("a value: a text, a number, true or false");
    let help = problem.help.clone().unwrap_or_default();
    problem.help(format!("{help}; for JSON's null write `~`"))
}

/// The first template in a value or in what is in it.
pub(super) fn template(node: &Node<'_>) -> Option<Diagnostic> {
    if let Some(text) = node.text() {
        return trap::template(text, |offset, length, message| {
            node.error_inside(offset, length, "E212", message)
        });
    }
    let inner = node.entries().into_iter().map(|(_, inner)| inner).chain(node.items());
    inner.into_iter().find_map(|inner| template(&inner))
}

/// `.inf` and `.nan`.
fn no_number(node: &Node<'_>, value: &Value) -> Option<Diagnostic> {
    let is_one = node.value().is_number() && !value.is_number();
    is_one.then(|| {
        let problem = node.error("E104", format!("`{}` is not a number of JSON", node.raw()));
        problem.help("no payload holds it; for the text write it in quotes")
    })
}

/// A value of a kind that is never there: the mend depends on why.
fn wrong_kind(node: &Node<'_>, value: &Value, context: Context<'_>) -> Option<Diagnostic> {
    let (wanted, why) = match (context.scope, context.casts.last()) {
        (Scope::Amount, _) => (Kind::Number, "a length or count is a number".to_owned()),
        (_, Some(cast)) => {
            (cast.kind(), format!("`as: {}` makes {} of the value", cast.name(), cast.words()))
        }
        (_, None) => match context.subject.filter(|subject| subject.is_text()) {
            Some(subject) => (Kind::Text, format!("`{subject}` is always text")),
            None => return None,
        },
    };
    let kind = Seen::Json(value).kind();
    if kind == wanted {
        return None;
    }
    let problem = node.error("E104", format!("{why}, and `{}` is {}", node.raw(), kind.words()));
    Some(match (kind, wanted) {
        (Kind::Number | Kind::Bool, Kind::Text) => {
            let raw = node.raw();
            let help = format!("quote it: `\"{raw}\"`");
            let cast = if kind == Kind::Number { "number" } else { "bool" };
            problem.help(if context.casts.is_empty() { format!("{help}, or add `as: {cast}`") } else { help })
        }
        (Kind::Text, Kind::Number) => problem.help("write a number without quotes"),
        (Kind::Text, Kind::Bool) => problem.help("write true or false without quotes"),
        (Kind::Null, _) => problem.help("for what is not there write `exists: false`"),
        _ => problem,
    })
}

/// A method or address that no request has.
fn wrong_word(
    node: &Node<'_>,
    value: &Value,
    operator: &str,
    subject: Option<&Subject>,
) -> Option<Diagnostic> {
    let text = value.as_str().filter(|_| EXACT.contains(&operator))?;
    match subject {
        Some(Subject::Word(Word::Method)) if text.to_uppercase() != text => {
            let problem =
                node.error("E104", format!("`{text}` is not a method: they are written in capitals"));
            Some(problem.help(format!("write `{}`", text.to_uppercase())))
        }
        Some(Subject::Word(Word::Ip)) if network::address(text).is_none() => {
            let problem = node.error("E104", format!("`{text}` is not an IP address"));
            Some(match network::parse(text) {
                Some(_) => problem.help(format!("for a network write `ip: {{ cidr: {text} }}`")),
                None => problem,
            })
        }
        _ => None,
    }
}

/// An address in the spelling that requests have it in.
fn settled(value: Value, operator: &str, subject: Option<&Subject>) -> Value {
    match (subject, value.as_str()) {
        (Some(Subject::Word(Word::Ip)), Some(text)) if EXACT.contains(&operator) => {
            match network::address(text) {
                Some(address) => Value::from(address.to_string()),
                None => value,
            }
        }
        _ => value,
    }
}
