//! `all`, `any`, `not` around conditions, and what an index may rely on.

use super::{Row, check, compiled};
use crate::condition::{Clause, Need, Place, Wanted};
use crate::path::Step;

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
fn an_index_may_rely_on_what_must_be_there() {
    for (text, wanted) in [
        ("$.a: 1", vec!["$.a = 1"]),
        ("{ $.a: x, $.b.c[0]: ~ }", vec!["$.a = \"x\"", "$.b.c[0] = null"]),
        ("all: [{ $.a: 1 }, { all: { $.b: 2, $.c: 3 } }]", vec!["$.a = 1", "$.b = 2", "$.c = 3"]),
        ("$.a: { eq: 1, exists: true }", vec!["$.a = 1"]),
        ("any: [{ $.a: 1 }]", vec!["$.a = 1"]),
        ("{ $.a: 1, any: { $.b: 2, $.c: 3 }, not: { $.d: 4 } }", vec!["$.a = 1", "$.b = 2 or $.c = 3"]),
        ("any: [{ $.a: 1 }, { method: POST }]", vec![]),
        ("any: [{ $.a: { gt: 1 }, $.b: [x, y] }, { $.c: 1 }]", vec!["$.b = \"x\" or $.b = \"y\" or $.c = 1"]),
        ("$.a: [1, 2]", vec!["$.a = 1 or $.a = 2"]),
        ("$.a: [1, ~]", vec!["$.a = 1 or $.a = null"]),
        ("$.a: { in: [1, { path: $.b }] }", vec!["$.a"]),
        ("$.a: { as: number, eq: 1 }", vec!["$.a"]),
        ("$.a: { ne: 1 }", vec![]),
        ("$.a: { exists: false }", vec![]),
        ("$.a: { exists: true }", vec!["$.a"]),
        ("$.a: { not: { not: 1 } }", vec![]),
        ("$.a: { eq: { path: $.b } }", vec!["$.a"]),
        ("$.a: { every: 1 }", vec!["$.a"]),
        ("$.a: { none: 1 }", vec![]),
        ("$.a: { count: 0 }", vec![]),
        ("$.a: { matches: x, ne: 1 }", vec!["$.a"]),
        ("'$.a[*]': 1", vec!["$.a"]),
        ("'$.a[*]': { ne: 1 }", vec![]),
        ("'$..a': 1", vec!["$"]),
        ("$.a: { starts_with: [x, y] }", vec!["$.a starts x or $.a starts y"]),
        ("$.a: { gt: 1 }", vec!["$.a from 1"]),
        ("$.a: { gte: 1, lt: 5, eq: 2 }", vec!["$.a = 2", "$.a from 1 to 5"]),
        ("$.a: { between: [1, 5] }", vec!["$.a from 1 to 5"]),
        ("$.a: { gt: x }", vec!["$.a"]),
        ("$.a: { gt: { path: $.b } }", vec!["$.a"]),
        ("event: push", vec!["event = \"push\""]),
        ("{ path: { starts_with: /a }, params.site: [x] }", vec!["path starts /a", "site = \"x\""]),
        ("{ method: POST, ip: 10.0.0.1, source: a, headers.x: y, query.x: y }", vec![]),
    ] {
        let text = text.replace("$.b.c[0]", "\"$.b.c[0]\"");
        let condition = compiled(&text);
        let clause = |clause: &Clause<'_>| clause.iter().map(shown).collect::<Vec<_>>().join(" or ");
        let got: Vec<String> = condition.needs().iter().map(clause).collect();
        assert_eq!(got, wanted, "{text}");
    }
}

fn shown(need: &Need<'_>) -> String {
    let step = |step: &Step| match step {
        Step::Name(name) => format!(".{name}"),
        Step::Index(index) => format!("[{index}]"),
    };
    let place = match need.place {
        Place::Payload(steps) => format!("${}", steps.iter().map(step).collect::<String>()),
        Place::Path => "path".to_owned(),
        Place::Event => "event".to_owned(),
        Place::Param(name) => name.to_owned(),
    };
    match need.wanted {
        Wanted::Something => place,
        Wanted::Value(value) => format!("{place} = {value}"),
        Wanted::Start(start) => format!("{place} starts {start}"),
        Wanted::Between(least, most) => {
            let least = least.map_or(String::new(), |least| format!(" from {least}"));
            let most = most.map_or(String::new(), |most| format!(" to {most}"));
            format!("{place}{least}{most}")
        }
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
