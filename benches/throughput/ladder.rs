//! Durable accepts of the real program over few and many connections, beside what the disk syncs in a second.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::Size;
use crate::admin::settled;
use crate::candidate::{DELIVERING, STORING, candidates, directory};
use crate::load;
use crate::receiver::Receiver;

/// Connections, and the most events that are sent over them: one by one each costs a sync of its own.
const RUNGS: &[(usize, usize)] = &[(1, 2_000), (16, 10_000), (64, 50_000), (256, 50_000)];
/// Bytes of one raw write.
const WRITE_BYTES: usize = 4096;

/// Measures each rung once and prints the table.
pub(crate) fn measure(size: Size) {
    println!("fdatasync of {WRITE_BYTES} bytes, one after the other: {:.0} a second\n", syncs());
    println!(
        "{:<22}{:>14}{:>12}{:>9}{:>9}{:>10}",
        "durable", "connections", "a second", "p50 ms", "p99 ms", "p99.9 ms"
    );
    let receiver = Receiver::start();
    for (name, candidate) in [("accepts", STORING), ("whole lives", DELIVERING)] {
        for (connections, events_max) in RUNGS {
            let directory = directory();
            let candidate = &candidates()[candidate];
            let mut process = candidate.start(directory.path(), receiver.address);
            let (came, events) = (receiver.count(), size.events.min(*events_max));
            let load = load::send_over(process.address, events, *connections);
            let rate = if candidate.delivers() {
                receiver.wait(came + events);
                settled(process.admin());
                events as f64 / load.started.elapsed().as_secs_f64()
            } else {
                load.rate
            };
            println!(
                "{name:<22}{connections:>14}{rate:>12.0}{:>9.2}{:>9.2}{:>10.2}",
                load.p50_ms, load.p99_ms, load.p999_ms
            );
        }
    }
    println!();
}

fn syncs() -> f64 {
    let directory = directory();
    let mut file = std::fs::File::create(directory.path().join("raw")).unwrap();
    let (begin, mut count) = (Instant::now(), 0_u32);
    while begin.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; WRITE_BYTES]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / begin.elapsed().as_secs_f64()
}
