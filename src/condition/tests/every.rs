//! `every`, `none`, `not`.

use super::{Row, check};

const EVERY: &[Row] = &[
    ("$.a[*]: { every: 1 }", r#"{"a": [1, 1.0]}"#, true),
    ("$.a[*]: { every: 1 }", r#"{"a": [1, 2]}"#, false),
    ("$.a[*]: { every: 1 }", r#"{"a": []}"#, false),
    ("$.a[*]: { every: 1 }", r#"{}"#, false),
    ("$.a: { every: 1 }", r#"{"a": 1}"#, true),
    ("$.a[*]: { every: [ok, skipped] }", r#"{"a": ["ok", "skipped"]}"#, true),
    ("$.a[*]: { every: [ok, skipped] }", r#"{"a": ["ok", "failed"]}"#, false),
    ("$.a[*]: { every: { gt: 1, lt: 5 } }", r#"{"a": [2, 3]}"#, true),
    ("$.a[*]: { every: { gt: 1, lt: 5 } }", r#"{"a": [2, 5]}"#, false),
    ("$.a[*]: { every: { ne: 1 } }", r#"{"a": [2, 3]}"#, true),
    ("$.a[*]: { every: { ne: 1 } }", r#"{"a": [2, 1]}"#, false),
    ("$.a[*]: { every: { ne: 1 } }", r#"{}"#, false),
    ("$.a[*]: { every: { not: { gt: 1 } } }", r#"{"a": [0, 1]}"#, true),
    ("$.a[*]: { every: { type: string } }", r#"{"a": ["x", 1]}"#, false),
    ("headers.x-multi: { every: [one, two] }", "{}", true),
    ("headers.x-multi: { every: one }", "{}", false),
];

const NONE: &[Row] = &[
    ("$.a[*]: { none: 1 }", r#"{"a": [2, 3]}"#, true),
    ("$.a[*]: { none: 1 }", r#"{"a": [2, 1]}"#, false),
    ("$.a[*]: { none: 1 }", r#"{"a": []}"#, true),
    ("$.a[*]: { none: 1 }", r#"{}"#, true),
    ("$.a[*]: { none: { gt: 1, lt: 5 } }", r#"{"a": [1, 5]}"#, true),
    ("$.a[*]: { none: { gt: 1, lt: 5 } }", r#"{"a": [1, 3]}"#, false),
    ("$.a[*]: { none: { ne: 1 } }", r#"{"a": [1, 1]}"#, true),
    ("$.a[*]: { none: { ne: 1 } }", r#"{"a": [1, 2]}"#, false),
    ("$.a[*]: { every: { gt: 0 }, none: 5 }", r#"{"a": [1, 2]}"#, true),
    ("$.a[*]: { every: { gt: 0 }, none: 5 }", r#"{"a": [1, 5]}"#, false),
];

const NOT: &[Row] = &[
    ("$.a: { not: 1 }", r#"{"a": 2}"#, true),
    ("$.a: { not: 1 }", r#"{"a": 1}"#, false),
    ("$.a: { not: 1 }", r#"{}"#, true),
    ("$.a: { not: [1, 2] }", r#"{"a": 2}"#, false),
    ("$.a: { not: { gt: 1 } }", r#"{"a": "x"}"#, true),
    ("$.a: { not: { gt: 1 } }", r#"{}"#, true),
    ("$.a: { not: { gt: 1, lt: 5 } }", r#"{"a": 7}"#, true),
    ("$.a: { not: { gt: 1, lt: 5 } }", r#"{"a": 3}"#, false),
    ("$.a: { not: { ne: 1 } }", r#"{"a": 1}"#, true),
    ("$.a: { not: { ne: 1 } }", r#"{}"#, false),
    ("$.a: { not: { not: 1 } }", r#"{"a": 1}"#, true),
    ("$.a: { not: { not: 1 } }", r#"{}"#, false),
    ("$.a[*]: { not: { gt: 5 } }", r#"{"a": [1, 2]}"#, true),
    ("$.a[*]: { not: { gt: 5 } }", r#"{"a": [1, 6]}"#, false),
    ("$.a[*]: { not: { every: { gt: 5 } } }", r#"{"a": [1, 6]}"#, true),
    ("$.a[*]: { not: { every: { gt: 5 } } }", r#"{}"#, true),
    ("$.a: { gt: 1, not: 3 }", r#"{"a": 3}"#, false),
    ("$.a: { gt: 1, not: 3 }", r#"{}"#, false),
];

#[test]
fn every_needs_a_value() {
    check(EVERY);
}

#[test]
fn none() {
    check(NONE);
}

#[test]
fn not() {
    check(NOT);
}
