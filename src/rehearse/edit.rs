//! `set`: one value of a payload put in the place of another.

use std::str::FromStr;

use serde_json::{Map, Value};

use crate::path::{Path, Step};
use crate::provider::Source;

/// Elements that an edit may add to a list.
const INDEX_MAX: usize = 10_000;

/// A place and what is to stand there.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Only names and indexes.
    pub path: Path,
    /// JSON where the text is JSON, else the text itself.
    pub value: Value,
}

impl FromStr for Edit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, value) = text.split_once('=').ok_or_else(|| format!("`{text}`: write '$.path=value'"))?;
        let path = Path::parse(path.trim()).map_err(|why| format!("`{path}`: {why}"))?;
        if !path.is_singular() {
            return Err(format!("`{}` may name many places: use names and indexes only", path.text()));
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        Ok(Self { path, value })
    }
}

/// Changes what `$` means to the rules: each item of a batch, else all of the payload.
///
/// # Errors
/// When the way leads through something that has no such place.
pub fn change(source: &Source, payload: &mut Value, path: &Path, value: &Value) -> Result<(), String> {
    match source.batch_path().and_then(|list| items(payload, list)) {
        Some(items) => items.iter_mut().try_for_each(|item| put(item, path, value.clone())),
        None => put(payload, path, value.clone()),
    }
}

/// Puts a value at a path; objects on the way are made, lists grow by one at the most.
pub(super) fn put(payload: &mut Value, path: &Path, value: Value) -> Result<(), String> {
    *place(payload, path)? = value;
    Ok(())
}

/// The items of the list at a path, or nothing where no list stands.
pub fn items<'value>(payload: &'value mut Value, path: &Path) -> Option<&'value mut Vec<Value>> {
    let is_list = path.first(payload).is_ok_and(|found| found.is_some_and(Value::is_array));
    if is_list { place(payload, path).ok()?.as_array_mut() } else { None }
}

fn place<'value>(payload: &'value mut Value, path: &Path) -> Result<&'value mut Value, String> {
    let steps = path.singular_steps().ok_or_else(|| format!("`{}` may name many places", path.text()))?;
    let mut place = payload;
    for step in steps {
        place =
            into(place, step).ok_or_else(|| format!("there is no place `{}` in the payload", path.text()))?;
    }
    Ok(place)
}

fn into<'value>(place: &'value mut Value, step: &Step) -> Option<&'value mut Value> {
    match step {
        Step::Name(name) => {
            if place.is_null() {
                *place = Value::Object(Map::new());
            }
            Some(place.as_object_mut()?.entry(name.to_string()).or_insert(Value::Null))
        }
        Step::Index(index) => {
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let list = place.as_array_mut()?;
            let length = list.len();
            let index = match usize::try_from(*index) {
                Ok(index) => index,
                Err(_) => length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
            };
            if index == length && length < INDEX_MAX {
                list.push(Value::Null);
            }
            list.get_mut(index)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_make_what_is_missing() {
        for (before, edit, after) in [
            (r#"{"a":1}"#, "$.a=2", r#"{"a":2}"#),
            (r#"{"a":1}"#, "$.b.c=text", r#"{"a":1,"b":{"c":"text"}}"#),
            (r#"{"a":[1]}"#, "$.a[1]=[2]", r#"{"a":[1,[2]]}"#),
            (r#"{"a":[1,2]}"#, "$.a[-1]=3", r#"{"a":[1,3]}"#),
            (r#"{"a":1}"#, r#"$.a="2""#, r#"{"a":"2"}"#),
            ("{}", "$.id=12345678901234567890123", r#"{"id":12345678901234567890123}"#),
        ] {
            let mut payload: Value = serde_json::from_str(before).unwrap();
            let edit: Edit = edit.parse().unwrap();
            put(&mut payload, &edit.path, edit.value).unwrap();
            assert_eq!(payload.to_string(), after);
        }
    }

    #[test]
    fn impossible_edits_say_so() {
        for text in ["a", "$.a", "$..a=1", "a=1"] {
            assert!(text.parse::<Edit>().is_err(), "{text}");
        }
        let edit: Edit = "$.a.b=1".parse().unwrap();
        assert!(put(&mut serde_json::json!({ "a": 1 }), &edit.path, edit.value).is_err());
    }
}
