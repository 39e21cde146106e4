//! Plain values, lists, `eq`, `ne`, `in`, `not_in`.

use super::{Row, check};

const PLAIN: &[Row] = &[
    ("$.a: main", r#"{"a": "main"}"#, true),
    ("$.a: main", r#"{"a": "Main"}"#, false),
    ("$.a: main", r#"{"a": "main "}"#, false),
    ("$.a: main", r#"{"a": null}"#, false),
    ("$.a: main", r#"{}"#, false),
    ("$.a: main", r#"[]"#, false),
    ("$.a: main", r#""main""#, false),
    ("$: main", r#""main""#, true),
    (r#"$.a: """#, r#"{"a": ""}"#, true),
    (r#"$.a: """#, r#"{}"#, false),
    (r#"$["a b"]: 1"#, r#"{"a b": 1}"#, true),
    ("$.a: 1", r#"{"a": 1}"#, true),
    ("$.a: 1", r#"{"a": 1.0}"#, true),
    ("$.a: 1.0", r#"{"a": 1}"#, true),
    ("$.a: 1", r#"{"a": 1e0}"#, true),
    ("$.a: 100", r#"{"a": 1E+2}"#, true),
    ("$.a: 1", r#"{"a": "1"}"#, false),
    (r#"$.a: "1""#, r#"{"a": 1}"#, false),
    ("$.a: 9007199254740993", r#"{"a": 9007199254740993}"#, true),
    ("$.a: 9007199254740993", r#"{"a": 9007199254740992}"#, false),
    ("$.a: 12345678901234567890", r#"{"a": 12345678901234567890}"#, true),
    ("$.a: 12345678901234567890", r#"{"a": 12345678901234567891}"#, false),
    ("$.a: 0.1", r#"{"a": 0.10}"#, true),
    ("$.a: 0.1", r#"{"a": 0.1000000000000000001}"#, false),
    ("$.a: 0", r#"{"a": -0}"#, true),
    ("$.a: true", r#"{"a": true}"#, true),
    ("$.a: true", r#"{"a": false}"#, false),
    ("$.a: true", r#"{"a": "true"}"#, false),
    ("$.a: true", r#"{"a": 1}"#, false),
    ("$.a: false", r#"{}"#, false),
    ("$.a: ~", r#"{"a": null}"#, true),
    ("$.a: null", r#"{"a": null}"#, true),
    ("$.a: ~", r#"{"a": ""}"#, false),
    ("$.a: ~", r#"{"a": 0}"#, false),
    ("$.a: ~", r#"{}"#, false),
    ("$.country: no", r#"{"country": "no"}"#, true),
    ("$.a: push", r#"{"a": ["push"]}"#, false),
    ("$.a: push", r#"{"a": {"push": 1}}"#, false),
    ("$.a: <html>", r#"{"a": "<html>"}"#, true),
    ("$.a: { eq: '> 100' }", r#"{"a": "> 100"}"#, true),
];

const LISTS: &[Row] = &[
    ("$.a: [x, y]", r#"{"a": "y"}"#, true),
    ("$.a: [x, y]", r#"{"a": "z"}"#, false),
    ("$.a: [x, y]", r#"{}"#, false),
    ("$.a: [x, y]", r#"{"a": ["x", "y"]}"#, false),
    ("$.a: [1, x, ~, true]", r#"{"a": 1.0}"#, true),
    ("$.a: [1, x, ~, true]", r#"{"a": null}"#, true),
    ("$.a: [1, x, ~, true]", r#"{"a": true}"#, true),
    ("$.a: [1, x, ~, true]", r#"{"a": "1"}"#, false),
    ("$.a: [1, x, ~, true]", r#"{}"#, false),
    ("$.a: [only]", r#"{"a": "only"}"#, true),
];

const OPERATORS: &[Row] = &[
    ("$.a: { eq: x }", r#"{"a": "x"}"#, true),
    ("$.a: { eq: x }", r#"{"a": "y"}"#, false),
    ("$.a: { eq: ~ }", r#"{"a": null}"#, true),
    ("$.a: { eq: ~ }", r#"{}"#, false),
    ("$.a: { eq: [1, 2] }", r#"{"a": [1, 2.0]}"#, true),
    ("$.a: { eq: [1, 2] }", r#"{"a": [2, 1]}"#, false),
    ("$.a: { eq: [1, 2] }", r#"{"a": 1}"#, false),
    ("$.a: { eq: { b: 1, c: x } }", r#"{"a": {"c": "x", "b": 1}}"#, true),
    ("$.a: { eq: { b: 1 } }", r#"{"a": {"b": 1, "c": 2}}"#, false),
    ("$.a: { eq: { path: $.b } }", r#"{"a": 5, "b": 5.0}"#, true),
    ("$.a: { eq: { path: $.b } }", r#"{"a": 5, "b": "5"}"#, false),
    ("$.a: { eq: { path: $.b } }", r#"{"a": 5}"#, false),
    ("$.a: { eq: { path: $.b } }", r#"{}"#, false),
    ("$.a: { eq: { path: $.b } }", r#"{"a": {"x": [1]}, "b": {"x": [1]}}"#, true),
    ("$.a: { eq: { path: '$.b[*]' } }", r#"{"a": 5, "b": [1, 5]}"#, true),
    ("$.a: { eq: { path: '$.b[*]' } }", r#"{"a": 5, "b": [1, 6]}"#, false),
    ("$.a: { ne: x }", r#"{"a": "y"}"#, true),
    ("$.a: { ne: x }", r#"{"a": "x"}"#, false),
    ("$.a: { ne: x }", r#"{"a": null}"#, true),
    ("$.a: { ne: x }", r#"{"a": 1}"#, true),
    ("$.a: { ne: x }", r#"{}"#, true),
    ("$.a: { ne: ~ }", r#"{"a": null}"#, false),
    ("$.a: { ne: ~ }", r#"{}"#, true),
    ("$.a: { ne: ~, exists: true }", r#"{}"#, false),
    ("$.a: { ne: { path: $.b } }", r#"{"a": 1, "b": 2}"#, true),
    ("$.a: { ne: { path: $.b } }", r#"{"a": 1, "b": 1}"#, false),
    ("$.a: { ne: { path: $.b } }", r#"{"a": 1}"#, true),
    ("$.a: { in: [1, 2] }", r#"{"a": 2}"#, true),
    ("$.a: { in: [1, 2] }", r#"{"a": 3}"#, false),
    ("$.a: { in: [1, 2] }", r#"{}"#, false),
    ("$.a: { in: [[1], [2]] }", r#"{"a": [2]}"#, true),
    ("$.a: { in: { path: $.b } }", r#"{"a": 2, "b": [1, 2]}"#, true),
    ("$.a: { in: { path: $.b } }", r#"{"a": 3, "b": [1, 2]}"#, false),
    ("$.a: { in: { path: $.b } }", r#"{"a": 3, "b": 3}"#, true),
    ("$.a: { in: { path: '$.b[*].id' } }", r#"{"a": 3, "b": [{"id": 1}, {"id": 3}]}"#, true),
    ("$.a: { in: { path: $.b } }", r#"{"a": 3}"#, false),
    ("$.a: { in: { path: $.b } }", r#"{"a": 3, "b": []}"#, false),
    ("$.a: { in: { path: $.b } }", r#"{"a": [1], "b": [[1]]}"#, true),
    ("$.a: { in: { path: $.b } }", r#"{"a": [1], "b": [1]}"#, false),
    ("$.a: { as: number, in: { path: $.b } }", r#"{"a": "2", "b": ["x", "2.0"]}"#, true),
    ("$.a: { not_in: [1, 2] }", r#"{"a": 3}"#, true),
    ("$.a: { not_in: [1, 2] }", r#"{"a": 1.0}"#, false),
    ("$.a: { not_in: [1, 2] }", r#"{"a": "1"}"#, true),
    ("$.a: { not_in: [1, 2] }", r#"{}"#, true),
    ("$.a: { not_in: { path: $.b } }", r#"{"a": 3, "b": [1, 2]}"#, true),
    ("$.a: { not_in: { path: $.b } }", r#"{"a": 2, "b": [1, 2]}"#, false),
    ("$.a: { not_in: { path: $.b } }", r#"{"a": 2}"#, true),
];

#[test]
fn a_plain_value_means_equals() {
    check(PLAIN);
}

#[test]
fn a_list_means_one_of() {
    check(LISTS);
}

#[test]
fn equality_operators() {
    check(OPERATORS);
}
