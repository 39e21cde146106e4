//! How many attempts may begin, or webhooks may come, in a time: so many at once, then evenly. All that is kept of it is one mark: the moment, in
//! microseconds, from which on as many as ever may begin. A mark can be written down, so that a restart gives nobody more.

use std::time::Duration;

use crate::delivery::{advance, micros, per, step};
use crate::time::Timestamp;
use crate::unit::Rate;

/// The mark of a destination, or of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    mark: Option<i64>,
}

impl Bucket {
    /// Takes up what was used before; what is later counts.
    pub(super) fn restore(&mut self, mark: i64) {
        self.mark = Some(self.mark.map_or(mark, |known| known.max(mark)));
    }

    /// What is to be written down of it.
    pub(super) fn mark(self) -> Option<i64> {
        self.mark
    }

    /// Lets one begin when there is room.
    pub fn spend(&mut self, rate: Option<Rate>, now: Timestamp) -> bool {
        let Some(rate) = rate else { return true };
        let now = micros(now);
        let last = now.saturating_add(per(rate));
        // A clock that was set back must not stop anybody for the whole difference.
        let mark = self.mark.filter(|mark| *mark <= last).unwrap_or(now);
        let next = advance(rate, mark, now);
        self.mark = next.or(self.mark);
        next.is_some()
    }

    /// The moment from which on one may begin.
    pub fn ready_at(self, rate: Option<Rate>) -> Timestamp {
        let (Some(rate), Some(mark)) = (rate, self.mark) else { return Timestamp::from_millis(i64::MIN) };
        let at = mark.saturating_add(step(rate)).saturating_sub(per(rate));
        Timestamp::from_millis(0)
            .plus(Duration::from_micros(u64::try_from(at).unwrap_or(0)).saturating_add(ROUND_UP))
    }
}

/// A moment has whole milliseconds.
const ROUND_UP: Duration = Duration::from_micros(999);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit;

    /// How many begin in so many seconds when one is always waiting, looked at each millisecond, with a restart at each
    /// of these seconds that writes the mark down or forgets it.
    fn begun(rate: &str, seconds: i64, restarts: &[i64], is_kept: bool) -> u64 {
        let rate = Some(unit::rate(rate).unwrap());
        let (mut bucket, mut count) = (Bucket::default(), 0);
        for millis in 0..seconds * 1000 {
            if restarts.contains(&(millis / 1000)) && millis % 1000 == 0 {
                let mark = bucket.mark().filter(|_| is_kept);
                bucket = Bucket::default();
                mark.into_iter().for_each(|mark| bucket.restore(mark));
            }
            count += u64::from(bucket.spend(rate, Timestamp::from_millis(1_700_000_000_000 + millis)));
        }
        count
    }

    #[test]
    fn a_rate_is_held_within_two_percent_over_a_minute_and_across_restarts() {
        for (rate, wanted) in [("10/s", 600), ("100/s", 6_000), ("600/m", 600), ("7/s", 420)] {
            for restarts in [&[][..], &[10, 20, 30, 40, 50], &[1, 2, 3, 4, 5, 6, 7, 8, 9]] {
                // What may come at once at the beginning is beside it.
                let burst = unit::rate(rate).unwrap().count;
                let count =
                    begun(rate, 60, restarts, true) - u64::from(if rate.ends_with('m') { 0 } else { burst });
                if rate.ends_with('m') {
                    assert!((600..=1_200).contains(&count), "{rate} {restarts:?}: {count}");
                } else {
                    assert!(count.abs_diff(wanted) * 50 <= wanted, "{rate} {restarts:?}: {count}");
                }
            }
        }
        assert!(begun("10/s", 60, &[10, 20, 30], false) > 625, "a mark that is forgotten gives more");
    }

    #[test]
    fn it_is_ready_when_it_says_so_and_not_before() {
        for rate in ["10/s", "3/s", "7/m", "1/h"] {
            let rate = Some(unit::rate(rate).unwrap());
            let (mut bucket, mut now) = (Bucket::default(), Timestamp::from_millis(1_700_000_000_000));
            for _ in 0..100 {
                while bucket.spend(rate, now) {}
                let ready = bucket.ready_at(rate);
                assert!(ready > now);
                let before = Timestamp::from_millis(ready.millis() - 1);
                assert!(!bucket.spend(rate, before));
                assert!(bucket.spend(rate, ready));
                now = ready;
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nobody_for_long() {
        let rate = Some(unit::rate("1/s").unwrap());
        let mut bucket = Bucket::default();
        assert!(bucket.spend(rate, Timestamp::from_millis(9_000_000)));
        assert!(bucket.spend(rate, Timestamp::from_millis(1_000)));
        assert!(!bucket.spend(rate, Timestamp::from_millis(1_500)));
    }
}
