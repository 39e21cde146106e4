//! Conditions: what a key of `if` looks at, and the operators behind it.

use serde_json::{Map, Value, json};

use crate::condition::{JOINS, OPERATORS, Operator, PREFIXES, Takes, WORDS};

use super::{Parts, any, many, map, one_or_many, part};

/// A text without a template.
const NO_TEMPLATE: &str = r"^(?![\s\S]*\{\{[\s\S]*\}\})";
/// The join that takes one map and no list.
const NOT: &str = "not";

/// What the operators of a map are tried on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Values,
    Amounts,
}

/// The parts that others name.
pub(super) fn parts() -> Parts {
    vec![
        ("conditions".to_owned(), conditions()),
        ("tests".to_owned(), any([part("operators"), many(&value()), plain()])),
        ("text-tests".to_owned(), any([part("operators"), many(&any([text(), part("path")])), text()])),
        ("amount-tests".to_owned(), any([part("amount-operators"), many(&operand(On::Amounts)), number()])),
        ("operators".to_owned(), operators(On::Values)),
        ("amount-operators".to_owned(), operators(On::Amounts)),
        ("path".to_owned(), path()),
    ]
}

fn conditions() -> Value {
    let words = WORDS.iter().map(|(name, _, about)| (*name, described(part("text-tests"), about)));
    let joins = JOINS.iter().map(|(name, about)| (*name, described(join(name), about)));
    let prefixes: Vec<&str> = PREFIXES.iter().map(|(name, _)| *name).collect();
    let about: Vec<String> = PREFIXES.iter().map(|(name, about)| format!("`{name}.…`: {about}")).collect();
    let named = format!(r"^({})\..", prefixes.join("|"));
    json!({
        "type": "object",
        "minProperties": 1,
        "properties": words.chain(joins).map(|(name, schema)| (name.to_owned(), schema)).collect::<Map<_, _>>(),
        "patternProperties": {
            r"^\$": described(part("tests"), "a JSONPath (RFC 9535) on the payload, and what it must find there"),
            named: described(part("text-tests"), &about.join("; ")),
        },
        "additionalProperties": false,
    })
}

fn join(name: &str) -> Value {
    let conditions = part("conditions");
    if name == NOT { conditions } else { one_or_many(&conditions) }
}

fn operators(on: On) -> Value {
    let rows = OPERATORS.iter().filter(|row| on == On::Values || row.is_on_amounts());
    let operator = |row: &Operator| {
        let words = format!("{}\n\nTakes {}.\n\nExample: `{}`", row.summary, row.argument, row.example);
        (row.name.to_owned(), described(argument(row.takes, on), &words))
    };
    let casts: Vec<&str> =
        OPERATORS.iter().filter(|row| row.takes == Takes::Cast).map(|row| row.name).collect();
    json!({
        "type": "object",
        "minProperties": 1,
        "properties": rows.map(operator).collect::<Map<_, _>>(),
        "additionalProperties": false,
        // A conversion alone tests nothing.
        "if": { "required": casts },
        "then": { "minProperties": 2 },
    })
}

/// The right side of an operator.
fn argument(takes: Takes, on: On) -> Value {
    let texts = any([text(), part("path")]);
    match takes {
        Takes::Value => operand(on),
        Takes::Several => any([part("path"), json!({ "minItems": 1, "pattern": NO_TEMPLATE })]),
        Takes::List => any([many(&operand(on)), part("path")]),
        Takes::Ordered => ordered(on),
        Takes::Pair => json!({ "type": "array", "items": ordered(on), "minItems": 2, "maxItems": 2 }),
        Takes::Texts => one_or_many(&text()),
        Takes::TextsOrPaths => any([texts.clone(), many(&texts)]),
        Takes::Truth => json!({ "type": "boolean" }),
        Takes::Types => any([one_or_many(&json!({ "enum": Operator::types() })), json!({ "type": "null" })]),
        Takes::Cast => json!({ "enum": Operator::casts().collect::<Vec<_>>() }),
        Takes::Time => texts,
        Takes::Amount => part("amount-tests"),
        Takes::Tests => part("tests"),
    }
}

fn operand(on: On) -> Value {
    match on {
        On::Values => value(),
        On::Amounts => any([number(), part("path")]),
    }
}

fn ordered(on: On) -> Value {
    match on {
        On::Values => any([json!({ "type": ["number", "string"], "pattern": NO_TEMPLATE }), part("path")]),
        On::Amounts => operand(on),
    }
}

/// Any value, or a path.
fn value() -> Value {
    let is_path = json!({ "type": "object", "required": ["path"], "maxProperties": 1 });
    json!({ "if": is_path, "then": part("path"), "else": { "pattern": NO_TEMPLATE } })
}

/// A value that is no list and no map.
fn plain() -> Value {
    json!({ "type": ["string", "number", "boolean", "null"], "pattern": NO_TEMPLATE })
}

fn text() -> Value {
    json!({ "type": "string", "pattern": NO_TEMPLATE })
}

fn number() -> Value {
    json!({ "type": "number" })
}

/// A path of the payload, to compare with.
fn path() -> Value {
    json!({
        "type": "object",
        "properties": { "path": described(json!({ "type": "string", "pattern": r"^\$" }), "a JSONPath on the payload") },
        "required": ["path"],
        "additionalProperties": false,
    })
}

fn described(mut schema: Value, about: &str) -> Value {
    map::put(&mut schema, "description", json!(about));
    schema
}
