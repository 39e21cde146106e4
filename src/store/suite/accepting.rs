//! Accepting: once per key and window, all or nothing.

use std::sync::Arc;

use http::Method;

use super::make::{NOW, New, WINDOW, at, due_ids, every_event};
use super::{Bounds, Place};
use crate::event::Format;
use crate::store::{Accepted, Error};

pub(super) async fn an_event_reads_back_as_it_was(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let long = format!(r#"{{"text":"{}","n":10000000000000000000001.50}}"#, "doorbell ".repeat(2000));
    for body in [r#"{"n":1}"#.to_owned(), long, "[]".to_owned()] {
        let accept = New { body, ..New::key("k1") }.accept();
        let event = Arc::clone(&accept.event);
        let accept = crate::store::Accept { dedupe_for: std::time::Duration::ZERO, ..accept };
        assert_eq!(store.accept(accept, NOW).await.expect("accepted"), Accepted::New);
        let read = store.event(event.id).await.expect("a read").expect("an event");
        assert_eq!(format!("{read:?}"), format!("{event:?}"));
        let row = store.event_row(event.id).await.expect("a read").expect("a row");
        assert_eq!((row.id, row.received_at), (event.id, NOW));
        assert_eq!(row.body_bytes, u64::try_from(event.request.body.len()).expect("small"));
        assert_eq!(row.matched, ["deploy"]);
    }
    let unknown = New::default().accept().event.id;
    assert!(store.event(unknown).await.expect("a read").is_none());
    assert!(store.event_row(unknown).await.expect("a read").is_none());
}

pub(super) async fn a_body_of_each_format_reads_back(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let form_json = || Format::FormJson { field: "payload".to_owned() };
    for (method, content_type, format, body) in [
        (Method::GET, "application/json", Format::Json, ""),
        (Method::POST, "application/x-www-form-urlencoded", Format::Form, "a=1&b[]=2"),
        (Method::POST, "application/x-www-form-urlencoded", form_json(), "payload=%7B%22a%22%3A1.50%7D"),
        (Method::POST, "text/plain", Format::Text, "hello"),
        (
            Method::POST,
            "multipart/form-data; boundary=\"a b\"",
            Format::Multipart,
            "--a b\r\ncontent-disposition: form-data; name=x\r\n\r\n1\r\n--a b--",
        ),
        (Method::POST, "image/png", Format::CloudEvents, "\u{0}"),
        (Method::POST, "text/xml", Format::Xml, "<a b='1'>x</a>"),
    ] {
        let accept = New { method, content_type, format, body: body.to_owned(), ..New::default() }.accept();
        let event = Arc::clone(&accept.event);
        assert_eq!(store.accept(accept, NOW).await.expect("accepted"), Accepted::New);
        let read = store.event(event.id).await.expect("a read").expect("an event");
        assert_eq!(format!("{read:?}"), format!("{event:?}"));
    }
}

pub(super) async fn a_repeat_is_a_duplicate(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let new = New { key: Some("k".to_owned()), ..New::owing_one() };
    let first = new.accept();
    let first_id = first.event.id;
    assert_eq!(store.accept(first, NOW).await.expect("accepted"), Accepted::New);
    for _ in 0..2 {
        let again = store.accept(new.accept(), at(1)).await.expect("accepted");
        assert_eq!(again, Accepted::Duplicate { first: first_id });
    }
    let other = store.accept(New { source: "gitlab", ..new.clone() }.accept(), NOW).await;
    assert_eq!(other.expect("accepted"), Accepted::New, "keys are scoped by source");
    let row = store.event_row(first_id).await.expect("a read").expect("a row");
    assert_eq!(row.duplicates, 2);
    assert_eq!(store.events(every_event()).await.expect("a list").rows.len(), 2);
    assert_eq!(due_ids(&*store, at(9)).await.len(), 2, "nothing new is owed for a repeat");
}

pub(super) async fn another_body_is_a_conflict(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let new = New { key: Some("k".to_owned()), ..New::owing_one() };
    let first = new.accept();
    let first_id = first.event.id;
    assert_eq!(store.accept(first, NOW).await.expect("accepted"), Accepted::New);
    let forged = New { body: r#"{"n":2}"#.to_owned(), ..new.clone() };
    let kept = forged.accept();
    let kept_id = kept.event.id;
    assert_eq!(store.accept(kept, NOW).await.expect("accepted"), Accepted::Conflict { first: first_id });
    let again = store.accept(forged.accept(), NOW).await.expect("accepted");
    assert_eq!(again, Accepted::Conflict { first: first_id }, "and it is kept once");
    let row = store.event_row(kept_id).await.expect("a read").expect("it is kept");
    assert_eq!((row.conflict_with, row.duplicates, row.deliveries), (Some(first_id), 1, Vec::new()));
    assert_eq!(store.event(kept_id).await.expect("a read").expect("kept").request.body, r#"{"n":2}"#);
    assert_eq!(store.counts().await.expect("counts").events, 2);
    assert_eq!(due_ids(&*store, at(9)).await.len(), 1);
    let repeat = store.accept(new.accept(), NOW).await.expect("accepted");
    assert_eq!(repeat, Accepted::Duplicate { first: first_id }, "the first one is still the first");
}

pub(super) async fn an_event_without_a_key_is_always_new(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    for _ in 0..3 {
        assert_eq!(store.accept(New::default().accept(), NOW).await.expect("accepted"), Accepted::New);
    }
}

pub(super) async fn a_key_is_free_after_its_window(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = New::key("k").accept();
    let first_id = first.event.id;
    assert_eq!(store.accept(first, NOW).await.expect("accepted"), Accepted::New);
    let last_moment = crate::time::Timestamp::from_millis(NOW.plus(WINDOW).millis() - 1);
    let within = store.accept(New::key("k").accept(), last_moment).await.expect("accepted");
    assert_eq!(within, Accepted::Duplicate { first: first_id });
    let second = New { body: "2".to_owned(), ..New::key("k") }.accept();
    let second_id = second.event.id;
    assert_eq!(store.accept(second, NOW.plus(WINDOW)).await.expect("accepted"), Accepted::New);
    let third = New { body: "2".to_owned(), ..New::key("k") }.accept();
    let third = store.accept(third, NOW.plus(WINDOW)).await.expect("accepted");
    assert_eq!(third, Accepted::Duplicate { first: second_id }, "the new one counts from now on");
}

pub(super) async fn equal_keys_at_once_are_one_event(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let new = New { key: Some("k".to_owned()), ..New::owing_one() };
    let other = New { body: "2".to_owned(), ..New::key("k") };
    // Joined without a step between them, so that they lie in one batch.
    let (a, b, c, d) = tokio::join!(
        store.accept(new.accept(), NOW),
        store.accept(new.accept(), NOW),
        store.accept(other.accept(), NOW),
        store.accept(new.accept(), NOW),
    );
    let answers = [a, b, c, d].map(|answer| answer.expect("accepted"));
    assert_eq!(answers[0], Accepted::New);
    assert!(matches!(answers[1], Accepted::Duplicate { .. }), "{answers:?}");
    assert!(matches!(answers[2], Accepted::Conflict { .. }), "{answers:?}");
    assert_eq!(answers[1], answers[3]);
    assert_eq!(due_ids(&*store, at(9)).await.len(), 1);
}

pub(super) async fn a_full_backlog_is_busy_and_burns_nothing(place: Arc<dyn Place>) {
    let store = place.open(Bounds { backlog_max: 2, ..Bounds::default() }, NOW);
    for _ in 0..2 {
        assert_eq!(store.accept(New::owing_one().accept(), NOW).await.expect("accepted"), Accepted::New);
    }
    let late = New { key: Some("late".to_owned()), ..New::owing_one() };
    assert!(matches!(store.accept(late.accept(), NOW).await, Err(Error::Busy(_))));
    assert_eq!(store.counts().await.expect("counts").events, 2, "nothing was written");
    let free = store.accept(New::default().accept(), NOW).await.expect("accepted");
    assert_eq!(free, Accepted::New, "what owes nothing has room");
    let done = due_ids(&*store, at(9)).await[0];
    let settle = super::make::settle(done, 1, crate::delivery::State::Delivered);
    store.settle(settle).await.expect("settled");
    assert_eq!(
        store.accept(late.accept(), NOW).await.expect("accepted"),
        Accepted::New,
        "the id is not burnt"
    );
}

pub(super) async fn one_bad_row_does_not_fail_the_others(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let first = New::owing_one().accept();
    let (event, deliveries) = (Arc::clone(&first.event), first.deliveries.clone());
    let twin = crate::store::Accept { event, deliveries, matched: Vec::new(), ..New::default().accept() };
    let (a, b, c) = tokio::join!(
        store.accept(first, NOW),
        store.accept(twin, NOW),
        store.accept(New::owing_one().accept(), NOW),
    );
    assert_eq!((a.expect("the first"), c.expect("the third")), (Accepted::New, Accepted::New));
    assert!(matches!(b, Err(Error::Unwritable(_))), "one id cannot be two events: {b:?}");
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.events, counts.live), (2, 2));
}
