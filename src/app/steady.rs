//! The moment that retention goes by. Removing cannot be undone, so a wall clock that leaps ahead is not believed for a
//! day: until then time goes on from before the leap, at the pace of a clock that nobody sets.

use std::time::{Duration, Instant};

use crate::time::Timestamp;

/// Clocks are put right by less than this all the time.
const LEAP_MIN: Duration = Duration::from_secs(3600);
/// A leap is believed once the clock has stood by it for so long.
const DOUBTED_FOR: Duration = Duration::from_secs(24 * 3600);

/// A wall clock that does not leap.
pub(super) struct Steady {
    /// The moment that was believed last, by both clocks.
    wall: Timestamp,
    at: Instant,
    /// Since when the wall clock has not been believed.
    doubted: Option<Instant>,
}

impl Steady {
    /// Believes what the wall clock says when the program starts.
    pub(super) fn new(wall: Timestamp, at: Instant) -> Self {
        Self { wall, at, doubted: None }
    }

    /// The moment to go by; a leap is told once.
    pub(super) fn now(&mut self, wall: Timestamp, at: Instant) -> Timestamp {
        let expected = self.wall.plus(at.saturating_duration_since(self.at));
        let leap = wall.since(expected);
        let is_believed = leap < LEAP_MIN
            || self.doubted.is_some_and(|since| at.saturating_duration_since(since) >= DOUBTED_FOR);
        if is_believed {
            *self = Self::new(wall, at);
            return wall;
        }
        if self.doubted.is_none() {
            self.doubted = Some(at);
            tracing::warn!(
                seconds = leap.as_secs(),
                "the clock leapt ahead: for a day retention goes by the time before it, so that nothing is removed in error"
            );
        }
        expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    #[test]
    fn a_leap_is_believed_after_a_day() {
        let (start, wall) = (Instant::now(), Timestamp::from_millis(1_000_000_000_000));
        // Each row: hours by the steady clock, hours by the wall clock, hours that are gone by.
        let rows: &[&[(u64, u64, u64)]] = &[
            &[(0, 0, 0), (5, 5, 5), (50, 50, 50)],
            &[(1, 8761, 1), (2, 8762, 2), (24, 8784, 24), (25, 8785, 8785), (26, 8786, 8786)],
            // Put right again.
            &[(1, 8761, 1), (2, 2, 2), (3, 8763, 3), (26, 8786, 26), (27, 8787, 8787)],
            // Set back: what is old stays the longer.
            &[(10, 10, 10), (11, 1, 1), (12, 2, 2)],
            // Set back, then put right.
            &[(10, 10, 10), (11, 1, 1), (12, 12, 2), (35, 35, 25), (36, 36, 36)],
        ];
        for row in rows {
            let mut steady = Steady::new(wall, start);
            for &(at, told, wanted) in *row {
                let after = |hours: u64| Duration::from_secs(hours * HOUR);
                let got = steady.now(wall.plus(after(told)), start + after(at));
                assert_eq!(got, wall.plus(after(wanted)), "{row:?} at {at}");
            }
        }
    }
}
