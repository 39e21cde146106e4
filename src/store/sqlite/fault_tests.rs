//! What goes wrong below the store: a disk that says no, an answer that is lost, a clock that jumps. Faults are data:
//! a point in the writer and the code with which SQLite fails there.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::{Options, Point, Sqlite};
use crate::delivery::State;
use crate::store::suite::make::{self, NOW, New, WINDOW, at, dead, due_ids, every_event};
use crate::store::{Accepted, Error, Retention, Store};

const FSYNC: i32 = 1034;
const WRITE: i32 = 778;
const FULL: i32 = 13;
const READ_ONLY: i32 = 8;
const BUSY: i32 = 5;
const DAMAGED: i32 = 11;

/// Where it fails, and how.
const FAULTS: &[(Point, i32)] = &[
    (Point::Begin, READ_ONLY),
    (Point::Begin, BUSY),
    (Point::Begin, DAMAGED),
    (Point::Begin, WRITE),
    (Point::Commit, FSYNC),
    (Point::Commit, FULL),
    (Point::Commit, WRITE),
    (Point::Commit, READ_ONLY),
];

fn open(path: &Path) -> Sqlite {
    Sqlite::open(path, Options::default(), NOW).expect("a store")
}

#[tokio::test]
async fn what_fails_is_never_accepted_and_leaves_nothing() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    for (accepted, fault) in FAULTS.iter().enumerate() {
        let store = open(&path);
        let new = New { key: Some(format!("{fault:?}")), ..New::owing_one() };
        store.shared.faults.plan(&[*fault, *fault]);
        let refused = store.accept(new.accept(), NOW).await;
        assert!(matches!(refused, Err(Error::Unwritable(_))), "{fault:?}: {refused:?}");
        assert!(store.writable().await.is_err(), "{fault:?}: readyz says so");
        // People still read what is there, and what comes behind the fault is written.
        assert_eq!(store.events(every_event()).await.expect("a list").rows.len(), accepted, "{fault:?}");
        assert_eq!(store.accept(new.accept(), NOW).await.expect("later"), Accepted::New, "{fault:?}");
        assert!(store.writable().await.is_ok(), "{fault:?}");
        let counts = store.counts().await.expect("counts");
        drop(store);
        let store = open(&path);
        assert_eq!(store.counts().await.expect("counts"), counts, "{fault:?}: what was counted is there");
        store.check().await.expect("sound");
    }
}

#[tokio::test]
async fn an_end_that_cannot_be_written_leaves_the_delivery_due() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    for fault in FAULTS {
        let store = open(&path);
        let accept = New::owing_one().accept();
        let id = accept.deliveries[0].id;
        store.accept(accept, NOW).await.expect("accepted");
        store.shared.faults.plan(&[*fault]);
        let refused = store.settle(make::settle(id, 1, State::Delivered)).await;
        assert!(matches!(refused, Err(Error::Unwritable(_))), "{fault:?}: {refused:?}");
        drop(store);
        let store = open(&path);
        assert_eq!(due_ids(&store, NOW).await, [id], "{fault:?}");
        store.settle(make::settle(id, 1, State::Delivered)).await.expect("settled");
        drop(store);
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_behind_the_commit_is_a_repeat_later() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("doorbell.db");
    let store = open(&path);
    let new = New { key: Some("k".to_owned()), ..New::owing_one() };
    store.shared.faults.plan(&[(Point::Committed, FSYNC)]);
    let first = new.accept();
    let id = first.event.id;
    assert!(store.accept(first, NOW).await.is_err(), "the sender hears 503");
    let again = store.accept(new.accept(), NOW).await.expect("and comes back");
    assert_eq!(again, Accepted::Duplicate { first: id });
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.events, counts.live), (1, 1), "found out anew from the file");
    assert_eq!(due_ids(&store, NOW).await.len(), 1);
}

