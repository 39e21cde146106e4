//! From a payload to the body in which a sender sends it; a form's nested fields are spelt `name[key]`.

use serde_json::Value;

use crate::event::Format;

use super::source::Source;
use crate::payload;

impl Source {
    /// The content type of such a body.
    pub fn content_type(&self) -> &'static str {
        payload::content_type(self.sent_format())
    }

    /// The body a payload is sent in: JSON, or the form this source reads.
    pub fn body(&self, payload: &Value) -> Vec<u8> {
        match self.sent_format() {
            Some(Format::Form) => form(payload),
            other => payload::write(other, payload),
        }
    }
}

/// The body of a form with these fields.
pub fn form(fields: &Value) -> Vec<u8> {
    let mut pairs = Vec::new();
    for (name, value) in fields.as_object().into_iter().flatten() {
        add(name.clone(), value, &mut pairs);
    }
    encoded(&pairs)
}

/// A map inside becomes `name[key]`, a list `name[]`.
fn add(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                add(format!("{name}[{key}]"), value, pairs);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| add(format!("{name}[]"), value, pairs)),
        other => pairs.push((name, text(other))),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encoded(pairs: &[(String, String)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}
