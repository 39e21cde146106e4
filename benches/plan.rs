//! How many recorded events a second `doorbell plan` judges, by 1,000 rules of which one in ten was edited.
//!
//! ```text
//! cargo bench --bench plan                 # 100,000 events
//! cargo bench --bench plan -- 1000000      # so many
//! ```
//!
//! Rules and events are made here: each rule asks for an event type, a tenant and an amount; each event is about 1 kB and
//! meets about one rule. The program is run as a program: it reads the file, parses it, routes each event by both rule
//! sets and compares what they want done.
//!
//! | column | |
//! |---|---|
//! | `json` | events a second that `serde_json` parses out of the same file into a `Value`, one thread, nothing else |
//! | `plan` | events a second of `doorbell plan`, from its start to its end, all threads |
//! | `plan/json` | both beside each other, the only number that means something on another machine |
//! | `peak MB` | its largest memory; it does not grow with the events |

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a measurement that meets the unexpected is worth nothing, and says so by panicking"
)]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const RULES: usize = 1_000;
/// Events of the quick form, and of the one before it that shows whether memory grows.
const EVENTS: usize = 100_000;
/// Runs of which the fastest counts.
const RUNS: usize = 3;
/// Time between two looks at the memory of a run.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What a run took.
struct Ran {
    took: Duration,
    peak_kb: u64,
    said: String,
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let events: usize = asked.unwrap_or(EVENTS);
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("old.yaml"), rules(0)).unwrap();
    fs::write(directory.path().join("new.yaml"), rules(50)).unwrap();
    println!("{RULES} rules, every tenth edited\n");
    println!(
        "{:>9} {:>7} | {:>9} {:>9} {:>9} | {:>7}",
        "events", "MB", "json", "plan", "plan/json", "peak MB"
    );
    let mut said = String::new();
    for count in [events / 10, events] {
        let file = directory.path().join("events.jsonl");
        let bytes = write_events(&file, count);
        let plain = (0..RUNS).map(|_| parsed(&file)).min().unwrap();
        let ran = (0..RUNS).map(|_| plan(directory.path())).min_by_key(|ran| ran.took).unwrap();
        let rate = |took: Duration| count as f64 / took.as_secs_f64();
        println!(
            "{count:>9} {:>7} | {:>9.0} {:>9.0} {:>9.2} | {:>7}",
            bytes / 1_000_000,
            rate(plain),
            rate(ran.took),
            rate(ran.took) / rate(plain),
            ran.peak_kb / 1_000
        );
        said = ran.said;
    }
    println!("\n{}", said.lines().last().unwrap_or_default());
}

/// Every tenth rule asks for an amount that is larger by `more`.
fn rules(more: usize) -> String {
    let mut text = "sources: { shop: { verify: none, event: $.kind } }\nrules:\n".to_owned();
    for number in 0..RULES {
        let least = 100 + if number % 10 == 0 { more } else { 0 };
        let kind = number % 20;
        writeln!(
            text,
            "  - {{ name: rule {number}, from: shop, event: kind.{kind}, if: {{ $.tenant: t{number}, $.order.total: \
             {{ gt: {least} }} }}, do: [{{ log: '{{{{ $.order.total }}}} of {{{{ $.tenant }}}}' }}] }}"
        )
        .unwrap();
    }
    text
}

/// Writes events of about 1 kB; their bytes.
fn write_events(path: &Path, count: usize) -> u64 {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let lines: Vec<Value> = (0..8)
        .map(|line| json!({ "sku": format!("SKU-{line:06}"), "count": line, "title": "a thing of some size and colour" }))
        .collect();
    for number in 0..count {
        let tenant = number % RULES;
        let payload = json!({
            "kind": format!("kind.{}", tenant % 20),
            "tenant": format!("t{tenant}"),
            "order": { "id": number, "total": 60 + number / RULES % 120, "lines": lines },
        });
        let event = json!({ "source": "shop", "type": payload.get("kind"), "payload": payload });
        writeln!(file, "{event}").unwrap();
    }
    file.flush().unwrap();
    fs::metadata(path).unwrap().len()
}

fn parsed(path: &Path) -> Duration {
    let began = Instant::now();
    let reader = BufReader::new(File::open(path).unwrap());
    let all = serde_json::Deserializer::from_reader(reader).into_iter::<Value>();
    let count = all.map(Result::unwrap).filter(Value::is_object).count();
    assert!(count > 0);
    began.elapsed()
}

fn plan(directory: &Path) -> Ran {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_doorbell"))
        .args(["plan", "new.yaml", "--against", "old.yaml", "--events", "events.jsonl", "--show", "0"])
        .current_dir(directory)
        .stdout(Stdio::from(File::create(directory.join("said")).unwrap()))
        .spawn()
        .unwrap();
    let mut peak_kb = 0;
    let status = loop {
        peak_kb = peak_kb.max(memory_kb(child.id()));
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(LOOK_EVERY),
        }
    };
    assert!(status.success());
    let said = fs::read_to_string(directory.join("said")).unwrap();
    Ran { took: began.elapsed(), peak_kb, said }
}

/// The largest memory of a process so far; 0 where nobody tells.
fn memory_kb(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
