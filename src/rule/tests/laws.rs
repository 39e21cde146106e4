//! The laws of routing: which rules an event meets, by name and in order.

use serde_json::{Value, json};

use super::stage::{event, event_at, set};
use crate::delivery::{Mode, State};
use crate::effect::Effect;
use crate::event::Event;
use crate::id::DeliveryId;
use crate::rule::{Desk, Set};
use crate::template::Scope;
use crate::time::Timestamp;

const SOURCES: &str = "sources:\n  a: { verify: none }\n  b: { verify: none }\n  s: { verify: none, path: '/s/{site}' }\nrules:\n";

fn rules(list: &str) -> std::sync::Arc<Set> {
    set(&format!("{SOURCES}{list}"))
}

fn names(set: &Set, event: &Event) -> Vec<String> {
    let routed = set.route(event);
    assert!(routed.errors.is_empty());
    let matched: Vec<String> = routed.matched.iter().map(|rule| rule.name.to_string()).collect();
    let explained = set.explain(event);
    let told: Vec<String> =
        explained.iter().filter(|one| one.is_matched()).map(|one| one.rule.name.to_string()).collect();
    assert_eq!(told, matched, "the explanation agrees with the routing");
    matched
}

#[test]
fn a_rule_matches_by_source_type_path_and_conditions() {
    let set = rules(
        "- { name: all, do: [{ log: x }] }
- { name: from a, from: a, do: [{ log: x }] }
- { name: from both, from: [a, b], event: [push, 'pull.*'], do: [{ log: x }] }
- { name: push, event: push, do: [{ log: x }] }
- { name: glob, event: 'p*', do: [{ log: x }] }
- { name: site, path: '/s/{any}', do: [{ log: x }] }
- { name: berlin, path: /s/berlin, do: [{ log: x }] }
- { name: main, from: a, event: push, if: { $.ref: main }, do: [{ log: x }] }
- { name: big, from: a, if: { $.n: { gt: 5 } }, do: [{ log: x }] }
- { name: main or dev, if: { $.ref: [main, dev] }, do: [{ log: x }] }
- { name: off, enabled: false, do: [{ log: x }] }
",
    );
    let main = || json!({ "ref": "main", "n": 6 });
    for (event, wanted) in [
        (
            event("a", "push", main()),
            vec!["all", "from a", "from both", "push", "glob", "main", "big", "main or dev"],
        ),
        (
            event("a", "push", json!({ "ref": "dev" })),
            vec!["all", "from a", "from both", "push", "glob", "main or dev"],
        ),
        (event("a", "", json!({ "ref": 1, "n": 5 })), vec!["all", "from a"]),
        (event("b", "pull.open", Value::Null), vec!["all", "from both", "glob"]),
        (event("b", "pushed", main()), vec!["all", "glob", "main or dev"]),
        (event_at("s", "x", "/s/berlin", main()), vec!["all", "site", "berlin", "main or dev"]),
        (event_at("s", "x", "/s/bonn", Value::Null), vec!["all", "site"]),
        (event("c", "push", Value::Null), vec!["all", "push", "glob"]),
    ] {
        assert_eq!(names(&set, &event), wanted, "{} {} {}", event.source, event.kind, event.payload);
    }
}

#[test]
fn stop_ends_the_list_and_fallback_waits() {
    for (list, wanted) in [
        (vec!["a", "b"], vec!["a", "b"]),
        (vec!["a stop", "b"], vec!["a stop"]),
        (vec!["a stop never", "b"], vec!["b"]),
        (vec!["a fallback", "b"], vec!["b"]),
        (vec!["a fallback", "b never"], vec!["a fallback"]),
        (vec!["a fallback", "b fallback", "c never"], vec!["a fallback", "b fallback"]),
        (vec!["a fallback stop", "b fallback"], vec!["a fallback stop"]),
        (vec!["a fallback", "b stop", "c"], vec!["b stop"]),
        (vec!["a shadow stop", "b"], vec!["a shadow stop", "b"]),
        (vec!["b shadow", "a fallback"], vec!["b shadow", "a fallback"]),
        (vec!["b shadow", "a fallback stop", "c fallback"], vec!["b shadow", "a fallback stop"]),
        (vec!["a off fallback"], vec![]),
        (vec!["a off stop", "b"], vec!["b"]),
        (vec![], vec![]),
    ] {
        let line = |name: &&str| {
            let flag =
                |word: &str, yaml: &str| if name.contains(word) { yaml.to_owned() } else { String::new() };
            format!(
                "- {{ name: {name}, {}{}{}{}{}do: [{{ log: x }}] }}\n",
                flag("shadow", "shadow: true, "),
                flag("stop", "stop: true, "),
                flag("fallback", "fallback: true, "),
                flag("off", "enabled: false, "),
                flag("never", "if: { $.never: 1 }, "),
            )
        };
        let set = rules(&list.iter().map(line).collect::<String>());
        assert_eq!(names(&set, &event("a", "", json!({}))), wanted, "{list:?}");
    }
}

