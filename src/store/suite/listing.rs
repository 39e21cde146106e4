//! Lists: filters, cursors, counts.

use std::sync::Arc;

use super::make::{NOW, New, Owed, at, dead, every_event, settle};
use super::{Bounds, Place};
use crate::delivery::State;
use crate::store::{DeliveryFilter, EventFilter, Order, Store};

/// Accepts the events of the cases; each is known by the second at which it came.
async fn fill(store: &dyn Store) {
    let new = |seconds, source, kind, matched, deliveries| New {
        source,
        kind,
        matched,
        deliveries,
        received_at: at(seconds),
        key: Some(seconds.to_string()),
        // Long enough to be packed.
        body: format!("[\"body of {seconds}\",\"{}\"]", "long ".repeat(2000)),
        ..New::default()
    };
    let to = |rule, destination| Owed { rule, destination, ..Owed::default() };
    let events = [
        new(1, "github", "push", &["deploy"][..], vec![to("deploy", "connection:ci")]),
        new(2, "github", "ping", &[], vec![]),
        new(
            3,
            "stripe",
            "push",
            &["deploy", "log"],
            vec![to("deploy", "connection:ci"), to("log", "rule:log")],
        ),
        new(4, "stripe", "paid", &["log"], vec![to("log", "rule:log")]),
        new(5, "github", "push", &["answer"], vec![]),
    ];
    for event in events {
        let accept = event.accept();
        let deliveries: Vec<_> = accept.deliveries.iter().map(|delivery| delivery.id).collect();
        store.accept(accept, NOW).await.expect("accepted");
        match (event.received_at, deliveries.as_slice()) {
            (moment, [id]) if moment == at(1) => settle_as(store, *id, State::Delivered).await,
            (_, [id, _]) => settle_as(store, *id, dead()).await,
            _ => {}
        }
    }
    let conflict =
        New { source: "github", key: Some("1".to_owned()), body: "6".to_owned(), ..New::default() };
    let conflict = New { received_at: at(6), kind: "push", matched: &[], ..conflict };
    store.accept(conflict.accept(), NOW).await.expect("accepted");
}

async fn settle_as(store: &dyn Store, id: crate::id::DeliveryId, state: State) {
    store.settle(settle(id, 1, state)).await.expect("settled");
}

pub(super) async fn events_are_found_by_each_filter(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    fill(&*store).await;
    let text = |text: &str| Some(text.to_owned());
    let none = every_event;
    let status = |name: &str| EventFilter { status: text(name), ..none() };
    let rows = [
        (none(), vec![6, 5, 4, 3, 2, 1]),
        (EventFilter { source: text("github"), ..none() }, vec![6, 5, 2, 1]),
        (EventFilter { kind: text("push"), ..none() }, vec![6, 5, 3, 1]),
        (EventFilter { kind: text("push"), source: text("stripe"), ..none() }, vec![3]),
        (EventFilter { rule: text("log"), ..none() }, vec![4, 3]),
        (EventFilter { rule: text("answer"), ..none() }, vec![5]),
        (EventFilter { rule: text("deploy"), source: text("github"), ..none() }, vec![1]),
        (EventFilter { since: Some(at(4)), ..none() }, vec![6, 5, 4]),
        (EventFilter { since: Some(at(3)), source: text("stripe"), ..none() }, vec![4, 3]),
        (status("unmatched"), vec![2]),
        (status("id_conflict"), vec![6]),
        (status("delivered"), vec![1]),
        (status("dead"), vec![3]),
        (status("due"), vec![4, 3]),
        (EventFilter { source: text("github"), ..status("dead") }, vec![]),
        (status("in_doubt"), vec![]),
        (status("nonsense"), vec![]),
        (EventFilter { source: text("nobody"), ..none() }, vec![]),
        (EventFilter { until: Some(at(2)), ..none() }, vec![2, 1]),
        (EventFilter { since: Some(at(3)), until: Some(at(4)), ..none() }, vec![4, 3]),
        (EventFilter { text: Some("body of 3".into()), ..none() }, vec![3]),
        (EventFilter { text: Some("body of".into()), source: text("stripe"), ..none() }, vec![4, 3]),
        (EventFilter { text: Some("Body of".into()), ..none() }, vec![]),
        (EventFilter { text: Some("body of".into()), ..status("due") }, vec![4, 3]),
        (EventFilter { order: Order::OldestFirst, ..none() }, vec![1, 2, 3, 4, 5, 6]),
        (EventFilter { order: Order::OldestFirst, limit: 1, ..status("due") }, vec![3]),
        (EventFilter { limit: 2, ..none() }, vec![6, 5]),
        (EventFilter { limit: 0, ..none() }, vec![]),
    ];
    for (filter, expected) in rows {
        let found = store.events(filter.clone()).await.expect("a list").rows;
        let got: Vec<i64> =
            found.iter().map(|row| (row.received_at.millis() - NOW.millis()) / 1000).collect();
        assert_eq!(got, expected, "{filter:?}");
    }
    let all = store.events(none()).await.expect("a list").rows;
    let third = &all[3];
    assert_eq!((third.kind.as_str(), &third.matched), ("push", &vec!["deploy".to_owned(), "log".to_owned()]));
    assert_eq!(third.deliveries, [("due".to_owned(), 1), ("dead".to_owned(), 1)]);
    assert_eq!((all[0].conflict_with, all[5].conflict_with), (Some(all[5].id), None));
}

