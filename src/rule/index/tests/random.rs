//! Random rules and random events: what the index finds is what every rule, judged by itself, says.
//!
//! `PROPTEST_CASES=20000 cargo test index::tests::random` runs more of them.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

use crate::condition::Proof;
use crate::event::Event;
use crate::path::Steps;
use crate::rule::tests::stage::{event_at, set};
use crate::rule::{Rule, Set};

/// Sets of rules, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 100;

/// Numbers in all their spellings: several are equal.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "0.0",
    "1",
    "1.0",
    "10e-1",
    "-1",
    "2",
    "2.5",
    "25e-1",
    "100",
    "1e2",
    "9007199254740993",
    "9007199254740992",
    "0.1",
    "0.10000000000000000001",
    "1e400",
    "-1e400",
];
/// So many at the end are past what YAML has numbers for.
const ONLY_JSON: usize = 2;
const TEXTS: &[&str] =
    &["", "a", "ab", "abc", "b", "1", "1.0", "null", "é", "refs/heads/main", "refs/tags/v1"];
const NAMES: &[&str] = &["a", "b", "c"];
const KEYS: &[&str] = &[
    "$.a",
    "$.b",
    "$['a']",
    "$.a.b",
    "$.a.c",
    "$.b[0]",
    "$.b[-1]",
    "$.b[1].a",
    "$.a.b.c",
    "$",
    "$.a[*]",
    "$..b",
    "$.b[?@.a == 1]",
    "$.a['b','c']",
];
const TEXT_KEYS: &[&str] = &["params.site", "path", "event", "headers.x", "query.x", "method", "source"];
const KINDS: &[&str] = &["", "push", "pull.open", "pull.close", "a*"];

fn number() -> impl Strategy<Value = Value> {
    select(&NUMBERS[..NUMBERS.len() - ONLY_JSON]).prop_map(|text| text.parse().unwrap())
}

fn any_number() -> impl Strategy<Value = Value> {
    select(NUMBERS).prop_map(|text| text.parse().unwrap())
}

fn text() -> impl Strategy<Value = Value> {
    select(TEXTS).prop_map(Value::from)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![3 => number(), 3 => text(), 1 => any::<bool>().prop_map(Value::from), 1 => Just(Value::Null)]
}

fn object<S: Strategy<Value = Value>>(value: impl Fn() -> S) -> impl Strategy<Value = Value> {
    prop::collection::vec((select(NAMES), value()), 0..4).prop_map(|members| {
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
    })
}

fn payload() -> impl Strategy<Value = Value> {
    let value = prop_oneof![4 => scalar(), 1 => any_number()].prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(move || inner.clone()),
        ]
    });
    prop_oneof![1 => value.clone(), 8 => object(move || value.clone())]
}

/// What stands on the right of a line.
fn tests() -> impl Strategy<Value = Value> {
    let order = || select(vec!["gt", "gte", "lt", "lte"]);
    let start = || prop::collection::vec(text(), 1..3).prop_map(|texts| json!({ "starts_with": texts }));
    let stretch = (order(), number(), order(), number())
        .prop_map(|(one, low, two, high)| json!({ one: low, two: high }));
    let mixed = (scalar(), start()).prop_map(|(value, mut tests)| {
        tests["eq"] = value;
        tests
    });
    prop_oneof![
        6 => scalar(),
        4 => prop::collection::vec(scalar(), 1..4).prop_map(Value::from),
        2 => start(),
        3 => stretch,
        1 => mixed,
        1 => object(scalar).prop_map(|value| json!({ "eq": value })),
        1 => prop::collection::vec(scalar(), 0..3).prop_map(|value| json!({ "eq": value })),
        1 => scalar().prop_map(|value| json!({ "ne": value })),
        1 => scalar().prop_map(|value| json!({ "not": value })),
        1 => scalar().prop_map(|value| json!({ "none": value })),
        1 => scalar().prop_map(|value| json!({ "every": value })),
        1 => number().prop_map(|value| json!({ "as": "number", "eq": value })),
        1 => (order(), text()).prop_map(|(order, text)| json!({ order: text })),
        1 => any::<bool>().prop_map(|there| json!({ "exists": there })),
        1 => select(KEYS).prop_map(|key| json!({ "eq": { "path": key } })),
        1 => Just(json!({ "in": [1, { "path": "$.b" }] })),
        1 => Just(json!({ "matches": "^a" })),
        1 => Just(json!({ "count": 0 })),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    let text_tests = prop_oneof![
        text(),
        prop::collection::vec(text(), 1..3).prop_map(Value::from),
        text().prop_map(|text| json!({ "starts_with": text })),
        text().prop_map(|text| json!({ "ne": text })),
    ];
    let method = |key: &str| key != "method";
    let line = prop_oneof![
        8 => (select(KEYS), tests()).prop_map(|(key, tests)| json!({ key: tests })),
        1 => (select(TEXT_KEYS).prop_filter("in capitals", move |key| method(key)), text_tests)
            .prop_map(|(key, tests)| json!({ key: tests })),
    ];
    line.prop_recursive(2, 8, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            3 => several.clone().prop_map(|parts| json!({ "all": parts })),
            2 => several.prop_map(|parts| json!({ "any": parts })),
            1 => inner.prop_map(|part| json!({ "not": part })),
        ]
    })
}

