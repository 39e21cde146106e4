//! Whether one destination that never answers and one that may be asked ten times a second, each with 10,000 deliveries
//! due, slow a third down: its latency from the webhook to the arrival, alone and beside them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use http::StatusCode;
use serde_json::{Value, json};

use crate::candidate::{directory, doorbell};
use crate::serve::{bind, serve};

/// Webhooks for the third, one every so often.
const COUNT: usize = 1_000;
const EVERY: Duration = Duration::from_millis(10);
/// What is due at each of the others.
const DUE: usize = 10_000;
/// Items of one request.
const BATCH: usize = 500;

const RULES: &str = r#"
sources: { open: { verify: none }, many: { verify: none, batch: $.events } }
connections:
  hangs: { http: { url: "http://{address}/hangs" } }
  slow: { http: { url: "http://{address}/slow" }, rate: 10/s }
  third: { http: { url: "http://{address}/third" } }
rules:
  - { name: hangs, if: { $.to: hangs }, do: [{ http: hangs, json: { n: "{{ $.n }}" } }] }
  - { name: slow, if: { $.to: slow }, do: [{ http: slow, json: { n: "{{ $.n }}" } }] }
  - { name: third, if: { $.to: third }, do: [{ http: third, path: "/{{ $.n }}", json: { n: "{{ $.n }}" } }] }
"#;

type Arrived = Arc<Mutex<HashMap<String, Instant>>>;

/// Measures and prints.
pub(crate) fn measure() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (alone, beside) = runtime.block_on(async {
        let arrived = Arrived::default();
        let address = destinations(Arc::clone(&arrived)).await;
        eprintln!("fairness: alone");
        let alone = latencies(address, &arrived, 0).await;
        eprintln!("fairness: beside one that hangs and one that is slow");
        (alone, latencies(address, &arrived, DUE).await)
    });
    println!("{:<30}{:>10}{:>12}   ms from the webhook to its arrival", "fairness", "p50", "p99");
    for (name, sorted) in [("alone", &alone), ("beside two that are stuck", &beside)] {
        println!("{name:<30}{:>10.1}{:>12.1}", at(sorted, 50), at(sorted, 99));
    }
    println!(
        "{:<30}{:>10.2}{:>12.2}\n",
        "ratio",
        at(&beside, 50) / at(&alone, 50),
        at(&beside, 99) / at(&alone, 99)
    );
}

/// All three destinations; the third tells what arrived and when.
async fn destinations(arrived: Arrived) -> SocketAddr {
    let handler = move |request: Request| {
        let arrived = Arc::clone(&arrived);
        async move {
            let path = request.uri().path().to_owned();
            if path.starts_with("/hangs") {
                std::future::pending::<()>().await;
            }
            arrived.lock().unwrap().insert(path, Instant::now());
            StatusCode::OK
        }
    };
    let (listener, address) = bind().await;
    tokio::spawn(serve(listener, Router::new().fallback(handler)));
    address
}

/// The latencies of the third in milliseconds, sorted, with so much due at the others.
async fn latencies(address: SocketAddr, arrived: &Arrived, due: usize) -> Vec<f64> {
    let place = directory();
    let rules = RULES.replace("{address}", &address.to_string());
    let process = doorbell(env!("CARGO_BIN_EXE_doorbell").as_ref(), place.path(), &rules);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |path: &str, body: Value| {
        let url = format!("http://{}{path}", process.address);
        let body = body.to_string();
        assert_eq!(client.post(url).body(body).send().await.unwrap().status(), 202);
    };
    for first in (0..due).step_by(BATCH) {
        for to in ["hangs", "slow"] {
            let items: Vec<Value> = (first..first + BATCH).map(|n| json!({ "to": to, "n": n })).collect();
            post("/many", json!({ "events": items })).await;
        }
    }
    arrived.lock().unwrap().clear();
    let mut sent = Vec::with_capacity(COUNT);
    let mut beat = tokio::time::interval(EVERY);
    for n in 0..COUNT {
        beat.tick().await;
        sent.push(Instant::now());
        post("/open", json!({ "to": "third", "n": n })).await;
    }
    let path = |n: usize| format!("/third/{n}");
    while !(0..COUNT).all(|n| arrived.lock().unwrap().contains_key(&path(n))) {
        beat.tick().await;
    }
    let arrived = arrived.lock().unwrap();
    let took = |(n, sent): (usize, &Instant)| arrived[&path(n)].duration_since(*sent).as_secs_f64() * 1000.0;
    let mut latencies: Vec<f64> = sent.iter().enumerate().map(took).collect();
    latencies.sort_by(f64::total_cmp);
    latencies
}

fn at(sorted: &[f64], percent: usize) -> f64 {
    sorted[sorted.len() * percent / 100]
}
