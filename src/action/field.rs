//! Reading fields: texts, templates and secret references, each with its complaint at the right place.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::secret::{SecretRef, Value};
use crate::settings;
use crate::template::{self, At, Escape, Scope, Template, Tree};
use crate::yaml::Node;

use super::{Failure, mask};

/// A setting that an action may write as a text with templates or as a secret reference.
#[derive(Debug)]
pub(super) enum Setting {
    Text(Template),
    Secret(SecretRef),
}

impl Setting {
    /// Reads a map of such settings' value.
    pub(super) fn read(node: &Node<'_>, escape: Escape, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        if node.entries().is_empty() {
            template(node, escape, problems).map(Self::Text)
        } else {
            settings::secret(node, problems).map(Self::Secret)
        }
    }

    /// The value for an event.
    pub(super) fn value(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self {
            Self::Text(template) => Ok(Value::Plain(template.text(scope)?)),
            Self::Secret(reference) => Ok(Value::Secret(reference.clone())),
        }
    }

    /// Whether no part of it comes from an event.
    pub(super) fn is_literal(&self) -> bool {
        match self {
            Self::Text(template) => template.literal().is_some(),
            Self::Secret(_) => true,
        }
    }

    pub(super) fn secret(&self) -> Option<&SecretRef> {
        match self {
            Self::Text(_) => None,
            Self::Secret(reference) => Some(reference),
        }
    }
}

/// The text of a scalar: as decoded when it is a text, as written when it is a number, `true` or `false`.
pub(super) fn scalar<'d>(node: &Node<'d>, problems: &mut Vec<Diagnostic>) -> Option<&'d str> {
    let value = node.value();
    if let Some(text) = node.text() {
        return Some(text);
    }
    if value.is_number() || value.is_bool() {
        return Some(node.raw());
    }
    problems.push(match value {
        serde_yaml::Value::Mapping(_) if node.raw().starts_with("{{") => {
            node.unwanted("a text").help(format!("quote it: \"{}\"", node.raw()))
        }
        _ => node.unwanted("a text"),
    });
    None
}

/// A text that is taken as it is: a template in it is refused.
pub(super) fn literal(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let text = scalar(node, problems)?;
    if let Some(place) = mask::first(text) {
        // Of the items of a list only the first of `run`, its program, is read here.
        let name = node.key().map_or_else(|| "the program's name".to_owned(), |key| format!("`{key}`"));
        let problem =
            node.error_inside(place.start, place.len(), "E212", format!("no template may stand in {name}"));
        problems.push(problem.label("this must be written down"));
        return None;
    }
    Some(text.to_owned())
}

/// A text with templates.
pub(super) fn template(node: &Node<'_>, escape: Escape, problems: &mut Vec<Diagnostic>) -> Option<Template> {
    let text = scalar(node, problems)?;
    part(node, 0, text, escape, problems)
}

/// A part of a node's text, from byte `offset` on, as a template.
pub(super) fn part(
    node: &Node<'_>,
    offset: usize,
    text: &str,
    escape: Escape,
    problems: &mut Vec<Diagnostic>,
) -> Option<Template> {
    match Template::compile_with(text, escape, node.lent().as_slice()) {
        Ok(template) => Some(template),
        Err(why) => {
            problems.push(broken(node, offset, text, why));
            None
        }
    }
}

/// Any value, with templates in its texts.
pub(super) fn tree(node: &Node<'_>, escape: Escape, problems: &mut Vec<Diagnostic>) -> Option<Tree> {
    Tree::compile(&node.json(), escape, node.lent().as_slice(), &mut |way, why| {
        let inner = way.iter().try_fold(node.clone(), |node, step| match step {
            At::Key(key) => node.get(key),
            At::Item(index) => node.items().into_iter().nth(*index),
        });
        let inner = inner.unwrap_or_else(|| node.clone());
        problems.push(match way.last() {
            Some(At::Key(key)) if mask::first(key).is_some() => {
                helped(inner.key_error("E212", why.message), why.help)
            }
            _ => broken(&inner, 0, inner.text().unwrap_or_default(), why),
        });
    })
}

/// What is wrong with a template, at the word where it breaks.
fn broken(node: &Node<'_>, offset: usize, text: &str, why: template::Error) -> Diagnostic {
    let rest = text.get(why.offset..).unwrap_or_default();
    let word = rest.find(|letter: char| !letter.is_alphanumeric() && !"_.$".contains(letter));
    let length = word.unwrap_or(rest.len()).max(1);
    helped(node.error_inside(offset + why.offset, length, why.code, why.message), why.help)
}

fn helped(problem: Diagnostic, help: Option<String>) -> Diagnostic {
    match help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// The time for one attempt; none at all is a mistake.
pub fn timeout(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Duration> {
    let timeout = settings::duration(node, problems)?;
    if timeout.is_zero() {
        problems
            .push(node.error("E501", "a `timeout` of no time at all").help("leave it out for the default"));
        return None;
    }
    Some(timeout)
}

/// A map of names to texts with templates, in order.
pub(super) fn fields(
    node: &Node<'_>,
    escape: Escape,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<(String, Template)>> {
    let entries = entries(node, problems)?;
    let read = entries.into_iter().map(|(name, entry)| {
        let name = name_of(name, &entry, problems)?;
        Some((name, template(&entry, escape, problems)?))
    });
    all(read)
}

/// The entries of what must be a map.
pub(super) fn entries<'d>(
    node: &Node<'d>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Vec<(&'d str, Node<'d>)>> {
    if node.value().is_mapping() {
        return Some(node.entries());
    }
    problems.push(node.unwanted("a map of names to values"));
    None
}

/// A name in a map: no template may choose it.
pub(super) fn name_of(name: &str, entry: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    if mask::first(name).is_some() {
        problems.push(entry.key_error("E212", format!("no template may stand in the name `{name}`")));
        return None;
    }
    Some(name.to_owned())
}

/// All of them, or nothing when one is missing; every one is looked at, so that every complaint is made.
pub(super) fn all<T>(items: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let mut complete = true;
    let mut found = Vec::new();
    for item in items {
        match item {
            Some(item) => found.push(item),
            None => complete = false,
        }
    }
    complete.then_some(found)
}
