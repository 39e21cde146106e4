//! Order keys: deliveries of one key end in the order of acceptance.

use std::sync::Arc;

use super::make::{NOW, New, Owed, at, dead, due_ids, settle};
use super::{Bounds, Place};
use crate::delivery::{Mode, State};
use crate::id::DeliveryId;
use crate::store::{Changed, Store};

async fn owe(store: &dyn Store, order_key: &'static str, mode: Mode) -> DeliveryId {
    let accept = New::owing(Owed { order_key: Some(order_key), mode, ..Owed::default() }).accept();
    let id = accept.deliveries[0].id;
    store.accept(accept, NOW).await.expect("accepted");
    id
}

pub(super) async fn deliveries_of_one_key_come_one_by_one(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = owe(&*store, "a", Mode::AtLeastOnce).await;
    let second = owe(&*store, "a", Mode::AtLeastOnce).await;
    let third = owe(&*store, "a", Mode::AtLeastOnce).await;
    let other = owe(&*store, "b", Mode::AtLeastOnce).await;
    let mut hinted = Vec::new();
    while hinted.len() < 2 {
        hinted.extend(store.hints().await.expect("hints").into_iter().map(|ready| ready.delivery.id));
    }
    assert_eq!(hinted, [first, other]);
    store.settle(settle(other, 1, State::Delivered)).await.expect("settled");
    assert_eq!(due_ids(&*store, at(99)).await, [first]);
    store.settle(settle(first, 1, State::Due { at: at(60) })).await.expect("settled");
    assert!(due_ids(&*store, at(59)).await.is_empty(), "a key waits for its failed head");
    assert_eq!(store.hints().await.expect("hints")[0].delivery.id, first);
    store.settle(settle(first, 2, dead())).await.expect("settled");
    assert_eq!(store.hints().await.expect("hints")[0].delivery.id, second);
    assert_eq!(due_ids(&*store, at(59)).await, [second]);
    store.settle(settle(second, 1, State::Delivered)).await.expect("settled");
    assert_eq!(due_ids(&*store, at(59)).await, [third]);
}

pub(super) async fn a_key_goes_on_when_its_head_is_dropped(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = owe(&*store, "a", Mode::AtLeastOnce).await;
    let second = owe(&*store, "a", Mode::AtLeastOnce).await;
    let third = owe(&*store, "a", Mode::AtLeastOnce).await;
    assert_eq!(store.drop_delivery(second, NOW).await.expect("dropped"), Changed::Done);
    assert_eq!(due_ids(&*store, at(9)).await, [first], "a held one leaves alone");
    assert_eq!(store.drop_delivery(first, NOW).await.expect("dropped"), Changed::Done);
    assert_eq!(due_ids(&*store, at(9)).await, [third]);
    // A person may break the order: both are free then, and the key goes on when both have ended.
    let fourth = owe(&*store, "a", Mode::AtLeastOnce).await;
    assert_eq!(store.retry(first, NOW).await.expect("retried"), Changed::Done);
    assert_eq!(due_ids(&*store, at(9)).await, [first, third]);
    store.settle(settle(third, 1, State::Delivered)).await.expect("settled");
    assert_eq!(due_ids(&*store, at(9)).await, [first]);
    store.settle(settle(first, 1, State::Delivered)).await.expect("settled");
    assert_eq!(due_ids(&*store, at(9)).await, [fourth]);
}

pub(super) async fn a_key_goes_on_after_a_crash(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = owe(&*store, "a", Mode::AtMostOnce).await;
    let second = owe(&*store, "a", Mode::AtLeastOnce).await;
    let third = owe(&*store, "a", Mode::AtLeastOnce).await;
    store.start(first, 1, NOW).await.expect("started");
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    assert_eq!(due_ids(&*store, at(9)).await, [second]);
    store.settle(settle(second, 1, State::Delivered)).await.expect("settled");
    assert_eq!(due_ids(&*store, at(9)).await, [third]);
}
