//! What attempts say while they run: read until they end, kept when they are cut off.

use std::sync::Arc;
use std::time::Duration;

use super::make::{NOW, New, Owed, at, cancelled, due_ids, settle};
use super::{Bounds, Place};
use crate::delivery::{Answer, Mode, Outcome, State};
use crate::id::DeliveryId;
use crate::store::{AttemptRow, Changed, Retention, Saying, Settle, Settled, Store};
use crate::time::Timestamp;

async fn owe(store: &dyn Store, mode: Mode) -> DeliveryId {
    let accept = New::owing(Owed { mode, ..Owed::default() }).accept();
    let id = accept.deliveries[0].id;
    store.accept(accept, NOW).await.expect("accepted");
    id
}

/// What an attempt that began at the first second has said at the third.
fn saying(delivery: DeliveryId, attempt: u32, output: &str) -> Saying {
    Saying {
        delivery,
        attempt,
        started_at: at(1),
        at: at(3),
        sent: "./deploy.sh".to_owned(),
        output: output.to_owned(),
    }
}

async fn say(store: &dyn Store, delivery: DeliveryId, attempt: u32, output: &str) -> Settled {
    store.say(saying(delivery, attempt, output)).await.expect("said")
}

async fn attempts(store: &dyn Store, id: DeliveryId) -> Vec<AttemptRow> {
    store.delivery(id).await.expect("a read").expect("a delivery").1
}

/// Number, kind, whether it did not count, and what came back.
fn seen(attempts: &[AttemptRow]) -> Vec<(u32, &str, bool, &str)> {
    attempts
        .iter()
        .map(|one| (one.number, &*one.kind, one.stale, one.got_body.get(..4).unwrap_or("")))
        .collect()
}

/// The end of an attempt of which nothing is known but its answer.
fn stopped(id: DeliveryId, state: State) -> Settle {
    let nothing = String::new;
    let outcome = Outcome {
        answer: Answer::Stopped,
        sent: nothing(),
        got_head: nothing(),
        got_body: nothing(),
        took: Duration::ZERO,
    };
    Settle { outcome, started_at: at(1), ..settle(id, 1, state) }
}

pub(super) async fn what_is_said_is_read_until_the_attempt_ends(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    for mode in [Mode::AtMostOnce, Mode::AtLeastOnce] {
        let id = owe(&*store, mode).await;
        if mode == Mode::AtMostOnce {
            store.start(id, 1, at(1)).await.expect("started");
        }
        assert_eq!(store.running(id).await.expect("a read"), None, "it has said nothing");
        for output in ["half", &"half and all of it\n".repeat(3000)] {
            assert_eq!(say(&*store, id, 1, output).await, Settled::Done);
            assert_eq!(store.running(id).await.expect("a read"), Some(saying(id, 1, output)));
        }
        assert!(attempts(&*store, id).await.is_empty(), "it is no attempt of the past");
        let again = State::Due { at: at(9) };
        assert_eq!(store.settle(settle(id, 1, again)).await.expect("settled"), Settled::Done);
        assert_eq!(store.running(id).await.expect("a read"), None);
        assert_eq!(seen(&attempts(&*store, id).await), [(1, "status", false, "okok")]);
        assert_eq!(say(&*store, id, 2, "more").await, Settled::Done);
        assert_eq!(store.settle(settle(id, 2, State::Delivered)).await.expect("settled"), Settled::Done);
        assert_eq!(store.running(id).await.expect("a read"), None);
    }
}

pub(super) async fn only_the_attempt_that_runs_says_something(place: Arc<dyn Place>) {
    use Settled::{Done, Stale};
    let store = place.open(Bounds::default(), NOW);
    let id = owe(&*store, Mode::AtMostOnce).await;
    store.start(id, 1, at(1)).await.expect("started");
    for (attempt, expected) in [(0, Stale), (2, Stale), (u32::MAX, Stale), (1, Done)] {
        assert_eq!(say(&*store, id, attempt, "said").await, expected, "attempt {attempt}");
    }
    // The late end of another attempt leaves it.
    store.settle(settle(id, 2, State::Delivered)).await.expect("settled");
    assert!(store.running(id).await.expect("a read").is_some());
    store.settle(settle(id, 1, State::Delivered)).await.expect("settled");
    assert_eq!(say(&*store, id, 1, "late").await, Stale, "it has ended");
    assert_eq!(store.running(id).await.expect("a read"), None);
    let unknown = New::owing_one().accept().deliveries[0].id;
    assert_eq!(say(&*store, unknown, 1, "said").await, Stale);
}

