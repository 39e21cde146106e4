//! The left side: which part of the event a key names.

use http::HeaderName;

use super::OTHER_JOINS;
use crate::condition::operator::Operator;
use crate::condition::subject::{Subject, WORDS};
use crate::diagnostic::Diagnostic;
use crate::path::Path;
use crate::yaml::{Node, nearest};

/// Keys that are followed by a point and a name, and what they look at.
pub const PREFIXES: &[(&str, &str)] = &[
    ("headers", "a header; several of one name are all looked at"),
    ("query", "a parameter of the query, decoded"),
    ("params", "what the path pattern captured"),
];
/// Keys that join conditions, and how.
pub const JOINS: &[(&str, &str)] = &[
    ("all", "every part holds: a list of maps of conditions, or one map"),
    ("any", "at least one part holds: a list of maps of conditions, or one map"),
    ("not", "the conditions in it do not all hold; a map"),
];
/// What the payload is called elsewhere.
const OTHER_PAYLOADS: &[&str] = &["payload", "body", "json", "@", ""];
/// What the words are called elsewhere, and in templates.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("event.type", "event"),
    ("event_type", "event"),
    ("event.source", "source"),
    ("request.method", "method"),
    ("request.path", "path"),
    ("remote_addr", "ip"),
    ("remote_ip", "ip"),
    ("peer", "ip"),
    ("from", "source"),
];

/// Reads a key.
pub(super) fn subject(key: &str, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Subject> {
    let mut refuse = |problem| {
        problems.push(problem);
        None
    };
    if let Some(problem) = super::trap::template(key, |_, _, message| node.key_error("E212", message)) {
        return refuse(problem);
    }
    if key.starts_with('$') {
        return match Path::parse(key) {
            Ok(path) => Some(Subject::Payload(path)),
            Err(why) => refuse(bad_path(key, node, &why)),
        };
    }
    if let Some((_, word, _)) = WORDS.iter().find(|(name, ..)| *name == key) {
        return Some(Subject::Word(*word));
    }
    match key.split_once('.') {
        Some((prefix, name)) if is_prefix(prefix) => {
            named(prefix, name).or_else(|| refuse(no_name(prefix, name, node)))
        }
        _ => refuse(unknown(key, node)),
    }
}

fn is_prefix(key: &str) -> bool {
    PREFIXES.iter().any(|(prefix, _)| *prefix == key)
}

fn named(prefix: &str, name: &str) -> Option<Subject> {
    match (prefix, name) {
        (_, "") => None,
        ("headers", _) => HeaderName::from_bytes(name.as_bytes()).ok().map(Subject::Header),
        ("query", _) => Some(Subject::Query(name.to_owned())),
        _ => Some(Subject::Param(name.to_owned())),
    }
}

fn no_name(prefix: &str, name: &str, node: &Node<'_>) -> Diagnostic {
    let message = match name {
        "" => format!("`{prefix}.` lacks a name"),
        _ => format!("`{name}` is not the name of a header"),
    };
    let example = if prefix == "headers" { "x-github-event" } else { "site" };
    node.key_error("E101", message).help(format!("write `{prefix}.{example}`"))
}

/// A path that cannot be read, drawn where it breaks when the key is written as it reads.
fn bad_path(key: &str, node: &Node<'_>, why: &crate::path::Error) -> Diagnostic {
    let span = node.key_span();
    let quotes = match span.len().checked_sub(key.len()) {
        Some(0) => Some(0),
        Some(2) => Some(1),
        _ => None,
    };
    let mut problem = node.key_error("E101", why.message.clone());
    if let Some(quotes) = quotes {
        let start = span.start + quotes + why.offset.min(key.len());
        let letter = key.get(why.offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        problem = problem.at(node.file(), start..start + letter);
    }
    match &why.help {
        Some(help) => problem.help(help.clone()),
        None => problem,
    }
}

fn unknown(key: &str, node: &Node<'_>) -> Diagnostic {
    let problem =
        |code, help: String| node.key_error(code, format!("`{key}` names no part of an event")).help(help);
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    if is_prefix(key) {
        return problem("E101", format!("name one: `{key}.NAME`"));
    }
    if let Some((_, meant)) = OTHER_JOINS.iter().chain(OTHER_WORDS).find(|(other, _)| *other == key) {
        return problem("E003", format!("did you mean `{meant}`?"));
    }
    if Operator::named(key).is_some() {
        return problem(
            "E101",
            format!("`{key}` is an operator and stands under a path: `$.ref: {{ {key}: … }}`"),
        );
    }
    if let Some(name) = rest.is_empty().then_some(()).and_then(|()| key.strip_prefix("x-")) {
        return problem(
            "E101",
            format!("a header is `headers.x-{name}`, a member of the payload `$[\"{key}\"]`"),
        );
    }
    if !rest.is_empty() && OTHER_PAYLOADS.contains(&first) {
        return problem("E101", format!("the payload is `$`: write `$.{rest}`"));
    }
    if !rest.is_empty()
        && let Some(meant) = nearest(first, PREFIXES.iter().map(|(prefix, _)| *prefix))
    {
        return problem("E101", format!("did you mean `{meant}.{rest}`? In the payload it is `$.{key}`"));
    }
    let words = WORDS.iter().map(|(name, ..)| *name).chain(JOINS.iter().map(|(join, _)| *join));
    if let Some(meant) = rest.is_empty().then(|| nearest(key, words)).flatten() {
        return problem(
            "E003",
            format!("did you mean `{meant}`? In the payload it is `{}`", in_payload(key)),
        );
    }
    problem("E101", format!("write `{}`", in_payload(key)))
}

/// The path that was likely meant by a key without `$`.
fn in_payload(key: &str) -> String {
    let dotted = format!("$.{key}");
    if Path::parse(&dotted).is_ok() { dotted } else { format!("$[{}]", serde_json::Value::from(key)) }
}
