//! The store with a long history: how long a page takes, and what is accepted beside it, with retention at work and without.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use doorbell::delivery::{Answer, Outcome, State};
use doorbell::id::{DeliveryId, EventId};
use doorbell::store::sqlite::{Options, Sqlite};
use doorbell::store::{DeliveryFilter, EventFilter, Order, Retention, Settle, Store};
use doorbell::time::Timestamp;
use tokio::task::JoinSet;

use crate::event::{noise, now};
use crate::{Failure, Life, measure as load, print};

/// Events of one commit while the history is made.
const BATCH: usize = 256;
/// Each page is asked for so often.
const TIMES: usize = 20;
/// Tasks that make the history.
const FILLERS: usize = 4;
/// Rest between two chunks of retention, as the program has it.
const BETWEEN: Duration = Duration::from_millis(20);

/// Makes the history, then measures.
pub(crate) async fn measure(path: &Path, events: usize, time: Duration, tasks: u64) -> Result<(), Failure> {
    let store = Arc::new(Sqlite::open(path, Options::default(), now())?);
    let draining = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { while store.hints().await.is_ok() {} })
    };
    let (begin, began_at) = (Instant::now(), now());
    fill(&store, events).await?;
    let half = now().since(began_at) / 2;
    let middle = began_at.plus(half);
    let usage = store.usage().await?;
    let gigabytes = usage.file_bytes as f64 / 1e9;
    println!("{events} events in {gigabytes:.1} GB, made in {:.0} s", begin.elapsed().as_secs_f64());
    pages(&store, middle).await?;
    print("accepts", &load(&store, Life::Accept, time, tasks).await?, time);
    print("whole lives", &load(&store, Life::Whole, time, tasks).await?, time);
    let before = store.counts().await?.events;
    let pruning = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { retention(&store).await })
    };
    print("accepts, retention", &load(&store, Life::Accept, time, tasks).await?, time);
    print("lives, retention", &load(&store, Life::Whole, time, tasks).await?, time);
    pruning.abort();
    let after = store.counts().await?.events;
    println!("  {before} events before retention, {after} after it");
    draining.abort();
    store.close().await?;
    Ok(())
}

/// Accepts events in large commits; the deliveries that they owe end, some of them dead.
async fn fill(store: &Arc<Sqlite>, events: usize) -> Result<(), Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let fillers: Vec<_> = (0..FILLERS)
        .map(|_| {
            let (store, next) = (Arc::clone(store), Arc::clone(&next));
            tokio::spawn(async move {
                while next.fetch_add(BATCH, Ordering::Relaxed) < events {
                    batch(&store).await?;
                }
                Ok::<_, Failure>(())
            })
        })
        .collect();
    for filler in fillers {
        filler.await??;
    }
    Ok(())
}

async fn batch(store: &Arc<Sqlite>) -> Result<(), Failure> {
    let (accepts, owed): (Vec<_>, Vec<_>) = (0..BATCH).map(|_| noise()).unzip();
    store.accept_all(accepts, now()).await?;
    let mut ends = JoinSet::new();
    for (place, delivery) in owed.into_iter().flatten().enumerate() {
        let store = Arc::clone(store);
        ends.spawn(async move { store.settle(end(delivery, place == 0)).await.map(|_| ()) });
    }
    while let Some(end) = ends.join_next().await {
        end??;
    }
    Ok(())
}

fn end(delivery: DeliveryId, is_dead: bool) -> Settle {
    let (status, state) = match is_dead {
        true => (500, State::Dead { reason: "status 500".to_owned() }),
        false => (200, State::Delivered),
    };
    let outcome = Outcome {
        answer: Answer::Status { status, retry_after: None, refused: None },
        sent: "POST https://ci.example.com/build HTTP/1.1".to_owned(),
        got_head: "HTTP/1.1 200 OK".to_owned(),
        got_body: "ok".to_owned(),
        took: Duration::from_millis(12),
    };
    Settle {
        delivery,
        attempt: 1,
        started_at: now(),
        now: now(),
        outcome,
        state,
        owes: Vec::new(),
        emits: None,
    }
}

async fn retention(store: &Sqlite) {
    let later = now();
    loop {
        let _ = store.prune(Retention { ended_before: later, dead_before: later }).await;
        tokio::time::sleep(BETWEEN).await;
    }
}

async fn pages(store: &Sqlite, middle: Timestamp) -> Result<(), Failure> {
    let text = |text: &str| Some(text.to_owned());
    let first = || EventFilter { limit: 50, ..EventFilter::default() };
    let lists = [
        ("events", first()),
        ("events of a source", EventFilter { source: text("github"), ..first() }),
        ("events of a type", EventFilter { kind: text("rare"), ..first() }),
        ("events of a rule", EventFilter { rule: text("deploy"), ..first() }),
        ("dead events", EventFilter { status: text("dead"), ..first() }),
        ("delivered events", EventFilter { status: text("delivered"), ..first() }),
        ("events, far back", EventFilter { before: Some(EventId::new(middle.millis(), [0; 10])), ..first() }),
        ("events until a moment", EventFilter { until: Some(middle), ..first() }),
        ("events since a moment", EventFilter { since: Some(middle), order: Order::OldestFirst, ..first() }),
        (
            "events of a source and type",
            EventFilter { source: text("github"), kind: text("rare"), ..first() },
        ),
        ("dead events of a type", EventFilter { status: text("dead"), kind: text("fork"), ..first() }),
        ("no such type", EventFilter { kind: text("none"), ..first() }),
    ];
    for (name, filter) in lists {
        let mut took = Vec::new();
        let mut rows = 0;
        for _ in 0..TIMES {
            let begin = Instant::now();
            rows = store.events(filter.clone()).await?.rows.len();
            took.push(begin.elapsed());
        }
        page(name, rows, &mut took);
    }
    let first = || DeliveryFilter { limit: 50, ..DeliveryFilter::default() };
    let lists = [
        ("deliveries", first()),
        ("deliveries of a connection", DeliveryFilter { destination: text("connection:ci"), ..first() }),
        ("deliveries of a rule", DeliveryFilter { rule: text("deploy"), ..first() }),
        ("dead deliveries", DeliveryFilter { state: text("dead"), ..first() }),
        ("delivered deliveries", DeliveryFilter { state: text("delivered"), ..first() }),
        ("deliveries until a moment", DeliveryFilter { until: Some(middle), ..first() }),
        ("deliveries with an error", DeliveryFilter { error: text("status 500"), ..first() }),
        (
            "dead of a connection",
            DeliveryFilter { state: text("dead"), destination: text("connection:ci"), ..first() },
        ),
    ];
    for (name, filter) in lists {
        let mut took = Vec::new();
        let mut rows = 0;
        for _ in 0..TIMES {
            let begin = Instant::now();
            rows = store.deliveries(filter.clone()).await?.rows.len();
            took.push(begin.elapsed());
        }
        page(name, rows, &mut took);
    }
    Ok(())
}

fn page(name: &str, rows: usize, took: &mut [Duration]) {
    took.sort_unstable();
    let at = |place: usize| took.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0;
    println!(
        "  {name:<30} {rows:>3} rows   median {:>8.2} ms, longest {:>8.2} ms",
        at(TIMES / 2),
        at(TIMES - 1)
    );
}
