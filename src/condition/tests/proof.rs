//! What a proof says.

use super::{check_event, compiled, event};
use crate::condition::{Proof, Verdict};

/// An `if`, a payload, and each test as `mark subject operator wanted | got | reason`.
const ROWS: &[(&str, &str, &[&str])] = &[
    ("$.a: x", r#"{"a": "x"}"#, &[r#"✓ $.a eq "x" | "x" | "#]),
    ("$.a: x", r#"{"a": "y"}"#, &[r#"✗ $.a eq "x" | "y" | `"y"` is not `"x"`"#]),
    ("$.a: x", "{}", &[r#"✗ $.a eq "x" |  | missing"#]),
    (
        "$.a: { gt: 100 }",
        r#"{"a": "409.94"}"#,
        &[r#"✗ $.a gt 100 | "409.94" | `"409.94"` is text; add `as: number`"#],
    ),
    ("$.a: { gt: 100 }", r#"{"a": "x"}"#, &[r#"✗ $.a gt 100 | "x" | `"x"` is text, not a number"#]),
    ("$.a: { gt: 100 }", r#"{"a": 4200.0}"#, &["✓ $.a gt 100 | 4200.0 | "]),
    ("$.a: { gt: 10000 }", r#"{"a": 4200}"#, &["✗ $.a gt 10000 | 4200 | `4200` is not greater than `10000`"]),
    ("$.a: { gt: 1 }", r#"{"a": null}"#, &["✗ $.a gt 1 | null | `null` is null, not a number"]),
    ("$.a: '1'", r#"{"a": 1}"#, &[r#"✗ $.a eq "1" | 1 | `1` is a number; add `as: string`"#]),
    ("$.a: true", r#"{"a": "true"}"#, &[r#"✗ $.a eq true | "true" | `"true"` is text; add `as: bool`"#]),
    ("$.a: [1, 2]", r#"{"a": "1"}"#, &[r#"✗ $.a in [1,2] | "1" | `"1"` is text; add `as: number`"#]),
    ("$.a: [1, x]", r#"{"a": "1"}"#, &[r#"✗ $.a in [1,"x"] | "1" | `"1"` is none of `[1,"x"]`"#]),
    (
        "$.a: { as: number, gt: 5 }",
        r#"{"a": "x"}"#,
        &[r#"✗ $.a gt 5 | "x" | `"x"` cannot be read as a number"#],
    ),
    ("$.a: { as: number, gt: 5 }", r#"{"a": "4"}"#, &[r#"✗ $.a gt 5 | "4" | `4` is not greater than `5`"#]),
    ("$.a: { eq: { path: $.b } }", r#"{"a": 1}"#, &["✗ $.a eq $.b | 1 | `$.b` is missing"]),
    (
        "$.a: { matches: '^v' }",
        r#"{"a": "x"}"#,
        &[r#"✗ $.a matches "^v" | "x" | `"x"` does not match `"^v"`"#],
    ),
    (
        "$.a: { contains: x }",
        r#"{"a": 1}"#,
        &[r#"✗ $.a contains "x" | 1 | `1` is a number, not text or a list"#],
    ),
    (
        "$.a: { length: { gt: 3 } }",
        r#"{"a": "abc"}"#,
        &[r#"✗ $.a length {"gt":3} | "abc" | the length of `"abc"` is 3"#],
    ),
    (
        "$.a: { cidr: 10.0.0.0/8 }",
        r#"{"a": "x"}"#,
        &[r#"✗ $.a cidr "10.0.0.0/8" | "x" | `"x"` is text, not an IP address"#],
    ),
    ("$.a: { before: now }", r#"{"a": 1}"#, &[r#"✗ $.a before "now" | 1 | `1` is a number; add `as: time`"#]),
    ("$.a: { before: now }", r#"{"a": "x"}"#, &[r#"✗ $.a before "now" | "x" | `"x"` is text, not a time"#]),
    ("$.a: { ne: x }", r#"{"a": "x"}"#, &[r#"✗ $.a ne "x" | "x" | `"x"` equals `"x"`"#]),
    ("$.a: { ne: x }", r#"{"a": "y"}"#, &[r#"✓ $.a ne "x" | "y" | "#]),
    ("$.a: { ne: x }", "{}", &[r#"✓ $.a ne "x" |  | missing, and a missing value passes `ne`"#]),
    ("$.a: { not: { gt: 1 } }", r#"{"a": 2}"#, &[r#"✗ $.a not {"gt":1} | 2 | `2` passes `{"gt":1}`"#]),
    ("$.a: { exists: true }", "{}", &["✗ $.a exists true |  | missing"]),
    ("$.a: { exists: false }", r#"{"a": 1}"#, &["✗ $.a exists false | 1 | there"]),
    (
        "$.a[*]: { count: { gt: 1 } }",
        r#"{"a": [1]}"#,
        &[r#"✗ $.a[*] count {"gt":1} | 1 | `1` is not greater than `1`"#],
    ),
    (
        "$.a[*]: { every: { gt: 1 } }",
        r#"{"a": [2, 0]}"#,
        &[r#"✗ $.a[*] every {"gt":1} | 0 | `0` is not greater than `1`"#],
    ),
    ("$.a[*]: { every: 1 }", "{}", &["✗ $.a[*] every 1 |  | missing, and `every` needs a value"]),
    ("$.a[*]: { none: 1 }", r#"{"a": [2, 1]}"#, &["✗ $.a[*] none 1 | 1 | `1` passes `1`"]),
    (
        "$.a[*]: { gt: 10, lt: 20 }",
        r#"{"a": [5, 25, 6]}"#,
        &[
            "✓ $.a[*] gt 10 | 25 | ",
            "✗ $.a[*] lt 20 | 25 | `25` is not less than `20` (the nearest of 3 values)",
        ],
    ),
    (
        "{ $.a: 1, $.b: 2, any: { $.c: 3, event: push } }",
        r#"{"a": 2, "b": 2}"#,
        &[
            "✗ $.a eq 1 | 2 | `2` is not `1`",
            "✓ $.b eq 2 | 2 | ",
            "✗ $.c eq 3 |  | missing",
            r#"✓ event eq "push" | "push" | "#,
        ],
    ),
    ("$.a: { ne: 1, gt: 0 }", r#"{"a": 5}"#, &["✓ $.a ne 1 | 5 | ", "✓ $.a gt 0 | 5 | "]),
    (
        "headers.authorization: { starts_with: Basic }",
        "{}",
        &["✗ headers.authorization starts_with [hidden] | [hidden] | "],
    ),
    (
        "headers.x-token: { ne: x }",
        "{}",
        &["✓ headers.x-token ne [hidden] |  | missing, and a missing value passes `ne`"],
    ),
];

fn told(proof: &Proof) -> Vec<String> {
    let line = |(verdict, leaf): (Verdict, &crate::condition::Leaf)| {
        let mark = match verdict {
            Verdict::Held => '✓',
            Verdict::Failed => '✗',
            Verdict::Unknown => '?',
        };
        let (got, reason) =
            (leaf.got.as_deref().unwrap_or_default(), leaf.reason.as_deref().unwrap_or_default());
        format!("{mark} {} {} {} | {got} | {reason}", leaf.subject, leaf.operator, leaf.wanted)
    };
    proof.leaves().into_iter().map(line).collect()
}

#[test]
fn a_proof_says_why() {
    for (text, payload, wanted) in ROWS {
        let event = event(payload);
        let proof = compiled(text).prove(&event);
        assert_eq!(told(&proof), *wanted, "{text} on {payload}");
        check_event(text, &event, proof.holds());
    }
}

#[test]
fn values_are_cut() {
    let long = "é".repeat(5000);
    let proof = compiled(&format!("$.a: {long}x")).prove(&event(&format!(r#"{{"a": "{long}"}}"#)));
    let leaves = proof.leaves();
    let (_, leaf) = leaves.first().unwrap();
    assert_eq!(leaf.got.as_ref().unwrap().chars().count(), 121);
    assert_eq!(leaf.wanted.chars().count(), 121);
}

#[test]
fn each_test_knows_its_place() {
    let text = "$.a: 1\n\"$.b\":\n  gt: 5\n  not: { eq: 7 }\n";
    let proof = compiled(text).prove(&event("{}"));
    let places: Vec<(usize, &str)> =
        proof.leaves().iter().map(|(_, leaf)| (leaf.line, text.get(leaf.span.clone()).unwrap())).collect();
    assert_eq!(places, [(1, "$.a: 1"), (3, "gt: 5"), (4, "not: { eq: 7 }")]);
}

#[test]
fn a_proof_is_json() {
    let proof = compiled("{ $.a: 1, not: { any: { $.b: 2, $.c: 3 } } }").prove(&event(r#"{"a": 1}"#));
    let json = serde_json::to_value(&proof).unwrap();
    assert_eq!(json.pointer("/verdict").unwrap(), "held");
    assert_eq!(json.pointer("/all/0/test/subject").unwrap(), "$.a");
    assert_eq!(json.pointer("/all/0/test/got").unwrap(), "1");
    assert_eq!(json.pointer("/all/1/not/0/any/1/verdict").unwrap(), "failed");
    assert_eq!(json.pointer("/all/1/not/0/any/1/test/line").unwrap(), 1);
}
