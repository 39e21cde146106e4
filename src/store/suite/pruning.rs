//! Retention: bounded, and never anything that lives.

use std::sync::Arc;

use super::make::{NOW, New, Owed, WINDOW, at, dead, every_event, settle};
use super::{Bounds, Place};
use crate::delivery::State;
use crate::limit;
use crate::store::{Accepted, DeliveryFilter, Retention, Store};
use crate::time::Timestamp;

async fn prune_all(store: &dyn Store, ended_before: Timestamp, dead_before: Timestamp) -> usize {
    let mut all = 0;
    loop {
        let rows = store.prune(Retention { ended_before, dead_before }).await.expect("pruned");
        if rows == 0 {
            return all;
        }
        all += rows;
    }
}

pub(super) async fn only_what_ended_long_ago_goes(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut ids = Vec::new();
    // The deliveries of an event end so, at the second 2; `None` is left alive.
    let rows: [(i64, &[Option<State>]); 7] = [
        (0, &[]),
        (0, &[Some(State::Delivered), Some(State::Delivered)]),
        (0, &[Some(State::Delivered), None]),
        (0, &[Some(dead())]),
        (0, &[Some(State::InDoubt)]),
        (0, &[Some(State::Due { at: at(9) })]),
        (500, &[Some(State::Delivered)]),
    ];
    for (seconds, ends) in rows {
        let deliveries = vec![Owed::default(); ends.len()];
        let accept = New { deliveries, received_at: at(seconds), ..New::default() }.accept();
        ids.push(accept.event.id);
        let deliveries = accept.deliveries.clone();
        store.accept(accept, NOW).await.expect("accepted");
        for (delivery, end) in deliveries.iter().zip(ends) {
            if let Some(end) = end {
                store.settle(settle(delivery.id, 1, end.clone())).await.expect("settled");
            }
        }
    }
    let left = async |store: &dyn Store| {
        let rows = store.events(every_event()).await.expect("a list").rows;
        let mut left: Vec<_> = rows.iter().map(|row| ids.iter().position(|id| *id == row.id)).collect();
        left.sort();
        left.into_iter().flatten().collect::<Vec<_>>()
    };
    assert_eq!(prune_all(&*store, at(0), at(0)).await, 0);
    assert_eq!(left(&*store).await, [0, 1, 2, 3, 4, 5, 6]);
    assert!(prune_all(&*store, at(1), at(1)).await > 0, "an event that owed nothing");
    assert_eq!(left(&*store).await, [1, 2, 3, 4, 5, 6]);
    prune_all(&*store, at(400), at(1)).await;
    assert_eq!(left(&*store).await, [2, 3, 4, 5, 6], "the dead stay longer");
    prune_all(&*store, at(400), at(400)).await;
    assert_eq!(left(&*store).await, [2, 5, 6], "the living stay");
    prune_all(&*store, at(9999), at(9999)).await;
    assert_eq!(left(&*store).await, [2, 5]);
    let deliveries = store.deliveries(DeliveryFilter { limit: 99, ..DeliveryFilter::default() }).await;
    assert_eq!(deliveries.expect("a list").rows.len(), 3);
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.events, counts.live, counts.dead), (2, 2, 0));
    assert!(store.event(ids[2]).await.expect("a read").is_some(), "with its body");
}

pub(super) async fn a_key_outlives_its_event(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = New::key("k").accept();
    let first_id = first.event.id;
    store.accept(first, NOW).await.expect("accepted");
    prune_all(&*store, at(60), at(60)).await;
    assert!(store.event(first_id).await.expect("a read").is_none());
    let again = store.accept(New::key("k").accept(), at(61)).await.expect("accepted");
    assert_eq!(again, Accepted::Duplicate { first: first_id }, "within the window");
    // Another call tells that the window is over: the key is removed, and nothing else is left.
    store.accept(New::default().accept(), NOW.plus(WINDOW)).await.expect("accepted");
    assert_eq!(prune_all(&*store, at(0), at(0)).await, 1);
    let new = store.accept(New::key("k").accept(), at(61)).await.expect("accepted");
    assert_eq!(new, Accepted::New);
}

pub(super) async fn chunks_are_bounded(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut accepts = Vec::new();
    for _ in 0..200 {
        accepts.push(New { deliveries: vec![Owed::default(); 3], ..New::default() }.accept());
    }
    for accept in accepts {
        let ids: Vec<_> = accept.deliveries.iter().map(|delivery| delivery.id).collect();
        store.accept(accept, NOW).await.expect("accepted");
        let settles = ids.iter().map(|id| store.settle(settle(*id, 1, State::Delivered)));
        for settled in settles {
            settled.await.expect("settled");
        }
    }
    let retention = Retention { ended_before: at(60), dead_before: at(60) };
    let (mut chunks, mut all) = (0, 0);
    loop {
        let rows = store.prune(retention).await.expect("pruned");
        // One delivery with its attempts may reach beyond.
        assert!(rows < limit::RETENTION_CHUNK + 10, "{rows} rows");
        if rows == 0 {
            break;
        }
        (chunks, all) = (chunks + 1, all + rows);
    }
    assert!(chunks >= all / (limit::RETENTION_CHUNK + 10), "{all} rows in {chunks} chunks");
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.events, counts.live), (0, 0));
    let left = store.deliveries(DeliveryFilter { limit: 9, ..DeliveryFilter::default() }).await;
    assert!(left.expect("a list").rows.is_empty());
}
