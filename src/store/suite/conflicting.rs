//! Slots and throttles: so many events of one key at once, or in a time, and what becomes of one more.

use std::sync::Arc;
use std::time::Duration;

use super::make::{NOW, New, Owed, at, dead, due_ids, settle, state};
use super::{Bounds, Place};
use crate::delivery::{Debounce, Mode, Need, OnConflict, Slots, State, Throttle};
use crate::id::DeliveryId;
use crate::store::{Retention, Settled, Store};
use crate::unit::Rate;

/// An event that owes so many deliveries of one key, each of which needs the one before.
async fn owe(store: &dyn Store, count: usize, limit: u32, on_conflict: OnConflict) -> Vec<DeliveryId> {
    let owed = |n| Owed {
        order_key: Some("k"),
        state: if n == 0 { State::Due { at: NOW } } else { State::Waiting { on: "one".to_owned() } },
        mode: Mode::AtMostOnce,
        ..Owed::default()
    };
    let mut accept = New { deliveries: (0..count).map(owed).collect(), ..New::default() }.accept();
    for delivery in &mut accept.deliveries {
        delivery.context.slots = Some(Slots { limit, on_conflict });
    }
    let ids: Vec<DeliveryId> = accept.deliveries.iter().map(|delivery| delivery.id).collect();
    let need = |pair: &[DeliveryId]| Need { delivery: pair[1], on: pair[0], name: "one".to_owned() };
    accept.needs = ids.windows(2).map(need).collect();
    store.accept(accept, NOW).await.expect("accepted");
    ids
}

async fn end(store: &dyn Store, id: DeliveryId, end: State) {
    store.settle(settle(id, 1, end)).await.expect("settled");
}

fn sorted<const N: usize>(mut ids: [DeliveryId; N]) -> [DeliveryId; N] {
    ids.sort_unstable();
    ids
}

/// What is due, whenever it became so.
async fn due(store: &dyn Store) -> Vec<DeliveryId> {
    let mut ids = due_ids(store, at(9)).await;
    ids.sort_unstable();
    ids
}

async fn states(store: &dyn Store, ids: &[DeliveryId]) -> Vec<&'static str> {
    let mut states = Vec::new();
    for id in ids {
        states.push(state(store, *id).await);
    }
    states
}

pub(super) async fn so_many_events_of_a_key_and_the_rest_in_turn(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut events = Vec::new();
    for _ in 0..4 {
        events.push(owe(&*store, 2, 2, OnConflict::Queue).await);
    }
    assert_eq!(due(&*store).await, sorted([events[0][0], events[1][0]]));
    end(&*store, events[0][0], State::Delivered).await;
    assert_eq!(due(&*store).await, sorted([events[0][1], events[1][0]]), "an event keeps its slot");
    end(&*store, events[1][0], dead()).await;
    assert_eq!(due(&*store).await, sorted([events[0][1], events[2][0]]));
    end(&*store, events[2][0], State::Delivered).await;
    assert_eq!(due(&*store).await, sorted([events[0][1], events[2][1]]));
    end(&*store, events[0][1], State::Delivered).await;
    assert_eq!(due(&*store).await, sorted([events[2][1], events[3][0]]));
}

pub(super) async fn one_more_is_skipped_with_all_that_it_owes(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = owe(&*store, 2, 1, OnConflict::Skip).await;
    let second = owe(&*store, 2, 1, OnConflict::Skip).await;
    assert_eq!(states(&*store, &second).await, ["cancelled", "cancelled"]);
    assert_eq!(due_ids(&*store, at(9)).await, [first[0]]);
    end(&*store, first[0], State::Delivered).await;
    let third = owe(&*store, 2, 1, OnConflict::Skip).await;
    assert_eq!(states(&*store, &third).await, ["cancelled", "cancelled"], "the first is not at its end");
    end(&*store, first[1], State::Delivered).await;
    let fourth = owe(&*store, 1, 1, OnConflict::Skip).await;
    assert_eq!(due_ids(&*store, at(9)).await, fourth);
    assert_eq!(store.counts().await.expect("counts").live, 1);
}

pub(super) async fn the_latest_takes_the_place_of_what_waits(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = owe(&*store, 1, 1, OnConflict::Latest).await;
    let second = owe(&*store, 2, 1, OnConflict::Latest).await;
    assert_eq!(states(&*store, &second).await, ["due", "waiting"]);
    let third = owe(&*store, 2, 1, OnConflict::Latest).await;
    assert_eq!(states(&*store, &second).await, ["cancelled", "cancelled"]);
    assert_eq!(due_ids(&*store, at(9)).await, first);
    end(&*store, first[0], State::Delivered).await;
    assert_eq!(due_ids(&*store, at(9)).await, [third[0]]);
    end(&*store, third[0], State::Delivered).await;
    assert_eq!(due_ids(&*store, at(9)).await, [third[1]]);
}

