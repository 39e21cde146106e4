//! `multipart/form-data` as an object: fields as in a form, files as what is known of them.
//!
//! A part without a file's name is a field: JSON when its type says so, else its text. Any other is
//! `{"filename", "content_type", "size"}` with `json` or `text` when it is JSON or UTF-8. A field that breaks a bound
//! makes the body one that is refused; a file that does is there without its content.

mod boundary;
mod head;
mod write;

use serde_json::{Map, Value};

use self::boundary::{Broken, Parts};
use self::head::Head;
use super::budget::Budget;
use super::error::{At, Error, shorten};
use super::form::Fields;
use super::json;
use crate::limit;

pub(super) use self::boundary::boundary;
pub(super) use self::write::{CONTENT_TYPE, write};

/// The most members a file's object has, itself counted.
const FILE_VALUES: usize = 5;

/// Reads a body; `boundary` is the one of its content type.
pub(super) fn parse(boundary: &str, body: &[u8]) -> Result<Value, Error> {
    let broken = |(what, at): Broken| Error::NotMultipart { what, at: At::in_bytes(body, at) };
    let mut parts = Parts::of(body, boundary).map_err(broken)?;
    let mut form = Form { body, budget: Budget::whole(), fields: Fields::default(), values: Vec::new() };
    form.budget.spend(1).ok_or(Error::TooMany(At::start()))?;
    while let Some((part, at)) = parts.next().map_err(broken)? {
        let (head, content) = head::read(part, at).map_err(broken)?;
        form.add(&head, content, at)?;
    }
    Ok(form.whole())
}

/// What has been read so far. In `fields` each value is a number that says its place in `values`.
struct Form<'b> {
    body: &'b [u8],
    budget: Budget,
    fields: Fields,
    values: Vec<Value>,
}

impl Form<'_> {
    fn add(&mut self, head: &Head, content: &[u8], at: usize) -> Result<(), Error> {
        let place = || At::in_bytes(self.body, at);
        if self.values.len() == limit::PARTS_MAX {
            return Err(Error::TooManyParts(place()));
        }
        let number = self.values.len().to_string();
        let depth =
            self.fields.put(&head.name, &number, &mut self.budget).map_err(|unfit| unfit.at(place()))?;
        let value = if head.is_file() {
            if depth >= limit::JSON_DEPTH_MAX {
                return Err(Error::TooDeep(place()));
            }
            self.budget.spend(FILE_VALUES).ok_or_else(|| Error::TooMany(place()))?;
            file(head, content, depth, &mut self.budget)
        } else {
            field(head, content, depth, &mut self.budget)
                .map_err(|error| Error::Part { name: shorten(&head.name), error: Box::new(error) })?
        };
        self.values.push(value);
        Ok(())
    }

    fn whole(mut self) -> Value {
        let mut fields = self.fields.0;
        replace(&mut fields, &mut self.values);
        fields
    }
}

/// Puts each value where its number stands. Names bound how deep they stand.
fn replace(fields: &mut Value, values: &mut [Value]) {
    match fields {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, values)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, values)),
        Value::String(number) => {
            let value = number.parse().ok().and_then(|place: usize| values.get_mut(place));
            *fields = value.map(Value::take).unwrap_or_default();
        }
        _ => {}
    }
}

impl Head {
    fn is_file(&self) -> bool {
        self.filename.is_some() || !(self.is_json() || self.content_type.starts_with("text/"))
    }

    fn is_json(&self) -> bool {
        self.content_type == "application/json" || self.content_type.ends_with("+json")
    }
}

fn field(head: &Head, content: &[u8], depth: usize, budget: &mut Budget) -> Result<Value, Error> {
    if !head.is_utf8 {
        return Err(Error::NotUtf8 { byte: 0 });
    }
    let text = super::text(content)?;
    if head.is_json() {
        return json::parse_within(text, depth, budget);
    }
    if text.len() > limit::JSON_TEXT_MAX_BYTES {
        return Err(Error::TextTooLong(At::start()));
    }
    Ok(Value::String(text.to_owned()))
}

/// What somebody attached may be broken in any way: it is never a reason to refuse the rest.
fn file(head: &Head, content: &[u8], depth: usize, budget: &mut Budget) -> Value {
    let mut file = Map::new();
    if let Some(filename) = &head.filename {
        file.insert("filename".to_owned(), Value::from(filename.as_str()));
    }
    file.insert("content_type".to_owned(), Value::from(head.content_type.as_str()));
    file.insert("size".to_owned(), Value::from(content.len()));
    let text = super::text(content).ok().filter(|_| head.is_utf8);
    let mut left = *budget;
    let json =
        text.filter(|_| head.is_json()).and_then(|text| json::parse_within(text, depth + 1, &mut left).ok());
    match (json, text) {
        (Some(json), _) => {
            *budget = left;
            file.insert("json".to_owned(), json);
        }
        (None, Some(text)) if text.len() <= limit::JSON_TEXT_MAX_BYTES => {
            file.insert("text".to_owned(), Value::from(text));
        }
        _ => {}
    }
    Value::Object(file)
}
