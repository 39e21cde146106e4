//! What a person stops: connections are paused and resumed, durably, and whoever dispatches hears of it.

use std::sync::Arc;

use super::make::{NOW, New, at, due_ids};
use super::{Bounds, Place};
use crate::store::{Changed, Pause, Store};

fn erp() -> Pause {
    Pause { connection: "erp".to_owned(), since: at(5), reason: Some("they are moving".to_owned()) }
}

async fn paused(store: &dyn Store) -> Vec<Pause> {
    store.pauses().await.expect("pauses")
}

pub(super) async fn a_pause_is_kept_until_it_is_lifted(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    assert_eq!(paused(&*store).await, []);
    assert_eq!(store.pause(erp()).await.expect("paused"), Changed::Done);
    let again = Pause { since: at(9), reason: None, ..erp() };
    assert_eq!(store.pause(again).await.expect("paused"), Changed::NotNow);
    let other = Pause { connection: "chat".to_owned(), since: at(6), reason: None };
    assert_eq!(store.pause(other.clone()).await.expect("paused"), Changed::Done);
    assert_eq!(paused(&*store).await, [other.clone(), erp()]);
    place.crash(store);
    let store = place.open(Bounds::default(), at(10));
    assert_eq!(paused(&*store).await, [other.clone(), erp()]);
    assert_eq!(store.resume("erp".to_owned()).await.expect("resumed"), Changed::Done);
    assert_eq!(store.resume("erp".to_owned()).await.expect("resumed"), Changed::NotNow);
    assert_eq!(paused(&*store).await, [other]);
}

pub(super) async fn a_pause_asks_for_a_rescan_and_leaves_due_what_is_due(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    // Whoever waits for hints hears of a pause, and before anything that is accepted later.
    let waiting = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.hints().await.expect("hints").len() })
    };
    store.pause(erp()).await.expect("paused");
    store.accept(New::owing_one().accept(), NOW).await.expect("accepted");
    assert_eq!(waiting.await.expect("an end"), 0);
    assert_eq!(store.hints().await.expect("hints").len(), 1);
    assert_eq!(due_ids(&*store, NOW).await.len(), 1);
    // What changes nothing asks for nothing.
    store.pause(erp()).await.expect("paused");
    store.accept(New::owing_one().accept(), NOW).await.expect("accepted");
    assert_eq!(store.hints().await.expect("hints").len(), 1);
    store.resume("erp".to_owned()).await.expect("resumed");
    assert_eq!(store.hints().await.expect("hints").len(), 0);
}
