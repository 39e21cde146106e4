//! One item of `do`: which verb it is, which keys it may have, and the options that every verb takes.

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::yaml::{Node, listed, nearest};

use super::options::{OPTIONS, Options};
use super::verb::{self, VERBS, Verb};
use super::{Compiled, each};

/// Checks one item of a rule's `do`. Its `if` is left to the rule, which compiles conditions.
pub fn compile(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Compiled> {
    let entries = node.entries();
    if entries.is_empty() {
        let found = node.kind();
        problems.push(
            node.error("E211", format!("an action is a map with a verb as its key, not {found}"))
                .help(format!("write for example  - {}", first_line(VERBS.first()))),
        );
        return None;
    }
    let verb = only_verb(node, &entries, problems)?;
    let known_before = problems.len();
    for (key, entry) in &entries {
        check_key(verb, key, entry, problems);
    }
    let options = Options::read(node, problems);
    let node = &match node.get("for_each") {
        Some(_) => node.clone().lending(each::name(node)),
        None => node.clone(),
    };
    let built = (verb.compile)(node, &options, problems)?;
    if problems.iter().skip(known_before).any(is_error) {
        return None;
    }
    Some(Compiled {
        verb,
        action: built.action,
        connection: built.connection,
        mode: options.mode,
        id: options.id,
        name: options.name,
        each: options.each,
        needs: options.needs,
        timeout: options.timeout,
        retry: options.retry.map(Box::new),
    })
}

fn is_error(problem: &Diagnostic) -> bool {
    problem.severity == Severity::Error
}

/// The one verb among the keys.
fn only_verb(
    node: &Node<'_>,
    entries: &[(&str, Node<'_>)],
    problems: &mut Vec<Diagnostic>,
) -> Option<&'static Verb> {
    let mut found = entries.iter().filter_map(|(key, entry)| Some((verb::find(key)?, entry)));
    let Some((first, first_entry)) = found.next() else {
        problems.push(no_verb(node, entries));
        return None;
    };
    let Some((second, second_entry)) = found.next() else { return Some(first) };
    let (one, other) = (first.name, second.name);
    let place = Place { file: first_entry.file().clone(), span: first_entry.key_span() };
    problems.push(
        second_entry
            .key_error("E211", format!("`{one}` and `{other}` in one action: an action has one verb"))
            .also(place, "the first one")
            .help(format!("make it two items:  - {one}: …  and  - {other}: …")),
    );
    None
}

/// Complains about an item without a verb, at the key that was most likely meant to be one.
fn no_verb(node: &Node<'_>, entries: &[(&str, Node<'_>)]) -> Diagnostic {
    let verbs: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
    let all = listed(verbs.iter().copied());
    for (key, entry) in entries {
        if let Some(near) = nearest(key, verbs.iter().copied()) {
            let message = format!("`{key}` is not an action verb; did you mean `{near}`?");
            return entry.key_error("E211", message).help(format!("the verbs are {all}"));
        }
    }
    let options: Vec<&str> = OPTIONS.iter().map(|option| option.name).collect();
    let stranger = entries.iter().find(|(key, entry)| !options.contains(key) && !entry.is_own());
    match stranger {
        Some((key, entry)) => entry.key_error("E211", format!("`{key}` is not an action verb")),
        None => node.error("E211", "this action has no verb"),
    }
    .help(format!("the verbs are {all}"))
}

/// Complains about a key that this verb does not take.
fn check_key(verb: &Verb, key: &str, entry: &Node<'_>, problems: &mut Vec<Diagnostic>) {
    let own = verb.keys.iter().chain(OPTIONS);
    if entry.is_own() || own.clone().any(|known| known.name == key) {
        return;
    }
    let known: Vec<&str> = own.map(|known| known.name).collect();
    let problem = match nearest(key, known.iter().copied()) {
        Some(near) => format!("`{key}` is not an action option; did you mean `{near}`?"),
        None => match VERBS.iter().find(|other| other.keys.iter().any(|known| known.name == key)) {
            Some(other) => format!("`{key}` is an option of `{}`, not of `{}`", other.name, verb.name),
            None => format!("`{key}` is not an action option"),
        },
    };
    let help = format!("`{}` takes {}", verb.name, listed(known));
    problems.push(entry.key_error("E003", problem).help(help));
}

fn first_line(verb: Option<&Verb>) -> &'static str {
    verb.and_then(|verb| verb.example.lines().next()).unwrap_or_default()
}
