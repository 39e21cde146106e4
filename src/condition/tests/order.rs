//! `gt`, `gte`, `lt`, `lte`, `between`, and `as`.

use super::{Row, check};

const ORDER: &[Row] = &[
    ("$.a: { gt: 10 }", r#"{"a": 11}"#, true),
    ("$.a: { gt: 10 }", r#"{"a": 10}"#, false),
    ("$.a: { gt: 10 }", r#"{"a": 10.000000000000000000001}"#, true),
    ("$.a: { gt: 9007199254740992 }", r#"{"a": 9007199254740993}"#, true),
    ("$.a: { gt: 10 }", r#"{"a": "11"}"#, false),
    ("$.a: { gt: 10 }", r#"{"a": null}"#, false),
    ("$.a: { gt: 10 }", r#"{"a": true}"#, false),
    ("$.a: { gt: 10 }", r#"{"a": [11]}"#, false),
    ("$.a: { gt: 10 }", r#"{"a": {"b": 11}}"#, false),
    ("$.a: { gt: 10 }", r#"{}"#, false),
    ("$.a: { lt: 10 }", r#"{}"#, false),
    ("$.a: { lt: 10 }", r#"{"a": null}"#, false),
    ("$.a: { lt: 10 }", r#"{"a": -1e400}"#, true),
    ("$.a: { gte: 10 }", r#"{"a": 10.0}"#, true),
    ("$.a: { gte: 10 }", r#"{"a": 9.99}"#, false),
    ("$.a: { lte: 10 }", r#"{"a": 1e1}"#, true),
    ("$.a: { lte: 10 }", r#"{"a": 10.01}"#, false),
    ("$.a: { gt: 1, lt: 5 }", r#"{"a": 3}"#, true),
    ("$.a: { gt: 1, lt: 5 }", r#"{"a": 5}"#, false),
    ("$.a: { gt: b }", r#"{"a": "c"}"#, true),
    ("$.a: { gt: b }", r#"{"a": "B"}"#, false),
    ("$.a: { gt: b }", r#"{"a": "é"}"#, true),
    ("$.a: { gt: '10' }", r#"{"a": "9"}"#, true),
    ("$.a: { gt: b }", r#"{"a": 5}"#, false),
    ("$.a: { gte: '2026-01-01' }", r#"{"a": "2026-01-02"}"#, true),
    ("$.a: { lt: { path: $.b } }", r#"{"a": 1, "b": 2}"#, true),
    ("$.a: { lt: { path: $.b } }", r#"{"a": 2, "b": 2}"#, false),
    ("$.a: { lt: { path: $.b } }", r#"{"a": 1, "b": "2"}"#, false),
    ("$.a: { lt: { path: $.b } }", r#"{"a": 1}"#, false),
    ("$.a: { lt: { path: $.b } }", r#"{"a": true, "b": true}"#, false),
    ("$.a: { lt: { path: '$.b[*]' } }", r#"{"a": 5, "b": [1, 6]}"#, true),
];

const BETWEEN: &[Row] = &[
    ("$.a: { between: [1, 3] }", r#"{"a": 1}"#, true),
    ("$.a: { between: [1, 3] }", r#"{"a": 3.0}"#, true),
    ("$.a: { between: [1, 3] }", r#"{"a": 3.01}"#, false),
    ("$.a: { between: [1, 3] }", r#"{"a": 0.99}"#, false),
    ("$.a: { between: [1, 3] }", r#"{"a": "2"}"#, false),
    ("$.a: { between: [1, 3] }", r#"{}"#, false),
    ("$.a: { between: [2, 2] }", r#"{"a": 2}"#, true),
    ("$.a: { between: [a, m] }", r#"{"a": "f"}"#, true),
    ("$.a: { between: [a, m] }", r#"{"a": "ma"}"#, false),
    ("$.a: { between: [{ path: $.low }, 9] }", r#"{"a": 5, "low": 4}"#, true),
    ("$.a: { between: [{ path: $.low }, 9] }", r#"{"a": 3, "low": 4}"#, false),
];

const AS: &[Row] = &[
    ("$.a: { as: number, gt: 400 }", r#"{"a": "409.94"}"#, true),
    ("$.a: { as: number, gt: 409.94 }", r#"{"a": "409.94"}"#, false),
    ("$.a: { as: number, eq: 409.940 }", r#"{"a": "409.94"}"#, true),
    ("$.a: { as: number, gt: 400 }", r#"{"a": 401}"#, true),
    ("$.a: { as: number, gt: 400 }", r#"{"a": "many"}"#, false),
    ("$.a: { as: number, lt: 400 }", r#"{"a": ""}"#, false),
    ("$.a: { as: number, lt: 400 }", r#"{"a": null}"#, false),
    ("$.a: { as: number, lt: 400 }", r#"{}"#, false),
    ("$.a: { as: number, ne: 1 }", r#"{"a": "1.0"}"#, false),
    ("$.a: { as: number, ne: 1 }", r#"{"a": "x"}"#, true),
    ("$.a: { as: number, in: [1, 2] }", r#"{"a": "2"}"#, true),
    ("$.a: { as: number, between: [1, 2] }", r#"{"a": "1.5"}"#, true),
    ("$.a: { as: number, gt: { path: $.b } }", r#"{"a": "10", "b": "9"}"#, true),
    ("$.a: { as: number, gt: { path: $.b } }", r#"{"a": "10", "b": "x"}"#, false),
    ("$.a: { as: number, not: { gt: 5 } }", r#"{"a": "6"}"#, false),
    ("$.a: { as: number, not: { gt: 5 } }", r#"{"a": "4"}"#, true),
    ("$.a[*]: { as: number, every: { gt: 5 } }", r#"{"a": ["6", 7]}"#, true),
    ("$.a[*]: { every: { as: number, gt: 5 } }", r#"{"a": ["6", 7]}"#, true),
    ("$.a[*]: { every: { as: number, gt: 5 } }", r#"{"a": ["6", "x"]}"#, false),
    ("$.a: { gt: 5, not: { as: string, eq: '7.0' } }", r#"{"a": 7}"#, true),
    ("$.a: { gt: 5, not: { as: string, eq: '7.0' } }", r#"{"a": 7.0}"#, false),
    ("$.a: { as: string, starts_with: '40' }", r#"{"a": 404}"#, true),
    ("$.a: { as: string, eq: '1.50' }", r#"{"a": 1.50}"#, true),
    ("$.a: { as: string, eq: '1.5' }", r#"{"a": 1.50}"#, false),
    ("$.a: { as: string, eq: 'true' }", r#"{"a": true}"#, true),
    ("$.a: { as: string, eq: 'null' }", r#"{"a": null}"#, false),
    ("$.a: { as: bool, eq: true }", r#"{"a": "true"}"#, true),
    ("$.a: { as: bool, eq: true }", r#"{"a": true}"#, true),
    ("$.a: { as: bool, eq: true }", r#"{"a": "yes"}"#, false),
    ("$.a: { as: bool, ne: true }", r#"{"a": "false"}"#, true),
    ("$.a: { as: number, type: integer }", r#"{"a": "7"}"#, true),
    ("$.a: { as: number, type: integer }", r#"{"a": "7.5"}"#, false),
    ("headers.x-count: { as: number, gt: 5 }", "{}", true),
    ("query.a: { as: number, gt: 1 }", "{}", true),
];

#[test]
fn order() {
    check(ORDER);
}

#[test]
fn between_includes_its_ends() {
    check(BETWEEN);
}

#[test]
fn conversions_are_said_aloud() {
    check(AS);
}
