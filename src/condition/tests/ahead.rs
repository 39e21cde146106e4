//! What is told of conditions before any event comes: what can never hold, and what holds wherever another does.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

use super::random::{read, scalar, tests, value};
use super::{compiled, event};
use crate::path::Steps;

/// An `if`, and the words of what can never hold; none when nothing is wrong.
const CLASHES: &[(&str, &str)] = &[
    ("$.a: { gt: 10, lt: 5 }", "`$.a` can never be both `gt 10` and `lt 5`"),
    ("$.a: { gt: 5, lt: 10 }", ""),
    ("$.a: { gte: 5, lte: 5 }", ""),
    ("$.a: { gt: 5, lte: 5 }", "both `gt 5` and `lte 5`"),
    ("$.a: { between: [1, 3], gt: 3 }", "both `between [1,3]` and `gt 3`"),
    ("all: [{ $.a: x }, { $.a: y }]", "both `eq \"x\"` and `eq \"y\"`"),
    ("all: [{ $.a: x }, { $.a: x }]", ""),
    ("all: [{ $.a: x }, { '$[\"a\"]': y }]", "`$[\"a\"]` can never be both"),
    ("all: [{ $.a: 1 }, { $.a: 1.0 }]", ""),
    ("all: [{ '$.a[*]': x }, { '$.a[*]': y }]", ""),
    ("'$.a[*]': { eq: x, in: [y, z] }", "both `eq \"x\"` and `in [\"y\",\"z\"]`"),
    ("all: [{ $.a: [x, y] }, { $.a: [y, z] }]", ""),
    ("$.a: { eq: x, ne: x }", "both `eq \"x\"` and `ne \"x\"`"),
    ("$.a: { in: [x, y], not_in: [x, y, z] }", "both `in"),
    ("$.a: { in: [x, y], not_in: [x] }", ""),
    ("$.a: { eq: x, not: { starts_with: x } }", "both `eq"),
    ("$.a: { exists: false, gt: 1 }", "both `gt 1` and `exists false`"),
    ("all: [{ $.a: { exists: true } }, { $.a: { exists: false } }]", "both `exists true` and `exists false`"),
    ("$.a: { exists: false, ne: x }", ""),
    ("$.a: { gt: 1, starts_with: x }", "both `gt 1` and `starts_with \"x\"`"),
    ("$.a: { type: string, gt: 1 }", "both `type"),
    ("$.a: { type: array, contains: x }", ""),
    ("$.a: { type: object, contains: x }", "both `type"),
    ("$.a: { type: integer, gt: 1 }", ""),
    ("$.a: { as: number, gt: 5, lt: 1 }", "both `gt 5` and `lt 1`"),
    ("$.a: { as: number, matches: x }", "`$.a` is always a number here, so `matches \"x\"` never holds"),
    ("headers.x: { type: number }", "`headers.x` is always text here"),
    ("all: [{ headers.x: a }, { headers.x: b }]", ""),
    ("all: [{ method: POST }, { method: GET }]", "`method` can never be both"),
    ("$.a: { starts_with: refs/tags/, ends_with: x }", ""),
    ("$.a: { starts_with: refs/tags/, eq: refs/heads/main }", "both `starts_with"),
    ("all: [{ $.a: { starts_with: ab } }, { $.a: { starts_with: abc } }]", ""),
    ("all: [{ $.a: { starts_with: ab } }, { $.a: { starts_with: ac } }]", "both `starts_with"),
    ("$.a: { glob: 'v*', eq: main }", "both `glob"),
    ("$.a: { length: { lt: 0 } }", "a length is a whole number"),
    ("$.a: { length: 1.5 }", "a length is a whole number from 0, so `length 1.5` never holds"),
    ("$.a: { length: { gt: 3, lt: 2 } }", "a length is a whole number"),
    ("$.a: { length: 2, eq: x }", "both `length 2` and `eq \"x\"`"),
    ("$.a: { length: 1, eq: x }", ""),
    ("$.a: { count: 2 }", "`$.a` finds one value at most, so `count 2` never holds"),
    ("'$.a[*]': { count: 2 }", ""),
    ("'$.a[*]': { count: { lt: 0 } }", "never finds so many values"),
    ("'$.a[*]': { every: { gt: 3, lt: 2 } }", "both `gt 3` and `lt 2`"),
    ("'$.a[*]': { every: { gt: 3 }, lt: 2 }", "both `lt 2` and `every"),
    ("'$.a[*]': { none: { gt: 3 }, gt: 5 }", "both `gt 5` and `none"),
    ("$.a: { as: time, after: 1d ago, before: 7d ago }", "both `after"),
    ("$.a: { as: time, after: 7d ago, before: 1d ago }", ""),
    ("$.a: { as: time, after: 2026-01-01T00:00:00Z, before: 2025-01-01T00:00:00Z }", "both `after"),
    ("$.a: { as: time, after: 2026-01-01T00:00:00Z, before: 7d ago }", ""),
    ("$.a: { eq: { path: $.b }, ne: { path: $.b } }", "both `eq"),
    ("$.a: { gt: { path: $.b }, lt: 5 }", ""),
    ("$.a: x\nany: [{ $.a: y }, { $.b: 1 }]", "both `eq \"x\"` and `eq \"y\"`"),
    ("any: [{ $.a: x }, { $.a: y }]", ""),
    ("$.a: x\nnot: { $.a: y }", ""),
];