pub(super) async fn one_more_ends_the_first_that_is_worked_on(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = owe(&*store, 2, 2, OnConflict::Cancel).await;
    let second = owe(&*store, 1, 2, OnConflict::Cancel).await;
    store.start(first[0], 1, NOW).await.expect("started");
    assert_eq!(states(&*store, &second).await, ["due"]);
    let third = owe(&*store, 2, 2, OnConflict::Cancel).await;
    assert_eq!(states(&*store, &first).await, ["cancelled", "cancelled"]);
    assert_eq!(states(&*store, &second).await, ["due"]);
    assert_eq!(states(&*store, &third).await, ["due", "waiting"], "it begins at once");
    assert_eq!(store.stops().await.expect("stops")[0], first[0], "what may be under way is told of");
    assert_eq!(store.settle(settle(first[0], 1, State::Delivered)).await.expect("settled"), Settled::Stale);
    assert_eq!(states(&*store, &first).await, ["cancelled", "cancelled"]);
    // A person who drops one ends it too.
    store.drop_delivery(second[0], at(1)).await.expect("dropped");
    assert_eq!(store.stops().await.expect("stops"), second);
}

/// An event whose delivery waits so many seconds for a later one, at most so many.
async fn wait(store: &dyn Store, moment: i64, key: &'static str, seconds: (u64, u64)) -> DeliveryId {
    let owed = Owed { order_key: Some(key), ..Owed::default() };
    let mut accept = New { deliveries: vec![owed], received_at: at(moment), ..New::default() }.accept();
    let (wait_ms, longest_ms) = (seconds.0 * 1000, seconds.1 * 1000);
    let debounce = Debounce { wait_ms, longest_ms, since: at(moment).millis() };
    accept.deliveries[0].context.debounce = Some(debounce);
    let id = accept.deliveries[0].id;
    store.accept(accept, at(moment)).await.expect("accepted");
    id
}

pub(super) async fn the_last_of_those_that_come_soon_is_done(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut ids = Vec::new();
    for moment in [0, 5, 14] {
        ids.push(wait(&*store, moment, "k", (10, 25)).await);
    }
    let other = wait(&*store, 14, "other", (10, 25)).await;
    assert_eq!(states(&*store, &ids).await, ["cancelled", "cancelled", "due"]);
    assert_eq!(due_ids(&*store, at(23)).await, []);
    let mut due = due_ids(&*store, at(24)).await;
    due.sort_unstable();
    assert_eq!(due, sorted([ids[2], other]));
    // The longest wait counts from the first.
    let fourth = wait(&*store, 20, "k", (10, 25)).await;
    assert_eq!(state(&*store, ids[2]).await, "cancelled");
    let mut due = due_ids(&*store, at(25)).await;
    due.sort_unstable();
    assert_eq!(due, sorted([other, fourth]));
    // What has begun, or was attempted, keeps its place.
    let fifth = wait(&*store, 26, "k", (10, 25)).await;
    store.settle(settle(fourth, 1, State::Due { at: at(60) })).await.expect("settled");
    let sixth = wait(&*store, 30, "k", (10, 25)).await;
    assert_eq!(states(&*store, &[fourth, fifth, sixth]).await, ["due", "cancelled", "due"]);
    assert_eq!(store.counts().await.expect("counts").live, 3);
}

pub(super) async fn a_wait_for_later_ones_outlives_a_crash(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = wait(&*store, 0, "k", (10, 25)).await;
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    let second = wait(&*store, 5, "k", (10, 25)).await;
    assert_eq!(states(&*store, &[first, second]).await, ["cancelled", "due"]);
    place.crash(store);
    let store = place.open(Bounds::default(), at(9));
    assert_eq!(due_ids(&*store, at(14)).await, []);
    assert_eq!(due_ids(&*store, at(15)).await, [second]);
}

pub(super) async fn what_was_used_of_rates_outlives_a_crash(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let marks: Vec<(Arc<str>, i64)> = vec![("connection:a".into(), 7), ("connection:b".into(), 9)];
    store.keep_rates(vec![("connection:a".into(), 3)]).await.expect("kept");
    store.keep_rates(marks.clone()).await.expect("kept");
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    assert_eq!(store.rates().await.expect("rates"), marks);
}

pub(super) async fn slots_are_free_again_after_a_crash(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut events = Vec::new();
    for _ in 0..4 {
        events.push(owe(&*store, 1, 2, OnConflict::Queue).await[0]);
    }
    store.start(events[0], 1, NOW).await.expect("started");
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    assert_eq!(state(&*store, events[0]).await, "in_doubt");
    assert_eq!(due_ids(&*store, at(9)).await, [events[1], events[2]]);
}

pub(super) async fn so_many_events_of_a_key_in_a_time(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut live = 0;
    for (seconds, key, wanted) in [
        (0, "a", "due"),
        (1, "a", "due"),
        (2, "a", "cancelled"),
        (2, "b", "due"),
        (29, "a", "cancelled"),
        (30, "a", "due"),
        (31, "a", "cancelled"),
        (600, "a", "due"),
    ] {
        let mut accept = New::owing_one().accept();
        let id = accept.deliveries[0].id;
        let rate = Rate { count: 2, per: Duration::from_secs(60) };
        accept.throttles = vec![Throttle { rule: "deploy".into(), key: key.to_owned(), rate }];
        store.accept(accept, at(seconds)).await.expect("accepted");
        assert_eq!(state(&*store, id).await, wanted, "{key} at {seconds}");
        live += u64::from(wanted == "due");
    }
    assert_eq!(store.counts().await.expect("counts").live, live);
    // Marks that are past go; nothing else does.
    let retention = Retention { ended_before: NOW, dead_before: NOW };
    assert_eq!(store.prune(retention).await.expect("pruned"), 1);
    assert_eq!(store.prune(retention).await.expect("pruned"), 0);
}
