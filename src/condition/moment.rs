//! Times in conditions: fixed ones, and ones relative to the moment an event arrived.

use std::time::Duration;

use super::seen::Seen;
use crate::time::Timestamp;
use crate::unit;

/// From here on a bare number counts milliseconds, not seconds: as seconds it would lie 3,000 years ahead.
const MILLIS_FROM: i64 = 100_000_000_000;

/// A time in a rules file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// `2026-11-21T14:33:02Z`
    At(Timestamp),
    /// `7d ago`; `now` is no time ago.
    Ago(Duration),
    /// `in 2h`
    In(Duration),
}

impl When {
    /// Reads `now`, `7d ago`, `in 2h` or an RFC 3339 time.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "now" {
            return Some(Self::Ago(Duration::ZERO));
        }
        if let Some(length) = text.strip_suffix(" ago") {
            return unit::duration(length).ok().map(Self::Ago);
        }
        if let Some(length) = text.strip_prefix("in ") {
            return unit::duration(length).ok().map(Self::In);
        }
        Timestamp::parse(text).map(Self::At)
    }

    /// The moment it means for an event that was received at `received_at`.
    pub(super) fn moment(&self, received_at: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => *moment,
            Self::Ago(length) => received_at.minus(*length),
            Self::In(length) => received_at.plus(*length),
        }
    }
}

/// Reads a value under `as: time`: RFC 3339, or seconds or milliseconds since 1970.
pub(super) fn read(seen: Seen<'_>) -> Option<Timestamp> {
    match seen {
        Seen::Moment(moment) => Some(moment),
        _ => match seen.text() {
            Some(text) => Timestamp::parse(text).or_else(|| unix(text)),
            None => unix(seen.number()?.as_str()),
        },
    }
}

/// Reads decimal digits, as in `1795271582`, `1795271582114` and `1795271582.114`; finer parts are cut off.
fn unix(text: &str) -> Option<Timestamp> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if fraction.is_empty() || !fraction.bytes().chain(whole.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    if whole >= MILLIS_FROM {
        return Some(Timestamp::from_millis(sign * whole));
    }
    let millis =
        fraction.bytes().chain(*b"000").take(3).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(Timestamp::from_millis(sign * (whole * 1000 + millis)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_of_rules_files() {
        let now = Timestamp::from_millis(1_000_000_000);
        for (text, wanted) in [
            ("now", Some(1_000_000_000)),
            ("1d ago", Some(913_600_000)),
            ("in 1h30m", Some(1_005_400_000)),
            ("1970-01-01T00:00:01+00:00", Some(1000)),
            ("1d", None),
            ("ago", None),
            ("in", None),
            ("-1d ago", None),
            ("2026-01-01", None),
            ("yesterday", None),
        ] {
            assert_eq!(When::parse(text).map(|when| when.moment(now).millis()), wanted, "{text}");
        }
    }

    #[test]
    fn reads_seconds_and_milliseconds() {
        for (text, wanted) in [
            ("1795271582", Some(1_795_271_582_000)),
            ("1795271582114", Some(1_795_271_582_114)),
            ("1795271582.000005", Some(1_795_271_582_000)),
            ("1.25", Some(1250)),
            ("-1.5", Some(-1500)),
            ("0", Some(0)),
            ("1e9", None),
            ("1.", None),
            (".5", None),
            ("99999999999999999999", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(unix(text).map(Timestamp::millis), wanted, "{text}");
        }
    }
}
