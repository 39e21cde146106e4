//! How long a path takes, ours beside the evaluators of `jsonpath-rust` and `serde_json_path`, in one run:
//! `cargo bench --bench path`. Only the ratios mean something on another machine.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use doorbell::path::Path;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::{Value, json};
use serde_json_path::JsonPath;

/// What rules ask of a payload.
const QUERIES: &[&str] = &[
    "$.ref",
    "$.repository.owner.login",
    "$.commits[0].author.email",
    "$.commits[*].id",
    "$.commits[?@.distinct == true && @.author.name != 'robot'].id",
    "$..email",
];

/// How long each is repeated for one round; the best of the rounds counts.
const ROUND: Duration = Duration::from_millis(60);
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let payload = payload();
    println!("payload of {} bytes; ns an evaluation (times slower than ours)\n", payload.to_string().len());
    println!("{:<62} {:>9} {:>18} {:>18}", "path", "ours", "jsonpath-rust", "serde_json_path");
    for text in QUERIES {
        let ours = Path::parse(text).map_err(|error| error.to_string())?;
        let parsed = parse_json_path(text)?;
        let peer = JsonPath::parse(text)?;
        let ours = if ours.is_singular() {
            best(|| ours.first(black_box(&payload)).map_or(0, |found| usize::from(found.is_some())))
        } else {
            best(|| ours.all(black_box(&payload)).map_or(0, |found| found.len()))
        };
        let theirs = best(|| js_path_process(&parsed, black_box(&payload)).map_or(0, |found| found.len()));
        let others = best(|| peer.query(black_box(&payload)).len());
        let beside = |other: f64| format!("{other:.0} ({:.1})", other / ours);
        println!("{text:<62} {ours:>9.0} {:>18} {:>18}", beside(theirs), beside(others));
    }
    Ok(())
}

/// Nanoseconds of one call, in the best round.
fn best(mut call: impl FnMut() -> usize) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (started, mut calls) = (Instant::now(), 0_u32);
        while started.elapsed() < ROUND {
            for _ in 0..64 {
                black_box(call());
            }
            calls += 64;
        }
        best = best.min(started.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
    }
    best
}

/// A payload like that of a push of ten commits.
fn payload() -> Value {
    let person = |number: usize| json!({"name": format!("Person {number}"), "email": format!("p{number}@example.com"), "username": format!("p{number}")});
    let commit = |number: usize| {
        json!({
            "id": format!("{number:040x}"),
            "tree_id": format!("{:040x}", number * 7),
            "distinct": number != 3,
            "message": "mend the bell, oil the hinge and paint the door",
            "timestamp": "2026-01-02T03:04:05Z",
            "url": format!("https://git.example.com/house/bell/commit/{number:040x}"),
            "author": person(number),
            "committer": person(number + 1),
            "added": ["src/bell.rs"],
            "removed": [],
            "modified": ["src/door.rs", "README.md"],
        })
    };
    let repository: serde_json::Map<String, Value> = (0..60)
        .map(|number| (format!("field_{number:02}_url"), json!(format!("https://git.example.com/{number}"))))
        .collect();
    let mut payload = json!({
        "ref": "refs/heads/main",
        "before": "0".repeat(40),
        "after": "1".repeat(40),
        "created": false,
        "deleted": false,
        "forced": false,
        "compare": "https://git.example.com/house/bell/compare",
        "pusher": person(1),
        "sender": {"login": "p1", "id": 9_007_199_254_740_993_i64},
        "repository": repository,
        "commits": (0..10).map(commit).collect::<Vec<_>>(),
    });
    if let Some(repository) = payload.get_mut("repository").and_then(Value::as_object_mut) {
        repository.insert("owner".to_owned(), json!({"login": "house", "email": "house@example.com"}));
    }
    payload
}
