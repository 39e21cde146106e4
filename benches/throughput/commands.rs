//! Commands a second, beside the bare rate at which this machine starts the same command.

use std::time::Instant;

use tokio::process::Command;
use tokio::task::JoinSet;

use crate::Size;
use crate::admin::settled;
use crate::candidate::{again, directory, doorbell};
use crate::load;
use crate::statistics::{median, ratio};

/// One command for so many events of the other measurements.
const COMMAND_SHARE: usize = 20;
/// As many commands at once as doorbell runs for one rule.
const AT_ONCE: usize = 4;
const COMMAND: &str = "/bin/true";

/// What is measured, each by what the action says: what becomes of a command that a crash cut off (at most once is one
/// commit more), and what it costs to bound a command, which starts one process more.
const WAYS: &[(&str, &str)] = &[
    ("at_most_once", "delivery: at_most_once"),
    ("at_least_once", "delivery: at_least_once"),
    ("with limits", "delivery: at_least_once, limits: { cpu: 1h, open_files: 64 }"),
    ("with limits and a sandbox", "delivery: at_least_once, limits: { cpu: 1h }, sandbox: {}"),
];

/// Measures and prints.
pub(crate) fn measure(size: Size) {
    let count = size.events / COMMAND_SHARE;
    let mut bare = Vec::new();
    let mut ours = vec![Vec::new(); WAYS.len()];
    for round in 1..=size.rounds {
        eprintln!("round {round} of {}: commands", size.rounds);
        bare.push(bare_rate(count));
        for ((_, options), rates) in WAYS.iter().zip(&mut ours) {
            rates.push(rate(options, count));
        }
    }
    println!(
        "{:<30}{:>10}{:>12}   {count} of {COMMAND}, {AT_ONCE} at once",
        "commands", "a second", "of bare"
    );
    println!("{:<30}{:>10.0}{:>12.2}", "tokio::process, bare", median(&bare), 1.0);
    for ((way, _), rates) in WAYS.iter().zip(&ours) {
        println!("{:<30}{:>10.0}{:>12.2}", format!("doorbell, {way}"), median(rates), ratio(rates, &bare));
    }
    println!();
}

/// From the first event sent until the last command's end is settled.
fn rate(options: &str, count: usize) -> f64 {
    let rules = format!(
        "sources: {{ github: {{ verify: github, secret: {{ env: GITHUB_WEBHOOK_SECRET }} }} }}\n\
         rules:\n  - name: run\n    from: github\n    do: [{{ run: [\"{COMMAND}\"], {options} }}]\n"
    );
    let directory = directory();
    let mut process = doorbell(env!("CARGO_BIN_EXE_doorbell").as_ref(), directory.path(), &rules);
    let admin = process.admin();
    let load = load::send(process.address, count);
    settled(admin);
    count as f64 / load.started.elapsed().as_secs_f64()
}

fn bare_rate(count: usize) -> f64 {
    let output = again(&["spawn", &count.to_string(), &AT_ONCE.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().expect("a rate")
}

/// The process behind `spawn`: starts the command so often, so many at once, and prints how many a second.
pub(crate) fn spawn_bare(count: usize, at_once: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let rate = runtime.block_on(async {
        let started = Instant::now();
        let mut running = JoinSet::new();
        for _ in 0..count {
            if running.len() >= at_once {
                running.join_next().await;
            }
            running.spawn(async { assert!(Command::new(COMMAND).status().await.unwrap().success()) });
        }
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
        count as f64 / started.elapsed().as_secs_f64()
    });
    println!("{rate}");
}
