//! What a dispatcher sees: hints, due deliveries, shards.

use std::sync::Arc;

use super::make::{NOW, New, Owed, at, due_ids, settle};
use super::{Bounds, Place};
use crate::delivery::{Retry, State};
use crate::effect::{Effect, Log};
use crate::schedule::Made;
use crate::store::shard_of;

pub(super) async fn what_is_committed_as_due_is_hinted(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let waiting = Owed { state: State::Waiting { on: "build".to_owned() }, ..Owed::default() };
    let mut accept = New { deliveries: vec![Owed::default(), waiting], ..New::default() }.accept();
    let made = Arc::new(Made {
        effect: Effect::Log(Log { text: "build it".to_owned() }),
        retry: Retry::default(),
        rules: [7; 32],
        hidden: Vec::new(),
    });
    accept.made = vec![Some(Arc::clone(&made)), None];
    let deliveries = accept.deliveries.clone();
    store.accept(accept, NOW).await.expect("accepted");
    let hinted = store.hints().await.expect("hints");
    assert_eq!(hinted.len(), 1, "what waits is not hinted");
    assert_eq!(hinted[0].delivery, deliveries[0]);
    assert!(Arc::ptr_eq(hinted[0].made.as_ref().expect("what was made of it"), &made));
    let later = State::Due { at: at(60) };
    store.settle(settle(deliveries[0].id, 1, later.clone())).await.expect("settled");
    let hinted = store.hints().await.expect("hints");
    assert_eq!((hinted[0].delivery.state.clone(), hinted[0].delivery.attempts), (later, 1));
    store.settle(settle(deliveries[0].id, 2, State::Delivered)).await.expect("settled");
    store.accept(New::owing_one().accept(), NOW).await.expect("accepted");
    let hinted = store.hints().await.expect("hints");
    assert_eq!(hinted.len(), 1, "an end is not hinted");
    assert_ne!(hinted[0].delivery.id, deliveries[0].id);
}

pub(super) async fn dropped_hints_ask_for_a_rescan(place: Arc<dyn Place>) {
    let store = place.open(Bounds { hints_max: 2, ..Bounds::default() }, NOW);
    for _ in 0..4 {
        store.accept(New::owing_one().accept(), NOW).await.expect("accepted");
    }
    // Hints are sent behind the answers; a later commit comes after them.
    store.writable().await.expect("writable");
    assert!(store.hints().await.expect("hints").is_empty(), "a rescan is due");
    assert_eq!(store.hints().await.expect("hints").len(), 2, "once; what was kept follows");
    assert_eq!(due_ids(&*store, NOW).await.len(), 4, "nothing is lost by a lost hint");
    store.accept(New::owing_one().accept(), NOW).await.expect("accepted");
    assert_eq!(store.hints().await.expect("hints").len(), 1);
}

pub(super) async fn due_is_earliest_first_within_its_bounds(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut ids = Vec::new();
    for seconds in [3, 1, 2, 60] {
        let owed = Owed { state: State::Due { at: at(seconds) }, ..Owed::default() };
        let accept = New::owing(owed).accept();
        ids.push(accept.deliveries[0].id);
        store.accept(accept, NOW).await.expect("accepted");
    }
    let shard = shard_of(&New::owing_one().accept().deliveries[0]);
    let (a, b, c, d) = (ids[1], ids[2], ids[0], ids[3]);
    let rows = [
        (0, vec![], 9, vec![]),
        (1, vec![], 9, vec![a]),
        (59, vec![], 9, vec![a, b, c]),
        (60, vec![], 9, vec![a, b, c, d]),
        (60, vec![], 2, vec![a, b]),
        (60, vec![a, c], 1, vec![b]),
        (60, vec![a, c], 2, vec![b, d]),
        (60, vec![], 0, vec![]),
    ];
    for (until, except, limit, expected) in rows {
        let due = store.due(shard, at(until), except.clone(), limit).await.expect("due");
        let got: Vec<_> = due.iter().map(|ready| ready.delivery.id).collect();
        assert_eq!(got, expected, "until {until}, except {except:?}, limit {limit}");
    }
    assert!(store.due(shard ^ 1, at(99), Vec::new(), 9).await.expect("due").is_empty());
}

pub(super) async fn shards_tell_their_earliest_moment(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    assert!(store.due_shards().await.expect("shards").is_empty());
    let mut expected = std::collections::BTreeMap::new();
    let destinations = ["connection:a", "connection:b", "connection:c", "rule:x"];
    for (destination, seconds) in destinations.iter().flat_map(|name| [(*name, 5), (*name, 2), (*name, 9)]) {
        let owed = Owed { destination, state: State::Due { at: at(seconds) }, ..Owed::default() };
        let accept = New::owing(owed).accept();
        expected.insert(shard_of(&accept.deliveries[0]), at(2));
        store.accept(accept, NOW).await.expect("accepted");
    }
    let shards = store.due_shards().await.expect("shards");
    assert_eq!(shards, expected.into_iter().collect::<Vec<_>>());
}
