//! Actions as people write them, the connections they name, one hostile event, and the exact effects.

mod answers;
mod broken;
mod commands;
mod connections;
mod messages;
mod refused;
mod requests;
mod services;
mod table;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};

use super::{Compiled, Connection, Verbs};
use crate::diagnostic::Diagnostic;
use crate::effect::{Auth, Command, Effect, Http, Redirects, Success};
use crate::event::{Event, Format, Request};
use crate::id::EventId;
use crate::secret::{SecretRef, Value};
use crate::template::Scope;
use crate::time::Timestamp;
use crate::yaml::{Document, Node};

/// What the event's sender put in: plain values, and the tricks of threats that are decided here.
const BODY: &str = r#"{
  "ref": "refs/heads/main", "after": "abc123", "id": 42, "price": 409.90, "yes": true,
  "user": {"name": "Ada", "tags": ["a", "b"]},
  "climb": "../../admin?x=1#y@evil.example", "dots": "..", "coded": "%2e%2e", "empty": "", "nothing": null,
  "dash": "--upload-pack=evil", "minus": -5, "nul": "a\u0000b", "lines": "a\r\nX-Evil: 1",
  "quote": "\", \"admin\": true, \"x\": \"", "markup": "<!channel> & <https://evil.example|here>",
  "semi": "; rm -rf / #", "shock": "() { :; }; echo pwned", "size": "Größe 10", "host": "evil.example"
}"#;

fn event() -> Event {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert("x-tag", HeaderValue::from_static("v1"));
    Event {
        id: EventId::new(0, [0; 10]),
        source: Arc::from("github"),
        kind: "push".to_owned(),
        dedupe_key: None,
        verified: "none".to_owned(),
        request: Request {
            method: Method::POST,
            path: "/sensors/berlin".to_owned(),
            params: vec![("site".to_owned(), "berlin".to_owned())],
            query: String::new(),
            headers,
            body: Bytes::from_static(BODY.as_bytes()),
            peer: [192, 0, 2, 1].into(),
            received_at: Timestamp::from_millis(0),
        },
        format: Format::Json,
        payload: serde_json::from_str(BODY).unwrap(),
    }
}

fn compile(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Compiled> {
    super::compile(node, &Verbs::default(), problems)
}

/// A checked action, or what is wrong with it.
fn action(yaml: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let document = Document::parse("rules.yaml", yaml)?;
    let compiled = checked(&document, compile)?;
    crate::schema::tests::takes("action", &document.root().json());
    Ok(compiled)
}

/// A checked connection named `site`, or what is wrong with it.
fn connection(yaml: &str) -> Result<Connection, Vec<Diagnostic>> {
    let document = Document::parse("rules.yaml", yaml)?;
    let connection =
        checked(&document, |node, problems| Connection::compile("site", node, &Verbs::default(), problems))?;
    crate::schema::tests::takes("connection", &document.root().json());
    Ok(connection)
}

fn checked<T>(
    document: &Document,
    compile: impl Fn(&Node<'_>, &mut Vec<Diagnostic>) -> Option<T>,
) -> Result<T, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let compiled = compile(&document.root(), &mut problems);
    match compiled {
        Some(compiled) if problems.is_empty() => Ok(compiled),
        _ => {
            assert!(!problems.is_empty(), "refused without a word: {}", document.text());
            Err(problems)
        }
    }
}

/// The effect of an action, or its failure in words. `site` is YAML of its connection; empty for none.
fn effect(yaml: &str, site: &str) -> Result<Effect, String> {
    let compiled = action(yaml).unwrap_or_else(|problems| panic!("{yaml}\n{problems:#?}"));
    let site = (!site.is_empty())
        .then(|| connection(site).unwrap_or_else(|problems| panic!("{site}\n{problems:#?}")));
    if let Some(misfit) = site.as_ref().and_then(|site| compiled.misfit(site)) {
        panic!("{yaml}\n{misfit:#?}");
    }
    let event = event();
    let scope = Scope::new(&event, "a rule");
    compiled.action.effect(site.as_ref(), &scope).map_err(|failure| failure.to_string())
}

fn check(rows: Vec<(&str, &str, Effect)>) {
    for (yaml, site, wanted) in rows {
        assert_eq!(effect(yaml, site), Ok(wanted), "{yaml}\n{site}");
    }
}

fn plain(text: &str) -> Value {
    Value::Plain(text.to_owned())
}

fn env(name: &str) -> SecretRef {
    SecretRef::Env(name.to_owned())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn settings(pairs: &[(&str, &str)]) -> Vec<(String, Value)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), plain(value))).collect()
}

/// A `POST` without anything.
fn post(base: &str) -> Http {
    Http {
        method: Method::POST,
        base: plain(base),
        base_is_operators: true,
        path: String::new(),
        query: Vec::new(),
        headers: Vec::new(),
        auth: Auth::None,
        content_type: None,
        body: Bytes::new(),
        sealed: Vec::new(),
        sign: None,
        first: None,
        timeout: Duration::from_secs(15),
        allow_private: Vec::new(),
        redirects: Redirects::default(),
        success: Success::Status,
    }
}

/// The same with a body.
fn sent(base: &str, content_type: &str, body: &'static str) -> Http {
    Http {
        content_type: Some(content_type.to_owned()),
        body: Bytes::from_static(body.as_bytes()),
        ..post(base)
    }
}

/// A command that reads the webhook's body.
fn command(argv: &[&str]) -> Command {
    Command {
        argv: argv.iter().map(|argument| (*argument).to_owned()).collect(),
        env: Vec::new(),
        cwd: None,
        stdin: Bytes::from_static(BODY.as_bytes()),
        timeout: Duration::from_secs(60),
        success: Vec::new(),
        confinement: Box::default(),
    }
}
