//! Settling: fenced by the attempt's number, one commit for attempt and state.

use std::sync::Arc;

use super::make::{NOW, New, Owed, at, cancelled, dead, due_ids, settle, state};
use super::{Bounds, Place};
use crate::delivery::{Mode, State};
use crate::id::DeliveryId;
use crate::store::{Accept, Error, Settle, Settled, Store};

async fn owe(store: &dyn Store, mode: Mode) -> DeliveryId {
    let accept = New::owing(Owed { mode, ..Owed::default() }).accept();
    let id = accept.deliveries[0].id;
    store.accept(accept, NOW).await.expect("accepted");
    id
}

pub(super) async fn a_settle_counts_only_under_its_number(place: Arc<dyn Place>) {
    use Settled::{Done, Stale};
    let store = place.open(Bounds::default(), NOW);
    let later = || State::Due { at: at(60) };
    // Number and state of each settle, and whether it counted.
    let rows: &[&[(u32, State, Settled)]] = &[
        &[(1, State::Delivered, Done)],
        &[(0, State::Delivered, Stale), (2, State::Delivered, Stale), (1, dead(), Done)],
        &[(1, later(), Done), (1, State::Delivered, Stale), (2, State::Delivered, Done)],
        &[(1, later(), Done), (2, later(), Done), (3, dead(), Done), (4, State::Delivered, Stale)],
        &[(1, cancelled(), Done), (1, State::Delivered, Stale)],
        &[(u32::MAX, State::Delivered, Stale), (1, State::Delivered, Done)],
    ];
    for row in rows {
        let id = owe(&*store, Mode::AtLeastOnce).await;
        let mut expected = State::Due { at: NOW };
        for (number, state, settled) in *row {
            let got = store.settle(settle(id, *number, state.clone())).await.expect("settled");
            assert_eq!(got, *settled, "attempt {number} of {row:?}");
            if *settled == Done {
                expected = state.clone();
            }
            let (found, _) = store.delivery(id).await.expect("a read").expect("a delivery");
            assert_eq!(found.delivery.state, expected, "{row:?}");
        }
    }
    let unknown = New::owing_one().accept().deliveries[0].id;
    assert_eq!(store.settle(settle(unknown, 1, State::Delivered)).await.expect("settled"), Stale);
}

pub(super) async fn attempts_are_kept_with_what_was_seen(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let id = owe(&*store, Mode::AtLeastOnce).await;
    for (number, state) in
        [(1, State::Due { at: at(60) }), (1, State::Delivered), (1, dead()), (2, State::Delivered)]
    {
        store.settle(settle(id, number, state)).await.expect("settled");
    }
    let (row, attempts) = store.delivery(id).await.expect("a read").expect("a delivery");
    assert_eq!((row.delivery.attempts, row.finished_at), (2, Some(at(2))));
    assert_eq!(row.last_error.as_deref(), Some("status 500"));
    let seen: Vec<_> = attempts.iter().map(|one| (one.number, one.kind.as_str(), one.stale)).collect();
    let expected = [(1, "status", false), (1, "success", true), (1, "status", true), (2, "success", false)];
    assert_eq!(seen, expected);
    let last = attempts.last().expect("an attempt");
    let outcome = super::make::outcome(200);
    assert_eq!(
        (&last.sent, &last.got_head, &last.got_body, last.took, last.started_at),
        (&outcome.sent, &outcome.got_head, &outcome.got_body, outcome.took, at(1)),
    );
    assert_eq!(last.words, "status 200");
}

