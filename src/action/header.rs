//! Headers that rules may set: which names are ours alone, and values that cannot end their line.

use http::{HeaderName, HeaderValue};

use crate::diagnostic::Diagnostic;
use crate::secret::{SecretRef, Value};
use crate::template::{Escape, Scope};
use crate::yaml::Node;

use super::Failure;
use super::field::{self, Setting};

/// Names that decide where or how a message ends, goes or is read.
const OURS: &[(&str, &str)] = &[
    ("host", "the host is that of the URL"),
    ("content-length", "the length is that of the body"),
    ("content-type", "write `content_type` beside the body"),
    ("content-encoding", "bodies are sent as they are"),
    ("transfer-encoding", "bodies are sent with their length"),
    ("connection", "doorbell keeps its connections itself"),
    ("keep-alive", "doorbell keeps its connections itself"),
    ("proxy-connection", "doorbell keeps its connections itself"),
    ("te", "bodies are sent with their length"),
    ("trailer", "bodies are sent with their length"),
    ("upgrade", "only HTTP is spoken"),
    ("expect", "bodies are sent at once"),
    ("accept-encoding", "answers are read as they are"),
];

/// Names whose values are secrets.
const SECRET: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
    "x-access-token",
    "private-token",
];

/// Headers in order, each a text with templates or a secret.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<(String, Setting)>);

impl Headers {
    /// Reads a map of headers.
    pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let entries = field::entries(node, problems)?;
        let mut seen: Vec<String> = Vec::new();
        let read = entries.into_iter().map(|(name, entry)| {
            let name = name_of(name, &entry, problems)?;
            if seen.contains(&name.to_ascii_lowercase()) {
                problems.push(entry.key_error("E002", format!("the header `{name}` is here twice")));
                return None;
            }
            seen.push(name.to_ascii_lowercase());
            Some((name.clone(), value_of(&name, &entry, problems)?))
        });
        field::all(read.collect::<Vec<_>>().into_iter()).map(Self)
    }

    /// Like `read`, for headers without an event: templates are refused.
    pub(super) fn read_literal(
        node: &Node<'_>,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Vec<(String, Value)>> {
        let before = problems.len();
        let headers = Self::read(node, problems)?;
        for (_, entry) in node.entries() {
            if entry.entries().is_empty() {
                field::literal(&entry, problems);
            }
        }
        let plain = headers.0.into_iter().map(|(name, setting)| {
            let value = match setting {
                Setting::Text(template) => Value::Plain(template.literal()?.to_owned()),
                Setting::Secret(reference) => Value::Secret(reference),
            };
            Some((name, value))
        });
        field::all(plain).filter(|_| problems.len() == before)
    }

    /// The headers for an event, behind those of the connection that they do not replace.
    pub(super) fn fill(
        &self,
        under: &[(String, Value)],
        scope: &Scope<'_>,
    ) -> Result<Vec<(String, Value)>, Failure> {
        let replaced = |name: &str| self.0.iter().any(|(ours, _)| ours.eq_ignore_ascii_case(name));
        let mut headers: Vec<_> = under.iter().filter(|(name, _)| !replaced(name)).cloned().collect();
        for (name, setting) in &self.0 {
            let value = setting.value(scope)?;
            if let Value::Plain(text) = &value
                && HeaderValue::from_bytes(text.as_bytes()).is_err()
            {
                return Err(Failure::Refused(format!(
                    "the header `{name}` may not hold line breaks or control characters"
                )));
            }
            headers.push((name.clone(), value));
        }
        Ok(headers)
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretRef> {
        self.0.iter().filter_map(|(_, setting)| setting.secret())
    }
}

/// Reads the name of a header.
fn name_of(name: &str, entry: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let name = field::name_of(name, entry, problems)?;
    if let Some((message, help)) = refused(&name) {
        problems.push(entry.key_error("E004", message).help(help));
        return None;
    }
    Some(name)
}

/// Why a header may not have this name, with the mend; `None` when it may.
pub(super) fn refused(name: &str) -> Option<(String, &'static str)> {
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        let help = "a name is made of letters, digits and `-`: `X-Site`";
        return Some((format!("`{name}` is not the name of a header"), help));
    }
    let (_, help) = OURS.iter().find(|(ours, _)| name.eq_ignore_ascii_case(ours))?;
    Some((format!("the header `{name}` is not for rules to set"), *help))
}

fn value_of(name: &str, entry: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Setting> {
    let setting = Setting::read(entry, Escape::Header, problems)?;
    let Setting::Text(template) = &setting else { return Some(setting) };
    let Some(text) = template.literal() else { return Some(setting) };
    if SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
        let problem = entry.error("E303", format!("the header `{name}` holds a secret in clear"));
        problems.push(problem.help(format!("name where it lives:  {name}: {{ env: NAME }}")));
        return None;
    }
    if HeaderValue::from_bytes(text.as_bytes()).is_err() {
        problems.push(
            entry
                .error("E004", format!("the header `{name}` may not hold line breaks or control characters")),
        );
        return None;
    }
    Some(setting)
}
