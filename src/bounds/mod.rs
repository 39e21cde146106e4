//! The limits that whoever serves may set: their values, and reading them as `NAME=VALUE`. The defaults are those of `limit`.

mod quantity;
mod table;

use std::time::Duration;

use self::quantity::Slot;
pub use self::table::LIMITS;
use crate::limit;
use crate::yaml::nearest;

/// The limits of a program that serves. The words for each stand in its row of [`LIMITS`].
#[expect(
    missing_docs,
    reason = "a row of the table says what each is; a second text would grow apart from it"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub connections: usize,
    pub connections_per_address: usize,
    pub header_time: Duration,
    pub body_time: Duration,
    pub idle_time: Duration,
    pub tls_time: Duration,
    pub headers: usize,
    pub headers_bytes: usize,
    pub uri_bytes: usize,
    pub requests: usize,
    pub bodies_bytes: usize,
    pub bad_signatures_per_second: usize,
    pub backlog: usize,
    pub commit_queue: usize,
    pub commit_group: usize,
    pub page_rows: usize,
    pub page_bodies_bytes: usize,
    pub attempts: usize,
    pub attempts_reserved: usize,
    pub connect_time: Duration,
    pub lookups: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: limit::CONNECTIONS_MAX,
            connections_per_address: limit::CONNECTIONS_PER_PEER_MAX,
            header_time: limit::HEADER_TIMEOUT,
            body_time: limit::BODY_TIMEOUT,
            idle_time: limit::IDLE_TIMEOUT,
            tls_time: limit::TLS_TIMEOUT,
            headers: limit::HEADERS_MAX,
            headers_bytes: limit::HEADER_MAX_BYTES,
            uri_bytes: limit::URI_MAX_BYTES,
            requests: limit::REQUESTS_IN_FLIGHT_MAX,
            bodies_bytes: limit::BODIES_IN_FLIGHT_MAX_BYTES,
            bad_signatures_per_second: limit::BAD_SIGNATURES_PER_SECOND,
            backlog: limit::BACKLOG_MAX,
            commit_queue: limit::COMMIT_QUEUE_MAX,
            commit_group: limit::COMMIT_GROUP_MAX,
            page_rows: limit::LIST_ROWS_MAX,
            page_bodies_bytes: limit::LIST_BODIES_MAX_BYTES,
            attempts: limit::ATTEMPTS_IN_FLIGHT_MAX,
            attempts_reserved: limit::ATTEMPTS_RESERVED,
            connect_time: limit::CONNECT_TIMEOUT,
            lookups: limit::LOOKUPS_MAX,
        }
    }
}

/// One limit that may be set.
#[derive(Debug)]
pub struct Row {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it bounds, and what for.
    pub about: &'static str,
    /// The lowest and the highest value with which the program still does its work, as a person writes them.
    pub bounds: (&'static str, &'static str),
    /// Where it is kept.
    slot: fn(&mut Limits) -> Slot<'_>,
}

/// Why a limit cannot be set so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no `=` in it.
    #[error("`{0}` sets no limit: write NAME=VALUE, such as `backlog=200000`")]
    Form(String),
    /// No row has this name.
    #[error("`{name}` is not a limit{hint} `doorbell limits` lists them")]
    Unknown {
        /// As it was written.
        name: String,
        /// What was meant.
        hint: String,
    },
    /// Not a quantity of its kind.
    #[error("limit `{name}`: {why}")]
    Value {
        /// The limit.
        name: &'static str,
        /// What was wanted.
        why: String,
    },
    /// Too low or too high.
    #[error("limit `{name}`: `{text}` is out of bounds: from {lowest} to {highest}")]
    Bounds {
        /// The limit.
        name: &'static str,
        /// As it was written.
        text: String,
        /// The least.
        lowest: &'static str,
        /// The most.
        highest: &'static str,
    },
    /// Two values for one limit.
    #[error("limit `{0}` is set twice: one of them would be lost")]
    Twice(&'static str),
    /// Nothing would be left for a destination that has something under way.
    #[error("limit `attempts-reserved`: {reserved} of {attempts} `attempts` leave none: it has to be less")]
    Reserved {
        /// As many are kept.
        reserved: usize,
        /// Of so many.
        attempts: usize,
    },
}

impl Limits {
    /// The defaults, and what these texts set: `NAME=VALUE` each.
    ///
    /// # Errors
    /// At the first text that sets nothing, or nothing sound.
    pub fn read<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, Error> {
        let mut limits = Self::default();
        let mut set: Vec<&str> = Vec::new();
        for text in texts {
            let (name, value) = text.split_once('=').ok_or_else(|| Error::Form(text.to_owned()))?;
            let row = row(name.trim())?;
            if set.contains(&row.name) {
                return Err(Error::Twice(row.name));
            }
            row.set(&mut limits, value.trim())?;
            set.push(row.name);
        }
        limits.reserve(set.contains(&RESERVED))?;
        Ok(limits)
    }

    /// Who sets the attempts alone keeps the share of them that is reserved by default.
    fn reserve(&mut self, is_said: bool) -> Result<(), Error> {
        if !is_said {
            let most = limit::ATTEMPTS_IN_FLIGHT_MAX / limit::ATTEMPTS_RESERVED;
            self.attempts_reserved = self.attempts / most;
        }
        let (reserved, attempts) = (self.attempts_reserved, self.attempts);
        if reserved < attempts { Ok(()) } else { Err(Error::Reserved { reserved, attempts }) }
    }
}

/// The limit that has to be less than another.
const RESERVED: &str = "attempts-reserved";

fn row(name: &str) -> Result<&'static Row, Error> {
    LIMITS.iter().find(|row| row.name == name).ok_or_else(|| {
        let meant = nearest(name, LIMITS.iter().map(|row| row.name));
        let hint = meant.map(|meant| format!(": did you mean `{meant}`?")).unwrap_or_else(|| ":".to_owned());
        Error::Unknown { name: name.to_owned(), hint }
    })
}

impl Row {
    /// Its value among these, as a person writes it.
    pub fn value(&self, limits: &Limits) -> String {
        (self.slot)(&mut limits.clone()).shown()
    }

    /// Its value when nothing is said.
    pub fn default(&self) -> String {
        self.value(&Limits::default())
    }

    /// `count`, `size`, `duration` or `rate`.
    pub fn kind(&self) -> &'static str {
        (self.slot)(&mut Limits::default()).kind()
    }

    fn set(&self, limits: &mut Limits, text: &str) -> Result<(), Error> {
        let mut slot = (self.slot)(limits);
        let wrong = |why| Error::Value { name: self.name, why };
        let (lowest, highest) = self.bounds;
        let number = slot.read(text).map_err(wrong)?;
        let bounds = slot.read(lowest).map_err(wrong)?..=slot.read(highest).map_err(wrong)?;
        if bounds.contains(&number) {
            slot.put(number);
            return Ok(());
        }
        Err(Error::Bounds { name: self.name, text: text.to_owned(), lowest, highest })
    }
}

#[cfg(test)]
mod tests;
