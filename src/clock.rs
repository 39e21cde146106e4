//! The moment and random bytes: the one place that asks the machine for either. Everything else gets them handed in.

use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;

use crate::time::Timestamp;

/// Who knows what time it is.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The wall clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        };
        Timestamp::from_millis(millis)
    }
}

/// Ten new random bytes: what an id is made of beside its moment.
pub fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    if rand::fill(&mut bytes).is_err() {
        // An id must be unique, not secret: the seeds of hash maps come from the system too, and never repeat.
        let seeds = [RandomState::new(), RandomState::new()].map(|seed| seed.hash_one(()).to_le_bytes());
        bytes.iter_mut().zip(seeds.as_flattened()).for_each(|(byte, seed)| *byte = *seed);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_a_time_of_our_days() {
        assert!(System.now() > Timestamp::parse("2025-01-01T00:00:00Z").unwrap());
        assert!(System.now() < Timestamp::parse("2200-01-01T00:00:00Z").unwrap());
    }

    #[test]
    fn random_bytes_do_not_repeat() {
        let drawn: std::collections::BTreeSet<_> = (0..1000).map(|_| random()).collect();
        assert_eq!(drawn.len(), 1000);
    }
}
