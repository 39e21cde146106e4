//! Paths that find several values: any may pass, and one value must pass all tests of its map.

use super::{Row, check};

const ROWS: &[Row] = &[
    ("$.a[*].n: x", r#"{"a": [{"n": "y"}, {"n": "x"}]}"#, true),
    ("$.a[*].n: x", r#"{"a": [{"n": "y"}, {}]}"#, false),
    ("$.a[*]: [1, 2]", r#"{"a": [3, 2]}"#, true),
    ("$.a[*]: { gt: 10 }", r#"{"a": [1, 11]}"#, true),
    ("$.a[*]: { gt: 10 }", r#"{"a": ["11", 1]}"#, false),
    ("$.a[*]: { gt: 10 }", r#"{"a": []}"#, false),
    ("$.a[*]: { gt: 10, lt: 20 }", r#"{"a": [5, 25]}"#, false),
    ("$.a[*]: { gt: 10, lt: 20 }", r#"{"a": [5, 15, 25]}"#, true),
    ("$.a[*]: { ne: 1 }", r#"{"a": [2, 3]}"#, true),
    ("$.a[*]: { ne: 1 }", r#"{"a": [2, 1]}"#, false),
    ("$.a[*]: { ne: 1 }", r#"{"a": []}"#, true),
    ("$.a[*]: { not_in: [1, 2] }", r#"{"a": [3, 2]}"#, false),
    ("$.a[*]: { not_in: [1, 2] }", r#"{"a": [3, 4]}"#, true),
    ("$.a[*]: { gt: 1, ne: 5 }", r#"{"a": [3, 5]}"#, false),
    ("$.a[*]: { gt: 1, ne: 5 }", r#"{"a": [3, 0]}"#, true),
    ("$..id: 7", r#"{"a": {"id": 1, "b": [{"id": 7}]}}"#, true),
    ("$..id: 7", r#"{"a": {"id": 1, "b": [{"id": 8}]}}"#, false),
    ("$.a['x','y']: 2", r#"{"a": {"x": 1, "y": 2}}"#, true),
    ("$.a[-1]: 2", r#"{"a": [1, 2]}"#, true),
    ("$.a[?@.on].n: { gt: 1 }", r#"{"a": [{"on": 1, "n": 1}, {"n": 5}]}"#, false),
    ("$.a[*]: { eq: { path: '$.b[*]' } }", r#"{"a": [1, 2], "b": [2, 3]}"#, true),
    ("$.a[*]: { eq: { path: '$.b[*]' } }", r#"{"a": [1, 2], "b": [3, 4]}"#, false),
    ("headers.x-multi: two", "{}", true),
    ("headers.x-multi: { ne: two }", "{}", false),
    ("query.a: '2'", "{}", true),
    ("query.a: { none: '3' }", "{}", true),
];

#[test]
fn any_value_may_pass() {
    check(ROWS);
}
