//! Where a limit is kept, by what it is a quantity of: read and shown as people write it, compared as a number.

use std::time::Duration;

use crate::unit::{self, DURATION_UNITS, Rate, SIZE_UNITS};

/// The place of one limit.
pub(super) enum Slot<'l> {
    /// So many.
    Count(&'l mut usize),
    /// So many bytes.
    Size(&'l mut usize),
    /// So long.
    Duration(&'l mut Duration),
    /// So many in a second.
    Rate(&'l mut usize),
}

/// Units of sizes that are shown: the others say the same in powers of ten.
const SIZES_SHOWN: usize = 4;

impl Slot<'_> {
    /// A text as a number: of things, bytes, milliseconds, or things a second.
    pub(super) fn read(&self, text: &str) -> Result<u64, String> {
        match self {
            Self::Count(_) => {
                text.parse().map_err(|_| format!("`{text}` is not a count: write a whole number"))
            }
            Self::Size(_) => unit::size(text).map_err(|why| why.to_string()),
            Self::Duration(_) => unit::duration(text).map(millis).map_err(|why| why.to_string()),
            Self::Rate(_) => match unit::rate(text) {
                Ok(Rate { count, per }) if per == Duration::from_secs(1) => Ok(count.into()),
                Ok(_) => Err(format!("`{text}` is not a rate a second: write `20/s`")),
                Err(why) => Err(why.to_string()),
            },
        }
    }

    /// Keeps a number that `read` gave.
    pub(super) fn put(&mut self, number: u64) {
        match self {
            Self::Count(place) | Self::Size(place) | Self::Rate(place) => {
                **place = usize::try_from(number).unwrap_or(usize::MAX);
            }
            Self::Duration(place) => **place = Duration::from_millis(number),
        }
    }

    /// What is kept, as `read` takes it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Count(place) => place.to_string(),
            Self::Size(place) => {
                in_units(u64::try_from(**place).unwrap_or(u64::MAX), SIZE_UNITS.iter().take(SIZES_SHOWN))
            }
            Self::Duration(place) => in_units(millis(**place), DURATION_UNITS),
            Self::Rate(place) => format!("{place}/s"),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Count(_) => "count",
            Self::Size(_) => "size",
            Self::Duration(_) => "duration",
            Self::Rate(_) => "rate",
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A number in the largest unit of which it is a whole number.
fn in_units<'u>(number: u64, units: impl IntoIterator<Item = &'u (&'u str, u64)>) -> String {
    let fitting = units.into_iter().filter(|(_, one)| number >= *one && number.is_multiple_of(*one));
    match fitting.max_by_key(|(_, one)| *one) {
        Some((name, one)) => format!("{}{name}", number / one),
        None => number.to_string(),
    }
}
