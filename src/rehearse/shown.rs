//! What an action wants done, in the words of the rules file: the verb, where it goes, and its fields filled.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::effect::{Auth, Command, Effect, Http, Respond};
use crate::rule::RuleAction;
use crate::secret;

/// One thing that a rule wants done.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The rule.
    pub rule: String,
    /// The verb.
    pub verb: &'static str,
    /// Its fields; the verb's own holds where it goes or what it is. `failure` says why nothing can be done.
    pub fields: Map<String, Value>,
}

/// The key that says why an action cannot be carried out.
pub(super) const FAILURE: &str = "failure";

/// The effect of an action, or why it has none.
pub(super) fn shown(rule: &str, action: &RuleAction, effect: Result<&Effect, &str>) -> Shown {
    let verb = action.verb.name;
    let mut fields = match effect {
        Ok(Effect::Http(http)) => web(verb, http),
        Ok(Effect::Command(command)) => process(verb, command),
        Ok(Effect::Log(log)) => pairs([(verb, json!(log.text))]),
        Ok(Effect::Respond(respond)) => answer(respond),
        Err(failure) => pairs([(FAILURE, json!(failure))]),
    };
    if let Some(connection) = &action.connection {
        fields.insert(verb.to_owned(), json!(&**connection));
    }
    Shown { rule: rule.to_owned(), verb, fields }
}

impl Shown {
    /// As an item of `expect`.
    pub fn item(&self) -> Value {
        let first = [("rule".to_owned(), json!(self.rule))].into_iter();
        let own = self.fields.get(self.verb).map(|value| (self.verb.to_owned(), value.clone()));
        let rest = self.fields.iter().filter(|(key, _)| **key != *self.verb);
        first.chain(own).chain(rest.map(|(key, value)| (key.clone(), value.clone()))).collect()
    }

    /// Why nothing can be done.
    pub fn failure(&self) -> Option<&str> {
        self.fields.get(FAILURE).and_then(Value::as_str)
    }
}

/// A message of a service stands in its JSON; any other call is shown as it is made.
fn web(verb: &str, http: &Http) -> Map<String, Value> {
    let message = serde_json::from_slice::<Value>(&http.body).ok();
    if let (false, Some(Value::Object(message))) = (verb == "http", &message) {
        let mut fields = message.clone();
        fields.insert("url".to_owned(), url(http));
        return fields;
    }
    let mut fields = pairs([("http", url(http)), ("method", json!(http.method.as_str()))]);
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    put("url", url(http));
    put("path", json!(http.path));
    if !http.query.is_empty() {
        put("query", http.query.iter().map(|(name, value)| (name.clone(), json!(value))).collect());
    }
    if !http.headers.is_empty() {
        put("headers", http.headers.iter().map(|(name, value)| (name.clone(), setting(value))).collect());
    }
    if let Some(auth) = auth(&http.auth) {
        put("auth", auth);
    }
    if let Some(content_type) = &http.content_type {
        put("content_type", json!(content_type));
        let (key, value) = body(content_type, &http.body);
        put(key, value);
    }
    fields
}

fn url(http: &Http) -> Value {
    match &http.base {
        secret::Value::Plain(base) if http.path.is_empty() => json!(base),
        secret::Value::Plain(base) => {
            json!(format!("{}/{}", base.trim_end_matches('/'), http.path.trim_start_matches('/')))
        }
        hidden => setting(hidden),
    }
}

/// The key under which a rule writes such a body, and the body.
fn body(content_type: &str, bytes: &Bytes) -> (&'static str, Value) {
    let text = || json!(String::from_utf8_lossy(bytes));
    if content_type.contains("json") {
        return serde_json::from_slice(bytes).map_or_else(|_| ("body", text()), |value| ("json", value));
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        let fields = form_urlencoded::parse(bytes);
        return ("form", fields.map(|(name, value)| (name.into_owned(), json!(value))).collect());
    }
    ("body", text())
}

fn auth(auth: &Auth) -> Option<Value> {
    Some(match auth {
        Auth::None => return None,
        Auth::Bearer(reference) => json!({ "bearer": secret_name(reference) }),
        Auth::Certificate(reference) => json!({ "certificate": secret_name(reference) }),
        Auth::Basic { user, password } => {
            json!({ "basic": { "user": setting(user), "password": secret_name(password) } })
        }
        Auth::Header { name, value } => json!({ "header": { "name": name, "value": secret_name(value) } }),
    })
}

fn process(verb: &str, command: &Command) -> Map<String, Value> {
    let whole = match command.argv.as_slice() {
        [_, _, script] if verb == "shell" => json!(script),
        argv => json!(argv),
    };
    let mut fields = pairs([(verb, whole)]);
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    if !command.env.is_empty() {
        put("env", command.env.iter().map(|(name, value)| (name.clone(), setting(value))).collect());
    }
    if let Some(cwd) = &command.cwd {
        put("cwd", json!(cwd));
    }
    put(
        "stdin",
        serde_json::from_slice(&command.stdin)
            .unwrap_or_else(|_| json!(String::from_utf8_lossy(&command.stdin))),
    );
    fields
}

/// An answer to the sender.
pub(super) fn answer(respond: &Respond) -> Map<String, Value> {
    let mut fields = pairs([("respond", json!(respond.status))]);
    if !respond.headers.is_empty() {
        let headers = respond.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        fields.insert("headers".to_owned(), headers);
    }
    let parsed = serde_json::from_slice::<Value>(&respond.body).ok();
    let (key, value) = match parsed.filter(|_| respond.content_type.contains("json")) {
        Some(value) => ("json", value),
        None => ("body", json!(String::from_utf8_lossy(&respond.body))),
    };
    fields.insert(key.to_owned(), value);
    fields
}

fn pairs<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A secret stands as a rules file names it.
fn setting(value: &secret::Value) -> Value {
    match value {
        secret::Value::Plain(text) => json!(text),
        secret::Value::Secret(reference) => secret_name(reference),
    }
}

fn secret_name(reference: &secret::SecretRef) -> Value {
    match reference {
        secret::SecretRef::Env(name) => json!({ "env": name }),
        secret::SecretRef::File(path) => json!({ "file": path }),
    }
}
