//! The body of a request or an answer: one of `json`, `form`, `body` and `raw`, with its type.

use bytes::Bytes;

use crate::diagnostic::{Diagnostic, Place};
use crate::template::{Escape, Scope, Template, Tree};
use crate::yaml::{Node, listed};

use super::{Failure, field};

/// A body without its values.
#[derive(Debug)]
pub(super) enum Content {
    Json(Tree),
    Form(Vec<(String, Template)>),
    Text(Template),
    /// The body of the webhook, byte for byte.
    Raw,
}

/// A body and its type.
#[derive(Debug)]
pub(super) struct Typed {
    content: Content,
    kind: Option<String>,
}

impl Typed {
    /// Reads whichever of `keys` the item has, and `content_type`; `None` when it has none of them or they are wrong.
    pub(super) fn read(item: &Node<'_>, keys: &[&str], problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut found = keys.iter().filter_map(|key| item.get(key));
        let kind_node = item.get("content_type");
        let Some(node) = found.next() else {
            if let Some(kind) = kind_node {
                let problem = kind.key_error("E005", "`content_type` without a body");
                problems.push(problem.help(format!("write one of {}", listed(keys.iter().copied()))));
            }
            return None;
        };
        if let Some(other) = found.next() {
            let (one, two) = (node.key().unwrap_or_default(), other.key().unwrap_or_default());
            let first = Place { file: node.file().clone(), span: node.key_span() };
            let problem = other.key_error("E004", format!("`{one}` and `{two}`: there is one body"));
            problems.push(problem.also(first, "the first one"));
            return None;
        }
        let kind = kind_node.map(|node| content_type(&node, problems));
        let content = content(&node, problems)?;
        if let (Content::Text(template), Some(Some(kind))) = (&content, &kind)
            && is_json(kind)
        {
            problems.extend(template.breaks_json().map(|value| broken(&node, &value)));
        }
        Some(Self { content, kind: kind.map_or(Some(None), |kind| kind.map(Some))? })
    }

    /// The body for an event, with its type. Each text in it has the bound of a template, each value that of the payload.
    pub(super) fn fill(&self, scope: &Scope<'_>) -> Result<(Bytes, String), Failure> {
        let (body, kind) = match &self.content {
            Content::Json(tree) => (tree.value(scope)?.to_string().into(), "application/json"),
            Content::Form(fields) => (form(fields, scope)?.into(), "application/x-www-form-urlencoded"),
            Content::Text(template) => (template.text(scope)?.into(), "text/plain; charset=utf-8"),
            Content::Raw => {
                let request = &scope.event().request;
                (request.body.clone(), request.header("content-type").unwrap_or("application/octet-stream"))
            }
        };
        Ok((body, self.kind.clone().unwrap_or_else(|| kind.to_owned())))
    }
}

fn content(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Content> {
    match node.key() {
        Some("json") => field::tree(node, Escape::None, problems).map(Content::Json),
        Some("form") => field::fields(node, Escape::None, problems).map(Content::Form),
        Some("raw") => match node.value().as_bool() {
            Some(true) => Some(Content::Raw),
            _ => {
                let problem = node.error("E004", "`raw` can only be `true`");
                problems.push(problem.help("leave it out when the body is not to be passed on"));
                None
            }
        },
        _ => field::template(node, Escape::None, problems).map(Content::Text),
    }
}

fn content_type(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let text = field::literal(node, problems)?;
    let readable = http::HeaderValue::from_str(&text).is_ok();
    if readable && text.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty()) {
        return Some(text);
    }
    let problem = node.error("E004", format!("`{text}` is not a content type"));
    problems.push(problem.help("write for example `application/vnd.api+json` or `text/csv; charset=utf-8`"));
    None
}

/// `application/json`, and what is JSON by another name: `application/vnd.api+json`.
fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.ends_with("/json") || kind.ends_with("+json")
}

fn broken(node: &Node<'_>, value: &str) -> Diagnostic {
    let message =
        format!("`{value}` goes into this JSON as it is: a quote in it would end the text it stands in");
    let key = node.key().unwrap_or_default();
    node.error("E213", message)
        .help(format!("write `json:` in place of `{key}:`, or `{{{{ json … }}}}` with no quotes around it"))
}

fn form(fields: &[(String, Template)], scope: &Scope<'_>) -> Result<String, Failure> {
    let mut encoder = form_urlencoded::Serializer::new(String::new());
    for (name, template) in fields {
        encoder.append_pair(name, &template.text(scope)?);
    }
    Ok(encoder.finish())
}