#[test]
fn the_index_forgets_no_rule() {
    let list: String = (0..200)
        .map(|index| {
            format!(
                "- {{ name: r{index}, from: a, event: e{}, if: {{ $.k: v{} }}, do: [{{ log: x }}] }}\n",
                index % 5,
                index % 20
            )
        })
        .collect();
    let set = rules(&list);
    for kind in 0..5 {
        for value in 0..20 {
            let event = event("a", &format!("e{kind}"), json!({ "k": format!("v{value}") }));
            let wanted: Vec<String> = (0..200)
                .filter(|index| index % 5 == kind && index % 20 == value)
                .map(|index| format!("r{index}"))
                .collect();
            assert_eq!(names(&set, &event), wanted);
        }
    }
}

#[test]
fn a_rule_that_takes_too_many_steps_is_an_error_and_no_silent_no() {
    let set = rules(
        "- { name: hog, if: { '$..*..*..*..x': 1 }, do: [{ log: x }] }\n- { name: other, if: { $.n: { exists: false } }, do: [{ log: x }] }\n",
    );
    let deep = (0..60).fold(json!([1, 2, 3]), |inner, _| json!([inner, 1, 2]));
    let event = event("a", "", deep);
    let routed = set.route(&event);
    assert_eq!(routed.errors.iter().map(|error| error.rule.to_string()).collect::<Vec<_>>(), ["hog"]);
    assert_eq!(routed.matched.iter().map(|rule| rule.name.to_string()).collect::<Vec<_>>(), ["other"]);
    assert_eq!(
        set.explain(&event).first().map(|one| one.verdict.clone()),
        Some(crate::rule::Verdict::Unknown)
    );
}

#[test]
fn explain_says_what_did_not_hold() {
    use crate::rule::{Held, Verdict};
    let set = rules(
        "- { name: one, from: b, event: push, do: [{ log: x }] }
- { name: two, from: a, stop: true, do: [{ log: x }] }
- { name: three, path: /a, if: { $.n: 1 }, do: [{ log: x }] }
- { name: four, fallback: true, do: [{ log: x }] }
- { name: five, enabled: false, do: [{ log: x }] }
- { name: six, if: { $.n: 2 }, do: [{ log: x }] }
",
    );
    let event = event("a", "push", json!({ "n": 1 }));
    let explained = set.explain(&event);
    let verdicts: Vec<_> = explained.iter().map(|one| one.verdict.clone()).collect();
    let stopped = Verdict::Stopped { by: "two".into() };
    assert_eq!(
        verdicts,
        [
            Verdict::Unmatched,
            Verdict::Matched,
            stopped,
            Verdict::NotNeeded,
            Verdict::Disabled,
            Verdict::Unmatched
        ]
    );
    let first = explained.first().unwrap();
    assert_eq!(first.from, Held::No { wanted: "b".into(), got: "a".into() });
    assert_eq!(first.event, Held::Yes { wanted: "push".into(), got: "push".into() });
    assert_eq!(first.path, Held::Unasked);
    assert!(explained.get(5).unwrap().proof.as_ref().is_some_and(|proof| !proof.holds()));
}

#[test]
fn an_action_may_have_conditions_of_its_own() {
    let set = rules("- name: one\n  do:\n    - log: always\n    - log: sometimes\n      if: { $.n: 1 }\n");
    let applies = |payload: Value| -> Vec<bool> {
        let event = event("a", "", payload);
        set.rules
            .iter()
            .flat_map(|rule| &rule.actions)
            .map(|action| action.applies(&event).unwrap())
            .collect()
    };
    assert_eq!(applies(json!({ "n": 1 })), [true, true]);
    assert_eq!(applies(json!({ "n": 2 })), [true, false]);
}

#[test]
fn a_rule_may_order_its_deliveries() {
    use crate::template::Scope;
    let set = rules(
        "- { name: one, order_by: '{{ $.repo }}', do: [{ log: x }] }\n- { name: two, do: [{ log: x }] }\n",
    );
    let with = event("a", "", json!({ "repo": "r1" }));
    let without = event("a", "", json!({}));
    let key = |name: &str, event: &Event| set.rule(name).unwrap().order_key(1, &Scope::new(event, name));
    assert_eq!(key("one", &with).unwrap().as_deref(), Some("one#1 r1"));
    let long = event("a", "", json!({ "repo": "x".repeat(5000) }));
    assert_eq!(key("one", &long).unwrap().map(|key| key.len()), Some("one#1 ".len() + 64));
    assert!(key("one", &without).is_err());
    assert_eq!(key("two", &with).unwrap(), None);
}

#[test]
fn a_rule_may_bound_how_many_events_are_worked_on() {
    use crate::template::Scope;
    let set = rules(
        "- { name: one, concurrency: { key: '{{ $.repo }}', limit: 3 }, do: [{ log: x }] }
- { name: all, concurrency: {}, do: [{ log: x }] }
- { name: none, do: [{ log: x }] }
",
    );
    let slots = |name: &str, repo: &str| {
        let event = event("a", "", json!({ "repo": repo }));
        let found = set.rule(name).unwrap().slots(&Scope::new(&event, name)).unwrap();
        found.map(|(key, slots)| (key, slots.limit))
    };
    assert_eq!(slots("one", "r"), Some(("one* r".to_owned(), 3)));
    assert_eq!(slots("all", "r"), Some(("all* ".to_owned(), 1)));
    assert_eq!(slots("none", "r"), None);
    assert!(set.rule("one").unwrap().slots(&Scope::new(&event("a", "", json!({})), "one")).is_err());
}

