//! How many genuine webhooks a source takes in some time: so many may come at once, then evenly. Whoever cannot sign uses
//! none of it up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::schedule::Bucket;
use crate::time::Timestamp;
use crate::unit::Rate;

/// What each source has used of its rate.
#[derive(Default)]
pub(super) struct Pace {
    buckets: Mutex<HashMap<Arc<str>, Bucket>>,
    /// The second in which it was last told that a source has too many.
    told: Mutex<HashMap<Arc<str>, i64>>,
}

impl Pace {
    /// Takes room for one webhook.
    ///
    /// # Errors
    /// How long until there is room again.
    pub(super) fn take(&self, source: &Arc<str>, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(Arc::clone(source)).or_default();
        match bucket.spend(Some(rate), now) {
            true => Ok(()),
            false => Err(bucket.ready_at(Some(rate)).since(now)),
        }
    }

    /// Whether it is to be told now that a source has too many: once a second.
    pub(super) fn is_told(&self, source: &Arc<str>, now: Timestamp) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(Arc::clone(source), now.seconds()) != Some(now.seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_then_evenly() {
        let pace = Pace::default();
        let (source, rate) = (Arc::from("hub"), Rate { count: 4, per: Duration::from_secs(1) });
        let rows = [
            (10_000, None),
            (10_000, None),
            (10_000, None),
            (10_000, None),
            (10_000, Some(250)),
            (10_100, Some(150)),
            (10_250, None),
            (10_260, Some(240)),
            (20_000, None),
            (10_000, None),
        ];
        for (index, (at, wait)) in rows.into_iter().enumerate() {
            let wanted = wait.map_or(Ok(()), |wait| Err(Duration::from_millis(wait)));
            assert_eq!(pace.take(&source, rate, Timestamp::from_millis(at)), wanted, "row {index}");
        }
        assert_eq!(pace.take(&Arc::from("lab"), rate, Timestamp::from_millis(10_000)), Ok(()));
    }
}
