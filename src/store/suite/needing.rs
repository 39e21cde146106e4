//! Deliveries that wait for each other, and those that a death owes.

use std::sync::Arc;

use super::make::{New, Owed, at, dead, due_ids, settle, state};
use super::{Bounds, Place};
use crate::delivery::{Need, State};
use crate::id::DeliveryId;
use crate::store::{DeliveryFilter, Settle, Store};

/// An event of which the third delivery needs the first two, and the fourth the third; their ids.
async fn chain(store: &dyn Store) -> Vec<DeliveryId> {
    let waiting = || Owed { state: State::Waiting { on: "first".to_owned() }, ..Owed::default() };
    let new =
        New { deliveries: vec![Owed::default(), Owed::default(), waiting(), waiting()], ..New::default() };
    let mut accept = new.accept();
    let ids: Vec<DeliveryId> = accept.deliveries.iter().map(|one| one.id).collect();
    let need =
        |delivery: usize, on: usize| Need { delivery: ids[delivery], on: ids[on], name: format!("step{on}") };
    accept.needs = vec![need(2, 0), need(2, 1), need(3, 2)];
    store.accept(accept, at(0)).await.expect("accepted");
    ids
}

pub(super) async fn one_waits_until_all_it_needs_succeeded(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), at(0));
    let ids = chain(&*store).await;
    assert_eq!(due_ids(&*store, at(9)).await.len(), 2);
    store.settle(settle(ids[0], 1, State::Delivered)).await.expect("settled");
    assert_eq!(state(&*store, ids[2]).await, "waiting");
    store.settle(settle(ids[1], 1, State::Delivered)).await.expect("settled");
    assert_eq!(due_ids(&*store, at(9)).await, [ids[2]]);
    assert_eq!(state(&*store, ids[3]).await, "waiting");
    store.settle(settle(ids[2], 1, State::Delivered)).await.expect("settled");
    assert_eq!(due_ids(&*store, at(9)).await, [ids[3]]);
}

pub(super) async fn what_needs_a_dead_one_is_cancelled_and_says_so(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), at(0));
    let ids = chain(&*store).await;
    store.settle(settle(ids[1], 1, dead())).await.expect("settled");
    for (id, wanted) in
        [(ids[2], "`step1` died: status 500"), (ids[3], "`step2` was cancelled: `step1` died: status 500")]
    {
        let (row, _) = store.delivery(id).await.expect("a read").expect("a delivery");
        assert_eq!(row.delivery.state, State::Cancelled { reason: wanted.to_owned() });
    }
    assert_eq!(due_ids(&*store, at(9)).await, [ids[0]]);
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.live, counts.dead), (1, 1));
}

pub(super) async fn a_wait_outlives_a_crash(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), at(0));
    let ids = chain(&*store).await;
    store.settle(settle(ids[0], 1, State::Delivered)).await.expect("settled");
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    assert_eq!(state(&*store, ids[2]).await, "waiting");
    store.settle(settle(ids[1], 1, State::Delivered)).await.expect("settled");
    assert_eq!(due_ids(&*store, at(9)).await, [ids[2]]);
    store.drop_delivery(ids[2], at(9)).await.expect("dropped");
    assert_eq!(state(&*store, ids[3]).await, "cancelled");
}

pub(super) async fn a_death_owes_more_in_its_commit(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), at(0));
    let accept = New::owing_one().accept();
    let (event, first) = (accept.event.id, accept.deliveries[0].id);
    store.accept(accept, at(0)).await.expect("accepted");
    let mut more = New::owing_one().accept().deliveries;
    more[0].event = event;
    more[0].context.failure = Some("status 500".to_owned());
    let id = more[0].id;
    let ended = || Settle { owes: more.clone(), ..settle(first, 1, dead()) };
    store.settle(ended()).await.expect("settled");
    // A late repeat of the same end owes nothing again.
    store.settle(ended()).await.expect("settled");
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    assert_eq!(due_ids(&*store, at(9)).await, [id]);
    let filter = DeliveryFilter { event: Some(event), limit: 10, ..DeliveryFilter::default() };
    let rows = store.deliveries(filter).await.expect("listed");
    assert_eq!(rows.len(), 2);
    let (row, _) = store.delivery(id).await.expect("a read").expect("a delivery");
    assert_eq!(row.delivery.context.failure.as_deref(), Some("status 500"));
}
