//! How fast the store is: events accepted, and whole lives (accept, read what is due by hint, settle), beside the rate at
//! which this disk can sync one small write. `cargo bench --bench store [SECONDS] [TASKS]`.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use doorbell::delivery::{Answer, Context, Delivery, Mode, Outcome, State};
use doorbell::event::{Event, Format, Request};
use doorbell::id::{DeliveryId, EventId};
use doorbell::store::sqlite::{Options, Sqlite};
use doorbell::store::{Accept, DeliveryFilter, EventFilter, Settle, Store};
use doorbell::time::Timestamp;
use http::{HeaderMap, HeaderValue, Method};

type Failure = Box<dyn std::error::Error + Send + Sync>;

static NEXT: AtomicU64 = AtomicU64::new(1);

fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let time = Duration::from_secs(numbers.next().unwrap_or(5));
    let tasks = numbers.next().unwrap_or(64);
    let folder = tempfile::tempdir()?;
    println!("fsync of 4 KiB      {:>9.0} /s", syncs(&folder.path().join("raw"))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for (name, life) in [("accepts", Life::Accept), ("whole lives", Life::Whole)] {
        let store = Arc::new(Sqlite::open(&folder.path().join(name), Options::default(), now())?);
        let measured = runtime.block_on(measure(&store, life, time, tasks))?;
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
enum Life {
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

async fn measure(
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

async fn live(store: &dyn Store, life: Life) -> Result<(), Failure> {
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

/// An event of 7 KB, all different, that perhaps owes one delivery.
fn new(owes: bool) -> (Accept, Option<DeliveryId>) {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut random = [0; 10];
    for (place, byte) in random.iter_mut().zip(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()) {
        *place = byte;
    }
    let id = EventId::new(now().millis(), random);
    let mut headers = HeaderMap::new();
    for name in ["accept", "user-agent", "x-github-event", "x-github-delivery", "x-hub-signature-256"] {
        headers.append(
            name,
            HeaderValue::from_static("sixty-four bytes or so of a header's value, as GitHub sends"),
        );
    }
    let body = body(number);
    let request = Request {
        method: Method::POST,
        path: "/github".to_owned(),
        params: Vec::new(),
        query: String::new(),
        headers,
        body: Bytes::from(body),
        peer: std::net::IpAddr::from([192, 0, 2, 7]),
        received_at: now(),
    };
    let event = Event {
        id,
        source: Arc::from("github"),
        kind: "push".to_owned(),
        dedupe_key: Some(format!("{number:032x}")),
        verified: "hmac-sha256, secret 1 of 1".to_owned(),
        request,
        format: Format::Json,
        payload: serde_json::Value::Null,
    };
    let delivery = owes.then(|| Delivery {
        id: DeliveryId::new(now().millis(), random),
        event: id,
        rule: Arc::from("deploy"),
        revision: [7; 32],
        action: 0,
        verb: Arc::from("http"),
        destination: Arc::from("connection:ci"),
        order_key: None,
        mode: Mode::AtLeastOnce,
        state: State::Due { at: now() },
        attempts: 0,
        accepted_at: now(),
        context: Context::default(),
    });
    let named = delivery.as_ref().map(|delivery| delivery.id);
    let deliveries = delivery.into_iter().collect();
    let matched = vec![Arc::from("deploy")];
    let dedupe_for = Duration::from_secs(604_800);
    (
        Accept {
            event: Arc::new(event),
            dedupe_for,
            deliveries,
            needs: Vec::new(),
            throttles: Vec::new(),
            made: Vec::new(),
            matched,
        },
        named,
    )
}

/// JSON that compresses about as webhooks do: names repeat, digests do not.
fn body(number: u64) -> String {
    let mut text = String::from("{\"commits\":[");
    let mut seed = number;
    while text.len() < 7000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!(
            "{{\"id\":\"{seed:016x}{:016x}\",\"url\":\"https://github.example/o/r/commit/{:08x}\",\"distinct\":true,\
             \"message\":\"change {}\",\"author\":{{\"name\":\"A. Developer\",\"email\":\"a{}@example.com\"}}}},",
            seed.rotate_left(17),
            seed >> 32,
            seed % 1000,
            seed % 7
        ));
    }
    text.push_str("null]}");
    text
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}

fn print(name: &str, took: &[Duration], time: Duration) {
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
