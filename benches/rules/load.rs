//! What loading takes, measured in a process of its own, because the peak of memory is a whole process's.

use std::process::Command;
use std::time::Instant;

use super::{LOAD, rules};

/// What it took.
pub(crate) struct Loaded {
    pub(crate) seconds: f64,
    pub(crate) peak_megabytes: String,
}

/// Loads so many rules in this process and prints what it took.
pub(crate) fn alone(count: usize) {
    let files = rules::files(count);
    let started = Instant::now();
    let loaded = doorbell::rule::load(&files);
    let took = started.elapsed();
    assert_eq!(loaded.set.unwrap().rules.len(), count);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: Option<usize> = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok());
    println!("{} {}", took.as_secs_f64(), kilobytes.map_or("-".to_owned(), |peak| (peak / 1024).to_string()));
}

/// The same in another process.
pub(crate) fn elsewhere(count: usize) -> Loaded {
    let output =
        Command::new(std::env::current_exe().unwrap()).args([LOAD, &count.to_string()]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (seconds, peak) = said.trim().split_once(' ').unwrap_or_else(|| {
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    });
    Loaded { seconds: seconds.parse().unwrap(), peak_megabytes: peak.to_owned() }
}
