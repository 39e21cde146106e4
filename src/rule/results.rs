//! What templates look at beside the event: results of actions that are waited for, and why an action died. Where neither
//! can be there, a template that wants one could never be filled.

use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::template::{At, Escape, Template};
use crate::yaml::{Node, listed, nearest};

/// What a command gives.
const OF_COMMANDS: &[&str] = &["status", "stdout", "json"];
/// What an answer gives, or whatever else an action does.
const OF_OTHERS: &[&str] = &["status", "body", "json", "stdout"];
/// The verbs that start commands.
const COMMANDS: &[&str] = &["run", "shell"];
/// Roots of names that are not there everywhere.
const ROOTS: &[&str] = &["steps", "failure"];

/// Complains about the templates of the items of `do`.
pub(super) fn check(items: &[Node<'_>], problems: &mut Vec<Diagnostic>) {
    for item in items {
        let needs = item.get("needs").as_ref().map_or_else(Vec::new, settings::one_or_many);
        let needed: Vec<&str> = needs.iter().filter_map(|need| need.text()).collect();
        for (node, template) in templates(item) {
            awaited(&node, &template, (&needed, items), problems);
            for (id, step) in template.results().iter().filter(|(id, _)| needed.contains(&id.as_str())) {
                let other =
                    items.iter().find(|other| other.get("id").and_then(|node| node.text()) == Some(id));
                problems.extend(other.and_then(|other| lacks(other, id, step)).map(|(message, help)| {
                    inside(&node, &format!("steps.{id}"), "E405", message).help(help)
                }));
            }
            if template.needs_failure() {
                let message = "`failure.reason` is known only under `on_failure`";
                let problem = inside(&node, "failure", "E202", message.to_owned());
                problems.push(problem.help("nothing has died when this is done: move it to `on_failure`"));
            }
        }
    }
}

/// Complains about the templates of the items of `on_failure`, which wait for nothing.
pub(super) fn check_on_failure(items: &[Node<'_>], problems: &mut Vec<Diagnostic>) {
    for (node, template) in items.iter().flat_map(templates) {
        if let Some((id, _)) = template.results().first() {
            let message = format!("the result of `{id}` is not known under `on_failure`");
            let problem = inside(&node, &format!("steps.{id}"), "E405", message);
            problems.push(problem.help("`{{ failure.reason }}` says why an action died"));
        }
    }
}

/// Results are used only of actions that are waited for.
fn awaited(
    node: &Node<'_>,
    template: &Template,
    (needed, items): (&[&str], &[Node<'_>]),
    problems: &mut Vec<Diagnostic>,
) {
    for id in template.steps().iter().filter(|id| !needed.contains(&id.as_str())) {
        if id.is_empty() && !needed.is_empty() {
            continue;
        }
        let ids: Vec<&str> = items.iter().filter_map(|item| item.get("id")?.text()).collect();
        let (message, help) = if id.is_empty() || ids.contains(&id.as_str()) {
            (
                format!("the result of `{id}` is used here, and nothing waits for it"),
                format!("add `needs: [{id}]` to this action"),
            )
        } else {
            let end = nearest(id, ids.iter().copied())
                .map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            (
                format!("the result of `{id}` is used here, and no action has that id{end}"),
                format!("give the action that is meant an id, and wait for it: `needs: [{id}]`"),
            )
        };
        problems.push(inside(node, "steps", "E405", message).help(help));
    }
}

/// Why the result of an action has no such part, with the mend.
fn lacks(other: &Node<'_>, id: &str, step: &At) -> Option<(String, String)> {
    let has_elements = other.get("for_each").is_some();
    match step {
        At::Item(_) if !has_elements => Some((
            format!("`{id}` has one result, no list of them"),
            format!("write `{{{{ steps.{id}.json }}}}`"),
        )),
        At::Key(key) if has_elements => Some((
            format!("`{id}` has a result for each element of its `for_each`, and no `{key}`"),
            format!(
                "name one: `{{{{ steps.{id}[0].{key} }}}}`, or go through them: `{{{{#each steps.{id}}}}}`"
            ),
        )),
        At::Key(key) => {
            let is_command = COMMANDS.iter().any(|verb| other.get(verb).is_some());
            let known = if is_command { OF_COMMANDS } else { OF_OTHERS };
            if known.contains(&key.as_str()) {
                return None;
            }
            let end = nearest(key, known.iter().copied())
                .map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            Some((
                format!("the result of `{id}` has no `{key}`{end}"),
                format!(
                    "it has {}; what stands in an answer of JSON is `steps.{id}.json.{key}`",
                    listed(known.iter().copied())
                ),
            ))
        }
        At::Item(_) => None,
    }
}

/// The templates of an item that look at more than the event.
fn templates<'d>(item: &Node<'d>) -> Vec<(Node<'d>, Template)> {
    let lent = item.get("as").and_then(|name| name.text()).unwrap_or("item");
    let mut texts = Vec::new();
    collect(item, &mut texts);
    let read = |node: Node<'d>| {
        let template = Template::compile_with(node.text()?, Escape::None, &[lent]).ok()?;
        Some((node, template))
    };
    texts.into_iter().filter_map(read).collect()
}

/// All texts in which they may be.
fn collect<'d>(node: &Node<'d>, texts: &mut Vec<Node<'d>>) {
    let is_one = |text: &str| text.contains("{{") && ROOTS.iter().any(|root| text.contains(root));
    if node.text().is_some_and(is_one) {
        texts.push(node.clone());
    }
    node.items().iter().for_each(|item| collect(item, texts));
    node.entries().iter().filter(|(_, entry)| !entry.is_own()).for_each(|(_, entry)| collect(entry, texts));
}

/// A complaint at the first word of a text that is like this, else at its root.
fn inside(node: &Node<'_>, word: &str, code: &'static str, message: String) -> Diagnostic {
    let text = node.text().unwrap_or_default();
    let root = word.split('.').next().unwrap_or(word);
    let found = [word, root].into_iter().find_map(|word| Some((text.find(word)?, word.len())));
    let (at, length) = found.unwrap_or((0, 1));
    node.error_inside(at, length, code, message)
}
