//! How a connection shows who we are: `bearer`, `basic`, a header of its own or a certificate. What is secret is a reference.

use crate::diagnostic::Diagnostic;
use crate::effect::Auth;
use crate::secret::{SecretRef, Value};
use crate::settings::{self, Key, Shape};
use crate::yaml::{Node, listed};

use super::{field, header};

/// The ways to show it; a connection has one of them.
pub(super) const KINDS: &[Key] = &[
    Key::new("bearer", Shape::Secret, "a token: `Authorization: Bearer …`"),
    Key::new("basic", Shape::Map(BASIC), "user and password: `Authorization: Basic …`"),
    Key::new("header", Shape::Map(HEADER), "a header that holds a key"),
    Key::new(
        "certificate",
        Shape::Secret,
        "a certificate of ours and its private key, in one PEM, by which the TLS connection is made",
    ),
];
const BASIC: &[Key] = &[
    Key::needed("user", Shape::TextOrSecret, "the user, without `:`"),
    Key::needed("password", Shape::Secret, "the password"),
];
const HEADER: &[Key] = &[
    Key::needed("name", Shape::Text, "the name of the header"),
    Key::needed("value", Shape::Secret, "what it holds"),
];
const HELP: &str = "bearer: { env: TOKEN }  ·  basic: { user: me, password: { env: PASSWORD } }  ·  header: { name: X-Key, value: { env: KEY } }  ·  certificate: { file: /run/secrets/us.pem }";

/// Reads `auth`.
pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Auth> {
    let entries: Vec<_> = node.entries().into_iter().filter(|(_, entry)| !entry.is_own()).collect();
    let [(kind, entry)] = entries.as_slice() else {
        let message = format!("`auth` wants one of {}", listed(settings::names(KINDS)));
        problems.push(node.error("E004", message).help(HELP));
        return None;
    };
    match *kind {
        "bearer" => settings::secret(entry, problems).map(Auth::Bearer),
        "basic" => {
            let (user, password) = pair(entry, ["user", "password"], problems)?;
            let user = user_of(&user, problems);
            let password = settings::secret(&password, problems);
            Some(Auth::Basic { user: user?, password: password? })
        }
        "header" => {
            let (name, value) = pair(entry, ["name", "value"], problems)?;
            let name = name_of(&name, problems);
            let value = settings::secret(&value, problems);
            Some(Auth::Header { name: name?, value: value? })
        }
        "certificate" => settings::secret(entry, problems).map(Auth::Certificate),
        _ => {
            problems.push(entry.unknown_key(&settings::names(KINDS)).help(HELP));
            None
        }
    }
}

/// The secrets in it.
pub(super) fn secrets(auth: &Auth) -> Vec<SecretRef> {
    match auth {
        Auth::None => Vec::new(),
        Auth::Bearer(secret) | Auth::Certificate(secret) | Auth::Header { value: secret, .. } => {
            vec![secret.clone()]
        }
        Auth::Basic { user: Value::Secret(user), password } => vec![user.clone(), password.clone()],
        Auth::Basic { user: Value::Plain(_), password } => vec![password.clone()],
    }
}

/// The two entries of a map that has exactly these.
fn pair<'d>(
    node: &Node<'d>,
    keys: [&str; 2],
    problems: &mut Vec<Diagnostic>,
) -> Option<(Node<'d>, Node<'d>)> {
    let before = problems.len();
    for (key, entry) in node.entries() {
        if !keys.contains(&key) && !entry.is_own() {
            problems.push(entry.unknown_key(&keys));
        }
    }
    for key in keys.iter().filter(|key| node.get(key).is_none()) {
        let name = node.key().unwrap_or_default();
        problems.push(node.key_error("E005", format!("`{name}` has no `{key}`")).help(HELP));
    }
    let [one, two] = keys.map(|key| node.get(key));
    one.zip(two).filter(|_| problems.len() == before)
}

fn user_of(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Value> {
    if node.value().is_mapping() {
        return settings::secret(node, problems).map(Value::Secret);
    }
    let user = field::literal(node, problems)?;
    if user.contains(':') || user.contains(char::is_control) {
        problems.push(node.error("E004", "`user` may hold no `:` and no control characters"));
        return None;
    }
    Some(Value::Plain(user))
}

fn name_of(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let text = field::literal(node, problems)?;
    match header::refused(&text) {
        None => Some(text),
        Some((message, help)) => {
            problems.push(node.error("E004", message).help(help));
            None
        }
    }
}
