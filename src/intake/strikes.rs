//! Addresses that send many bad signatures in one second: the rest of them is answered 429 and not logged.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::time::Timestamp;

/// Addresses remembered at once; beyond it the memory starts afresh.
const ADDRESSES_MAX: usize = 10_000;

/// Counts bad signatures of an address in the second that runs.
pub(super) struct Strikes {
    most: usize,
    counts: Mutex<HashMap<IpAddr, (i64, usize)>>,
}

impl Strikes {
    /// Allows `most` in a second.
    pub(super) fn new(most: usize) -> Self {
        Self { most, counts: Mutex::new(HashMap::new()) }
    }

    /// Notes one bad signature; whether the address has used this second up.
    pub(super) fn note(&self, peer: IpAddr, now: Timestamp) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= ADDRESSES_MAX {
            counts.retain(|_, (second, _)| *second == now.seconds());
            if counts.len() >= ADDRESSES_MAX {
                counts.clear();
            }
        }
        let entry = counts.entry(peer).or_insert((now.seconds(), 0));
        if entry.0 != now.seconds() {
            *entry = (now.seconds(), 0);
        }
        entry.1 = entry.1.saturating_add(1);
        entry.1 > self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_out_for_the_rest_of_the_second() {
        let strikes = Strikes::new(2);
        let (peer, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let now = Timestamp::from_millis(5_100);
        assert!(!strikes.note(peer, now));
        assert!(!strikes.note(peer, now));
        assert!(strikes.note(peer, Timestamp::from_millis(5_900)));
        assert!(!strikes.note(other, now));
        assert!(!strikes.note(peer, Timestamp::from_millis(6_000)));
    }
}
