//! `before`, `after` and `as: time`; the event arrived on 2026-11-21 at noon UTC.

use super::{Row, check};

const ROWS: &[Row] = &[
    ("$.a: { before: '2026-01-01T00:00:00Z' }", r#"{"a": "2025-12-31T23:59:59Z"}"#, true),
    ("$.a: { before: '2026-01-01T00:00:00Z' }", r#"{"a": "2026-01-01T00:00:00Z"}"#, false),
    ("$.a: { before: '2026-01-01T00:00:00Z' }", r#"{"a": "2026-01-01T00:30:00+01:00"}"#, true),
    ("$.a: { after: 2026-01-01T00:00:00Z }", r#"{"a": "2026-01-01T00:00:01Z"}"#, true),
    ("$.a: { after: now }", r#"{"a": "2026-11-21T12:00:00.001Z"}"#, true),
    ("$.a: { after: now }", r#"{"a": "2026-11-21T12:00:00Z"}"#, false),
    ("$.a: { after: 7d ago }", r#"{"a": "2026-11-15T00:00:00Z"}"#, true),
    ("$.a: { after: 7d ago }", r#"{"a": "2026-11-14T00:00:00Z"}"#, false),
    ("$.a: { before: in 2h }", r#"{"a": "2026-11-21T13:59:59Z"}"#, true),
    ("$.a: { before: in 2h }", r#"{"a": "2026-11-21T14:00:00Z"}"#, false),
    ("$.a: { after: 7d ago, before: now }", r#"{"a": "2026-11-20T00:00:00Z"}"#, true),
    ("$.a: { before: now }", r#"{"a": "yesterday"}"#, false),
    ("$.a: { before: now }", r#"{"a": 1}"#, false),
    ("$.a: { before: now }", r#"{"a": null}"#, false),
    ("$.a: { before: now }", r#"{}"#, false),
    ("$.a: { after: now }", r#"{}"#, false),
    ("$.a: { not: { before: now } }", r#"{}"#, true),
    ("$.a: { as: time, before: now }", r#"{"a": 1}"#, true),
    ("$.a: { as: time, after: 1h ago }", r#"{"a": 1795262399}"#, true),
    ("$.a: { as: time, after: 1h ago }", r#"{"a": 1795258800}"#, false),
    ("$.a: { as: time, after: 1h ago }", r#"{"a": 1795262399000}"#, true),
    ("$.a: { as: time, after: 1h ago }", r#"{"a": "1795262399.000100"}"#, true),
    ("$.a: { as: time, after: 1h ago }", r#"{"a": "2026-11-21T11:30:00Z"}"#, true),
    ("$.a: { as: time, after: 1h ago }", r#"{"a": true}"#, false),
    ("$.a: { as: time, gte: '2026-11-21T12:00:00Z' }", r#"{"a": "2026-11-21T13:00:00+01:00"}"#, true),
    ("$.a: { as: time, eq: now }", r#"{"a": "2026-11-21T13:00:00+01:00"}"#, true),
    ("$.a: { as: time, between: [1d ago, now] }", r#"{"a": "2026-11-21T00:00:00Z"}"#, true),
    ("$.a: { as: time, lt: { path: $.b } }", r#"{"a": 1, "b": "1970-01-01T00:00:02Z"}"#, true),
    ("$.a: { before: { path: $.b } }", r#"{"a": "1970-01-01T00:00:01Z", "b": "1970-01-01T00:00:02Z"}"#, true),
    ("$.a: { before: { path: $.b } }", r#"{"a": "1970-01-01T00:00:01Z", "b": 2}"#, false),
    ("$.a: { as: time, before: { path: $.b } }", r#"{"a": "1970-01-01T00:00:01Z", "b": 2}"#, true),
    ("$.a: { before: { path: $.b } }", r#"{"a": "1970-01-01T00:00:01Z"}"#, false),
];

#[test]
fn times() {
    check(ROWS);
}
