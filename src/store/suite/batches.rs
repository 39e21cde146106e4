//! Batches: the events of one request in one commit, each with its own key.

use std::sync::Arc;

use super::make::{NOW, New, Owed, at, due_ids, every_event};
use super::{Bounds, Place};
use crate::store::{Accept, Accepted, Error, Store};

/// An event of this key that owes one delivery.
fn owing(key: &str) -> New {
    New { key: Some(key.to_owned()), deliveries: vec![Owed::default()], ..New::default() }
}

fn batch(all: &[New]) -> Vec<Accept> {
    all.iter().map(New::accept).collect()
}

/// Events and live deliveries.
async fn counts(store: &dyn Store) -> (u64, u64) {
    let counts = store.counts().await.expect("counts");
    (counts.events, counts.live)
}

pub(super) async fn each_item_of_a_batch_has_its_own_answer(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let (a, b, c) = (owing("a"), owing("b"), owing("c"));
    assert!(store.accept_all(Vec::new(), NOW).await.expect("an empty batch").is_empty());
    let first = batch(&[a.clone(), b.clone()]);
    let (first_a, first_b) = (first[0].event.id, first[1].event.id);
    assert_eq!(store.accept_all(first, NOW).await.expect("accepted"), [Accepted::New, Accepted::New]);
    let other = New { body: "2".to_owned(), ..b.clone() };
    let partly = batch(&[b.clone(), c.clone(), other, c.clone()]);
    let first_c = partly[1].event.id;
    let wanted = [
        Accepted::Duplicate { first: first_b },
        Accepted::New,
        Accepted::Conflict { first: first_b },
        Accepted::Duplicate { first: first_c },
    ];
    assert_eq!(store.accept_all(partly, NOW).await.expect("accepted"), wanted);
    let repeat = store.accept_all(batch(&[a, b, c]), NOW).await.expect("accepted");
    let firsts = [first_a, first_b, first_c].map(|first| Accepted::Duplicate { first });
    assert_eq!(repeat, firsts);
    assert_eq!(counts(&*store).await, (4, 3));
    assert_eq!(due_ids(&*store, at(9)).await.len(), 3, "one delivery for each that was new");
}

pub(super) async fn a_batch_is_taken_whole_or_not_at_all(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut broken = batch(&[owing("a"), owing("b"), owing("c")]);
    // One id cannot be two events, so the third cannot be written.
    broken[2].event = Arc::clone(&broken[0].event);
    broken[2].event = Arc::new(crate::event::Event { dedupe_key: None, ..(*broken[2].event).clone() });
    let (before, refused, after) = tokio::join!(
        store.accept(owing("x").accept(), NOW),
        store.accept_all(broken, NOW),
        store.accept(owing("y").accept(), NOW),
    );
    assert_eq!((before.expect("before"), after.expect("after")), (Accepted::New, Accepted::New));
    assert!(matches!(refused, Err(Error::Unwritable(_))), "{refused:?}");
    assert_eq!(counts(&*store).await, (2, 2));
    let mut hinted = 0;
    while hinted < 2 {
        hinted += store.hints().await.expect("hints").len();
    }
    assert_eq!(hinted, 2, "each once");
    let again = store.accept_all(batch(&[owing("a"), owing("b")]), NOW).await.expect("no key is burnt");
    assert_eq!(again, [Accepted::New, Accepted::New]);
    place.crash(store);
    let store = place.open(Bounds::default(), NOW);
    assert_eq!(store.events(every_event()).await.expect("a list").rows.len(), 4);
}

pub(super) async fn a_batch_needs_room_for_all_that_it_owes(place: Arc<dyn Place>) {
    let store = place.open(Bounds { backlog_max: 2, ..Bounds::default() }, NOW);
    let known = [owing("a")];
    assert_eq!(store.accept_all(batch(&known), NOW).await.expect("accepted"), [Accepted::New]);
    let more = batch(&[owing("a"), owing("b"), owing("c")]);
    assert!(matches!(store.accept_all(more, NOW).await, Err(Error::Busy(_))));
    assert_eq!(counts(&*store).await, (1, 1));
    let fitting =
        store.accept_all(batch(&[owing("a"), owing("b")]), NOW).await.expect("what is known needs no room");
    assert_eq!(fitting[1], Accepted::New);
    let repeat = store.accept_all(batch(&[owing("b"), owing("a")]), NOW).await.expect("nor does a repeat");
    assert!(repeat.iter().all(|answer| matches!(answer, Accepted::Duplicate { .. })), "{repeat:?}");
}
