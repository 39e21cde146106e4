//! Secrets by reference: `{ env: NAME }`, `{ env: [NEW, OLD] }`, `{ file: PATH }`. One written in clear is refused.

use crate::diagnostic::Diagnostic;
use crate::secret::{SecretRef, Value};
use crate::yaml::Node;

use super::{Key, Shape, names, one_or_many, text};

/// Where a secret may live; a reference names exactly one place.
pub const SECRET_KEYS: &[Key] = &[
    Key::new(
        "env",
        Shape::Variables,
        "the environment variable that holds it; two of them while it is rotated",
    ),
    Key::new("file", Shape::AnyText, "the path of the file that holds it, readable by nobody else"),
];
const MEND: &str = "put it into the environment or a file and write `{ env: NAME }` or `{ file: PATH }`";

/// Reads one reference or several (while a secret is rotated): `{ env: [NEW, OLD] }`, or a list of references.
pub fn secrets(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Vec<SecretRef>> {
    let before = problems.len();
    let mut found = Vec::new();
    for item in one_or_many(node) {
        references(&item, &mut found, problems);
    }
    if found.is_empty() && problems.len() == before {
        problems.push(missing(node));
    }
    (problems.len() == before).then_some(found)
}

/// Reads exactly one reference.
pub fn secret(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<SecretRef> {
    let mut found = secrets(node, problems)?;
    if found.len() > 1 {
        problems
            .push(node.error("E004", "several secrets where one is wanted").help("write `{ env: NAME }`"));
        return None;
    }
    found.pop()
}

/// Reads a text, or a reference to a secret.
pub fn value(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Value> {
    match node.text() {
        Some(text) => Some(Value::Plain(text.to_owned())),
        None if node.value().is_mapping() => secret(node, problems).map(Value::Secret),
        None => {
            problems.push(node.unwanted("a text or `{ env: NAME }`"));
            None
        }
    }
}

fn references(node: &Node<'_>, found: &mut Vec<SecretRef>, problems: &mut Vec<Diagnostic>) {
    if !node.value().is_mapping() {
        problems.push(in_clear(node));
        return;
    }
    let before = (found.len(), problems.len());
    let entries: Vec<_> = node.entries().into_iter().filter(|(_, value)| !value.is_own()).collect();
    if entries.len() > 1 {
        problems
            .push(node.error("E004", "a secret comes from one place").help("keep one of `env` and `file`"));
    }
    for (key, value) in entries {
        match key {
            "env" => found.extend(one_or_many(&value).iter().filter_map(|item| variable(item, problems))),
            "file" => found.extend(text(&value, problems).map(|path| SecretRef::File(path.to_owned()))),
            _ => problems.push(value.unknown_key(&names(SECRET_KEYS))),
        }
    }
    if (found.len(), problems.len()) == before {
        problems.push(missing(node));
    }
}

fn missing(node: &Node<'_>) -> Diagnostic {
    node.error("E004", "a secret is missing here").help("write `{ env: NAME }`")
}

fn variable(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<SecretRef> {
    let name = text(node, problems)?;
    let sound = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.is_empty() || !name.chars().all(sound) || name.starts_with(|letter: char| letter.is_ascii_digit())
    {
        let found = node.error("E004", format!("`{name}` is not the name of an environment variable"));
        problems.push(found.help("a name has letters, digits and `_`, such as `GITHUB_WEBHOOK_SECRET`"));
        return None;
    }
    Some(SecretRef::Env(name.to_owned()))
}

/// The message never holds the secret.
fn in_clear(node: &Node<'_>) -> Diagnostic {
    let Some(text) = node.text() else { return node.unwanted("`{ env: NAME }` or `{ file: PATH }`") };
    let name =
        text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).or_else(|| text.strip_prefix('$'));
    match name {
        Some(name) => node
            .error("E303", "a secret is a reference; texts are not filled from the environment")
            .help(format!("write `{{ env: {name} }}`")),
        None => match node.key() {
            Some(key) => node.error("E303", format!("`{key}` is a secret written in clear")).help(MEND),
            None => node.error("E303", "a secret written in clear").help(MEND),
        },
    }
}
