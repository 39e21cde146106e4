//! `all`, `any`, `not` around conditions, and what an index may rely on.

use super::{Row, check, compiled};

const ROWS: &[Row] = &[
    ("{ $.a: 1, $.b: 2 }", r#"{"a": 1, "b": 2}"#, true),
    ("{ $.a: 1, $.b: 2 }", r#"{"a": 1, "b": 3}"#, false),
    ("{ $.a: 1, $.b: 2 }", r#"{"a": 1}"#, false),
    ("any: [{ $.a: 1 }, { $.b: 2 }]", r#"{"b": 2}"#, true),
    ("any: [{ $.a: 1 }, { $.b: 2 }]", r#"{"b": 1}"#, false),
    ("any: { $.a: 1, $.b: 2 }", r#"{"b": 2}"#, true),
    ("any: { $.a: 1, $.b: 2 }", r#"{}"#, false),
    ("any: [{ $.a: 1, $.b: 2 }, { $.c: 3 }]", r#"{"a": 1}"#, false),
    ("any: [{ $.a: 1, $.b: 2 }, { $.c: 3 }]", r#"{"a": 1, "b": 2}"#, true),
    ("all: [{ $.a: 1 }, { $.b: 2 }]", r#"{"a": 1, "b": 2}"#, true),
    ("all: [{ $.a: 1 }, { $.b: 2 }]", r#"{"a": 1}"#, false),
    ("all: { $.a: 1, $.b: 2 }", r#"{"a": 1, "b": 2}"#, true),
    ("not: { $.a: 1 }", r#"{"a": 2}"#, true),
    ("not: { $.a: 1 }", r#"{"a": 1}"#, false),
    ("not: { $.a: 1 }", r#"{}"#, true),
    ("not: { $.a: 1, $.b: 2 }", r#"{"a": 1}"#, true),
    ("not: { $.a: 1, $.b: 2 }", r#"{"a": 1, "b": 2}"#, false),
    ("not: { any: { $.a: 1, $.b: 2 } }", r#"{"a": 1}"#, false),
    ("not: { any: { $.a: 1, $.b: 2 } }", r#"{}"#, true),
    ("not: { $.a: { ne: 1 } }", r#"{}"#, false),
    ("{ $.a: 1, any: [{ $.b: 2 }, { event: push }], not: { $.c: 1 } }", r#"{"a": 1}"#, true),
    ("{ $.a: 1, any: [{ $.b: 2 }, { event: pull }], not: { $.c: 1 } }", r#"{"a": 1}"#, false),
    ("any: [{ all: [{ $.a: 1 }, { not: { $.b: 1 } }] }, { $.c: 1 }]", r#"{"a": 1}"#, true),
];

#[test]
fn joined_conditions() {
    check(ROWS);
}

#[test]
fn an_index_may_rely_on_plain_equalities() {
    for (text, wanted) in [
        ("$.a: 1", vec!["$.a = 1"]),
        ("{ $.a: x, $.b.c[0]: ~ }", vec!["$.a = \"x\"", "$.b.c[0] = null"]),
        ("all: [{ $.a: 1 }, { all: { $.b: 2, $.c: 3 } }]", vec!["$.a = 1", "$.b = 2", "$.c = 3"]),
        ("$.a: { eq: 1, exists: true }", vec!["$.a = 1"]),
        ("any: [{ $.a: 1 }]", vec!["$.a = 1"]),
        ("{ $.a: 1, any: { $.b: 2, $.c: 3 }, not: { $.d: 4 } }", vec!["$.a = 1"]),
        ("$.a: [1, 2]", vec![]),
        ("$.a: { as: number, eq: 1 }", vec![]),
        ("$.a: { ne: 1 }", vec![]),
        ("$.a: { not: { not: 1 } }", vec![]),
        ("$.a: { eq: { path: $.b } }", vec![]),
        ("'$.a[*]': 1", vec![]),
        ("event: push", vec![]),
    ] {
        let text = text.replace("$.b.c[0]", "\"$.b.c[0]\"");
        let condition = compiled(&text);
        let got: Vec<String> =
            condition.required_equalities().iter().map(|(path, value)| format!("{path} = {value}")).collect();
        assert_eq!(got, wanted, "{text}");
    }
}

#[test]
fn fields_are_the_lines_of_the_file() {
    let condition = compiled("$.a: 1\nany:\n  - $.b: { gt: 1, lt: 5 }\n  - method: POST\n");
    let fields: Vec<String> = condition
        .fields()
        .iter()
        .map(|field| format!("{}:{} {}", field.file(), field.line(), field.subject()))
        .collect();
    assert_eq!(fields, ["rules.yaml:1 $.a", "rules.yaml:3 $.b", "rules.yaml:4 method"]);
}
