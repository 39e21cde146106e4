//! Forms: `a=1&b[c]=2&d[]=3` as an object of texts, maps and lists, within the same bounds as JSON.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::NUMBER_KEY;
use super::budget::Budget;
use super::error::{At, Error, shorten};
use crate::limit;

/// Reads a whole form.
pub(super) fn parse(text: &str) -> Result<Value, Error> {
    let mut fields = Fields::default();
    let mut budget = Budget::whole();
    budget.spend(1).ok_or(Error::TooMany(At::start()))?;
    for pair in pairs(text) {
        let pair = pair?;
        fields.put(&pair.name, &pair.value, &mut budget).map_err(|unfit| unfit.at(pair.at(text)))?;
    }
    Ok(fields.0)
}

/// Texts under nested names, as they come to be.
pub(super) struct Fields(pub(super) Value);

impl Default for Fields {
    fn default() -> Self {
        Self(Value::Object(Map::new()))
    }
}

impl Fields {
    /// Puts a text under a name such as `a[b][]`; how many levels down it now stands, at the most.
    pub(super) fn put(&mut self, name: &str, text: &str, budget: &mut Budget) -> Result<usize, Unfit> {
        let steps = steps(name);
        // One level more than there are steps: what is there already may become a list.
        if steps.len() >= limit::JSON_DEPTH_MAX {
            return Err(Unfit::TooDeep);
        }
        // Each step may make one value, so this counts too many rather than too few.
        budget.spend(steps.len()).ok_or(Unfit::TooMany)?;
        if steps.contains(&Step::Name(NUMBER_KEY)) {
            return Err(Unfit::ReservedKey);
        }
        put(&mut self.0, &steps, text).ok_or_else(|| Unfit::Mixed(shorten(name)))?;
        Ok(steps.len() + 1)
    }
}

/// Why a text cannot be put under its name.
#[derive(Debug)]
pub(super) enum Unfit {
    TooDeep,
    TooMany,
    ReservedKey,
    Mixed(String),
}

impl Unfit {
    /// The same, with the place of the field.
    pub(super) fn at(self, at: At) -> Error {
        match self {
            Self::TooDeep => Error::TooDeep(at),
            Self::TooMany => Error::TooMany(at),
            Self::ReservedKey => Error::ReservedKey(at),
            Self::Mixed(field) => Error::Mixed { field, at },
        }
    }
}

/// The value of the one field of that name.
pub(super) fn field(text: &str, name: &str) -> Result<String, Error> {
    let mut found = None;
    let mut count = 0;
    for pair in pairs(text) {
        let pair = pair?;
        if pair.name == name {
            count += 1;
            found = Some(pair.value.into_owned());
        }
    }
    found.filter(|_| count == 1).ok_or_else(|| Error::Field { field: name.to_owned(), count })
}

/// A form of these fields.
pub(super) fn write<'n>(fields: impl IntoIterator<Item = (&'n str, String)>) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

struct Pair<'t> {
    name: Cow<'t, str>,
    value: Cow<'t, str>,
    byte: usize,
}

impl Pair<'_> {
    fn at(&self, text: &str) -> At {
        At::byte(text, self.byte)
    }
}

/// The pairs of a form, decoded; empty ones are skipped.
fn pairs(text: &str) -> impl Iterator<Item = Result<Pair<'_>, Error>> {
    let places = text.split('&').scan(0, |next, pair| {
        let byte = *next;
        *next += pair.len() + 1;
        Some((byte, pair))
    });
    places.filter(|(_, pair)| !pair.is_empty()).map(move |(byte, pair)| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name, byte)?, decode(value, byte)?);
        if value.len().max(name.len()) > limit::JSON_TEXT_MAX_BYTES {
            return Err(Error::TextTooLong(At::byte(text, byte)));
        }
        Ok(Pair { name, value, byte })
    })
}

fn decode(text: &str, byte: usize) -> Result<Cow<'_, str>, Error> {
    let wrong = |_| Error::NotUtf8 { byte };
    if !text.contains('+') {
        return percent_decode_str(text).decode_utf8().map_err(wrong);
    }
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().map(|text| Cow::Owned(text.into_owned())).map_err(wrong)
}

/// One step of a field's name: `a[b][]` is `a`, then `b`, then one more item.
#[derive(Debug, PartialEq)]
enum Step<'n> {
    Name(&'n str),
    Item,
}

/// The steps of a name; brackets that do not pair up belong to the name.
fn steps(name: &str) -> Vec<Step<'_>> {
    nested(name).unwrap_or_else(|| vec![Step::Name(name)])
}

fn nested(name: &str) -> Option<Vec<Step<'_>>> {
    let (first, mut rest) = name.split_at_checked(name.find('[')?)?;
    if first.is_empty() {
        return None;
    }
    let mut steps = vec![Step::Name(first)];
    while !rest.is_empty() {
        let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
        steps.push(if inside.is_empty() { Step::Item } else { Step::Name(inside) });
        rest = after;
    }
    Some(steps)
}

/// Puts a text at the end of these steps; `None` when something of another kind stands in the way.
fn put(form: &mut Value, steps: &[Step<'_>], text: &str) -> Option<()> {
    let mut here = form;
    let mut steps = steps.iter().peekable();
    while let Some(step) = steps.next() {
        let empty = match steps.peek() {
            None => Value::String(text.to_owned()),
            Some(Step::Name(_)) => Value::Object(Map::new()),
            Some(Step::Item) => Value::Array(Vec::new()),
        };
        let last = steps.peek().is_none();
        here = match step {
            Step::Name(name) => entry(here.as_object_mut()?, name, empty, last)?,
            Step::Item => item(here.as_array_mut()?, empty, steps.peek())?,
        };
    }
    Some(())
}

/// The value under a name. A text that is there already becomes the first of a list.
fn entry<'f>(map: &'f mut Map<String, Value>, name: &str, empty: Value, last: bool) -> Option<&'f mut Value> {
    match map.entry(name) {
        Entry::Vacant(place) => Some(place.insert(empty)),
        Entry::Occupied(place) => {
            let there = place.into_mut();
            match (&mut *there, last) {
                (Value::Array(list), true) => list.push(empty),
                (Value::String(_), true) => *there = Value::Array(vec![there.take(), empty]),
                (_, true) => return None,
                (_, false) => {}
            }
            Some(there)
        }
    }
}

/// The next item of a list: `a[][x]=1&a[][y]=2&a[][x]=3` makes two, a new one as soon as a name comes again.
fn item<'f>(list: &'f mut Vec<Value>, empty: Value, next: Option<&&Step<'_>>) -> Option<&'f mut Value> {
    let go_on = match (list.last(), next) {
        (Some(Value::Object(map)), Some(Step::Name(name))) => !map.contains_key(*name),
        _ => false,
    };
    if !go_on {
        list.push(empty);
    }
    list.last_mut()
}
