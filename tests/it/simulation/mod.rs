//! The whole line on a seed: the program's own decisions (who is it from, what matches, what is owed, who is next, what
//! follows from an answer) between a store, a clock, senders and destinations that are played. After every step the
//! promises of the protocol hold; a seed that once broke one stays in the list below.
//!
//! `cargo test --release --test it million -- --ignored` runs 1,000,000 events over 1,000 seeds.

mod line;
mod random;
mod store;
mod witness;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use store::Sabotage;
use world::{Chances, World};

/// Seeds that once found something.
const KEPT: &[u64] = &[1, 2, 3];

/// A world in which everything goes wrong now and then.
const ROUGH: Chances =
    Chances { crash: 3, commit_fails: 20, hint_lost: 50, attempt_fails: 300, clock_jumps: 2, person: 20 };
/// A world in which nothing does.
const SMOOTH: Chances =
    Chances { crash: 0, commit_fails: 0, hint_lost: 0, attempt_fails: 0, clock_jumps: 0, person: 0 };

/// What a run gave: a number that stands for all that happened, crashes, dispatches.
type Ran = (u64, u64, u64);

/// Runs a world; the error says which promise was broken.
fn attempt(seed: u64, events: usize, chances: Chances, sabotage: Option<Sabotage>) -> Result<Ran, String> {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(seed, events, chances, world::rules(), sabotage);
        world.run();
        (world.witness.digest(), world.witness.crashes, world.witness.dispatches)
    }));
    ran.map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

fn run(seed: u64, events: usize, chances: Chances) -> Ran {
    attempt(seed, events, chances, None)
        .unwrap_or_else(|why| panic!("seed {seed} with {events} events breaks a promise: {why}"))
}

#[test]
fn a_broken_promise_is_seen() {
    let rows = [
        (Sabotage::Lost, "1:"),
        (Sabotage::Hurried, "2:"),
        (Sabotage::Repeated, "3:"),
        (Sabotage::Overlapping, "4:"),
        (Sabotage::Unordered, "5:"),
        (Sabotage::Doubled, "6:"),
    ];
    for (sabotage, promise) in rows {
        let seen: Vec<String> =
            (0..4).filter_map(|seed| attempt(seed, 150, ROUGH, Some(sabotage)).err()).collect();
        assert!(seen.iter().any(|why| why.starts_with(promise)), "{sabotage:?}: {seen:?}");
    }
}

#[test]
fn the_promises_hold_whatever_goes_wrong() {
    let (mut crashes, mut dispatches) = (0, 0);
    for seed in KEPT.iter().copied().chain(1000..1012) {
        let (_, crashed, dispatched) = run(seed, 150, ROUGH);
        crashes += crashed;
        dispatches += dispatched;
    }
    assert!(
        crashes > 20 && dispatches > 1500,
        "the runs are too quiet: {crashes} crashes, {dispatches} dispatches"
    );
}

#[test]
fn a_seed_gives_the_same_run_every_time() {
    assert_eq!(run(7, 60, ROUGH), run(7, 60, ROUGH));
    assert_ne!(run(7, 60, ROUGH).0, run(8, 60, ROUGH).0);
}

#[test]
fn without_failures_everything_is_done_once() {
    let (_, crashes, dispatches) = run(11, 100, SMOOTH);
    assert_eq!(crashes, 0);
    assert!(dispatches > 50);
}

#[test]
#[ignore = "minutes: cargo test --release --test it million -- --ignored"]
fn a_million_events_over_a_thousand_seeds() {
    let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let next = Arc::clone(&next);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= 1000 {
                        return;
                    }
                    run(seed, 1000, ROUGH);
                }
            });
        }
    });
}
