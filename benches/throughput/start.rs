//! The time from starting a program to its readiness line.

use crate::candidate::{DELIVERING, candidates, directory};
use crate::statistics::median;

/// Starts of each program.
const STARTS: usize = 11;
/// Nobody listens there; nothing is delivered.
const NOWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 9);

/// What is started in which order: places among the candidates.
const ROWS: &[(&str, usize, bool)] = &[
    ("axum, reads the body", 0, false),
    ("doorbell, new store", DELIVERING, false),
    ("doorbell, its store is there", DELIVERING, true),
];

/// Measures and prints.
pub(crate) fn measure() {
    let (kept, candidates) = (directory(), candidates());
    let mut times = vec![Vec::new(); ROWS.len()];
    for _ in 0..STARTS {
        for ((_, candidate, keeps), times) in ROWS.iter().zip(&mut times) {
            let fresh = directory();
            let place = if *keeps { kept.path() } else { fresh.path() };
            let process = candidates[*candidate].start(place, NOWHERE.into());
            times.push(process.ready_after.as_secs_f64() * 1000.0);
        }
    }
    println!("{:<30}{:>10}   median of {STARTS}", "start to ready", "ms");
    for ((name, ..), times) in ROWS.iter().zip(&times) {
        println!("{name:<30}{:>10.1}", median(times));
    }
}