pub(super) async fn an_at_most_once_attempt_starts_once(place: Arc<dyn Place>) {
    use Settled::{Done, Stale};
    let store = place.open(Bounds::default(), NOW);
    let id = owe(&*store, Mode::AtMostOnce).await;
    for (number, expected) in [(0, Stale), (2, Stale), (1, Done), (1, Stale), (2, Stale)] {
        assert_eq!(store.start(id, number, NOW).await.expect("started"), expected, "start {number}");
    }
    assert_eq!(state(&*store, id).await, "started");
    assert!(due_ids(&*store, at(99)).await.is_empty(), "a started attempt is not due");
    let later = State::Due { at: at(60) };
    for (number, expected) in [(2, Stale), (1, Done), (1, Stale)] {
        let got = store.settle(settle(id, number, later.clone())).await.expect("settled");
        assert_eq!(got, expected, "settle {number}");
    }
    assert_eq!(store.start(id, 2, NOW).await.expect("started"), Done);
    assert_eq!(store.settle(settle(id, 2, State::Delivered)).await.expect("settled"), Done);
    assert_eq!(store.start(id, 3, NOW).await.expect("started"), Stale, "it has ended");
    // What fails before it begins (a template without its value) is settled without a start.
    let never = owe(&*store, Mode::AtMostOnce).await;
    assert_eq!(store.settle(settle(never, 1, dead())).await.expect("settled"), Done);
}

pub(super) async fn nothing_is_due_after_an_end(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    for end in [State::Delivered, dead(), cancelled(), State::InDoubt] {
        let id = owe(&*store, Mode::AtLeastOnce).await;
        assert_eq!(due_ids(&*store, at(99)).await, [id]);
        store.settle(settle(id, 1, end.clone())).await.expect("settled");
        assert!(due_ids(&*store, at(99)).await.is_empty(), "{end:?}");
        assert!(store.due_shards().await.expect("shards").is_empty(), "{end:?}");
        let (row, _) = store.delivery(id).await.expect("a read").expect("a delivery");
        assert_eq!((row.delivery.state, row.finished_at), (end, Some(at(2))));
    }
    assert_eq!(store.counts().await.expect("counts").live, 0);
}

/// An event that owes one delivery, as the attempts of `first` emit it.
fn emission() -> Accept {
    New { key: Some("dlv".to_owned()), source: "internal", ..New::owing_one() }.accept()
}

pub(super) async fn what_an_attempt_emits_is_in_the_commit_of_its_end(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let (first, second) = (owe(&*store, Mode::AtLeastOnce).await, owe(&*store, Mode::AtLeastOnce).await);
    let accept = emission();
    let (event, owed) = (accept.event.id, accept.deliveries[0].id);
    let ended = |delivery, attempt| Settle {
        emits: Some(Box::new(accept.clone())),
        ..settle(delivery, attempt, State::Delivered)
    };
    assert_eq!(store.settle(ended(first, 2)).await.expect("settled"), Settled::Stale);
    assert!(store.event(event).await.expect("a read").is_none(), "a late end emits nothing");
    assert_eq!(store.settle(ended(first, 1)).await.expect("settled"), Settled::Done);
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    assert!(store.event(event).await.expect("a read").is_some());
    assert_eq!(state(&*store, first).await, "delivered");
    // The same again, as after a retry by hand, is known by its key.
    let again = Settle { emits: Some(Box::new(emission())), ..settle(second, 1, State::Delivered) };
    assert_eq!(store.settle(again).await.expect("settled"), Settled::Done);
    assert_eq!(store.event_row(event).await.expect("a read").expect("a row").duplicates, 1);
    assert_eq!(due_ids(&*store, at(9)).await, [owed]);
}

pub(super) async fn an_end_without_room_for_what_it_emits_is_not_written(place: Arc<dyn Place>) {
    let store = place.open(Bounds { backlog_max: 1, ..Bounds::default() }, NOW);
    let first = owe(&*store, Mode::AtLeastOnce).await;
    let accept = emission();
    let event = accept.event.id;
    let ended = Settle { emits: Some(Box::new(accept)), ..settle(first, 1, State::Delivered) };
    assert!(matches!(store.settle(ended).await, Err(Error::Busy(_))));
    assert_eq!(state(&*store, first).await, "due");
    assert!(store.event(event).await.expect("a read").is_none());
}
