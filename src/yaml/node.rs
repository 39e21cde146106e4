//! One value of a YAML file, with the file's name and its place at hand.

use std::ops::Range;
use std::sync::Arc;

use serde_yaml::Value;

use super::inside::{self, Written};
use super::spots::{Kind, Style};
use super::{Document, listed, nearest};
use crate::diagnostic::{Diagnostic, Place};

/// A value and where it stands. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Node<'d> {
    document: &'d Document,
    value: &'d Value,
    /// The index of its place.
    at: usize,
    key: Option<(&'d str, &'d Range<usize>)>,
    /// See `lending`.
    lent: Option<&'d str>,
}

impl<'d> Node<'d> {
    pub(super) fn root(document: &'d Document) -> Self {
        Self { document, value: &document.value, at: document.spots.root(), key: None, lent: None }
    }

    /// The value itself; every key in it is a text.
    pub fn value(&self) -> &'d Value {
        self.value
    }

    /// The text, when it is one: quotes, escapes and folding undone.
    pub fn text(&self) -> Option<&'d str> {
        self.value.as_str()
    }

    /// A scalar as it is written in the file, quotes included; of a list or map all of its source.
    pub fn raw(&self) -> &'d str {
        self.document.text.get(self.document.spots.target(self.at).span.clone()).unwrap_or_default()
    }

    /// What kind of value it is, in words: `a text`, `a number`, `true or false`, `a list`, `a map`, `nothing`.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) | Value::Tagged(_) => "a map",
        }
    }

    /// Whether there is a key but no value.
    pub fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// The entries of a map in the order of the file; none when it is not a map.
    pub fn entries(&self) -> Vec<(&'d str, Self)> {
        let (Value::Mapping(map), Kind::Map(entries)) =
            (self.value, &self.document.spots.target(self.at).kind)
        else {
            return Vec::new();
        };
        map.values()
            .zip(entries)
            .map(|(value, entry)| {
                let key = Some((entry.key.as_str(), &entry.key_span));
                (entry.key.as_str(), Self { value, at: entry.value, key, ..self.clone() })
            })
            .collect()
    }

    /// The value of a map under a key.
    pub fn get(&self, key: &str) -> Option<Self> {
        let (Value::Mapping(map), Kind::Map(entries)) =
            (self.value, &self.document.spots.target(self.at).kind)
        else {
            return None;
        };
        let (value, entry) = map.values().zip(entries).find(|(_, entry)| entry.key == key)?;
        Some(Self { value, at: entry.value, key: Some((&entry.key, &entry.key_span)), ..self.clone() })
    }

    /// The values of a list; none when it is not a list.
    pub fn items(&self) -> Vec<Self> {
        let (Value::Sequence(list), Kind::List(items)) =
            (self.value, &self.document.spots.target(self.at).kind)
        else {
            return Vec::new();
        };
        let item = |(value, at): (&'d Value, &usize)| Self { value, at: *at, key: None, ..self.clone() };
        list.iter().zip(items).map(item).collect()
    }

    /// The same value, in which a name of the user's own is known to templates, as in all that stands in it.
    #[must_use]
    pub fn lending(self, name: &'d str) -> Self {
        Self { lent: Some(name), ..self }
    }

    /// The name of the user's own that is known here.
    pub fn lent(&self) -> Option<&'d str> {
        self.lent
    }

    /// The key it stands under, when it stands in a map.
    pub fn key(&self) -> Option<&'d str> {
        self.key.map(|(key, _)| key)
    }

    /// The value as JSON; a number keeps the digits it is written with.
    pub fn json(&self) -> serde_json::Value {
        match self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(yes) => serde_json::Value::Bool(*yes),
            Value::Number(number) => self.number(number),
            Value::String(text) => serde_json::Value::String(text.clone()),
            Value::Sequence(_) => self.items().iter().map(Self::json).collect(),
            Value::Mapping(_) | Value::Tagged(_) => {
                let entries = self.entries();
                entries.iter().map(|(key, value)| ((*key).to_owned(), value.json())).collect()
            }
        }
    }

    /// JSON's own spelling is kept; YAML's others (`0x1F`, `+1`, `.5`) are counted out; what JSON has no number for is text.
    fn number(&self, number: &serde_yaml::Number) -> serde_json::Value {
        if let Ok(exact) = self.raw().parse() {
            return serde_json::Value::Number(exact);
        }
        let counted =
            number.as_u64().map(serde_json::Number::from).or_else(|| number.as_i64().map(Into::into));
        counted
            .or_else(|| number.as_f64().and_then(serde_json::Number::from_f64))
            .map_or_else(|| serde_json::Value::String(self.raw().to_owned()), serde_json::Value::Number)
    }

    /// The file's name.
    pub fn file(&self) -> &'d Arc<str> {
        &self.document.file
    }

    /// Where it stands, in bytes of the file. A value that is not there stands at its key.
    pub fn span(&self) -> Range<usize> {
        self.document.spots.spot(self.at).span.clone()
    }

    /// Where its key stands; its own place when it has no key.
    pub fn key_span(&self) -> Range<usize> {
        self.key.map_or_else(|| self.span(), |(_, span)| span.clone())
    }

    /// Its place.
    pub fn place(&self) -> Place {
        Place { file: Arc::clone(self.file()), span: self.span() }
    }

    /// The line it starts on, from 1.
    pub fn line(&self) -> usize {
        let start = self.span().start;
        self.document.lines.partition_point(|line| *line <= start)
    }

    /// An error at the value.
    pub fn error(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, message).at(self.file(), self.span())
    }

    /// An error at its key.
    pub fn key_error(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, message).at(self.file(), self.key_span())
    }

    /// An error at `length` bytes from byte `offset` of its decoded text.
    pub fn error_inside(
        &self,
        offset: usize,
        length: usize,
        code: &'static str,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(code, message).at(self.file(), self.inside(offset, length))
    }

    fn inside(&self, offset: usize, length: usize) -> Range<usize> {
        let spot = self.document.spots.spot(self.at);
        let found = match &spot.kind {
            Kind::Scalar { style, text } => {
                let written = Written { style: *style, source: self.raw(), indent: self.indent() };
                inside::find(&written, text, offset, length)
            }
            _ => None,
        };
        let Some(span) = found else { return spot.span.clone() };
        // Whole letters, whatever was counted.
        let text = &self.document.text;
        let start = text.floor_char_boundary(spot.span.start + span.start);
        start..text.ceil_char_boundary((spot.span.start + span.end).min(spot.span.end))
    }

    /// Bytes before it on its line.
    fn indent(&self) -> usize {
        let before = self.document.text.get(..self.span().start).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |byte| byte + 1)
    }

    /// A warning at the value.
    pub fn warning(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, message).at(self.file(), self.span())
    }

    /// The complaint that this entry's key is none of those that are known.
    pub fn unknown_key(&self, known: &[&str]) -> Diagnostic {
        let key = self.key().unwrap_or_default();
        let message = match nearest(key, known.iter().copied()) {
            Some(meant) => format!("`{key}` is not a key here; did you mean `{meant}`?"),
            None => format!("`{key}` is not a key here"),
        };
        let found = self.key_error("E003", message);
        match known {
            [] => found.help("leave it out; a key of your own starts with `x-`"),
            _ => found.help(format!("the keys here are {}", listed(known.iter().copied()))),
        }
    }

    /// The complaint that it is not of the wanted kind (`a text`, `a list`), with the mend for the usual traps.
    pub fn unwanted(&self, wanted: &str) -> Diagnostic {
        // A number where a number is wanted is one beyond its bounds.
        let is_bounded = wanted.contains("number from") && self.value.is_number();
        let got = if is_bounded { format!("`{}`", self.raw()) } else { self.kind().to_owned() };
        let message = match self.key() {
            Some(key) => format!("`{key}`: wanted {wanted}, got {got}"),
            None => format!("wanted {wanted}, got {got}"),
        };
        let found = self.error("E004", message);
        if !wanted.contains("text") {
            return found;
        }
        match self.value {
            Value::Null => match self.comment() {
                Some(span) => {
                    let text = self.document.text.get(span.clone()).unwrap_or_default();
                    found.at(self.file(), span).help(format!("` #` starts a comment: quote it, \"{text}\""))
                }
                None => found.help("write a value; \"\" is the empty text (and ` #` starts a comment)"),
            },
            Value::Bool(_) | Value::Number(_) => found.help(format!("quote it: \"{}\"", self.raw())),
            _ => found,
        }
    }

    /// The comment that stands on the line where a value is missing.
    fn comment(&self) -> Option<Range<usize>> {
        let start = self.key_span().end;
        let line = self.document.text.get(start..)?.lines().next()?;
        let hash = line.find(" #")? + 1;
        (line.get(..hash)?.trim() == ":").then(|| start + hash..start + line.trim_end().len())
    }

    /// Whether it is a text without quotes.
    pub fn is_plain(&self) -> bool {
        matches!(self.document.spots.target(self.at).kind, Kind::Scalar { style: Style::Plain, .. })
    }
}
