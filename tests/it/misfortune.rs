//! Bad company: destinations that hang, drip, reset or answer too late, rules that are broken by an edit under load, and
//! a bug of ours in the middle of an attempt.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use doorbell::clock::{Clock, System};
use doorbell::config::{Permissions, Secrets, load};
use doorbell::perform::Performer;
use doorbell::store::Store;
use doorbell::store::sqlite::{Options, Sqlite};
use doorbell::time::Timestamp;
use doorbell::worker::Worker;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::crash::senders;
use crate::program::{PATIENCE, Place};
use crate::receiver::Receiver;

/// A destination that never behaves, by the path that it is asked for.
async fn misbehave(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(one(stream));
    }
}

async fn one(mut stream: TcpStream) {
    let mut head = vec![0; 4096];
    let read = stream.read(&mut head).await.unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    match path.as_str() {
        "/drip" => {
            let _ = stream.write_all(answer).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        "/reset" => {
            let _ = stream.set_zero_linger();
        }
        "/late" => {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        }
        // It says nothing for as long as the other side waits.
        _ => {
            let _ = stream.read(&mut [0]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destination_that_misbehaves_holds_nobody_up_and_is_told() {
    let mut receiver = Receiver::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let destination = tokio::spawn(misbehave(listener));
    let rows =
        [("hang", "timed out"), ("drip", "timed out"), ("late", "timed out"), ("reset", "unreachable: ")];
    let actions: Vec<String> = rows
        .iter()
        .map(|(how, _)| format!("{{ id: {how}, http: bad, path: /{how}, timeout: 500ms }}"))
        .collect();
    let rules = format!(
        "sources: {{ open: {{ verify: none }} }}\n\
         connections:\n  bad: {{ http: {{ url: \"{address}\" }}, retry: {{ attempts: 2, first: 1ms, max: 1ms }} }}\n  \
         good: {{ http: {{ url: \"{}\" }} }}\n\
         rules:\n  - {{ name: bad, from: open, do: [{}] }}\n  - {{ name: good, from: open, do: {{ http: good, path: /got }} }}\n",
        receiver.address,
        actions.join(", ")
    );
    let place = Place::new(&rules, &[]);
    let program = place.serve();
    for _ in 0..5 {
        assert_eq!(program.post("/open", &[], "{}").await.0, 202);
    }
    for _ in 0..5 {
        assert_eq!(receiver.next().await.path, "/got", "the others are served meanwhile");
    }
    let all_dead = |answer: &Value| answer["deliveries"].as_array().is_some_and(|list| list.len() == 20);
    let dead = program.until("/api/deliveries?state=dead&limit=100", all_dead).await;
    for delivery in dead["deliveries"].as_array().unwrap() {
        let place = usize::try_from(delivery["action"].as_u64().unwrap()).unwrap();
        let (how, wanted) = rows[place];
        let error = delivery["last_error"].as_str().unwrap();
        assert!(error.starts_with(wanted), "{how}: {error}");
        assert_eq!(delivery["attempts_made"], 2, "{how}: a late 200 is no end of an attempt that is over");
    }
    destination.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_edit_under_load_loses_nothing_and_changes_nothing() {
    let mut receiver = Receiver::start().await;
    let rules = format!(
        "sources: {{ open: {{ verify: none, id: $.n }} }}\n\
         rules:\n  - {{ name: forward, from: open, do: {{ http: \"{}/got\" }} }}\n",
        receiver.address
    );
    let place = Place::new(&rules, &[]);
    let program = place.serve();
    let (said, mut heard) = mpsc::channel(1);
    let tasks = senders(&program, &Arc::new(AtomicUsize::new(0)), &said);
    drop(said);
    let mut accepted = 0;
    let half = rules.split_at(rules.len() / 2).0;
    for broken in [half, "", "sources: [", "sources: { open: { verify: nothing } }", half, "\0"] {
        std::fs::write(place.file("doorbell.yaml"), broken).unwrap();
        let (status, why) = program.want("/api/reload").await;
        assert_eq!(status, 422, "`{broken}`: {why}");
        for _ in 0..20 {
            heard.recv().await.expect("webhooks are taken meanwhile");
            accepted += 1;
        }
    }
    place.write("doorbell.yaml", &rules);
    assert_eq!(program.want("/api/reload").await.0, 200);
    heard.close();
    while heard.recv().await.is_some() {
        accepted += 1;
    }
    tasks.join_all().await;
    for _ in 0..accepted {
        receiver.next().await;
    }
    assert_eq!(program.stop(), Some(0));
}

/// A clock that panics when an attempt looks at it, once: nothing else of a real attempt can be made to.
struct Broken {
    worker: std::sync::OnceLock<tokio::task::Id>,
    has_panicked: AtomicBool,
}

impl Clock for Broken {
    fn now(&self) -> Timestamp {
        let task = tokio::task::id();
        let worker = self.worker.get_or_init(|| task);
        if *worker != task && !self.has_panicked.swap(true, Ordering::SeqCst) {
            panic!("a bug, for a test");
        }
        System.now()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bug_in_an_attempt_is_told_and_the_attempt_is_made_again() {
    let rules =
        "sources: { open: { verify: none } }\nrules:\n  - { name: say, from: open, do: [{ log: hello }] }\n";
    let place = Place::new(rules, &[]);
    // The real program fills the store; its worker is then taken apart from it, with a clock of our own.
    let program = place.serve();
    for _ in 0..3 {
        assert_eq!(program.post("/open", &[], "{}").await.0, 202);
    }
    let all = |answer: &Value| answer["deliveries"].as_array().is_some_and(|list| list.len() == 3);
    let done = program.until("/api/deliveries?state=delivered", all).await;
    assert_eq!(program.stop(), Some(0));
    let store = Sqlite::open(&place.file("doorbell.db"), Options::default(), System.now()).unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let event = done["deliveries"][0]["event"].as_str().unwrap().parse().unwrap();
    let live =
        load(&[place.file("doorbell.yaml")], Permissions::Strict, Secrets::Needed).unwrap().live.unwrap();
    let owed: Vec<_> = (0..3_u8).map(|number| again(&live.set, event, number)).collect();
    let ids: Vec<_> = owed.iter().map(|delivery| delivery.id).collect();
    let replay = doorbell::store::Replay { event, deliveries: owed, needs: Vec::new() };
    store.replay(replay, System.now()).await.unwrap();
    let clock = Arc::new(Broken { worker: std::sync::OnceLock::new(), has_panicked: AtomicBool::new(false) });
    let worker = Worker {
        store: Arc::clone(&store),
        live: Arc::new(ArcSwap::from(live)),
        performer: Performer::new().unwrap(),
        clock: clock.clone(),
        meter: Arc::default(),
        feed: doorbell::feed::Feed::default(),
        is_traced: false,
        limits: doorbell::bounds::Limits::default(),
    };
    let (stopper, stop) = doorbell::stop::channel();
    let working = tokio::spawn(worker.run(stop, Duration::from_secs(1)));
    let begin = std::time::Instant::now();
    for id in ids {
        loop {
            let (row, attempts) = store.delivery(id).await.unwrap().unwrap();
            let has_failed = attempts.iter().any(|attempt| attempt.words.contains("this is a bug"));
            if has_failed {
                assert_eq!(
                    (row.delivery.state.name(), row.delivery.attempts),
                    ("due", 1),
                    "it is made again"
                );
            }
            if has_failed || row.delivery.state.name() == "delivered" {
                break;
            }
            assert!(begin.elapsed() < PATIENCE, "{row:?}");
            tokio::task::yield_now().await;
        }
    }
    assert!(clock.has_panicked.load(Ordering::SeqCst));
    stopper.stop();
    working.await.expect("the worker itself goes on to its orderly end");
}

/// The one action of these rules, owed once more.
fn again(
    set: &doorbell::rule::Set,
    event: doorbell::id::EventId,
    number: u8,
) -> doorbell::delivery::Delivery {
    let now = System.now();
    doorbell::delivery::Delivery {
        id: doorbell::id::DeliveryId::new(now.millis(), [number; 10]),
        event,
        rule: "say".into(),
        revision: set.digest,
        action: 0,
        verb: "log".into(),
        destination: "rule:say".into(),
        order_key: None,
        mode: doorbell::delivery::Mode::AtLeastOnce,
        state: doorbell::delivery::State::Due { at: now },
        attempts: 0,
        accepted_at: now,
        context: doorbell::delivery::Context::default(),
    }
}
