//! What a template can see: an event, the rule that matched, and what came before. Nothing of it is copied or built before a
//! template asks for it, so one scope serves all templates of a delivery.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::node::EventField;
use crate::event::Event;

/// The values behind the names of a template.
#[derive(Debug)]
pub struct Scope<'s> {
    event: &'s Event,
    rule: &'s str,
    steps: Option<Value>,
    failure: Option<String>,
    given: Vec<(&'s str, &'s Value)>,
    headers: OnceLock<Value>,
    query: OnceLock<Value>,
    params: OnceLock<Value>,
}

impl<'s> Scope<'s> {
    /// What a rule sees of an event.
    pub fn new(event: &'s Event, rule: &'s str) -> Self {
        Self {
            event,
            rule,
            steps: None,
            failure: None,
            given: Vec::new(),
            headers: OnceLock::new(),
            query: OnceLock::new(),
            params: OnceLock::new(),
        }
    }

    /// The same with the results of other actions, a map by their ids: `{{ steps.build.json.url }}`.
    #[must_use]
    pub fn with_steps(mut self, steps: Value) -> Self {
        self.steps = Some(steps);
        self
    }

    /// The same with why an action died: `{{ failure.reason }}`.
    #[must_use]
    pub fn with_failure(mut self, reason: &str) -> Self {
        self.failure = Some(reason.to_owned());
        self
    }

    /// The same with a value under a name of the rule's own, as `for_each` gives it. The templates that use it must have
    /// been read with that name ([`Template::compile_with`](super::Template::compile_with)).
    #[must_use]
    pub fn with_each(mut self, name: &'s str, value: &'s Value) -> Self {
        self.given.push((name, value));
        self
    }

    pub(super) fn payload(&self) -> &Value {
        &self.event.payload
    }

    pub(super) fn rule(&self) -> &str {
        self.rule
    }

    pub(super) fn steps(&self) -> Option<&Value> {
        self.steps.as_ref()
    }

    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    pub(super) fn given(&self, name: &str) -> Option<&Value> {
        self.given.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The event it is filled from.
    pub fn event(&self) -> &Event {
        self.event
    }

    pub(super) fn event_field(&self, field: EventField) -> Option<String> {
        match field {
            EventField::Id => Some(self.event.id.to_string()),
            EventField::Type => Some(self.event.kind.clone()).filter(|kind| !kind.is_empty()),
            EventField::Source => Some(self.event.source.to_string()),
            EventField::ReceivedAt => Some(self.event.request.received_at.to_string()),
        }
    }

    /// One header, or all: a map by lower-case names, several values of one name joined as HTTP does.
    pub(super) fn headers(&self, name: Option<&str>) -> Option<Cow<'_, Value>> {
        match name {
            Some(name) => self.event.request.header(name).map(|value| Cow::Owned(Value::from(value))),
            None => Some(Cow::Borrowed(self.headers.get_or_init(|| self.all_headers()))),
        }
    }

    fn all_headers(&self) -> Value {
        let mut all = Map::new();
        for (name, value) in &self.event.request.headers {
            let Ok(value) = value.to_str() else { continue };
            match all.get_mut(name.as_str()) {
                Some(Value::String(values)) => {
                    values.push_str(", ");
                    values.push_str(value);
                }
                _ => {
                    all.insert(name.as_str().to_owned(), Value::from(value));
                }
            }
        }
        Value::Object(all)
    }

    /// The first value of a query parameter, or all: a map of which each value is a text.
    pub(super) fn query(&self, name: Option<&str>) -> Option<Cow<'_, Value>> {
        match name {
            Some(name) => self.event.request.query_value(name).map(|value| Cow::Owned(Value::from(value))),
            None => Some(Cow::Borrowed(self.query.get_or_init(|| self.all_query()))),
        }
    }

    fn all_query(&self) -> Value {
        let mut all = Map::new();
        for (name, value) in form_urlencoded::parse(self.event.request.query.as_bytes()) {
            all.entry(name).or_insert_with(|| Value::from(value));
        }
        Value::Object(all)
    }

    /// One part of the path, or all.
    pub(super) fn params(&self, name: Option<&str>) -> Option<Cow<'_, Value>> {
        let all = || {
            self.event.request.params.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        };
        match name {
            Some(name) => self.event.request.param(name).map(|value| Cow::Owned(Value::from(value))),
            None => Some(Cow::Borrowed(self.params.get_or_init(|| Value::Object(all().collect())))),
        }
    }
}
