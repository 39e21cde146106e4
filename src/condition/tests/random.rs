//! Random conditions on random events: the proof and the quick answer agree, and the laws hold.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use super::{compile, event};
use crate::condition::Condition;
use crate::event::Event;
use crate::path::Steps;

pub(super) fn scalar() -> impl Strategy<Value = Value> {
    let number = (-3_i64..4).prop_map(Value::from);
    let text = prop::sample::select(vec![
        "",
        "a",
        "ab",
        "B",
        "1",
        "1.0",
        "true",
        "10.0.0.1",
        "1970-01-01T00:00:01Z",
    ]);
    prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, text.prop_map(Value::from)]
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        let name = prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..3)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn key() -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(vec![
        "$",
        "$.a",
        "$.b",
        "$.a.b",
        "$.a[0]",
        "$.a[*]",
        "$..a",
        "$[*]",
        "$.a[?@ > 0]",
        "$['a','b']",
    ])
}

fn test() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec!["", "a", "b", "1", "A"]);
    let path = key().prop_map(|key| json!({ "path": key }));
    let order = prop::sample::select(vec!["gt", "gte", "lt", "lte"]);
    let text = prop::sample::select(vec!["contains", "starts_with", "ends_with", "ieq", "glob", "matches"]);
    let names =
        prop::sample::select(vec!["string", "number", "integer", "boolean", "array", "object", "null"]);
    prop_oneof![
        scalar().prop_map(|value| json!({ "eq": value })),
        scalar().prop_map(|value| json!({ "ne": value })),
        path.clone().prop_map(|path| json!({ "eq": path })),
        path.clone().prop_map(|path| json!({ "in": path })),
        path.prop_map(|path| json!({ "not_in": path })),
        prop::collection::vec(scalar(), 1..3).prop_map(|values| json!({ "in": values })),
        (order.clone(), -2_i64..3).prop_map(|(name, number)| json!({ name: number })),
        (order, -2_i64..3).prop_map(|(name, number)| json!({ "as": "number", name: number })),
        (-2_i64..1, 0_i64..3).prop_map(|(low, high)| json!({ "between": [low, high] })),
        (text, words).prop_map(|(name, word)| json!({ name: word })),
        names.prop_map(|name| json!({ "type": name })),
        any::<bool>().prop_map(|there| json!({ "exists": there })),
        (0_u8..3).prop_map(|count| json!({ "count": { "gt": count } })),
        (0_u8..3).prop_map(|length| json!({ "length": length })),
        Just(json!({ "as": "time", "before": "now" })),
        Just(json!({ "cidr": "10.0.0.0/8" })),
    ]
}

/// A map of tests, some inside others where they may stand.
pub(super) fn tests() -> impl Strategy<Value = Value> {
    let alone = |tests: &Value| !["exists", "count"].iter().any(|name| tests.get(name).is_some());
    let inner = test().prop_filter("looks at all values", alone);
    let holder = prop::sample::select(vec!["every", "none", "not"]);
    let nested = (holder, inner).prop_map(|(name, inner)| json!({ name: inner }));
    let not = test().prop_map(|inner| json!({ "not": inner }));
    let two = (test(), test()).prop_map(|(mut one, two)| {
        let has_as = one.get("as").is_some() || two.get("as").is_some();
        if !has_as && let (Some(one), Some(two)) = (one.as_object_mut(), two.as_object()) {
            one.extend(two.clone());
        }
        one
    });
    prop_oneof![3 => test(), 1 => nested, 1 => not, 2 => two]
}

fn condition() -> impl Strategy<Value = Value> {
    let line = (key(), tests()).prop_map(|(key, tests)| json!({ key: tests }));
    line.prop_recursive(3, 12, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            several.clone().prop_map(|parts| json!({ "all": parts })),
            several.prop_map(|parts| json!({ "any": parts })),
            inner.prop_map(|part| json!({ "not": part })),
        ]
    })
}

pub(super) fn read(condition: &Value) -> Condition {
    // JSON is YAML.
    compile(&condition.to_string()).unwrap_or_else(|problems| panic!("{condition}: {problems:#?}"))
}

fn holds(condition: &Value, event: &Event) -> bool {
    read(condition).holds(event, &mut Steps::default()).unwrap()
}

/// The cases are the same in every run.
const SEED: RngSeed = RngSeed::Fixed(20_261_121);

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, rng_seed: SEED, ..ProptestConfig::default() })]

    #[test]
    fn the_proof_and_the_quick_answer_agree(condition in condition(), payload in value(), budget in 0_u64..60) {
        let event = event(&payload.to_string());
        let condition = read(&condition);
        prop_assert_eq!(condition.holds(&event, &mut Steps::default()), Ok(condition.prove(&event).holds()));
        let quick = condition.holds(&event, &mut Steps::new(budget));
        prop_assert_eq!(quick == Ok(true), condition.prove_within(&event, &mut Steps::new(budget)).holds());
    }

    #[test]
    fn not_turns_every_answer(condition in condition(), payload in value()) {
        let event = event(&payload.to_string());
        prop_assert_eq!(holds(&json!({ "not": condition }), &event), !holds(&condition, &event));
    }

    #[test]
    fn a_test_and_its_negation_are_opposites(key in key(), test in test(), payload in value()) {
        let event = event(&payload.to_string());
        let plain = holds(&json!({ key: test }), &event);
        prop_assert_eq!(holds(&json!({ key: { "not": test } }), &event), !plain);
    }

    #[test]
    fn none_and_any_value_are_opposites(key in key(), value in scalar(), payload in value()) {
        let event = event(&payload.to_string());
        let any = holds(&json!({ key: { "eq": value } }), &event);
        prop_assert_eq!(holds(&json!({ key: { "none": value } }), &event), !any);
        prop_assert_eq!(holds(&json!({ key: { "ne": value } }), &event), !any);
    }
}
