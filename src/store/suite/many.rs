//! Many at once: nothing is lost, nothing is done twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::make::{NOW, New, at, due_ids, settle};
use super::{Bounds, Place};
use crate::delivery::State;
use crate::store::{Accepted, DeliveryFilter, Error, Settled};

const TASKS: usize = 64;
const EACH: usize = 10;

pub(super) async fn sixty_four_tasks_lose_and_repeat_nothing(place: Arc<dyn Place>) {
    let store = place.open(Bounds { queue_max: 16, ..Bounds::default() }, NOW);
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let (mut accepted, mut busy) = (Vec::new(), 0);
            for _ in 0..EACH {
                let accept = New::owing_one().accept();
                let id = accept.deliveries[0].id;
                match store.accept(accept, NOW).await {
                    Ok(answer) => assert_eq!(answer, Accepted::New),
                    Err(Error::Busy(_)) => {
                        busy += 1;
                        continue;
                    }
                    Err(error) => panic!("{error}"),
                }
                accepted.push(id);
                if accepted.len() % 2 == 0 {
                    // A settle and its late twin: one of them counts.
                    let (one, two) = tokio::join!(
                        store.settle(settle(id, 1, State::Delivered)),
                        store.settle(settle(id, 1, State::Delivered)),
                    );
                    let counted = [one.expect("settled"), two.expect("settled")];
                    assert!(counted.contains(&Settled::Done) && counted.contains(&Settled::Stale));
                }
            }
            (accepted, busy)
        });
    }
    let (mut accepted, mut busy) = (Vec::new(), 0);
    while let Some(task) = tasks.join_next().await {
        let (ids, refused) = task.expect("a task");
        busy += refused;
        accepted.push(ids);
    }
    let all: usize = accepted.iter().map(Vec::len).sum();
    assert_eq!(all + busy, TASKS * EACH, "each is accepted or refused");
    place.crash(store);
    let store = place.open(Bounds::default(), NOW);
    let due: BTreeSet<_> = due_ids(&*store, at(99)).await.into_iter().collect();
    let owed = accepted.iter().flat_map(|ids| ids.iter().enumerate().filter(|(n, _)| n % 2 == 0));
    assert_eq!(due, owed.map(|(_, id)| *id).collect(), "what was not settled is due, once");
    assert_eq!(store.counts().await.expect("counts").events, all as u64, "a refusal writes nothing");
    let filter = DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() };
    assert_eq!(store.deliveries(filter).await.expect("a list").rows.len(), all);
}

pub(super) async fn each_key_is_new_once_among_many(place: Arc<dyn Place>) {
    let store = place.open(Bounds::default(), NOW);
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut answers = Vec::new();
            for n in 0..EACH {
                let key = (task + n) % EACH;
                let new = New { key: Some(key.to_string()), ..New::owing_one() };
                let accept = new.accept();
                let id = accept.event.id;
                answers.push((key, id, store.accept(accept, NOW).await.expect("accepted")));
            }
            answers
        });
    }
    let (mut new, mut first) = (BTreeMap::new(), BTreeMap::<_, BTreeSet<_>>::new());
    while let Some(task) = tasks.join_next().await {
        for (key, id, answer) in task.expect("a task") {
            match answer {
                Accepted::New => assert_eq!(new.insert(key, id), None, "key {key} is new once"),
                Accepted::Duplicate { first: id } => {
                    first.entry(key).or_default().insert(id);
                }
                Accepted::Conflict { .. } => panic!("the bodies are equal"),
            }
        }
    }
    assert_eq!(new.len(), EACH);
    for (key, id) in new {
        assert_eq!(first[&key], BTreeSet::from([id]));
    }
    assert_eq!(due_ids(&*store, at(99)).await.len(), EACH);
}
