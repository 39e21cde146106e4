//! Durations, sizes and rates as people write them: `15m`, `256KiB`, `10/s`.

use std::fmt;
use std::time::Duration;

/// A text that is not a quantity of the wanted kind. The message says what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {wanted}")]
pub struct Error {
    text: String,
    wanted: &'static str,
}

/// The units of durations, each in milliseconds.
pub const DURATION_UNITS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];
/// The units of sizes, each in bytes.
pub const SIZE_UNITS: &[(&str, u64)] = &[
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
];
/// No duration of ours is longer than ten years.
const DURATION_MAX_MS: u64 = 10 * 366 * 86_400_000;

fn split(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim_start()))
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = split(text)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*factor)
}

/// Reads `500ms`, `30s`, `15m`, `2h`, `7d`, `1w`, or several in a row: `1h30m`. At most ten years.
///
/// # Errors
/// When the text is not a whole number followed by a unit.
pub fn duration(text: &str) -> Result<Duration, Error> {
    let wrong = || Error {
        text: shorten(text),
        wanted: "duration: write `500ms`, `30s`, `15m`, `2h`, `7d` or `1h30m`",
    };
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest.bytes().skip(digits).take_while(u8::is_ascii_alphabetic).count();
        let (part, after) = rest.split_at_checked(digits + letters).ok_or_else(wrong)?;
        let millis = scaled(part, DURATION_UNITS).ok_or_else(wrong)?;
        total = total.checked_add(millis).filter(|sum| *sum <= DURATION_MAX_MS).ok_or_else(wrong)?;
        rest = after;
    }
    Ok(Duration::from_millis(total))
}

/// Reads `512B`, `256KiB`, `1MiB`, `10GB` (bytes; `Ki Mi Gi` are powers of 1024), or a bare number of bytes.
///
/// # Errors
/// When the text is not a whole number followed by a unit.
pub fn size(text: &str) -> Result<u64, Error> {
    let text = text.trim();
    text.parse().ok().or_else(|| scaled(text, SIZE_UNITS)).ok_or_else(|| Error {
        text: shorten(text),
        wanted: "size: write `256KiB`, `1MiB` or a number of bytes",
    })
}

/// So many in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least one.
    pub count: u32,
    /// In how long.
    pub per: Duration,
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = DURATION_UNITS.iter().find(|(_, millis)| Duration::from_millis(*millis) == self.per);
        match unit {
            Some((name, _)) => write!(out, "{}/{name}", self.count),
            None => write!(out, "{}/{:?}", self.count, self.per),
        }
    }
}

/// Reads `10/s`, `100/m`, `5/h`, `1000/d`.
///
/// # Errors
/// When the text is not a whole number from 1 on, a slash and a unit.
pub fn rate(text: &str) -> Result<Rate, Error> {
    let wrong = || Error { text: shorten(text), wanted: "rate: write `10/s`, `100/m` or `5/h`" };
    let (count, unit) = text.trim().split_once('/').ok_or_else(wrong)?;
    let count: u32 = count.trim().parse().map_err(|_| wrong())?;
    let factor = DURATION_UNITS.iter().find(|(name, _)| *name == unit.trim() && *name != "ms");
    match factor {
        Some((_, millis)) if count > 0 => Ok(Rate { count, per: Duration::from_millis(*millis) }),
        _ => Err(wrong()),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in
            [("0s", 0), ("500ms", 500), ("15m", 900_000), ("1h30m", 5_400_000), (" 7d ", 604_800_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "5", "m", "-5s", "1.5h", "5 parsecs", "99999999999999999999s", "3000w", "5é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_and_rates() {
        assert_eq!(size("256KiB"), Ok(262_144));
        assert_eq!(size("12"), Ok(12));
        assert!(size("1 mile").is_err() && size("-1").is_err());
        assert_eq!(rate("10/s"), Ok(Rate { count: 10, per: Duration::from_secs(1) }));
        for text in ["10/s", "100/m", "5/h", "1000/d"] {
            assert_eq!(rate(text).map(|rate| rate.to_string()), Ok(text.to_owned()));
        }
        assert!(rate("0/s").is_err() && rate("10").is_err() && rate("10/ms").is_err());
    }
}
