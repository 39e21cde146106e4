//! How old a signature may be, and how young: a moment too far ahead is refused as one too long ago.

use std::fmt;
use std::time::Duration;

use crate::limit::SIGNATURE_TOLERANCE;
use crate::time::Timestamp;

use super::part::Part;

/// Longest text of a moment; whatever is longer is not one.
const STAMP_MAX_BYTES: usize = 40;
/// Digits of a number of seconds or milliseconds: enough for 30,000 years.
const DIGITS_MAX: usize = 15;

/// How a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Milliseconds,
    Rfc3339,
    /// As HTTP writes dates: `Sat, 01 Aug 2026 16:00:00 GMT`.
    HttpDate,
}

/// The names a scheme uses.
pub(super) const UNITS: &[(&str, Unit)] = &[
    ("s", Unit::Seconds),
    ("ms", Unit::Milliseconds),
    ("rfc3339", Unit::Rfc3339),
    ("http-date", Unit::HttpDate),
];

/// Where the moment of signing stands, and how far from now it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Age {
    pub(super) from: Part,
    pub(super) unit: Unit,
    /// Both ways; `None` when the moment is signed but says nothing about age: then only the future is bounded.
    pub(super) tolerance: Option<Duration>,
}

/// A good age: how long ago it was signed, or how far ahead of our clock, and how far both may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aged {
    old: Duration,
    ahead: Duration,
    tolerance: Duration,
}

impl fmt::Display for Aged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.tolerance.as_secs();
        match self.ahead.as_secs() {
            _ if self.ahead.is_zero() => write!(out, "signed {} s ago (limit {limit} s)", self.old.as_secs()),
            ahead => write!(out, "signed {ahead} s ahead of our clock (limit {limit} s)"),
        }
    }
}

impl Age {
    /// A good age; `None` when it is not bounded.
    pub(super) fn check(&self, stamp: &[u8], now: Timestamp) -> Result<Option<Aged>, String> {
        let moment = self.moment(stamp).ok_or_else(|| format!("{} is not a time", self.from))?;
        let ahead = moment.since(now);
        let most = self.tolerance.unwrap_or(SIGNATURE_TOLERANCE);
        if ahead > most {
            return Err(format!("{} s in the future (limit {} s)", ahead.as_secs(), most.as_secs()));
        }
        let Some(tolerance) = self.tolerance else { return Ok(None) };
        let limit = tolerance.as_secs();
        let old = now.since(moment);
        if old > tolerance {
            return Err(format!(
                "stale by {} s (signed {} s ago, limit {limit} s)",
                over(old, tolerance),
                old.as_secs()
            ));
        }
        Ok(Some(Aged { old, ahead, tolerance }))
    }

    fn moment(&self, stamp: &[u8]) -> Option<Timestamp> {
        let text = std::str::from_utf8(stamp).ok().filter(|text| text.len() <= STAMP_MAX_BYTES)?;
        match self.unit {
            Unit::Seconds => digits(text)?.checked_mul(1000).map(Timestamp::from_millis),
            Unit::Milliseconds => digits(text).map(Timestamp::from_millis),
            Unit::Rfc3339 => Timestamp::parse(text),
            Unit::HttpDate => Timestamp::parse_http(text),
        }
    }

    /// The text for a moment, as a sender writes it.
    pub(super) fn stamp(&self, now: Timestamp) -> String {
        match self.unit {
            Unit::Seconds => now.seconds().to_string(),
            Unit::Milliseconds => now.millis().to_string(),
            Unit::Rfc3339 => now.to_string(),
            Unit::HttpDate => now.http(),
        }
    }
}

fn over(age: Duration, tolerance: Duration) -> u64 {
    let beyond = age.saturating_sub(tolerance);
    beyond.as_secs() + u64::from(beyond.subsec_nanos() > 0)
}

/// Digits and nothing else: no sign, no blank, no exponent, no `0x`.
fn digits(text: &str) -> Option<i64> {
    let plain =
        !text.is_empty() && text.len() <= DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_SECONDS: i64 = 1_785_600_000;

    fn said(age: &Age, stamp: &str) -> Result<String, String> {
        let aged = age.check(stamp.as_bytes(), Timestamp::from_millis(NOW_SECONDS * 1000))?;
        Ok(aged.map(|aged| aged.to_string()).unwrap_or_default())
    }

    fn check(unit: Unit, stamp: &str) -> Result<String, String> {
        said(&Age { from: Part::Timestamp, unit, tolerance: Some(Duration::from_secs(300)) }, stamp)
    }

    #[test]
    fn both_ways_and_to_the_millisecond() {
        for (stamp, wanted) in [
            ("1785600000", Ok("signed 0 s ago (limit 300 s)")),
            ("1785599998", Ok("signed 2 s ago (limit 300 s)")),
            ("1785599700", Ok("signed 300 s ago (limit 300 s)")),
            ("1785599699", Err("stale by 1 s (signed 301 s ago, limit 300 s)")),
            ("1785599288", Err("stale by 412 s (signed 712 s ago, limit 300 s)")),
            ("1785600300", Ok("signed 300 s ahead of our clock (limit 300 s)")),
            ("1785600301", Err("301 s in the future (limit 300 s)")),
        ] {
            let wanted = wanted.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(check(Unit::Seconds, stamp), wanted, "{stamp}");
        }
        assert!(check(Unit::Milliseconds, "1785599700000").is_ok());
        assert!(check(Unit::Milliseconds, "1785599699999").is_err());
        assert!(check(Unit::Rfc3339, "2026-08-01T16:00:00Z").is_ok());
        assert!(check(Unit::Rfc3339, "2026-08-01T18:00:00.5+02:00").is_ok());
        assert!(check(Unit::Rfc3339, "2026-08-01T16:05:01Z").is_err());
        assert!(check(Unit::HttpDate, "Sat, 01 Aug 2026 16:00:00 GMT").is_ok());
        assert!(check(Unit::HttpDate, "Sat, 01 Aug 2026 16:05:01 GMT").is_err());
        assert!(check(Unit::HttpDate, "Sat, 01 Aug 2026 16:00:00 +0000").is_err());
    }

    #[test]
    fn without_a_tolerance_the_past_is_open_and_the_future_is_not() {
        let age = Age { from: Part::Timestamp, unit: Unit::Seconds, tolerance: None };
        let check = |stamp: &str| said(&age, stamp);
        assert_eq!(check("0"), Ok(String::new()));
        assert_eq!(check("1785600300"), Ok(String::new()));
        assert!(check("1785600301").unwrap_err().contains("in the future"));
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        let absurd = [
            "",
            " ",
            "NaN",
            "inf",
            "1e9",
            "1e99",
            "0x10",
            "-1",
            "+1785600000",
            "1785600000.0",
            " 1785600000",
            "1785600000 ",
            "1_785_600_000",
            "99999999999999999999",
            "9223372036854775807",
            "\u{661}",
            "null",
        ];
        for unit in [Unit::Seconds, Unit::Milliseconds, Unit::Rfc3339, Unit::HttpDate] {
            for stamp in absurd {
                assert_eq!(check(unit, stamp), Err("timestamp is not a time".to_owned()), "{stamp:?}");
            }
        }
        assert!(check(Unit::Seconds, "0").unwrap_err().contains("stale"));
        assert!(check(Unit::Rfc3339, "9999-12-30T00:00:00Z").unwrap_err().contains("future"));
    }
}
