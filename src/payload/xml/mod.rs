//! XML as JSON: `<order id="7"><item>a</item><item>b</item></order>` is `{"order":{"@id":"7","item":["a","b"]}}`.
//!
//! An element with neither attributes nor children is its text, any other an object: attributes under `@name`, children
//! under their names, what text there is under `#text`. What comes twice under one name is a list. Prefixes of
//! namespaces, comments and processing instructions are dropped. A document type is refused, so that there are no
//! entities but the five that XML has by itself.

mod element;
mod name;
mod write;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

use super::budget::Budget;
use super::error::{At, Error, shorten, tame};
use crate::limit;
use element::{Element, depth};
use name::is_legal;

pub(super) use write::write;

/// The encodings a document may say it has; the body is read as UTF-8.
const ENCODINGS: &[&str] = &["utf-8", "utf8", "us-ascii"];

/// Reads one document.
pub(super) fn parse(text: &str) -> Result<Value, Error> {
    if text.trim_ascii().is_empty() {
        return Err(Error::NotXml { words: "it is empty".to_owned(), at: At::start() });
    }
    if let Some(byte) = text.find(|letter| !is_legal(letter)) {
        return Err(Error::NotXml { words: "a control character".to_owned(), at: At::byte(text, byte) });
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    let mut document = Document { text, byte: 0, budget: Budget::whole(), open: Vec::new(), root: None };
    loop {
        document.byte = place(reader.buffer_position());
        match reader.read_event() {
            Ok(Event::Eof) => return document.end(),
            Ok(event) => document.take(event)?,
            Err(error) => {
                document.byte = place(reader.error_position());
                return Err(document.not_xml(&words(&error)));
            }
        }
    }
}

/// What the parser says, without the kind of error it calls it.
fn words(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Syntax(error) => error.to_string(),
        quick_xml::Error::IllFormed(error) => error.to_string(),
        quick_xml::Error::Escape(error) => error.to_string(),
        quick_xml::Error::InvalidAttr(error) => error.to_string(),
        other => other.to_string(),
    }
}

fn place(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// A document as far as it has been read.
struct Document<'t> {
    text: &'t str,
    /// Where the present event begins.
    byte: usize,
    budget: Budget,
    /// The elements we are in, the outermost first.
    open: Vec<Element>,
    root: Option<Value>,
}

impl Document<'_> {
    fn take(&mut self, event: Event<'_>) -> Result<(), Error> {
        match event {
            Event::Start(tag) | Event::Empty(tag) => self.begin(&tag),
            Event::End(_) => self.close(),
            Event::Text(text) => self.say(&text.xml10_content()),
            Event::CData(text) => self.say(&text.xml10_content()),
            Event::GeneralRef(reference) => self.refer(&reference),
            Event::Decl(declaration) => self.declare(&declaration),
            Event::DocType(_) => Err(Error::Doctype(self.at())),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    /// Only before everything else, and only what we read anyway.
    fn declare(&self, declaration: &BytesDecl<'_>) -> Result<(), Error> {
        if self.byte > 0 {
            return Err(self.not_xml("a declaration that is not at the beginning"));
        }
        declaration.xml_version().map_err(|error| self.not_xml(&words(&error)))?;
        match declaration.encoding().transpose().map_err(|error| self.not_xml(&error.to_string()))? {
            Some(encoding) if !ENCODINGS.contains(&encoding.to_ascii_lowercase().as_str()) => {
                Err(self.not_xml(&format!("its encoding is `{encoding}`, not utf-8")))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, tag: &BytesStart<'_>) -> Result<(), Error> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.not_xml("a second root element"));
        }
        // The document's own object is a level too.
        if self.open.len() + 1 >= limit::JSON_DEPTH_MAX {
            return Err(Error::TooDeep(self.at()));
        }
        self.spend(1)?;
        let Some(local) = name::local(tag.name().0) else { return Err(self.not_xml("a name that is none")) };
        let mut element = Element::new(local);
        element::attributes(tag, &mut element, &mut self.budget).map_err(|trouble| self.refuse(trouble))?;
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(element) = self.open.pop() else { return Err(self.not_xml("an end without a beginning")) };
        let name = element.name.clone();
        let (value, texts) = element.value();
        self.spend(texts)?;
        match self.open.last_mut() {
            None => {
                self.spend(1)?;
                self.root = Some(Value::Object(Map::from_iter([(name, value)])));
            }
            Some(parent) => {
                let lists = parent.add(name, value);
                self.spend(lists)?;
            }
        }
        Ok(())
    }

    /// Text, already as it is meant.
    fn say(&mut self, text: &str) -> Result<(), Error> {
        let at_most = limit::JSON_TEXT_MAX_BYTES;
        match self.open.last_mut() {
            Some(element) if element.text.len() + text.len() > at_most => Err(Error::TextTooLong(self.at())),
            Some(element) => {
                element.text.push_str(text);
                Ok(())
            }
            None if text.chars().all(name::is_blank) => Ok(()),
            None => Err(self.not_xml("text outside of the root element")),
        }
    }

    fn refer(&mut self, reference: &BytesRef<'_>) -> Result<(), Error> {
        match reference.resolve_char_ref().map_err(|error| self.not_xml(&words(&error)))? {
            Some(letter) if is_legal(letter) => self.say(letter.encode_utf8(&mut [0; 4])),
            Some(_) => Err(self.not_xml("a control character")),
            None => match resolve_predefined_entity(reference) {
                Some(text) => self.say(text),
                None => Err(Error::Entity { name: shorten(reference), at: self.at() }),
            },
        }
    }

    fn end(self) -> Result<Value, Error> {
        let open = self.open.last().map(|element| element.name.as_str());
        match (open, &self.root) {
            (Some(name), _) => Err(self.not_xml(&format!("it ends inside of the element {name}"))),
            (None, None) => Err(self.not_xml("it has no root element")),
            (None, Some(root)) if depth(root) > limit::JSON_DEPTH_MAX => Err(Error::TooDeep(self.at())),
            (None, Some(_)) => Ok(self.root.unwrap_or_default()),
        }
    }

    fn spend(&mut self, values: usize) -> Result<(), Error> {
        self.budget.spend(values).ok_or_else(|| Error::TooMany(self.at()))
    }

    fn refuse(&self, trouble: element::Trouble) -> Error {
        match trouble {
            element::Trouble::NotXml(words) => self.not_xml(&words),
            element::Trouble::Entity(name) => Error::Entity { name: shorten(&name), at: self.at() },
            element::Trouble::TooMany => Error::TooMany(self.at()),
            element::Trouble::TooLong => Error::TextTooLong(self.at()),
        }
    }

    fn not_xml(&self, words: &str) -> Error {
        Error::NotXml { words: tame(words), at: self.at() }
    }

    fn at(&self) -> At {
        At::byte(self.text, self.byte)
    }
}
