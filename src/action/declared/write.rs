//! The body of a request: JSON or a form, with `[secret]` where a secret is to enter.

use serde_json::Value as Json;

use crate::effect::{Landing, Sealed};
use crate::secret::REDACTED;

use super::super::Failure;
use super::table::{Part, Piece};
use super::values::{self, Filled, Values};

/// Writes a part of a JSON body behind what is there; whether anything was to be written.
pub(super) fn json(
    part: &Part,
    values: &Values,
    out: &mut String,
    sealed: &mut Vec<Sealed>,
) -> Result<bool, Failure> {
    match part {
        Part::Plain(json) => out.push_str(json),
        Part::List(items) => {
            list(out, items.iter().map(|item| (None, item)), ['[', ']'], values, sealed)?;
        }
        Part::Object(entries) => {
            let (begin, secrets) = (out.len(), sealed.len());
            let entries_of = entries.iter().map(|(key, part)| (Some(key.as_str()), part));
            let is_empty = list(out, entries_of, ['{', '}'], values, sealed)?;
            if is_empty && !entries.is_empty() {
                out.truncate(begin);
                sealed.truncate(secrets);
                return Ok(false);
            }
        }
        Part::Text(pieces) => return text(pieces, values, out, sealed),
    }
    Ok(true)
}

/// Writes the items that are there; whether there was none.
fn list<'p>(
    out: &mut String,
    items: impl Iterator<Item = (Option<&'p str>, &'p Part)>,
    [open, close]: [char; 2],
    values: &Values,
    sealed: &mut Vec<Sealed>,
) -> Result<bool, Failure> {
    out.push(open);
    let mut is_empty = true;
    for (key, part) in items {
        let begin = out.len();
        if !is_empty {
            out.push(',');
        }
        if let Some(key) = key {
            out.extend(["\"", &values::json(key), "\":"]);
        }
        if json(part, values, out, sealed)? {
            is_empty = false;
        } else {
            out.truncate(begin);
        }
    }
    out.push(close);
    Ok(is_empty)
}

fn text(
    pieces: &[Piece],
    values: &Values,
    out: &mut String,
    sealed: &mut Vec<Sealed>,
) -> Result<bool, Failure> {
    if let [Piece::Setting(name)] = pieces
        && let Some(Filled::Json(value)) = values.get(name)
    {
        out.push_str(&value.to_string());
        return Ok(true);
    }
    let joined = values.join(pieces, Landing::Json, out.len() + 1, sealed, |text| Ok(values::json(text)))?;
    if let Some(text) = &joined {
        out.extend(["\"", text, "\""]);
    }
    Ok(joined.is_some())
}

/// A form; a field of which a setting is absent is left out.
pub(super) fn form(
    fields: &[(String, Vec<Piece>)],
    values: &Values,
    sealed: &mut Vec<Sealed>,
) -> Result<String, Failure> {
    let mut out = String::new();
    for (name, pieces) in fields {
        let between = if out.is_empty() { "" } else { "&" };
        let head = format!("{between}{}=", encoded(name));
        let at = out.len() + head.len();
        if let Some(text) = values.join(pieces, Landing::Form, at, sealed, |text| Ok(encoded(text)))? {
            out.extend([head, text]);
        }
    }
    Ok(out)
}

/// A form of the entries of a map.
pub(super) fn entries(value: Option<&Filled>, name: &str) -> Result<String, Failure> {
    let map = match value {
        None => return Ok(String::new()),
        Some(Filled::Json(Json::Object(map))) => map,
        Some(_) => return Err(Failure::Refused(format!("`{name}` is not a map"))),
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (key, value) in map {
        form.append_pair(key, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    Ok(form.finish())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Text fields, such as headers: a secret cannot stand in them.
pub(super) fn fields(
    fields: &[(String, Vec<Piece>)],
    values: &Values,
) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::with_capacity(fields.len());
    for (name, pieces) in fields {
        let mut sealed = Vec::new();
        let text = values.join(pieces, Landing::Form, 0, &mut sealed, |text| Ok(text.to_owned()))?;
        if !sealed.is_empty() {
            return Err(Failure::Refused(format!("`{name}` cannot hold {REDACTED}")));
        }
        found.extend(text.map(|text| (name.clone(), text)));
    }
    Ok(found)
}