#[tokio::test]
async fn a_clock_that_jumps_loses_and_repeats_nothing() {
    let folder = TempDir::new().expect("a folder");
    let store = open(&folder.path().join("doorbell.db"));
    let day = 24 * 3600;
    let keyed = |seconds| New {
        received_at: at(seconds),
        ..New { deliveries: New::owing_one().deliveries, ..New::key("k") }
    };
    let first = keyed(0).accept();
    let (event, delivery) = (first.event.id, first.deliveries[0].id);
    store.accept(first, NOW).await.expect("accepted");
    // A day back: the key is still known, nothing is due yet, nothing is old, and new events are taken.
    let back = store.accept(keyed(-day).accept(), at(-day)).await.expect("an answer");
    assert_eq!(back, Accepted::Duplicate { first: event });
    assert!(due_ids(&store, at(-day)).await.is_empty());
    let all = |seconds| Retention { ended_before: at(seconds), dead_before: at(seconds) };
    assert_eq!(store.prune(all(-day)).await.expect("pruned"), 0);
    let other = New { received_at: at(-day), ..New::owing_one() }.accept();
    let older = other.event.id;
    assert_eq!(store.accept(other, at(-day)).await.expect("an answer"), Accepted::New);
    let listed: Vec<_> =
        store.events(every_event()).await.expect("a list").rows.iter().map(|row| row.id).collect();
    assert_eq!(listed, [event, older], "by their own moments");
    // The clock is right again: all that was due is due.
    assert_eq!(due_ids(&store, NOW).await.len(), 2);
    store.settle(make::settle(delivery, 1, dead())).await.expect("settled");
    // A month ahead: the key's window is over, what ended is old, what is owed stays.
    let month = 30 * day;
    assert!(WINDOW.as_secs() < 30 * 24 * 3600);
    assert_eq!(store.accept(keyed(month).accept(), at(month)).await.expect("an answer"), Accepted::New);
    while store.prune(all(month)).await.expect("pruned") > 0 {}
    let left: Vec<_> =
        store.events(every_event()).await.expect("a list").rows.iter().map(|row| row.id).collect();
    assert_eq!((left.len(), left.contains(&older), left.contains(&event)), (2, true, false));
    assert_eq!(due_ids(&store, at(month)).await.len(), 2);
}

/// The clock jumps by an hour or a year while a delivery waits for its next attempt, a minute away: what is due moves
/// with a clock that is set back, in the same program and after a restart.
#[tokio::test]
async fn a_clock_that_is_set_back_delays_nothing() {
    let (hour, year) = (3600, 365 * 24 * 3600);
    for (jump, restarts) in
        [(-hour, false), (-hour, true), (-year, false), (-year, true), (hour, false), (year, true)]
    {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("doorbell.db");
        let mut store = open(&path);
        let accept = New::owing_one().accept();
        let id = accept.deliveries[0].id;
        store.accept(accept, NOW).await.expect("accepted");
        assert_eq!(store.note_clock(NOW, NOW).await.expect("noted"), Duration::ZERO);
        store.settle(make::settle(id, 1, State::Due { at: at(60) })).await.expect("settled");
        if restarts {
            drop(store);
            store = open(&path);
        }
        let seen = if restarts { at(jump) } else { at(0) };
        let by = store.note_clock(seen.max(at(jump)), at(jump)).await.expect("noted");
        assert_eq!(by.as_secs(), u64::try_from((-jump).max(0)).expect("a number"), "{jump}");
        let is_due = |seconds| due_ids(&store, at(seconds));
        if jump < 0 {
            assert!(is_due(jump + 59).await.is_empty(), "{jump}: not before its time");
        }
        assert_eq!(is_due(jump + 60).await, [id], "{jump}: not later than its time");
        // Once: what is written from now on is by the new clock.
        assert_eq!(store.note_clock(at(jump), at(jump + 5)).await.expect("noted"), Duration::ZERO);
        assert_eq!(
            store.note_clock(at(jump + 5), at(jump)).await.expect("noted"),
            Duration::ZERO,
            "a small step"
        );
        assert_eq!(is_due(jump + 60).await, [id], "{jump}");
    }
}
