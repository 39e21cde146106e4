//! Answers a second, latency, processor time and memory of every candidate; and doorbell's whole life of an event.

use crate::Size;
use crate::admin::settled;
use crate::candidate::{Candidate, MINIMAL, candidates, directory};
use crate::load;
use crate::receiver::Receiver;
use crate::statistics::{median, ratio};

/// What the rounds of one candidate measured, a value a round.
#[derive(Default)]
struct Rounds {
    rate: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    processor_us: Vec<f64>,
    idle_mib: Vec<f64>,
    loaded_mib: Vec<f64>,
    life_rate: Vec<f64>,
}

/// Measures all candidates and prints the table.
pub(crate) fn measure(size: Size) {
    let receiver = Receiver::start();
    let candidates = candidates();
    let mut all: Vec<Rounds> = candidates.iter().map(|_| Rounds::default()).collect();
    for round in 1..=size.rounds {
        for (candidate, rounds) in candidates.iter().zip(&mut all) {
            eprintln!("round {round} of {}: {}", size.rounds, candidate.name);
            measure_once(candidate, rounds, size, &receiver);
        }
    }
    print(&candidates, &all);
}

fn measure_once(candidate: &Candidate, rounds: &mut Rounds, size: Size, receiver: &Receiver) {
    let directory = directory();
    let mut process = candidate.start(directory.path(), receiver.address);
    rounds.idle_mib.push(process.memory());
    let (used, came) = (process.processor(), receiver.count());
    let load = load::send(process.address, size.events);
    rounds.loaded_mib.push(process.memory());
    if candidate.delivers() {
        let admin = process.admin();
        receiver.wait(came + size.events);
        settled(admin);
        rounds.life_rate.push(size.events as f64 / load.started.elapsed().as_secs_f64());
    }
    let used = process.processor() - used;
    rounds.processor_us.push(used * 1e6 / size.events as f64);
    rounds.rate.push(load.rate);
    rounds.p50_ms.push(load.p50_ms);
    rounds.p99_ms.push(load.p99_ms);
}

fn print(candidates: &[Candidate], all: &[Rounds]) {
    println!(
        "{:<32}{:>10}{:>9}{:>9}{:>10}{:>8}{:>8}{:>12}",
        "accepts", "a second", "p50 ms", "p99 ms", "cpu us", "idle", "loaded", "of minimal"
    );
    for (candidate, rounds) in candidates.iter().zip(all) {
        println!(
            "{:<32}{:>10.0}{:>9.2}{:>9.2}{:>10.0}{:>8.1}{:>8.1}{:>12.2}",
            candidate.name,
            median(&rounds.rate),
            median(&rounds.p50_ms),
            median(&rounds.p99_ms),
            median(&rounds.processor_us),
            median(&rounds.idle_mib),
            median(&rounds.loaded_mib),
            ratio(&rounds.rate, &all[MINIMAL].rate),
        );
    }
    println!(
        "cpu us: processor time of the candidate for one event, deliveries included; idle, loaded: VmRSS in MiB\n"
    );
    for (candidate, rounds) in candidates.iter().zip(all).filter(|(candidate, _)| candidate.delivers()) {
        println!(
            "{:<32}{:>10.0} events a second from the first request until all are delivered and settled",
            format!("{}: life", candidate.name),
            median(&rounds.life_rate)
        );
        println!(
            "whole life / {}: {:.2}",
            candidates[MINIMAL].name,
            ratio(&rounds.life_rate, &all[MINIMAL].rate)
        );
        for (limit, limits) in candidates.iter().zip(all).take(MINIMAL + 1) {
            println!("{} / {}: {:.2}", candidate.name, limit.name, ratio(&rounds.rate, &limits.rate));
        }
        println!();
    }
}
