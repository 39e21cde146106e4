//! Two rule sets on a handful of events: what is counted for each rule.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{Comparison, Kept, Kind, Tally};
use crate::event::Request;
use crate::id::EventId;
use crate::rule::{File, Set, load};
use crate::time::Timestamp;

const OLD: &str = "
sources: { shop: { verify: none, event: $.kind } }
rules:
  - { name: large, from: shop, if: { $.total: { gt: 100 } }, do: [{ log: 'large {{ $.total }}' }] }
  - { name: gone, event: refund, do: [{ log: refund }] }
  - { name: same, event: order, do: [{ log: 'order {{ $.total }}' }] }
";
const NEW: &str = "
sources: { shop: { verify: none, event: $.kind } }
rules:
  - { name: large, from: shop, if: { $.total: { gt: 50 } }, do: [{ log: 'huge {{ $.total }}' }] }
  - { name: same, event: order, do: [{ log: 'order {{ $.total }}' }] }
  - { name: added, event: audit, do: [{ log: audit }, { respond: 200 }] }
";

fn set(text: &str) -> Arc<Set> {
    let loaded = load(&[File { name: "a.yaml".to_owned(), text: text.to_owned() }]);
    loaded.set.unwrap_or_else(|| panic!("{:#?}", loaded.problems))
}

fn tally(comparison: &Comparison, payloads: &[Value]) -> Tally {
    let shop = set(OLD).source("shop").unwrap().clone();
    let mut tally = Tally::default();
    for (number, payload) in (1..).zip(payloads) {
        let request = Request {
            method: Method::POST,
            path: "/shop".to_owned(),
            params: Vec::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::from(payload.to_string()),
            peer: IpAddr::from([127, 0, 0, 1]),
            received_at: Timestamp::from_millis(number),
        };
        let event = shop.suppose(request, EventId::new(number, [0; 10]), None).unwrap().remove(0);
        comparison.judge(&event, Kept::Raw, &mut tally);
    }
    tally
}

fn payloads() -> Vec<Value> {
    vec![
        json!({ "kind": "order", "total": 40 }),
        json!({ "kind": "order", "total": 60 }),
        json!({ "kind": "order", "total": 200 }),
        json!({ "kind": "refund", "total": 1 }),
        json!({ "kind": "refund", "total": 2 }),
        json!({ "kind": "audit" }),
        json!({ "kind": "other" }),
    ]
}

#[test]
fn rules_are_told_apart() {
    let comparison = Comparison::new(set(OLD), set(NEW), 3);
    let told: Vec<(&str, Kind)> =
        comparison.changes.iter().map(|change| (change.name.as_str(), change.kind)).collect();
    let wanted =
        [("large", Kind::Changed), ("same", Kind::Same), ("added", Kind::Added), ("gone", Kind::Gone)];
    assert_eq!(told, wanted);
    assert_eq!(
        comparison.changes[0].words,
        ["do 1. log  large {{ $.total }} -> huge {{ $.total }}", "if $.total gt  100 -> 50"]
    );
    assert!(Comparison::new(set(OLD), set(OLD), 3).is_same());
}

#[test]
fn events_are_counted_by_what_differs() {
    let tally = tally(&Comparison::new(set(OLD), set(NEW), 1), &payloads());
    let counts = |name: &str| {
        let one = &tally.rules[name];
        (one.before, one.after, one.gained.count, one.lost.count, one.differing.count)
    };
    assert_eq!(counts("large"), (1, 2, 1, 0, 1));
    assert_eq!(counts("gone"), (2, 0, 0, 2, 0));
    assert_eq!(counts("same"), (3, 3, 0, 0, 0));
    assert_eq!(counts("added"), (0, 1, 1, 0, 0));
    assert_eq!((tally.unrouted.count, tally.routed.count, tally.events), (2, 1, 7));
    assert_eq!((tally.deliveries_more, tally.deliveries_fewer), (2, 2));
    assert_eq!(tally.rules["large"].differing.latest[0].words, "log: large 200 -> huge 200");
    assert_eq!(tally.unrouted.latest.len(), 1);
    assert_eq!(tally.unrouted.latest[0].event, EventId::new(5, [0; 10]));
}

#[test]
fn parts_add_up_to_the_whole() {
    let comparison = Comparison::new(set(OLD), set(NEW), 2);
    let one = tally(&comparison, &payloads());
    let mut twice = one.clone();
    twice.merge(one.clone(), 2);
    assert_eq!((twice.events, twice.unrouted.count), (2 * one.events, 2 * one.unrouted.count));
    assert_eq!(twice.rules["gone"].lost.latest.len(), 2);
    let mut whole = Tally::default();
    whole.merge(one.clone(), 2);
    assert_eq!(whole, one);
}
