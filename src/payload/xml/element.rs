//! One element on its way to a JSON value.

use std::collections::BTreeSet;

use quick_xml::XmlVersion;
use quick_xml::escape::EscapeError;
use quick_xml::events::BytesStart;
use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::name::{self, is_blank, is_legal};
use crate::limit;
use crate::payload::budget::Budget;

/// The key of an element's own text beside its attributes and children.
pub(super) const TEXT: &str = "#text";

/// An element that is still open.
pub(super) struct Element {
    /// Its name without the prefix.
    pub(super) name: String,
    /// All its text so far.
    pub(super) text: String,
    members: Map<String, Value>,
    has_children: bool,
}

/// What is wrong with a tag.
pub(super) enum Trouble {
    NotXml(String),
    Entity(String),
    TooMany,
    TooLong,
}

impl Element {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), text: String::new(), members: Map::new(), has_children: false }
    }

    /// Adds a child; how many lists had to be made.
    pub(super) fn add(&mut self, name: String, value: Value) -> usize {
        self.has_children = true;
        self.member(name, value)
    }

    /// What comes again under one name makes a list.
    fn member(&mut self, key: String, value: Value) -> usize {
        match self.members.entry(key) {
            Entry::Vacant(place) => {
                place.insert(value);
                0
            }
            Entry::Occupied(place) => match place.into_mut() {
                Value::Array(list) => {
                    list.push(value);
                    0
                }
                single => {
                    *single = Value::Array(vec![single.take(), value]);
                    1
                }
            },
        }
    }

    /// The value it is, and how many more values it has for its text. Between children, blanks at the ends of the text
    /// are only how the document is laid out.
    pub(super) fn value(self) -> (Value, usize) {
        let Self { text, mut members, has_children, .. } = self;
        if members.is_empty() {
            return (Value::String(text), 0);
        }
        let kept = if has_children { text.trim_matches(is_blank) } else { text.as_str() };
        let texts = usize::from(!kept.is_empty());
        if texts > 0 {
            members.insert(TEXT.to_owned(), Value::String(kept.to_owned()));
        }
        (Value::Object(members), texts)
    }
}

/// Takes over the attributes of a tag, those that only declare namespaces left out.
pub(super) fn attributes(
    tag: &BytesStart<'_>,
    element: &mut Element,
    budget: &mut Budget,
) -> Result<(), Trouble> {
    // The parser's own check takes time that grows with the square of their number.
    let mut seen = BTreeSet::new();
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| Trouble::NotXml(error.to_string()))?;
        let qualified = attribute.key.0;
        if !seen.insert(qualified) {
            return Err(Trouble::NotXml(format!("the attribute {qualified} is there twice")));
        }
        if qualified == "xmlns" || qualified.starts_with("xmlns:") {
            continue;
        }
        budget.spend(1).ok_or(Trouble::TooMany)?;
        let local =
            name::local(qualified).ok_or_else(|| Trouble::NotXml("a name that is none".to_owned()))?;
        if attribute.value.contains('<') {
            return Err(Trouble::NotXml(format!("the attribute {qualified} has a `<` in it")));
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(refused)?;
        if value.len() > limit::JSON_TEXT_MAX_BYTES {
            return Err(Trouble::TooLong);
        }
        if !value.chars().all(is_legal) {
            return Err(Trouble::NotXml("a control character".to_owned()));
        }
        let lists = element.member(format!("@{local}"), Value::String(value.into_owned()));
        budget.spend(lists).ok_or(Trouble::TooMany)?;
    }
    Ok(())
}

fn refused(error: quick_xml::Error) -> Trouble {
    match error {
        quick_xml::Error::Escape(EscapeError::UnrecognizedEntity(_, name)) => Trouble::Entity(name),
        other => Trouble::NotXml(super::words(&other)),
    }
}

/// Levels of lists and objects in a value.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
