//! How fast the store is, beside the rate at which this disk can sync one small write.
//!
//! ```text
//! cargo bench --bench store                        # events accepted, and whole lives, for 5 s each with 64 tasks
//! cargo bench --bench store -- 2 256               # for 2 s, with 256 tasks
//! DOORBELL_BENCH_HISTORY=1000000 cargo bench --bench store    # pages and accepts with so many events of 4 kB behind them
//! ```
//!
//! `DOORBELL_BENCH_DIR` says where the temporary stores lie: a million events take some 5 GB there, and are removed.

mod event;
mod history;

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorbell::delivery::{Answer, Outcome, State};
use doorbell::store::seal::Keys;
use doorbell::store::sqlite::{Options, Sqlite};
use doorbell::store::{DeliveryFilter, EventFilter, Settle, Store};

use event::{new, now};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is measured, and the key that it is encrypted with.
const ROWS: &[(&str, Life, &str)] = &[
    ("accepts", Life::Accept, ""),
    ("accepts, encrypted", Life::Accept, KEY),
    ("whole lives", Life::Whole, ""),
    ("lives, encrypted", Life::Whole, KEY),
];
const KEY: &str = "6f0d3c5b2a1e4f70819293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8";

fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let time = Duration::from_secs(numbers.next().unwrap_or(5));
    let tasks = numbers.next().unwrap_or(64);
    let folder = match std::env::var_os("DOORBELL_BENCH_DIR") {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    };
    println!("fsync of 4 KiB      {:>9.0} /s", syncs(&folder.path().join("raw"))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some(events) = std::env::var("DOORBELL_BENCH_HISTORY").ok().and_then(|text| text.parse().ok()) {
        return runtime.block_on(history::measure(&folder.path().join("history"), events, time, tasks));
    }
    for (name, life, keys) in ROWS {
        let keys = if keys.is_empty() { Keys::default() } else { Keys::parse(keys)? };
        let options = Options { keys, ..Options::default() };
        let store = Arc::new(Sqlite::open(&folder.path().join(name), options, now())?);
        let measured = runtime.block_on(measure(&store, *life, time, tasks))?;
        print(name, &measured, time);
        let begin = Instant::now();
        runtime.block_on(pages(&*store))?;
        println!("  five pages of 50 each in {:.1} ms", begin.elapsed().as_secs_f64() * 1000.0);
        runtime.block_on(store.close())?;
    }
    println!("resident memory     {:>9} KiB", resident()?);
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Accept,
    Whole,
}

fn syncs(path: &Path) -> Result<f64, Failure> {
    let mut file = File::create(path)?;
    let (begin, mut count) = (Instant::now(), 0_u32);
    while begin.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}

pub(crate) async fn measure(
    store: &Arc<Sqlite>,
    life: Life,
    time: Duration,
    tasks: u64,
) -> Result<Vec<Duration>, Failure> {
    let end = Instant::now() + time;
    let running: Vec<_> = (0..tasks)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < end {
                    let begin = Instant::now();
                    live(&*store, life).await?;
                    took.push(begin.elapsed());
                }
                Ok::<_, Failure>(took)
            })
        })
        .collect();
    let hints = (life == Life::Whole).then(|| {
        let store = Arc::clone(store);
        tokio::spawn(async move { while store.hints().await.is_ok() {} })
    });
    let mut all = Vec::new();
    for task in running {
        all.extend(task.await??);
    }
    if let Some(hints) = hints {
        hints.abort();
    }
    Ok(all)
}

pub(crate) async fn live(store: &dyn Store, life: Life) -> Result<(), Failure> {
    let (accept, delivery) = new(life == Life::Whole);
    store.accept(accept, now()).await?;
    let Some(delivery) = delivery else { return Ok(()) };
    let answer = Answer::Status { status: 200, retry_after: None, refused: None };
    let outcome = Outcome {
        answer,
        sent:
            "POST https://ci.example.com/build HTTP/1.1\ncontent-type: application/json\n\n{\"ref\":\"main\"}"
                .to_owned(),
        got_head: "HTTP/1.1 200 OK\ncontent-type: application/json".to_owned(),
        got_body: "{\"ok\":true}".to_owned(),
        took: Duration::from_millis(12),
    };
    let (started_at, now) = (now(), now());
    store
        .settle(Settle {
            delivery,
            attempt: 1,
            started_at,
            now,
            outcome,
            state: State::Delivered,
            owes: Vec::new(),
            emits: None,
        })
        .await?;
    Ok(())
}

async fn pages(store: &dyn Store) -> Result<(), Failure> {
    let text = |text: &str| Some(text.to_owned());
    for source in [None, text("github")] {
        store.events(EventFilter { source, limit: 50, ..EventFilter::default() }).await?;
    }
    store.events(EventFilter { status: text("dead"), limit: 50, ..EventFilter::default() }).await?;
    for destination in [None, text("connection:ci")] {
        store.deliveries(DeliveryFilter { destination, limit: 50, ..DeliveryFilter::default() }).await?;
    }
    Ok(())
}

pub(crate) fn print(name: &str, took: &[Duration], time: Duration) {
    let mut took = took.to_vec();
    took.sort_unstable();
    let count = u32::try_from(took.len()).unwrap_or(u32::MAX);
    let quantile = |share: usize| {
        took.get(took.len().saturating_sub(1) * share / 1000).copied().unwrap_or_default().as_secs_f64()
            * 1000.0
    };
    println!(
        "{name:<19} {:>9.0} /s   p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, longest {:.2} ms",
        f64::from(count) / time.as_secs_f64(),
        quantile(500),
        quantile(990),
        quantile(999),
        quantile(1000),
    );
}

fn resident() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse().ok()).unwrap_or(0))
}
