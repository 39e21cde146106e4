//! Texts: names, quantities, secrets by reference. Patterns are made from the tables of units.

use serde_json::{Value, json};

use crate::settings::{RETRY_KEYS, SECRET_KEYS};
use crate::unit::{DURATION_UNITS, SIZE_UNITS};

use super::{Parts, any, map, one_or_many, part};

/// A text without the start of a template.
pub(super) const NO_TEMPLATE: &str = r"^(?![\s\S]*\{\{)";
/// The same, with something to read in it.
pub(super) const NAME: &str = r"^(?![\s\S]*\{\{)[\s\S]*\S";
/// A unit of durations that rates are not counted in.
const NOT_OF_RATES: &str = "ms";

/// The parts that others name.
pub(super) fn parts() -> Parts {
    let secrets = one_or_many(&part("secret"));
    vec![
        ("duration".to_owned(), duration()),
        ("size".to_owned(), size()),
        ("rate".to_owned(), rate()),
        ("networks".to_owned(), networks()),
        ("retry".to_owned(), map::of(RETRY_KEYS)),
        ("secret".to_owned(), secret()),
        ("secrets".to_owned(), secrets),
    ]
}

/// A text of this pattern, and the words for any other.
pub(super) fn matching(pattern: &str, wanted: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "errorMessage": wanted })
}

/// The name of an environment variable.
pub(super) fn variable() -> Value {
    matching("^[A-Za-z_][A-Za-z0-9_]*$", "the name of an environment variable: letters, digits and `_`")
}

/// A name that may stand in a template; `true` is one.
pub(super) fn identifier() -> Value {
    json!({
        "type": ["string", "boolean"],
        "pattern": "^[A-Za-z][A-Za-z0-9_]*$",
        "errorMessage": "a letter, then letters, digits and `_`",
    })
}

/// A text, or what is taken as the text it is written as.
pub(super) fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

/// The same without templates.
pub(super) fn literal() -> Value {
    json!({ "type": ["string", "number", "boolean"], "pattern": NO_TEMPLATE, "errorMessage": "no template may stand here" })
}

/// The name of a connection, which is no URL.
pub(super) fn connection() -> Value {
    json!({
        "type": ["string", "number", "boolean"],
        "pattern": r"^(?![\s\S]*\{\{)[^/: ]+$",
        "errorMessage": "the name of a connection from `connections`",
    })
}

/// The same, or a reference to a secret.
pub(super) fn or_secret(text: &Value) -> Value {
    json!({ "if": { "type": "object" }, "then": part("secret"), "else": text })
}

/// A reference to a secret.
fn secret() -> Value {
    let mut secret = map::one_of(SECRET_KEYS);
    map::put(&mut secret, "errorMessage", json!("a secret is a reference: { env: NAME } or { file: PATH }"));
    secret
}

/// A failure to try again after, or a list of them.
pub(super) fn failures() -> Value {
    let status = "[1-5][0-9]{2}";
    let words = matching(
        &format!(
            r"^(timeout|connection|exit\s+[0-9]{{1,3}}(\s*-\s*[0-9]{{1,3}})?|\s*({status}(\s*-\s*{status})?|[1-5]xx)\s*)$"
        ),
        "a status (`503`), a range (`5xx`, `500-599`), `exit 75`, `timeout` or `connection`",
    );
    let one = any([json!({ "type": "integer", "minimum": 100, "maximum": 599 }), words]);
    any([one.clone(), json!({ "type": "array", "items": one })])
}

/// Seconds, a duration, or `none`.
pub(super) fn tolerance() -> Value {
    let written = matching(
        &format!(r"^(none|[0-9]+|\s*{}\s*)$", durations()),
        "seconds (`300`), a duration (`5m`), or `none`",
    );
    any([json!({ "type": "integer", "minimum": 1 }), written])
}

fn duration() -> Value {
    matching(&format!(r"^\s*{}\s*$", durations()), "a duration: `500ms`, `30s`, `15m`, `2h`, `7d` or `1h30m`")
}

/// One or several in a row: `1h30m`.
fn durations() -> String {
    format!("([0-9]+({}))+", units(DURATION_UNITS, &[]))
}

fn size() -> Value {
    let written = matching(
        &format!(r"^\s*[0-9]+\s*({})?\s*$", units(SIZE_UNITS, &[])),
        "a size: `256KiB`, `1MiB` or a number of bytes",
    );
    any([json!({ "type": "integer", "minimum": 0 }), written])
}

fn rate() -> Value {
    matching(
        &format!(r"^\s*0*[1-9][0-9]*\s*/\s*({})\s*$", units(DURATION_UNITS, &[NOT_OF_RATES])),
        "a rate: `10/s`, `100/m` or `5/h`",
    )
}

fn networks() -> Value {
    any([json!({ "type": "string" }), json!({ "type": "array", "items": { "type": "string" } })])
}

fn units(table: &[(&str, u64)], without: &[&str]) -> String {
    let names: Vec<&str> =
        table.iter().map(|(name, _)| *name).filter(|name| !without.contains(name)).collect();
    names.join("|")
}
