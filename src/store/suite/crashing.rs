//! Crashes and endings: what was answered is there, what was under way is due again or in doubt.

use std::sync::Arc;

use super::make::{NOW, New, Owed, at, due_ids, every_event, settle, state};
use super::{Bounds, Place};
use crate::delivery::{Mode, State};
use crate::store::{Accepted, Changed, Error};

pub(super) async fn what_was_accepted_is_there_after_a_crash(place: Arc<dyn Place>) {
    let mut store = place.open(Bounds::default(), NOW);
    let mut first = Vec::new();
    for round in 0..3_usize {
        let new = New { key: Some(format!("key {round}")), ..New::owing_one() };
        let accept = new.accept();
        first.push((new, accept.event.id, accept.deliveries[0].id));
        assert_eq!(store.accept(accept, NOW).await.expect("accepted"), Accepted::New);
        place.crash(store);
        store = place.open(Bounds::default(), NOW);
        for (new, event, _) in &first {
            let again = store.accept(new.accept(), at(1)).await.expect("accepted");
            assert_eq!(again, Accepted::Duplicate { first: *event });
            assert!(store.event(*event).await.expect("a read").is_some());
        }
        let mut due = due_ids(&*store, at(9)).await;
        due.sort();
        assert_eq!(due, first.iter().map(|(_, _, delivery)| *delivery).collect::<Vec<_>>());
        let counts = store.counts().await.expect("counts");
        assert_eq!((counts.events, counts.live), (first.len() as u64, first.len() as u64));
    }
    let (_, _, settled) = first[0];
    store.settle(settle(settled, 1, State::Delivered)).await.expect("settled");
    place.crash(store);
    let store = place.open(Bounds::default(), NOW);
    assert!(!due_ids(&*store, at(9)).await.contains(&settled), "an end is an end");
    assert_eq!(state(&*store, settled).await, "delivered");
}

pub(super) async fn a_started_attempt_is_in_doubt_after_a_crash(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let accept = New::owing(Owed { mode: Mode::AtMostOnce, ..Owed::default() }).accept();
    let id = accept.deliveries[0].id;
    store.accept(accept, NOW).await.expect("accepted");
    store.start(id, 1, NOW).await.expect("started");
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    let (row, attempts) = store.delivery(id).await.expect("a read").expect("a delivery");
    assert_eq!((row.delivery.state, row.delivery.attempts), (State::InDoubt, 1));
    assert_eq!((row.finished_at, attempts.len()), (Some(at(5)), 0));
    assert!(due_ids(&*store, at(99)).await.is_empty(), "it is not attempted by itself");
    assert_eq!(store.counts().await.expect("counts").live, 0);
    assert_eq!(store.retry(id, at(6)).await.expect("retried"), Changed::Done);
    let (row, _) = store.delivery(id).await.expect("a read").expect("a delivery");
    assert_eq!((row.delivery.state, row.delivery.attempts), (State::Due { at: at(6) }, 1));
}

pub(super) async fn a_closed_store_says_so(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let accept = New::owing_one().accept();
    let (event, delivery) = (accept.event.id, accept.deliveries[0].id);
    let (accepted, closed) = tokio::join!(store.accept(accept, NOW), store.close());
    assert_eq!(accepted.expect("what waits is finished"), Accepted::New);
    closed.expect("closed");
    assert!(matches!(store.accept(New::default().accept(), NOW).await, Err(Error::Closed)));
    assert!(matches!(store.event(event).await, Err(Error::Closed)));
    assert!(matches!(store.settle(settle(delivery, 1, State::Delivered)).await, Err(Error::Closed)));
    assert!(matches!(store.writable().await, Err(Error::Closed)));
    while let Ok(hints) = store.hints().await {
        assert_eq!(hints.len(), 1, "hints end");
    }
    store.close().await.expect("twice is once");
    // The place is free although somebody still holds the closed store.
    let again = place.open(Bounds::default(), NOW);
    assert_eq!(again.events(every_event()).await.expect("a list").rows.len(), 1);
    drop(store);
}