pub(super) async fn what_a_cut_off_attempt_said_is_kept(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let id = owe(&*store, Mode::AtMostOnce).await;
    store.start(id, 1, at(1)).await.expect("started");
    say(&*store, id, 1, "step 1\nstep 2\n").await;
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    let (row, attempts) = store.delivery(id).await.expect("a read").expect("a delivery");
    assert_eq!((row.delivery.state, row.delivery.attempts), (State::InDoubt, 1));
    assert_eq!(seen(&attempts), [(1, "cut_off", false, "step")]);
    let one = &attempts[0];
    assert_eq!((&*one.got_body, &*one.sent), ("step 1\nstep 2\n", "./deploy.sh"));
    assert_eq!((one.started_at, one.took), (at(1), Duration::from_secs(2)));
    assert!(one.words.contains("not known"), "{}", one.words);
    assert_eq!(store.running(id).await.expect("a read"), None);
    // A second crash changes nothing, and a person goes on from there.
    place.crash(store);
    let store = place.open(Bounds::default(), at(6));
    assert_eq!(store.retry(id, at(7)).await.expect("retried"), Changed::Done);
    store.start(id, 2, at(7)).await.expect("started");
    store.settle(settle(id, 2, State::Delivered)).await.expect("settled");
    let (_, attempts) = store.delivery(id).await.expect("a read").expect("a delivery");
    assert_eq!(seen(&attempts), [(1, "cut_off", false, "step"), (2, "success", false, "okok")]);
}

pub(super) async fn a_cut_off_attempt_that_is_made_again_stands_before_it(place: Arc<dyn Place>) {
    let mut store = place.open(Bounds::default(), NOW);
    let id = owe(&*store, Mode::AtLeastOnce).await;
    for round in 0..2 {
        assert_eq!(say(&*store, id, 1, &format!("try {round}")).await, Settled::Done);
        place.crash(store);
        store = place.open(Bounds::default(), at(5));
        assert_eq!(due_ids(&*store, at(9)).await, [id], "it is due as it was");
    }
    let (row, _) = store.delivery(id).await.expect("a read").expect("a delivery");
    assert_eq!(row.delivery.attempts, 0, "what was cut off does not count");
    let settle = Settle { started_at: at(6), ..settle(id, 1, State::Delivered) };
    assert_eq!(store.settle(settle).await.expect("settled"), Settled::Done);
    let expected =
        [(1, "cut_off", true, "try "), (1, "cut_off", true, "try "), (1, "success", false, "okok")];
    assert_eq!(seen(&attempts(&*store, id).await), expected);
}

pub(super) async fn who_is_ended_half_way_has_what_it_said(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    // Dropped by a person while it runs.
    let dropped = owe(&*store, Mode::AtLeastOnce).await;
    say(&*store, dropped, 1, "said").await;
    assert_eq!(store.drop_delivery(dropped, at(4)).await.expect("dropped"), Changed::Done);
    assert_eq!(store.settle(stopped(dropped, cancelled())).await.expect("settled"), Settled::Stale);
    assert_eq!(seen(&attempts(&*store, dropped).await), [(1, "stopped", true, "said")]);
    assert_eq!(store.running(dropped).await.expect("a read"), None);
    // Ended by a bug of ours.
    let broken = owe(&*store, Mode::AtLeastOnce).await;
    say(&*store, broken, 1, "said").await;
    store.settle(stopped(broken, State::InDoubt)).await.expect("settled");
    assert_eq!(seen(&attempts(&*store, broken).await), [(1, "stopped", false, "said")]);
    // Dropped, and cut off before it was stopped.
    let both = owe(&*store, Mode::AtLeastOnce).await;
    say(&*store, both, 1, "said").await;
    store.drop_delivery(both, at(4)).await.expect("dropped");
    place.crash(store);
    let store = place.open(Bounds::default(), at(5));
    assert_eq!(seen(&attempts(&*store, both).await), [(1, "cut_off", true, "said")]);
}

pub(super) async fn what_was_said_goes_with_its_delivery(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let id = owe(&*store, Mode::AtLeastOnce).await;
    say(&*store, id, 1, "said").await;
    let retention = |before: Timestamp| Retention { ended_before: before, dead_before: before };
    assert_eq!(store.prune(retention(at(99))).await.expect("pruned"), 0, "what is under way stays");
    store.drop_delivery(id, at(4)).await.expect("dropped");
    assert!(store.running(id).await.expect("a read").is_some(), "it has not ended yet");
    assert!(store.prune(retention(at(99))).await.expect("pruned") > 0);
    assert_eq!(store.running(id).await.expect("a read"), None);
    assert_eq!(store.settle(stopped(id, cancelled())).await.expect("settled"), Settled::Stale);
    assert!(store.delivery(id).await.expect("a read").is_none());
}
