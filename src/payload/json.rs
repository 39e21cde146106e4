//! Guarded JSON: one pass over `serde_json`'s parser that counts, bounds and refuses what two readers would read differently.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::NUMBER_KEY;
use super::budget::Budget;
use super::error::{At, Error, shorten};
use crate::limit;

/// Reads one JSON text; nothing but blanks may follow it.
pub(super) fn parse(text: &str) -> Result<Value, Error> {
    parse_within(text, 0, &mut Budget::whole())
}

/// The same inside something larger: so many levels down, with so many values left.
pub(super) fn parse_within(text: &str, depth: usize, budget: &mut Budget) -> Result<Value, Error> {
    let guard = Guard { text, budget: Cell::new(*budget), refusal: Cell::new(None) };
    let mut parser = serde_json::Deserializer::from_str(text);
    let value = Any { guard: &guard, depth }.deserialize(&mut parser);
    let value = value.and_then(|value| parser.end().map(|()| value)).map_err(|error| guard.explain(&error));
    *budget = guard.budget.get();
    value
}

/// What holds for the whole text.
struct Guard<'t> {
    text: &'t str,
    budget: Cell<Budget>,
    refusal: Cell<Option<Refusal>>,
}

/// Why we stop where the parser would go on.
enum Refusal {
    TooDeep,
    TooMany,
    TextTooLong,
    DuplicateKey(String),
    ReservedKey,
}

impl Guard<'_> {
    /// Remembers why, and makes the error that stops the parser.
    fn refuse<E: serde::de::Error>(&self, refusal: Refusal) -> E {
        self.refusal.set(Some(refusal));
        E::custom("refused")
    }

    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        let mut budget = self.budget.get();
        budget.spend(1).ok_or_else(|| self.refuse(Refusal::TooMany))?;
        self.budget.set(budget);
        Ok(())
    }

    fn own<E: serde::de::Error>(&self, text: &str) -> Result<String, E> {
        if text.len() > limit::JSON_TEXT_MAX_BYTES {
            return Err(self.refuse(Refusal::TextTooLong));
        }
        Ok(text.to_owned())
    }

    /// Whether this is a part of the text itself, not merely equal to one.
    fn holds(&self, part: &str) -> bool {
        self.text.as_bytes().as_ptr_range().contains(&part.as_ptr())
    }

    fn explain(&self, error: &serde_json::Error) -> Error {
        let at = At::line(self.text, error.line(), error.column());
        match self.refusal.take() {
            Some(Refusal::TooDeep) => Error::TooDeep(at),
            Some(Refusal::TooMany) => Error::TooMany(at),
            Some(Refusal::TextTooLong) => Error::TextTooLong(at),
            Some(Refusal::DuplicateKey(key)) => Error::DuplicateKey { key: shorten(&key), at },
            Some(Refusal::ReservedKey) => Error::ReservedKey(at),
            None if self.text.trim_ascii().is_empty() => Error::Empty,
            None => Error::NotJson { words: words(error), at },
        }
    }
}

/// The parser's words without its place, which we tell in our own way.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// Any value, inside so many lists and objects.
#[derive(Clone, Copy)]
struct Any<'g> {
    guard: &'g Guard<'g>,
    depth: usize,
}

impl<'g> Any<'g> {
    fn inside<E: serde::de::Error>(self) -> Result<Any<'g>, E> {
        if self.depth >= limit::JSON_DEPTH_MAX {
            return Err(self.guard.refuse(Refusal::TooDeep));
        }
        Ok(Any { guard: self.guard, depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Any<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Value, D::Error> {
        self.guard.count()?;
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.guard.own(value).map(Value::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let item = self.inside()?;
        let mut list = Vec::new();
        while let Some(value) = items.next_element_seed(item)? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    /// An object, or a number that fits no machine integer: that one comes as a map of one entry under a key of its own.
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let item = match entries.next_key_seed(Key(self.guard))? {
            None => return Ok(Value::Object(map)),
            Some(Name::Number) => return number(&entries.next_value::<String>()?),
            Some(Name::Text(key)) => {
                let item = self.inside()?;
                map.insert(key, entries.next_value_seed(item)?);
                item
            }
        };
        while let Some(name) = entries.next_key_seed(Key(self.guard))? {
            let Name::Text(key) = name else { return Err(self.guard.refuse(Refusal::ReservedKey)) };
            match map.entry(key) {
                Entry::Vacant(place) => place.insert(entries.next_value_seed(item)?),
                Entry::Occupied(place) => {
                    return Err(self.guard.refuse(Refusal::DuplicateKey(place.key().clone())));
                }
            };
        }
        Ok(Value::Object(map))
    }
}

fn number<E: serde::de::Error>(digits: &str) -> Result<Value, E> {
    digits.parse::<Number>().map(Value::Number).map_err(E::custom)
}

/// The key of an entry.
struct Key<'g>(&'g Guard<'g>);

enum Name {
    Number,
    Text(String),
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Name, D::Error> {
        parser.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = Name;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    /// A key that had escapes in it, so it was sent.
    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Name, E> {
        if key == NUMBER_KEY {
            return Err(self.0.refuse(Refusal::ReservedKey));
        }
        self.0.own(key).map(Name::Text)
    }

    /// Either a stretch of what was sent, or the parser's own constant: only where it lies tells them apart.
    fn visit_borrowed_str<E: serde::de::Error>(self, key: &'de str) -> Result<Name, E> {
        if key == NUMBER_KEY && !self.0.holds(key) {
            return Ok(Name::Number);
        }
        self.visit_str(key)
    }
}