pub(super) async fn events_come_in_pages(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    for seconds in 0..25 {
        let new = New { received_at: at(seconds), ..New::owing_one() };
        store.accept(new.accept(), NOW).await.expect("accepted");
    }
    let due = Some("due".to_owned());
    for (status, order) in [
        (None, Order::NewestFirst),
        (due.clone(), Order::NewestFirst),
        (None, Order::OldestFirst),
        (due, Order::OldestFirst),
    ] {
        let mut seen = Vec::new();
        let mut filter = EventFilter { limit: 10, status, order, ..EventFilter::default() };
        for expected in [10, 10, 5] {
            let page = store.events(filter.clone()).await.expect("a page");
            assert_eq!((page.rows.len(), page.next.is_some()), (expected, expected == 10), "{filter:?}");
            match order {
                Order::NewestFirst => filter.before = page.next,
                Order::OldestFirst => filter.after = page.next,
            }
            seen.extend(page.rows.into_iter().map(|row| row.id));
        }
        match order {
            Order::NewestFirst => assert!(seen.is_sorted_by(|a, b| a > b), "newest first, each once"),
            Order::OldestFirst => assert!(seen.is_sorted_by(|a, b| a < b), "oldest first, each once"),
        }
    }
    let mut seen = Vec::new();
    let mut filter = DeliveryFilter { limit: 10, ..DeliveryFilter::default() };
    for expected in [10, 10, 5] {
        let page = store.deliveries(filter.clone()).await.expect("a page");
        assert_eq!((page.rows.len(), page.next.is_some()), (expected, expected == 10));
        filter.before = page.next;
        seen.extend(page.rows.into_iter().map(|row| row.delivery.id));
        // Half of them move while somebody turns the pages.
        if let Some(id) = seen.last() {
            settle_as(&*store, *id, State::Delivered).await;
        }
    }
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first, each once");
}

pub(super) async fn deliveries_are_found_by_each_filter(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    fill(&*store).await;
    let text = |text: &str| Some(text.to_owned());
    let none = || DeliveryFilter { limit: 100, ..DeliveryFilter::default() };
    let third = store.events(every_event()).await.expect("a list").rows[3].id;
    // Each delivery is known by its event's second, its rule and its state.
    let (a, b, c, d) =
        ((1, "deploy", "delivered"), (3, "deploy", "dead"), (3, "log", "due"), (4, "log", "due"));
    let rows = [
        (none(), vec![d, c, b, a]),
        (DeliveryFilter { state: text("due"), ..none() }, vec![d, c]),
        (DeliveryFilter { state: text("dead"), ..none() }, vec![b]),
        (DeliveryFilter { state: text("delivered"), ..none() }, vec![a]),
        (DeliveryFilter { state: text("nonsense"), ..none() }, vec![]),
        (DeliveryFilter { destination: text("connection:ci"), ..none() }, vec![b, a]),
        (DeliveryFilter { rule: text("log"), ..none() }, vec![d, c]),
        (DeliveryFilter { rule: text("deploy"), state: text("dead"), ..none() }, vec![b]),
        (DeliveryFilter { event: Some(third), ..none() }, vec![c, b]),
        (DeliveryFilter { event: Some(third), state: text("dead"), ..none() }, vec![b]),
        (DeliveryFilter { error: text("status 500"), ..none() }, vec![b]),
        (DeliveryFilter { error: text("500"), destination: text("connection:ci"), ..none() }, vec![b]),
        (DeliveryFilter { error: text("status 503"), ..none() }, vec![]),
        (DeliveryFilter { since: Some(at(4)), ..none() }, vec![d]),
        (DeliveryFilter { until: Some(at(3)), ..none() }, vec![c, b, a]),
        (DeliveryFilter { limit: 3, ..none() }, vec![d, c, b]),
    ];
    for (filter, expected) in rows {
        let found = store.deliveries(filter.clone()).await.expect("a list").rows;
        let got: Vec<_> = found
            .iter()
            .map(|row| {
                let seconds = row.delivery.accepted_at.since(NOW).as_secs();
                (seconds, &*row.delivery.rule, row.delivery.state.name())
            })
            .collect();
        assert_eq!(got, expected, "{filter:?}");
    }
}

pub(super) async fn counts_follow(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    fill(&*store).await;
    let expected = crate::store::Counts { events: 6, live: 2, dead: 1 };
    assert_eq!(store.counts().await.expect("counts"), expected);
    store.close().await.expect("closed");
    drop(store);
    let store = place.open(Bounds::default(), NOW);
    assert_eq!(store.counts().await.expect("counts"), expected, "and are the same after a start");
}
