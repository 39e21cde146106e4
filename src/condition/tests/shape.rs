//! `exists`, `type`, `length`, `count`.

use super::{Row, check};

const EXISTS: &[Row] = &[
    ("$.a: { exists: true }", r#"{"a": 1}"#, true),
    ("$.a: { exists: true }", r#"{"a": null}"#, true),
    ("$.a: { exists: true }", r#"{"a": false}"#, true),
    ("$.a: { exists: true }", r#"{}"#, false),
    ("$.a: { exists: false }", r#"{}"#, true),
    ("$.a: { exists: false }", r#"{"a": null}"#, false),
    ("$.a.b.c: { exists: false }", r#"{"a": 1}"#, true),
    ("$.a[*]: { exists: true }", r#"{"a": []}"#, false),
    ("$.a[*]: { exists: true }", r#"{"a": [0]}"#, true),
    ("headers.x-none: { exists: false }", "{}", true),
    ("headers.x-multi: { exists: true }", "{}", true),
    ("query.empty: { exists: true }", "{}", true),
    ("$.a: { not: { exists: true } }", "{}", true),
    ("$.a: { not: { exists: false } }", "{}", false),
];

const TYPES: &[Row] = &[
    ("$.a: { type: string }", r#"{"a": "x"}"#, true),
    ("$.a: { type: string }", r#"{"a": 1}"#, false),
    ("$.a: { type: number }", r#"{"a": 1.5}"#, true),
    ("$.a: { type: number }", r#"{"a": 1}"#, true),
    ("$.a: { type: integer }", r#"{"a": 1}"#, true),
    ("$.a: { type: integer }", r#"{"a": 1.0}"#, true),
    ("$.a: { type: integer }", r#"{"a": 1.5}"#, false),
    ("$.a: { type: boolean }", r#"{"a": false}"#, true),
    ("$.a: { type: array }", r#"{"a": []}"#, true),
    ("$.a: { type: object }", r#"{"a": {}}"#, true),
    ("$.a: { type: object }", r#"{"a": []}"#, false),
    ("$.a: { type: 'null' }", r#"{"a": null}"#, true),
    ("$.a: { type: null }", r#"{"a": null}"#, true),
    ("$.a: { type: null }", r#"{}"#, false),
    ("$.a: { type: [string, integer] }", r#"{"a": 5}"#, true),
    ("$.a: { type: [string, integer] }", r#"{"a": 5.5}"#, false),
    ("method: { type: string }", "{}", true),
];

const LENGTHS: &[Row] = &[
    ("$.a: { length: 2 }", r#"{"a": "éx"}"#, true),
    ("$.a: { length: 1 }", r#"{"a": "🦀"}"#, true),
    ("$.a: { length: 2 }", r#"{"a": [1, 2]}"#, true),
    ("$.a: { length: 2 }", r#"{"a": {"x": 1, "y": 2}}"#, true),
    ("$.a: { length: 0 }", r#"{"a": ""}"#, true),
    ("$.a: { length: 0 }", r#"{}"#, false),
    ("$.a: { length: 0 }", r#"{"a": null}"#, false),
    ("$.a: { length: 2 }", r#"{"a": 12}"#, false),
    ("$.a: { length: { gt: 1, lt: 4 } }", r#"{"a": [1, 2, 3]}"#, true),
    ("$.a: { length: { gt: 1, lt: 4 } }", r#"{"a": [1]}"#, false),
    ("$.a: { length: { between: [2, 3] } }", r#"{"a": "abc"}"#, true),
    ("$.a: { length: [1, 3] }", r#"{"a": "abc"}"#, true),
    ("$.a: { length: { ne: 3 } }", r#"{"a": "abc"}"#, false),
    ("$.a: { length: { ne: 3 } }", r#"{}"#, false),
    ("$.a: { length: { eq: { path: $.n } } }", r#"{"a": "abc", "n": 3}"#, true),
    ("$.a: { as: string, length: 3 }", r#"{"a": 404}"#, true),
    ("$.a[*]: { length: 3 }", r#"{"a": ["x", "abc"]}"#, true),
];

const COUNTS: &[Row] = &[
    ("$.a[*]: { count: 2 }", r#"{"a": [1, 1]}"#, true),
    ("$.a[*]: { count: 2 }", r#"{"a": [1]}"#, false),
    ("$.a[*]: { count: 0 }", r#"{"a": []}"#, true),
    ("$.a[*]: { count: 0 }", r#"{}"#, true),
    ("$.a: { count: 1 }", r#"{"a": null}"#, true),
    ("$.a[?@.n > 1]: { count: { gte: 2 } }", r#"{"a": [{"n": 1}, {"n": 2}, {"n": 3}]}"#, true),
    ("$.a[?@.n > 1]: { count: { gte: 2 } }", r#"{"a": [{"n": 1}, {"n": 2}]}"#, false),
    ("$.a[*]: { count: { lt: 2 } }", r#"{}"#, true),
    ("$.a[*]: { count: { ne: 2 } }", r#"{"a": [1, 2]}"#, false),
    ("$.a[*]: { count: [1, 3] }", r#"{"a": [1, 2, 3]}"#, true),
    ("$.a[*]: { count: 2, gt: 5 }", r#"{"a": [1, 6]}"#, true),
    ("$.a[*]: { count: 2, gt: 5 }", r#"{"a": [1, 5]}"#, false),
    ("headers.x-multi: { count: 2 }", "{}", true),
    ("query.a: { count: 2 }", "{}", true),
    ("$.a[*]: { not: { count: 2 } }", r#"{"a": [1]}"#, true),
];

#[test]
fn exists() {
    check(EXISTS);
}

#[test]
fn types() {
    check(TYPES);
}

#[test]
fn lengths() {
    check(LENGTHS);
}

#[test]
fn counts() {
    check(COUNTS);
}