/// Two `if`, and whether the first holds wherever the second does.
const COVERS: &[(&str, &str, bool)] = &[
    ("$.a: x", "$.a: x", true),
    ("$.a: x", "{ $.a: x, $.b: y }", true),
    ("{ $.a: x, $.b: y }", "$.a: x", false),
    ("$.a: [x, y]", "$.a: x", true),
    ("$.a: x", "$.a: [x, y]", false),
    ("$.a: { gt: 5 }", "$.a: { gt: 10 }", true),
    ("$.a: { gt: 10 }", "$.a: { gt: 5 }", false),
    ("$.a: { gte: 5 }", "$.a: { gt: 5 }", true),
    ("$.a: { gt: 5 }", "$.a: { gte: 5 }", false),
    ("$.a: { gt: 5 }", "$.a: 6", true),
    ("$.a: { between: [1, 9] }", "$.a: { between: [2, 9] }", true),
    ("$.a: { starts_with: re }", "$.a: { starts_with: [refs/, reg] }", true),
    ("$.a: { matches: '^v' }", "$.a: v1", true),
    ("$.a: { matches: '^v' }", "$.a: { matches: '^v' }", true),
    ("$.a: { exists: true }", "$.a: x", true),
    ("$.a: { exists: true }", "$.a: { ne: x }", false),
    ("$.a: { exists: false }", "$.a: { exists: false }", true),
    ("$.a: { type: string }", "$.a: { starts_with: x }", true),
    ("$.a: { type: string }", "$.a: { gt: 5 }", false),
    ("any: [{ $.a: x }, { $.b: y }]", "$.b: y", true),
    ("$.a: [x, y]", "any: [{ $.a: x }, { $.a: y }]", true),
    ("$.a: x", "any: [{ $.a: x }, { $.a: y }]", false),
    ("'$[\"a\"]': x", "$.a: x", true),
    ("$.a: { as: number, gt: 5 }", "$.a: { gt: 5 }", false),
    ("'$.a[*]': x", "'$.a[*]': { eq: x, starts_with: x }", true),
    ("$.a: { ne: x }", "$.a: y", false),
    ("not: { $.a: x }", "not: { $.a: x }", false),
];

#[test]
fn what_can_never_hold_is_told() {
    let mut wrong = Vec::new();
    for (text, words) in CLASHES {
        let told: Vec<String> = compiled(text).clashes(None).into_iter().map(|one| one.message).collect();
        let fits = match *words {
            "" => told.is_empty(),
            words => told.len() == 1 && told[0].contains(words),
        };
        if !fits {
            wrong.push(format!("{text}\n    {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_given_condition_counts_too() {
    let inner = compiled("$.a: y");
    assert_eq!(inner.clashes(Some(&compiled("$.a: x"))).len(), 1);
    assert_eq!(inner.clashes(Some(&compiled("$.b: x"))).len(), 0);
}

#[test]
fn a_wider_condition_is_known() {
    let wrong: Vec<_> = COVERS
        .iter()
        .filter(|(wide, narrow, wanted)| compiled(wide).covers(&compiled(narrow)) != *wanted)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The cases are the same in every run.
const SEED: RngSeed = RngSeed::Fixed(20_261_121);

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, rng_seed: SEED, ..ProptestConfig::default() })]

    #[test]
    fn what_never_holds_does_not(one in tests(), two in tests(), found in prop_oneof![scalar(), value()]) {
        let event = event(&json!({ "a": found }).to_string());
        let condition = read(&json!({ "all": [{ "$.a": one }, { "$['a']": two }] }));
        if condition.holds(&event, &mut Steps::default()) == Ok(true) {
            prop_assert_eq!(condition.clashes(None), vec![]);
        }
    }

    #[test]
    fn a_wider_condition_holds_too(wide in tests(), narrow in tests(), found in prop_oneof![scalar(), value()]) {
        let event = event(&json!({ "a": found }).to_string());
        let (wide, narrow) = (read(&json!({ "$.a": wide })), read(&json!({ "$.a": narrow })));
        if wide.covers(&narrow) && narrow.holds(&event, &mut Steps::default()) == Ok(true) {
            prop_assert_eq!(wide.holds(&event, &mut Steps::default()), Ok(true));
        }
    }
}
