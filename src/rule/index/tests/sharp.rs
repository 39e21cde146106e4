//! How few rules are left for a look: what an event does not have leads to none.

use serde_json::{Value, json};

use crate::rule::Set;
use crate::rule::tests::stage::{event, event_at, set};

/// So many rules, each with what `line` says of its number.
fn rules(count: usize, line: impl Fn(usize) -> String) -> std::sync::Arc<Set> {
    let rules: String = (0..count)
        .map(|number| format!("- {{ name: r{number}, {}, do: [{{ log: x }}] }}\n", line(number)))
        .collect();
    set(&format!(
        "sources: {{ a: {{ verify: none }}, b: {{ verify: none, path: '/b/{{x}}' }} }}\nrules:\n{rules}"
    ))
}

fn candidates(set: &Set, payload: Value) -> usize {
    set.index.candidates(&event("a", "push", payload)).len()
}

#[test]
fn rules_are_told_apart_by_what_is_rare() {
    type Line = fn(usize) -> String;
    let rows: &[(&str, Line, Value, usize)] = &[
        ("a value", |n| format!("if: {{ $.k: v{n} }}"), json!({ "k": "v7" }), 1),
        ("a number", |n| format!("if: {{ $.k: {n} }}"), json!({ "k": 7.0 }), 1),
        ("a list", |n| format!("if: {{ $.k: [a{n}, b{n}] }}"), json!({ "k": "b7" }), 1),
        (
            "any",
            |n| format!("if: {{ any: [{{ $.k: a{n} }}, {{ $.l: {n} }}] }}"),
            json!({ "k": "a7", "l": 8 }),
            2,
        ),
        ("a start", |n| format!("if: {{ $.k: {{ starts_with: 'v{n}/' }} }}"), json!({ "k": "v7/x" }), 1),
        ("a stretch", |n| format!("if: {{ $.k: {{ gte: {n}, lt: {n}.5 }} }}"), json!({ "k": 7.25 }), 1),
        ("a place", |n| format!("if: {{ $.k{n}: {{ matches: x }} }}"), json!({ "k7": 1, "k8": 1 }), 2),
        ("places", |n| format!("if: {{ '$.k[{n}]': x }}"), json!({ "k": ["x", "x", "y"] }), 2),
        (
            "two values, each of many",
            |n| format!("if: {{ $.k: {}, $.l: {} }}", n % 30, n / 30),
            json!({ "k": 7, "l": 8 }),
            1,
        ),
        (
            "a value and a stretch",
            |n| format!("if: {{ $.k: x, $.l: {{ between: [{n}, {n}] }} }}"),
            json!({ "k": "x", "l": 7 }),
            1,
        ),
        ("a path", |n| format!("path: /p{n}"), Value::Null, 0),
        ("the start of a path", |n| format!("path: '/p{n}/{{x}}'"), Value::Null, 0),
        ("the start of a type", |n| format!("event: ['p{n}*', 'pu?h', 'x{n}']"), Value::Null, 900),
        ("another source", |_| "from: b".to_owned(), Value::Null, 0),
        ("nothing", |n| format!("if: {{ $.k: {{ ne: {n} }} }}"), Value::Null, 900),
    ];
    for (name, line, payload, wanted) in rows {
        assert_eq!(candidates(&rules(900, line), payload.clone()), *wanted, "{name}");
    }
}

#[test]
fn what_a_path_captured_is_looked_up() {
    let set = rules(100, |number| format!("from: b, if: {{ params.x: v{number} }}"));
    let mut event = event_at("b", "", "/b/v7", Value::Null);
    event.request.params.push(("x".to_owned(), "v7".to_owned()));
    assert_eq!(set.index.candidates(&event), [7]);
}

#[test]
fn what_is_not_there_is_not_looked_at() {
    let set = rules(900, |number| format!("if: {{ $.a.b.k{number}: 1, $.c: {number} }}"));
    for (payload, wanted) in [
        (json!({}), 0),
        (json!({ "a": { "b": { "k1": 1 } } }), 0),
        (json!({ "c": 1 }), 1),
        (json!({ "c": 1, "a": { "b": { "k1": 1 } } }), 1),
        (json!([]), 0),
    ] {
        // Which of the two is looked up first is the index's own business.
        assert!(candidates(&set, payload.clone()) <= wanted.max(1), "{payload}");
    }
}
