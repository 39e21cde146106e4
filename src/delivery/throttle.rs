//! `throttle` of a rule: at most so many events of one key in a time. One more is left out, as a pure function of a mark
//! that is kept for the key.

use std::sync::Arc;

use crate::time::Timestamp;
use crate::unit::Rate;

/// What an event must pass before its rule's deliveries are owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// The rule.
    pub rule: Arc<str>,
    /// What its events have in common; no other rule has it.
    pub key: String,
    /// So many may pass at once, and so many in each such time from then on.
    pub rate: Rate,
}

impl Throttle {
    /// The mark of the key once one more event has passed at `now`; `None` when it may not. A mark is the moment, in
    /// microseconds, from which on as many as ever may pass: one that is past says no more than none.
    pub fn pass(&self, mark: Option<i64>, now: Timestamp) -> Option<i64> {
        let now = micros(now);
        // A clock that was set back must not keep the key closed for the whole difference.
        let farthest = now.saturating_add(per(self.rate)).saturating_add(per(self.rate));
        let mark = mark.filter(|mark| *mark <= farthest).unwrap_or(now);
        advance(self.rate, mark, now)
    }

    /// Why one more is left out.
    pub fn full(&self) -> String {
        format!("throttled: its rule takes {} of this key", self.rate)
    }
}

/// The mark once one more has passed at `now`; `None` when there is no room for it (the generic cell rate algorithm).
pub fn advance(rate: Rate, mark: i64, now: i64) -> Option<i64> {
    let next = mark.max(now).saturating_add(step(rate));
    (next <= now.saturating_add(per(rate))).then_some(next)
}

/// The time of a rate in microseconds: how far ahead of the moment a mark may be.
pub fn per(rate: Rate) -> i64 {
    i64::try_from(rate.per.as_micros()).unwrap_or(i64::MAX)
}

/// What one moves a mark by, in microseconds.
pub fn step(rate: Rate) -> i64 {
    (per(rate) / i64::from(rate.count.max(1))).max(1)
}

/// A moment as marks have it.
pub fn micros(now: Timestamp) -> i64 {
    now.millis().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit;

    /// At these milliseconds events come; which of them pass.
    fn check(rate: &str, moments: &[i64], wanted: &[i64]) {
        let throttle =
            Throttle { rule: "r".into(), key: String::new(), rate: unit::rate(rate).expect("a rate") };
        let mut mark = None;
        let mut passed = Vec::new();
        for moment in moments {
            if let Some(next) = throttle.pass(mark, Timestamp::from_millis(*moment)) {
                mark = Some(next);
                passed.push(*moment);
            }
        }
        assert_eq!(passed, wanted, "{rate}");
    }

    #[test]
    fn so_many_pass_and_the_rest_do_not() {
        check("1/s", &[0, 1, 999, 1_000, 1_500, 2_000, 9_000], &[0, 1_000, 2_000, 9_000]);
        check("2/s", &[0, 0, 0, 499, 500, 501, 1_000], &[0, 0, 500, 1_000]);
        check("3/m", &[0, 1, 2, 3, 20_000, 20_001, 40_002], &[0, 1, 2, 20_000, 40_002]);
        check("1/h", &[5_000_000, 4_999_999, 0, 3_600_000], &[5_000_000, 0, 3_600_000]);
        check("2000000/s", &[0, 0, 0], &[0, 0, 0]);
    }
}
