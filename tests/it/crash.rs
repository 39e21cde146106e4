//! kill -9 at any moment, and SIGTERM under load: every event that was answered 2xx is there after the restart, and its
//! delivery reaches the destination at least once and exactly one end. `DOORBELL_CRASH_CYCLES` sets how many kills there
//! are (5; the full run is 500). A table at the end tells what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::program::{PATIENCE, Place, Program};
use crate::receiver::{Got, Receiver};

const SENDERS: usize = 16;
/// Accepted events of one cycle at the most; the moment of the kill is drawn between 1 and this.
const CYCLE_MAX: usize = 400;
/// What may be under way at once: at most so much is done again after a kill.
const UNDER_WAY_MAX: usize = 64;
/// Events of one page when all of them are looked up at the end.
const PAGE: usize = 500;

fn rules(receiver: &str) -> String {
    format!(
        "sources: {{ open: {{ verify: none, id: $.n }} }}\n\
         connections: {{ there: {{ http: {{ url: \"{receiver}\" }} }} }}\n\
         rules:\n  - name: forward\n    from: open\n    do: [{{ http: there, path: /got, json: {{ event: \"{{{{ event.id }}}}\" }} }}]\n"
    )
}

/// A small generator, so that a seed tells the whole run.
fn draw(seed: &mut u64, most: usize) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed % u64::try_from(most).unwrap()).unwrap() + 1
}

/// Sends at full speed until the program is gone; the ids that were answered 2xx.
pub fn senders(program: &Program, next: &Arc<AtomicUsize>, said: &mpsc::Sender<String>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for _ in 0..SENDERS {
        let (client, address) = (program.client.clone(), program.address.clone());
        let (next, said) = (Arc::clone(next), said.clone());
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let body = format!(r#"{{"n":"{number}"}}"#);
                let sent = client
                    .post(format!("{address}/open"))
                    .header("content-type", "application/json")
                    .body(body)
                    .send();
                let Ok(response) = sent.await else { return };
                if !response.status().is_success() {
                    continue;
                }
                let Ok(text) = response.text().await else { return };
                let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
                if said.send(answer["id"].as_str().unwrap().to_owned()).await.is_err() {
                    return;
                }
            }
        });
    }
    tasks
}

/// What a run gave.
#[derive(Default)]
struct Tally {
    cycles: usize,
    accepted: usize,
    lost: usize,
    repeated: usize,
    took: Duration,
}

impl Tally {
    fn print(&self, how: &str) {
        println!("| how | cycles | accepted | lost | repeated | bound of repeats | took |");
        println!("|---|---|---|---|---|---|---|");
        let Self { cycles, accepted, lost, repeated, took } = self;
        let bound = cycles * UNDER_WAY_MAX;
        println!("| {how} | {cycles} | {accepted} | {lost} | {repeated} | {bound} | {} s |", took.as_secs());
    }
}

/// Loads the program and ends it, again and again; then looks for all that it had accepted.
async fn campaign(cycles: usize, end: fn(Program)) -> Tally {
    let begin = Instant::now();
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    let mut receiver = Receiver::start().await;
    let place = Place::new(&rules(&receiver.address), &[]);
    let next = Arc::new(AtomicUsize::new(0));
    let mut accepted = BTreeSet::new();
    let mut got: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..cycles {
        let program = place.serve();
        let (said, mut heard) = mpsc::channel(1);
        let tasks = senders(&program, &next, &said);
        drop(said);
        for _ in 0..draw(&mut seed, CYCLE_MAX) {
            accepted.insert(heard.recv().await.unwrap());
        }
        let ending = tokio::task::spawn_blocking(move || end(program));
        while let Some(id) = heard.recv().await {
            accepted.insert(id);
        }
        tasks.join_all().await;
        ending.await.unwrap();
        count(&mut got, receiver.rest());
    }
    let program = place.serve();
    let mut missing: BTreeSet<String> =
        accepted.iter().filter(|id| !got.contains_key(*id)).cloned().collect();
    while !missing.is_empty() {
        let Ok(one) = tokio::time::timeout(PATIENCE, receiver.next()).await else { break };
        missing.remove(&event(&one));
        count(&mut got, vec![one]);
    }
    let lost = missing.len() + without_one_end(&program, &accepted).await;
    count(&mut got, receiver.rest());
    let repeated = got.values().map(|times| times - 1).sum();
    Tally { cycles, accepted: accepted.len(), lost, repeated, took: begin.elapsed() }
}

/// How many of these events have not exactly one delivery, and that at its end. Pages of deliveries tell of many at once.
async fn without_one_end(program: &Program, accepted: &BTreeSet<String>) -> usize {
    program
        .until("/api/deliveries?state=due", |answer| {
            answer["deliveries"].as_array().is_some_and(Vec::is_empty)
        })
        .await;
    let mut ends: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut path = format!("/api/deliveries?limit={PAGE}");
    loop {
        let (_, answer) = program.ask(&path).await;
        for one in answer["deliveries"].as_array().unwrap() {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            ends.entry(text("event")).or_default().push(text("state"));
        }
        match answer["next"].as_str() {
            Some(next) => path = format!("/api/deliveries?limit={PAGE}&before={next}"),
            None => break,
        }
    }
    let is_done = |id: &&String| ends.get(*id).is_some_and(|ends| *ends == ["delivered"]);
    accepted.len() - accepted.iter().filter(is_done).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_accepted_is_lost_by_kill_9() {
    let cycles = std::env::var("DOORBELL_CRASH_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let tally = campaign(cycles, Program::kill).await;
    tally.print("kill -9");
    assert_eq!(tally.lost, 0);
    assert!(tally.repeated <= cycles * UNDER_WAY_MAX, "{} repeats in {cycles} kills", tally.repeated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_repeated_by_sigterm_under_load() {
    let tally = campaign(3, |program| assert_eq!(program.stop(), Some(0))).await;
    tally.print("SIGTERM");
    assert_eq!((tally.lost, tally.repeated), (0, 0), "what is under way may end");
}

fn count(got: &mut BTreeMap<String, usize>, requests: Vec<Got>) {
    for request in requests {
        *got.entry(event(&request)).or_default() += 1;
    }
}

/// The event that a request is about.
fn event(request: &Got) -> String {
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    body["event"].as_str().unwrap().to_owned()
}
