//! What a rule owes: how many deliveries, in which states, and what waits for what.

use serde_json::{Value, json};

use super::stage::{event, set};
use crate::delivery::State;
use crate::id::DeliveryId;
use crate::rule::Desk;
use crate::template::Scope;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_000);

/// The deliveries of a rule with these actions, each as `ACTION STATE`, an element's place and a reason behind it; what waits as
/// `WAITING<-NEEDED`.
fn check(actions: &str, payload: Value, wanted: &[&str]) {
    let set =
        set(&format!("sources: {{ a: {{ verify: none }} }}\nrules:\n- name: r\n  from: a\n  do:\n{actions}"));
    let event = event("a", "", payload);
    let mut last = 0;
    let mut new_id = || {
        last += 1;
        DeliveryId::new(0, [last; 10])
    };
    let mut desk = Desk { revision: set.digest, now: NOW, new_id: &mut new_id };
    let owed = set.rule("r").unwrap().owe(&event, &mut desk);
    assert_eq!(owed.problems, Vec::<String>::new());
    let place = |id: DeliveryId| owed.deliveries.iter().position(|one| one.id == id).unwrap();
    let mut got = Vec::new();
    for one in &owed.deliveries {
        let item = one.context.item.map_or_else(String::new, |item| format!("[{item}]"));
        let reason = match &one.state {
            State::Cancelled { reason } => format!(": {reason}"),
            State::Waiting { on } => format!(" for {on}"),
            _ => String::new(),
        };
        got.push(format!("{}{item} {}{reason}", one.action, one.state.name()));
    }
    got.extend(owed.needs.iter().map(|need| format!("{}<-{}", place(need.delivery), place(need.on))));
    assert_eq!(got, wanted, "{actions}");
}

#[test]
fn each_action_each_element_and_what_waits() {
    check("  - log: x\n  - log: y\n", json!({}), &["0 due", "1 due"]);
    check("  - { log: x, if: { $.a: 1 } }\n  - log: y\n", json!({}), &["1 due"]);
    let each = "  - { log: '{{ item }}', for_each: $.a }\n";
    check(each, json!({ "a": [1, 2] }), &["0[0] due", "0[1] due"]);
    check(each, json!({ "a": [] }), &[]);
    check(each, json!({}), &["0 cancelled: `for_each`: the payload has no `$.a`"]);
    check(each, json!({ "a": 5 }), &["0 cancelled: `for_each`: `$.a` is no list"]);
    check(
        "  - { log: '{{ n }}', for_each: '$.a[*].b', as: n }\n",
        json!({ "a": [{ "b": 1 }, {}] }),
        &["0[0] due"],
    );
    check(
        "  - { log: x, needs: [two] }\n  - { log: y, id: two }\n",
        json!({}),
        &["0 waiting for two", "1 due", "0<-1"],
    );
    check(
        "  - { log: x, id: one, for_each: $.a }\n  - { log: y, needs: one }\n",
        json!({ "a": [1, 2] }),
        &["0[0] due", "0[1] due", "1 waiting for one", "2<-0", "2<-1"],
    );
    check(
        "  - { log: x, id: one, if: { $.a: 1 } }\n  - { log: y, id: two, needs: one }\n  - { log: z, needs: two }\n",
        json!({}),
        &[
            "1 cancelled: `one` is not owed: its `if` does not hold",
            "2 cancelled: `two` was cancelled: `one` is not owed: its `if` does not hold",
        ],
    );
}

#[test]
fn too_long_a_list_is_dead_and_told_and_followed() {
    let rules = |more: &str| {
        format!(
            "
sources: {{ a: {{ verify: none }} }}
rules:
- name: r
  from: a
  {more}
  do: [{{ id: all, log: '{{{{ item }}}}', for_each: $.a }}, {{ log: then, needs: all }}]
  on_failure: [{{ log: '{{{{ failure.reason }}}}' }}]
"
        )
    };
    let reason = "`for_each`: 1001 elements; at most 1000";
    for (more, wanted, problems) in [
        ("", ["dead", "cancelled", "due"].as_slice(), vec![format!("a delivery is dead: {reason}")]),
        ("shadow: true", &["cancelled", "cancelled"], vec![]),
    ] {
        let set = set(&rules(more));
        let event = event("a", "", json!({ "a": vec![0; 1001] }));
        let mut new_id = || DeliveryId::new(0, [1; 10]);
        let mut desk = Desk { revision: set.digest, now: NOW, new_id: &mut new_id };
        let owed = set.rule("r").unwrap().owe(&event, &mut desk);
        assert_eq!(owed.deliveries.iter().map(|one| one.state.name()).collect::<Vec<_>>(), wanted, "{more}");
        assert_eq!(owed.problems, problems, "{more}");
        let told = owed.deliveries.last().and_then(|one| one.context.failure.as_deref());
        assert_eq!(told, more.is_empty().then_some(reason));
    }
}

#[test]
fn a_death_owes_what_stands_under_on_failure() {
    let set = set("
sources: { a: { verify: none } }
rules:
- name: r
  from: a
  do: [{ log: '{{ item.n }}', for_each: $.a }]
  on_failure: [{ log: 'it died: {{ failure.reason }}' }, { log: x, if: { $.b: 1 } }]
");
    let rule = set.rule("r").unwrap();
    let event = event("a", "", json!({ "a": [{ "n": 7 }] }));
    let mut new_id = || DeliveryId::new(0, [1; 10]);
    let mut desk = Desk { revision: set.digest, now: NOW, new_id: &mut new_id };
    let owed = rule.owe(&event, &mut desk).deliveries;
    let scope = rule.actions[0].scope(&event, "r", &owed[0].context, None).unwrap();
    assert_eq!(format!("{:?}", rule.actions[0].effect(None, &scope)), "Ok(Log(Log { text: \"7\" }))");
    let after = rule.owe_on_failure(&owed[0], "status 500", &event, &mut desk);
    assert_eq!(after.iter().map(|one| one.action).collect::<Vec<_>>(), [1]);
    let scope = rule.actions[1].scope(&event, "r", &after[0].context, None).unwrap();
    assert_eq!(
        format!("{:?}", rule.actions[1].effect(None, &scope)),
        "Ok(Log(Log { text: \"it died: status 500\" }))"
    );
    assert_eq!(rule.owe_on_failure(&after[0], "x", &event, &mut desk), [], "a failure of that ends there");
    assert!(rule.actions[1].effect(None, &Scope::new(&event, "r")).is_err());
}
