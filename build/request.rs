//! The request of a service as Rust: texts with `{setting}` in them become pieces, and every name in them is known.

use serde_yaml::Value;

use crate::Result;
use crate::file::{self, Map};

const KEYS: &[&str] =
    &["with", "method", "base", "path", "query", "headers", "bearer", "basic", "header", "json", "form"];

/// One request.
pub(crate) fn rust(value: &Value, place: &str, known: &[&str]) -> Result<String> {
    let map = Map::new(value, place, KEYS)?;
    let name = |name: &str| -> Result<String> {
        if known.contains(&name) {
            return Ok(format!("{name:?}"));
        }
        Err(format!("{place}: `{name}` is no setting").into())
    };
    let with = match map.text("with")? {
        Some(with) => format!("Some({})", name(with)?),
        None => "None".to_owned(),
    };
    let fields = |key: &str| -> Result<String> {
        let of = |(field, value): (&str, &Value)| -> Result<String> {
            Ok(format!("({field:?}, {}), ", pieces(value.as_str().unwrap_or_default(), &name)?))
        };
        Ok(format!("&[{}]", map.entries(key)?.into_iter().map(of).collect::<Result<String>>()?))
    };
    let body = match (map.get("json"), map.get("form")) {
        (Some(json), None) => format!("Body::Json({})", part(json, place, &name)?),
        (None, Some(_)) => format!("Body::Form({})", fields("form")?),
        _ => return Err(format!("{place}: one of `json` and `form`").into()),
    };
    let show = match (map.text("bearer")?, map.texts("basic")?.as_slice(), map.texts("header")?.as_slice()) {
        (Some(token), [], []) => format!("Show::Bearer({})", name(token)?),
        (None, [user, password], []) => format!("Show::Basic({}, {})", name(user)?, name(password)?),
        (None, [], [header, value]) => format!("Show::Header({header:?}, {})", name(value)?),
        (None, [], []) => "Show::Nothing".to_owned(),
        _ => {
            return Err(format!(
                "{place}: one of `bearer`, `basic: [user, password]`, `header: [name, value]`"
            )
            .into());
        }
    };
    Ok(format!(
        "Request {{ with: {with}, method: {:?}, base: {}, path: {}, query: {}, headers: {}, show: {show}, body: {body} }}, ",
        map.needed("method")?,
        name(map.needed("base")?)?,
        pieces(map.text("path")?.unwrap_or_default(), &name)?,
        fields("query")?,
        fields("headers")?,
    ))
}

/// A part of a JSON body.
fn part(value: &Value, place: &str, name: &impl Fn(&str) -> Result<String>) -> Result<String> {
    Ok(match value {
        Value::Mapping(_) => {
            let of = |(key, value): (&str, &Value)| -> Result<String> {
                Ok(format!("({key:?}, {}), ", part(value, place, name)?))
            };
            let entries = file::entries(value, place)?.into_iter().map(of).collect::<Result<String>>()?;
            format!("Part::Object(&[{entries}])")
        }
        Value::Sequence(items) => {
            let of = |item: &Value| -> Result<String> { Ok(format!("{}, ", part(item, place, name)?)) };
            format!("Part::List(&[{}])", items.iter().map(of).collect::<Result<String>>()?)
        }
        Value::String(text) => format!("Part::Text({})", pieces(text, name)?),
        Value::Bool(_) | Value::Number(_) | Value::Null => {
            format!("Part::Plain({:?})", serde_yaml::to_string(value)?.trim())
        }
        Value::Tagged(_) => return Err(format!("{place}: no tags").into()),
    })
}

/// A text with `{setting}`, or `{+setting}` for one whose `/` part segments of a path.
fn pieces(text: &str, name: &impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut found = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let (inside, after) = behind.split_once('}').ok_or_else(|| format!("`{text}`: `{{` without `}}`"))?;
        if !before.is_empty() {
            found.push_str(&format!("Piece::Plain({before:?}), "));
        }
        found.push_str(&match inside.strip_prefix('+') {
            Some(inside) => format!("Piece::Segments({}), ", name(inside)?),
            None => format!("Piece::Setting({}), ", name(inside)?),
        });
        rest = after;
    }
    if !rest.is_empty() {
        found.push_str(&format!("Piece::Plain({rest:?}), "));
    }
    Ok(format!("&[{found}]"))
}