#[test]
fn a_rule_may_wait_for_later_events_and_a_connection_may_keep_an_order() {
    use crate::template::Scope;
    let set = rules(
        "- { name: one, debounce: { key: '{{ $.repo }}', for: 30s }, do: [{ log: x }, { log: y }] }
- { name: two, debounce: 5s, do: [{ log: x }] }
- { name: three, do: [{ http: erp }, { log: x }] }
- { name: four, order_by: '{{ $.other }}', do: [{ http: erp }] }
connections: { erp: { http: { url: https://erp.example.com }, order_by: '{{ $.repo }}' } }
",
    );
    let event = event("a", "", json!({ "repo": "r1", "other": "o" }));
    let now = Timestamp::from_millis(1_000);
    let wait = |name: &str| set.rule(name).unwrap().debounced(&Scope::new(&event, name), now).unwrap();
    let (key, debounce) = wait("one").unwrap();
    assert_eq!((key.as_str(), debounce.due(now).millis()), ("one~ r1", 31_000));
    assert_eq!(debounce.due(Timestamp::from_millis(290_000)).millis(), 301_000, "ten waits at the longest");
    assert_eq!(wait("two").unwrap().0, "two~ ");
    assert_eq!(wait("three"), None);
    let mut ids = 0_u8;
    let mut new_id = || {
        ids += 1;
        DeliveryId::new(0, [ids; 10])
    };
    let mut desk = Desk { revision: set.digest, now, new_id: &mut new_id };
    let mut keys = |name: &str| -> Vec<(Option<String>, State)> {
        let owed = set.rule(name).unwrap().owe(&event, &mut desk).deliveries;
        owed.into_iter().map(|one| (one.order_key, one.state)).collect()
    };
    let due = |millis| State::Due { at: Timestamp::from_millis(millis) };
    let key = |key: &str| Some(key.to_owned());
    assert_eq!(keys("one"), [(key("one~ r1"), due(31_000)), (key("one~ r1"), due(31_000))]);
    assert_eq!(keys("three"), [(key("connection:erp# r1"), due(1_000)), (None, due(1_000))]);
    assert_eq!(keys("four"), [(key("four#0 o"), due(1_000))]);
}

#[test]
fn a_rule_may_bound_how_often_it_acts() {
    use crate::template::Scope;
    let set = rules(
        "- { name: one, throttle: { rate: 1/h, key: '{{ $.repo }}' }, do: [{ log: x }] }
- { name: all, throttle: 10/m, do: [{ log: x }] }
- { name: none, do: [{ log: x }] }
",
    );
    let event = event("a", "", json!({ "repo": "r" }));
    let found = |name: &str| {
        let throttle = set.rule(name).unwrap().throttled(&Scope::new(&event, name)).unwrap();
        throttle.map(|throttle| (throttle.key, throttle.rate.to_string()))
    };
    assert_eq!(found("one"), Some(("one! r".to_owned(), "1/h".to_owned())));
    assert_eq!(found("all"), Some(("all! ".to_owned(), "10/m".to_owned())));
    assert_eq!(found("none"), None);
}

#[test]
fn defaults_count_where_nothing_else_is_said() {
    let set = set("
defaults: { retry: { attempts: 4 }, timeout: 7s, delivery: at_least_once }
sources: { a: { verify: none } }
connections:
  plain: { http: { url: https://x.example } }
  own: { http: { url: https://x.example }, retry: { attempts: 2 }, timeout: 3s }
rules:
  - name: r
    from: a
    do:
      - run: [x]
      - { run: [x], timeout: 1s, retry: { attempts: 1 }, delivery: at_most_once }
      - http: plain
      - http: own
      - { http: own, timeout: 9s }
");
    let event = event("a", "", json!({}));
    let wanted = [
        (4, 7, Mode::AtLeastOnce),
        (1, 1, Mode::AtMostOnce),
        (4, 7, Mode::AtLeastOnce),
        (2, 3, Mode::AtLeastOnce),
        (2, 9, Mode::AtLeastOnce),
    ];
    let rule = set.rule("r").unwrap();
    for (action, (attempts, seconds, mode)) in rule.actions.iter().zip(wanted) {
        let connection = action.connection.as_ref().and_then(|name| set.connections.get(name));
        let timeout = match action.effect(connection, &Scope::new(&event, "r")).unwrap() {
            Effect::Http(http) => http.timeout,
            Effect::Command(command) => command.timeout,
            other => panic!("{other:?}"),
        };
        let got = (action.retry_with(connection).attempts_max, timeout.as_secs(), action.mode);
        assert_eq!(got, (attempts, seconds, mode), "line {}", action.line);
    }
}
