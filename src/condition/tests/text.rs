//! Operators on texts, and `contains`.

use super::{Row, check};

const CONTAINS: &[Row] = &[
    ("$.a: { contains: ell }", r#"{"a": "hello"}"#, true),
    ("$.a: { contains: ELL }", r#"{"a": "hello"}"#, false),
    ("$.a: { contains: '' }", r#"{"a": ""}"#, true),
    ("$.a: { contains: x }", r#"{"a": ["x", "y"]}"#, true),
    ("$.a: { contains: x }", r#"{"a": ["xx", "y"]}"#, false),
    ("$.a: { contains: 1 }", r#"{"a": [1.0]}"#, true),
    ("$.a: { contains: 1 }", r#"{"a": "1"}"#, false),
    ("$.a: { contains: 1 }", r#"{"a": 1}"#, false),
    ("$.a: { contains: ~ }", r#"{"a": [null]}"#, true),
    ("$.a: { contains: x }", r#"{"a": {"x": 1}}"#, false),
    ("$.a: { contains: x }", r#"{"a": []}"#, false),
    ("$.a: { contains: x }", r#"{}"#, false),
    ("$.a: { contains: [x, y] }", r#"{"a": ["y"]}"#, true),
    ("$.a: { contains: [x, y] }", r#"{"a": "a y b"}"#, true),
    ("$.a: { contains: [x, y] }", r#"{"a": ["z"]}"#, false),
    ("$.a: { contains: { path: $.b } }", r#"{"a": "hello", "b": "lo"}"#, true),
    ("$.a: { contains: { path: $.b } }", r#"{"a": [1, 2], "b": 2}"#, true),
    ("$.a: { contains: { path: $.b } }", r#"{"a": [1, 2]}"#, false),
    ("$.a: { contains: { eq: 1 } }", r#"{"a": [{"eq": 1}]}"#, true),
    ("$.a: { not: { contains: x } }", r#"{"a": ["y"]}"#, true),
];

const ENDS: &[Row] = &[
    ("$.a: { starts_with: refs/tags/ }", r#"{"a": "refs/tags/v1"}"#, true),
    ("$.a: { starts_with: refs/tags/ }", r#"{"a": "xrefs/tags/v1"}"#, false),
    ("$.a: { starts_with: '4' }", r#"{"a": 404}"#, false),
    ("$.a: { starts_with: a }", r#"{"a": ["a"]}"#, false),
    ("$.a: { starts_with: a }", r#"{}"#, false),
    ("$.a: { starts_with: [x, ref] }", r#"{"a": "refs"}"#, true),
    ("$.a: { starts_with: { path: $.b } }", r#"{"a": "refs", "b": "re"}"#, true),
    ("$.a: { starts_with: { path: $.b } }", r#"{"a": "refs", "b": 1}"#, false),
    ("$.a: { ends_with: .rs }", r#"{"a": "lib.rs"}"#, true),
    ("$.a: { ends_with: .rs }", r#"{"a": "lib.rst"}"#, false),
    ("$.a: { ends_with: [.rs, .toml] }", r#"{"a": "Cargo.toml"}"#, true),
];

const LETTERS: &[Row] = &[
    ("$.a: { ieq: de }", r#"{"a": "DE"}"#, true),
    ("$.a: { ieq: de }", r#"{"a": "DEE"}"#, false),
    ("$.a: { ieq: STRASSE }", r#"{"a": "straße"}"#, true),
    ("$.a: { ieq: ΟΔΟΣ }", r#"{"a": "οδος"}"#, true),
    ("$.a: { ieq: éa }", r#"{"a": "ÉA"}"#, true),
    ("$.a: { ieq: [de, at] }", r#"{"a": "AT"}"#, true),
    ("$.a: { ieq: { path: $.b } }", r#"{"a": "AT", "b": "at"}"#, true),
    ("$.a: { ieq: de }", r#"{"a": 1}"#, false),
    ("$.a: { ieq: de }", r#"{}"#, false),
];

const PATTERNS: &[Row] = &[
    (r"$.a: { matches: 'v\d+' }", r#"{"a": "release v12 done"}"#, true),
    (r"$.a: { matches: '^v\d+$' }", r#"{"a": "release v12"}"#, false),
    (r"$.a: { matches: '^v\d+$' }", r#"{"a": "v12"}"#, true),
    ("$.a: { matches: '(?i)FIX' }", r#"{"a": "bugfix"}"#, true),
    ("$.a: { matches: [x, y] }", r#"{"a": "y"}"#, true),
    ("$.a: { matches: '1' }", r#"{"a": 1}"#, false),
    ("$.a: { matches: '' }", r#"{"a": ""}"#, true),
    ("$.a: { matches: '' }", r#"{}"#, false),
    ("$.a: { matches: '.' }", r#"{"a": null}"#, false),
    ("$.a: { not: { matches: '^WIP' } }", r#"{"a": "WIP: x"}"#, false),
    ("$.a: { glob: release/* }", r#"{"a": "release/1.2"}"#, true),
    ("$.a: { glob: release/* }", r#"{"a": "a/release/1.2"}"#, false),
    ("$.a: { glob: [v?, main] }", r#"{"a": "v1"}"#, true),
    ("$.a: { glob: '*' }", r#"{"a": ""}"#, true),
    ("$.a: { glob: '*' }", r#"{"a": 1}"#, false),
    ("$.a: { glob: '*' }", r#"{}"#, false),
];

const NETWORKS: &[Row] = &[
    ("ip: { cidr: 203.0.113.0/24 }", "{}", true),
    ("ip: { cidr: 10.0.0.0/8 }", "{}", false),
    ("ip: { cidr: [10.0.0.0/8, 203.0.113.9] }", "{}", true),
    ("ip: { cidr: '::ffff:203.0.113.0/120' }", "{}", true),
    ("ip: { not: { cidr: 203.0.113.0/24 } }", "{}", false),
    ("$.a: { cidr: 10.0.0.0/8 }", r#"{"a": "10.1.2.3"}"#, true),
    ("$.a: { cidr: 10.0.0.0/8 }", r#"{"a": "::ffff:10.1.2.3"}"#, true),
    ("$.a: { cidr: 'fd00::/8' }", r#"{"a": "fd12::1"}"#, true),
    ("$.a: { cidr: 0.0.0.0/0 }", r#"{"a": "host"}"#, false),
    ("$.a: { cidr: 0.0.0.0/0 }", r#"{"a": 1}"#, false),
    ("$.a: { cidr: 0.0.0.0/0 }", r#"{}"#, false),
];

#[test]
fn contains() {
    check(CONTAINS);
}

#[test]
fn starts_and_ends() {
    check(ENDS);
}

#[test]
fn letters_without_capitals() {
    check(LETTERS);
}

#[test]
fn patterns() {
    check(PATTERNS);
}

#[test]
fn networks() {
    check(NETWORKS);
}
