//! What people ask for: another attempt, an end, the rules of that time, who was refused.

use std::sync::Arc;

use super::make::{NOW, New, Owed, at, cancelled, dead, due_ids, settle, state};
use super::{Bounds, Place};
use crate::delivery::{Context, Delivery, State};
use crate::id::{DeliveryId, RejectionId};
use crate::limit;
use crate::store::{Changed, DeliveryFilter, Error, Rejection, Replay, Retention, Settled};

pub(super) async fn retry_and_drop_depend_on_the_state(place: Arc<dyn Place>) {
    use Changed::{Done, NotNow};
    let store = place.open(Bounds::default(), NOW);
    let started = State::Started;
    let waiting = State::Waiting { on: "build".to_owned() };
    // A state, what retry says to it, what drop says to it.
    let rows = [
        (State::Due { at: at(60) }, Done, Done),
        (waiting, NotNow, Done),
        (started, NotNow, Done),
        (State::Delivered, NotNow, NotNow),
        (dead(), Done, Done),
        (State::InDoubt, Done, Done),
        (cancelled(), Done, NotNow),
    ];
    for (stand, retry, drop) in rows {
        for (is_retry, expected) in [(true, retry), (false, drop)] {
            let accept = New::owing_one().accept();
            let id = accept.deliveries[0].id;
            store.accept(accept, NOW).await.expect("accepted");
            store.settle(settle(id, 1, stand.clone())).await.expect("settled");
            let changed = if is_retry { store.retry(id, at(7)) } else { store.drop_delivery(id, at(7)) };
            assert_eq!(changed.await.expect("changed"), expected, "retry {is_retry} of {stand:?}");
            let now = if is_retry { "due" } else { "cancelled" };
            let name = if expected == Done { now } else { stand.name() };
            assert_eq!(state(&*store, id).await, name, "retry {is_retry} of {stand:?}");
            let is_due = due_ids(&*store, at(7)).await.contains(&id);
            assert_eq!(is_due, is_retry && expected == Done, "retry {is_retry} of {stand:?}");
        }
    }
    let unknown = New::owing_one().accept().deliveries[0].id;
    assert_eq!(store.retry(unknown, NOW).await.expect("changed"), Changed::Unknown);
    assert_eq!(store.drop_delivery(unknown, NOW).await.expect("changed"), Changed::Unknown);
}

pub(super) async fn what_is_wanted_anew_is_owed_beside_the_rest(place: Arc<dyn Place>) {
    let mut store = place.open(Bounds { backlog_max: 4, ..Bounds::default() }, NOW);
    let accept = New::owing_one().accept();
    let (event, first) = (accept.event.id, accept.deliveries[0].clone());
    store.accept(accept, NOW).await.expect("accepted");
    store.settle(settle(first.id, 1, dead())).await.expect("settled");
    let anew = |event, count: u8| {
        let deliveries = (0..count).map(|number| Delivery {
            id: DeliveryId::new(at(5).millis(), [number + 1; 10]),
            event,
            state: State::Due { at: at(5 + i64::from(number)) },
            context: Context { replayed_at: Some(at(5).millis()), ..Context::default() },
            ..first.clone()
        });
        Replay { event, deliveries: deliveries.collect(), needs: Vec::new() }
    };
    let unknown = New::owing_one().accept().event.id;
    assert_eq!(store.replay(anew(unknown, 1), at(5)).await.expect("an answer"), Changed::Unknown);
    assert!(
        matches!(store.replay(anew(event, 5), at(5)).await, Err(Error::Busy(_))),
        "the backlog is bounded"
    );
    assert_eq!(store.replay(anew(event, 2), at(5)).await.expect("an answer"), Changed::Done);
    place.crash(store);
    store = place.open(Bounds::default(), NOW);
    let of_event = DeliveryFilter { event: Some(event), limit: 9, ..DeliveryFilter::default() };
    let rows = store.deliveries(of_event).await.expect("a list").rows;
    let marks: Vec<_> = rows.iter().map(|row| row.delivery.context.replayed_at.is_some()).collect();
    assert_eq!(marks, [true, true, false]);
    assert_eq!(due_ids(&*store, at(5)).await.len(), 1, "each at its own moment");
    assert_eq!(due_ids(&*store, at(6)).await.len(), 2);
    let before = Retention { ended_before: at(60), dead_before: at(60) };
    assert_eq!(store.prune(before).await.expect("pruned"), 0, "what is owed keeps its event");
}

pub(super) async fn a_retry_goes_on_counting(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let accept = New::owing(Owed { state: State::Due { at: at(60) }, ..Owed::default() }).accept();
    let id = accept.deliveries[0].id;
    store.accept(accept, NOW).await.expect("accepted");
    store.hints().await.expect("hints");
    store.settle(settle(id, 1, dead())).await.expect("settled");
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.live, counts.dead), (0, 1));
    store.retry(id, at(7)).await.expect("retried");
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.live, counts.dead), (1, 0));
    let hinted = store.hints().await.expect("hints");
    assert_eq!((hinted[0].delivery.id, hinted[0].delivery.attempts), (id, 1));
    assert_eq!(store.settle(settle(id, 1, State::Delivered)).await.expect("settled"), Settled::Stale);
    assert_eq!(store.settle(settle(id, 2, State::Delivered)).await.expect("settled"), Settled::Done);
}

pub(super) async fn revisions_are_kept_once(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    for _ in 0..2 {
        store.keep_revision([1; 32], "rules: []".to_owned(), NOW).await.expect("kept");
    }
    assert_eq!(store.revision([1; 32]).await.expect("a read").as_deref(), Some("rules: []"));
    assert_eq!(store.revision([2; 32]).await.expect("a read"), None);
}

pub(super) async fn refused_requests_are_listed_newest_first(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let rejection = |cause: String| Rejection {
        id: RejectionId::new(NOW.millis(), [7; 10]),
        at: NOW,
        source: "github".to_owned(),
        status: 401,
        cause,
        peer: "192.0.2.7".to_owned(),
        examined: Some("{}".to_owned()),
    };
    for number in 0..3 {
        store.reject(rejection(format!("cause {number}")));
    }
    let causes = |list: Vec<Rejection>| list.into_iter().map(|one| one.cause).collect::<Vec<_>>();
    assert_eq!(causes(store.rejections(2).await.expect("a list")), ["cause 2", "cause 1"]);
    let one = store.rejections(1).await.expect("a list").remove(0);
    assert_eq!((one.id, one.examined.as_deref()), (RejectionId::new(NOW.millis(), [7; 10]), Some("{}")));
    for round in 0..=limit::REJECTIONS_KEPT / 400 {
        for number in 0..400 {
            store.reject(rejection(format!("{round}.{number} {}", "x".repeat(5000))));
        }
        assert!(!store.rejections(1).await.expect("a list").is_empty());
    }
    let all = store.rejections(usize::MAX).await.expect("a list");
    assert!(all.len() <= limit::REJECTIONS_KEPT, "{} are kept", all.len());
    assert!(all.iter().all(|one| one.cause.len() < 1000), "long texts are cut");
}
