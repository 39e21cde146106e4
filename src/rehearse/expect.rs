//! What a case expects: read once, then held against what came.

use serde_json::{Map, Value};

use super::shown::{AFTER, FAILURE, Shown};
use crate::diagnostic::Place;
use crate::path::equal;
use crate::unit;

/// The word for: no rule may match.
pub const NOTHING: &str = "nothing";
/// Fields of which an expectation names only those entries that matter.
const OPEN: &[&str] = &["headers", "query", "env", "auth"];

/// What has to be done.
#[derive(Clone, Debug)]
pub enum Expect {
    /// No rule matches.
    Nothing,
    /// All of this and nothing else.
    Items(Vec<Item>),
    /// What a file lists.
    File(String, Place),
}

/// One thing that is expected.
#[derive(Clone, Debug)]
pub struct Item {
    /// The rule, and where it is named.
    pub rule: Option<(String, Place)>,
    /// The fields that matter, the verb's own among them; empty for all that the rule does.
    pub fields: Map<String, Value>,
    /// Where it stands.
    pub line: usize,
}

/// What the sender has to be answered. Empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The line it stands on.
    pub line: usize,
    pub(super) status: Option<u16>,
    pub(super) json: Option<Value>,
    pub(super) text: Option<String>,
    pub(super) headers: Map<String, Value>,
}

/// One field that is not as expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Unequal {
    /// The field.
    pub key: String,
    /// What was wanted.
    pub wanted: Value,
    /// What is there.
    pub got: Option<Value>,
}

impl Item {
    /// An item of a list of what is expected in a file; `None` when it is neither a text nor a map.
    pub(super) fn read(value: &Value, line: usize) -> Option<Self> {
        let nowhere = |name: &str| (name.to_owned(), Place { file: "".into(), span: 0..0 });
        match value {
            Value::String(name) => Some(Self { rule: Some(nowhere(name)), fields: Map::new(), line }),
            Value::Object(map) => {
                let mut fields = map.clone();
                let rule = fields.remove("rule");
                let rule = rule.as_ref().and_then(Value::as_str).map(nowhere);
                Some(Self { rule, fields, line })
            }
            _ => None,
        }
    }

    /// Whether it asks for whatever the rule does.
    pub(super) fn is_whole_rule(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn rule_name(&self) -> Option<&str> {
        self.rule.as_ref().map(|(name, _)| name.as_str())
    }

    /// The fields of what came that are not as expected; empty when it fits.
    pub(super) fn unequal(&self, got: &Shown) -> Vec<Unequal> {
        let mut found = Vec::new();
        if let Some(name) = self.rule_name().filter(|name| *name != got.rule) {
            let (wanted, other) = (Value::from(name), Value::from(got.rule.clone()));
            found.push(Unequal { key: "rule".to_owned(), wanted, got: Some(other) });
        }
        for (key, wanted) in &self.fields {
            let there = got.fields.get(key);
            if !there.is_some_and(|there| is_as_wanted(key, wanted, there)) {
                found.push(Unequal { key: key.clone(), wanted: wanted.clone(), got: there.cloned() });
            }
        }
        if let Some(failure) = got.failure().filter(|_| !self.fields.contains_key(FAILURE)) {
            found.retain(|one| got.fields.contains_key(&one.key) || one.key == "rule");
            let got = Some(Value::from(failure));
            found.push(Unequal { key: FAILURE.to_owned(), wanted: Value::Null, got });
        }
        found
    }
}

fn is_as_wanted(key: &str, wanted: &Value, there: &Value) -> bool {
    match (wanted, there) {
        (Value::Object(wanted), Value::Object(there)) if OPEN.contains(&key) => {
            wanted.iter().all(|(name, value)| named(there, name).is_some_and(|other| equal(value, other)))
        }
        (Value::String(wanted), Value::String(there)) if key == AFTER => {
            wanted == there || unit::duration(wanted).is_ok_and(|wanted| unit::duration(there) == Ok(wanted))
        }
        _ => equal(wanted, there),
    }
}

/// A member by its name, whose letters may be large or small, as those of headers.
fn named<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    map.get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

impl Answer {
    /// The parts of an answer that are not as expected; `got` is as an action `respond` shows it.
    pub(super) fn unequal(&self, got: &Map<String, Value>) -> Vec<Unequal> {
        let status = self.status.map(|status| ("respond", "status", Value::from(status)));
        let json = self.json.clone().map(|json| ("json", "json", json));
        let text = self.text.clone().map(|text| ("body", "text", Value::from(text)));
        let headers =
            (!self.headers.is_empty()).then(|| ("headers", "headers", Value::Object(self.headers.clone())));
        let wanted = [status, json, text, headers].into_iter().flatten();
        wanted
            .filter(|(key, _, wanted)| !got.get(*key).is_some_and(|there| is_as_wanted(key, wanted, there)))
            .map(|(key, name, wanted)| Unequal { key: name.to_owned(), wanted, got: got.get(key).cloned() })
            .collect()
    }
}