fn rule() -> impl Strategy<Value = Value> {
    let from = prop_oneof![Just(json!(null)), Just(json!("s")), Just(json!("t")), Just(json!(["s", "t"]))];
    let path = select(vec!["", "", "", "/s/a", "/s/ab", "/s/{site}", "/s/a/{site}", "/{any}/a", "/{*any}"]);
    let kinds =
        select(vec!["", "", "push", "pull.*", "*", "p?sh", r"a\*", "x|push|pull.*", "push|pull.open|push"]);
    let rare = || prop::bool::weighted(0.05);
    (from, path, kinds, prop::option::weighted(0.9, condition()), rare(), rare(), rare()).prop_map(
        |(from, path, kinds, condition, stop, fallback, off)| {
            let mut rule =
                json!({ "stop": stop, "fallback": fallback, "enabled": !off, "do": [{ "log": "x" }] });
            let kinds: Vec<&str> = kinds.split('|').collect();
            for (key, value, is_there) in [
                ("from", from.clone(), !from.is_null()),
                ("path", json!(path), !path.is_empty()),
                ("event", json!(kinds), kinds != [""]),
                ("if", json!(condition), condition.is_some()),
            ] {
                if is_there {
                    rule[key] = value;
                }
            }
            rule
        },
    )
}

/// Rules enough to be sorted more than once; of some only a few differ.
fn rules() -> impl Strategy<Value = Arc<Set>> {
    prop::collection::vec((rule(), 1..6_usize), 1..16).prop_map(|rules| {
        let mut all = Vec::new();
        for (rule, copies) in rules {
            for _ in 0..copies {
                let mut rule = rule.clone();
                rule["name"] = json!(format!("r{}", all.len()));
                all.push(rule);
            }
        }
        let source = |path: &str| json!({ "verify": "none", "path": path });
        // JSON is YAML.
        let file = json!({ "sources": { "s": source("/s/{site}"), "t": source("/t") }, "rules": all });
        set(&file.to_string())
    })
}

fn event() -> impl Strategy<Value = Event> {
    let source = select(vec!["s", "t"]);
    let path = select(vec!["/s/a", "/s/ab", "/s/b", "/s/a/b", "/t", "/t/a"]);
    (source, path, select(KINDS), select(NAMES), payload()).prop_map(|(source, path, kind, site, payload)| {
        let mut event = event_at(source, kind, path, payload);
        event.request.params = vec![("site".to_owned(), site.to_owned())];
        event
    })
}

/// The laws of routing, every rule judged.
fn judged<'s>(set: &'s Set, event: &Event) -> Vec<&'s str> {
    let matches = |rule: &&Rule| rule.matches(event, &mut Steps::default()).unwrap();
    let mut matched = Vec::new();
    for fallback in [false, true] {
        for rule in set.rules.iter().filter(|rule| rule.fallback == fallback).filter(matches) {
            matched.push(&*rule.name);
            if rule.stop {
                break;
            }
        }
        if !matched.is_empty() {
            break;
        }
    }
    matched
}

/// The cases are the same in every run.
const SEED: RngSeed = RngSeed::Fixed(20_261_121);

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES),
        failure_persistence: None,
        rng_seed: SEED,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_index_says_what_the_rules_say(set in rules(), events in prop::collection::vec(event(), 8)) {
        for event in &events {
            let routed = set.route(event);
            prop_assert!(routed.errors.is_empty());
            let matched: Vec<&str> = routed.matched.iter().map(|rule| &*rule.name).collect();
            let naive = judged(&set, event);
            prop_assert_eq!(&matched, &naive, "{} {:?} {}", event.request.path, event.kind, event.payload);
            for one in set.explain(event) {
                let name = &*one.rule.name;
                prop_assert_eq!(one.is_matched(), naive.contains(&name), "the proof of {}: {}", name, event.payload);
                let asked = [&one.from, &one.path, &one.event].iter().all(|held| held.is_held());
                let held = asked && one.proof.as_ref().is_none_or(Proof::holds);
                let matches = one.rule.matches(event, &mut Steps::default()).unwrap();
                prop_assert_eq!(held && one.rule.enabled, matches, "the grounds of {}: {}", name, event.payload);
            }
        }
    }
}
