//! How fast doorbell is, beside four servers that do less, in one run on one machine.
//!
//! ```text
//! cargo bench --bench throughput
//! DOORBELL_BENCH_EVENTS=2000 DOORBELL_BENCH_ROUNDS=1 cargo bench --bench throughput --profile bench-fast
//! cargo bench --bench throughput -- fairness             # or commands: that part alone
//! ```
//!
//! | variable | default | |
//! |---|---|---|
//! | `DOORBELL_BENCH_EVENTS` | 20000 | events of one candidate in one round, 640 to 50000 |
//! | `DOORBELL_BENCH_ROUNDS` | 5 | rounds, 1 to 20 |
//! | `DOORBELL_BENCH_BESIDE` | none | paths of other doorbells, with `:` between, measured in the same rounds |
//! | `DOORBELL_BENCH_DIR` | the system's | where the temporary stores lie: fsync costs what that disk makes it cost |
//!
//! What is measured, all on loopback, with 64 kept connections and one thread that sends a push as GitHub makes it
//! (about 7 kB, signed, every delivery id another):
//!
//! - answers a second and their latency, of the real release binary and of four limits: a bare axum handler that reads
//!   the body; the same with HMAC-SHA256 and `serde_json`; one that commits id, headers and body to one table in groups
//!   and answers after the commit; one that commits the very rows of doorbell's store so, repeats remembered. Only 202
//!   counts; anything else ends the run.
//! - the whole life: until the destination has every delivery and the store holds nothing that is still due.
//! - durable accepts of the real program over 1, 16, 64 and 256 connections, beside what this disk syncs in a second.
//! - commands a second beside the bare rate of starting the same command.
//! - the latency of one destination beside one that hangs and one that is slow, with 10,000 deliveries due at each.
//! - memory, processor time an event, and the time from start to the readiness line.
//!
//! Every candidate is a process of its own, started afresh with an empty store in every round, and the rounds go
//! A B C D E, A B C D E: noise of the machine meets all of them. A number is the median of the rounds, a ratio the
//! median of the rounds' ratios. The sender and the destination share the machine with the candidate, for all alike.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that meets the unexpected is worth nothing, and says so by panicking"
)]

mod accepts;
mod admin;
mod bare;
mod candidate;
mod commands;
mod commit;
mod fairness;
mod ladder;
mod load;
mod one;
mod process;
mod push;
mod receiver;
mod rows;
mod serve;
mod start;
mod statistics;

/// How much is measured.
#[derive(Clone, Copy)]
struct Size {
    events: usize,
    rounds: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve-body", _] => bare::run(bare::Work::Read),
        ["serve-proof", _] => bare::run(bare::Work::ProveAndParse),
        ["serve-body-commit", directory] => commit::run::<one::Body>(directory.as_ref()),
        ["serve-rows-commit", directory] => commit::run::<rows::Rows>(directory.as_ref()),
        given if given.contains(&"--bench") && given.contains(&"fairness") => fairness::measure(),
        given if given.contains(&"--bench") && given.contains(&"commands") => commands::measure(size()),
        ["spawn", count, at_once] => commands::spawn_bare(count.parse().unwrap(), at_once.parse().unwrap()),
        // `cargo test --all-targets` and test runners start every bench once, without this word: nothing to do then.
        given if given.contains(&"--bench") => measure(),
        _ => {}
    }
}

fn size() -> Size {
    Size {
        events: number("DOORBELL_BENCH_EVENTS", 20_000).clamp(640, 50_000),
        rounds: number("DOORBELL_BENCH_ROUNDS", 5).clamp(1, 20),
    }
}

fn measure() {
    let size = size();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{cores} cores, {} connections, {} events of {} bytes a round, {} rounds\n",
        load::CONNECTIONS,
        size.events,
        push::Push::new().body_bytes(),
        size.rounds
    );
    ladder::measure(size);
    accepts::measure(size);
    commands::measure(size);
    fairness::measure();
    start::measure();
}

fn number(name: &str, otherwise: usize) -> usize {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}: `{text}` is not a number")),
        Err(_) => otherwise,
    }
}
