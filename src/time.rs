//! A moment in time: milliseconds of UTC, handed in from outside. Nothing here reads a clock.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z. Shown as RFC 3339 with milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment that many milliseconds after the epoch (before it when negative).
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment plus a duration; stops at the last moment that can be told.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment minus a duration; stops at the first moment that can be told.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this moment is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads an RFC 3339 time such as `2026-11-21T14:33:02.114Z`; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|moment| Self(moment.as_millisecond()))
    }
}

/// Dates as HTTP writes them.
impl Timestamp {
    /// Reads `Sat, 21 Nov 2026 14:33:02 GMT`, written in just this way; `None` when it is not.
    pub fn parse_http(text: &str) -> Option<Self> {
        let moment = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Self(moment.as_millisecond())).filter(|moment| moment.http() == text)
    }

    /// This moment so written; empty when it is before the year 1 or after 9999.
    pub fn http(self) -> String {
        let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
        let moment = jiff::Timestamp::from_millisecond(self.0);
        moment.and_then(|moment| printer.timestamp_to_rfc9110_string(&moment)).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(out, "{moment:.3}"),
            Err(_) => write!(out, "{} ms", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_http_dates_in_the_one_way_they_are_written() {
        let moment = Timestamp::from_millis(1_795_271_582_000);
        assert_eq!(moment.http(), "Sat, 21 Nov 2026 14:33:02 GMT");
        assert_eq!(Timestamp::parse_http(&moment.http()), Some(moment));
        for text in [
            "Sun, 21 Nov 2026 14:33:02 GMT",
            "21 Nov 2026 14:33:02 GMT",
            "Sat, 21 Nov 2026 14:33:02 +0000",
            "",
        ] {
            assert_eq!(Timestamp::parse_http(text), None, "{text}");
        }
    }

    #[test]
    fn shows_and_reads_rfc_3339_with_milliseconds() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_795_271_582_114, "2026-11-21T14:33:02.114Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp::from_millis(millis)));
        }
    }

    #[test]
    fn never_overflows() {
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!(last.plus(Duration::MAX), last);
        assert_eq!(Timestamp::from_millis(0).since(last), Duration::ZERO);
        assert!(!last.to_string().is_empty());
    }
}
