//! Patterns of `match` and `search`: I-Regexp (RFC 9485), compiled when the path is parsed.

use regex::{Regex, RegexBuilder};

use super::error::Error;
use super::limits::{PATTERN_BYTES_MAX, PATTERN_NESTING_MAX};
use super::query::Operand;
use super::regexp;

/// A pattern, ready to look at text.
#[derive(Debug)]
pub(super) struct Pattern(Kind);

#[derive(Debug)]
enum Kind {
    Ready(Regex),
    /// Not a pattern: RFC 9535 lets it match nothing.
    Nothing,
    /// Only for the compliance suite: a pattern that the payload brings.
    Dynamic(Box<Operand>, Whole),
}

/// Whether the whole text has to match, or any part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Yes,
    No,
}

/// A pattern at the moment of its use.
pub(super) enum Ready<'p> {
    Regex(&'p Regex),
    Nothing,
    Dynamic(&'p Operand, Whole),
}

impl Pattern {
    /// Reads and compiles a pattern.
    ///
    /// # Errors
    /// When it is not an I-Regexp, or would become too large; the offset counts inside the pattern.
    pub(super) fn parse(pattern: &str, whole: Whole) -> Result<Self, Error> {
        compile(pattern, whole).map(|regex| Self(Kind::Ready(regex)))
    }

    /// The same, but what is not a pattern matches nothing.
    pub(super) fn lenient(pattern: &str, whole: Whole) -> Self {
        Self(compile(pattern, whole).map_or(Kind::Nothing, Kind::Ready))
    }

    /// A pattern that is known only when the path is evaluated.
    pub(super) fn dynamic(pattern: Operand, whole: Whole) -> Self {
        Self(Kind::Dynamic(Box::new(pattern), whole))
    }

    pub(super) fn ready(&self) -> Ready<'_> {
        match &self.0 {
            Kind::Ready(regex) => Ready::Regex(regex),
            Kind::Nothing => Ready::Nothing,
            Kind::Dynamic(pattern, whole) => Ready::Dynamic(pattern, *whole),
        }
    }
}

/// Compiles a pattern for the whole text or for any part of it.
pub(super) fn compile(pattern: &str, whole: Whole) -> Result<Regex, Error> {
    let translated = regexp::translate(pattern)?;
    let translated = match whole {
        Whole::Yes => format!(r"\A(?:{translated})\z"),
        Whole::No => translated,
    };
    let nesting = u32::try_from(PATTERN_NESTING_MAX * 4).unwrap_or(u32::MAX);
    let built = RegexBuilder::new(&translated).size_limit(PATTERN_BYTES_MAX).nest_limit(nesting).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Error::at(0, "the pattern grows too large")
            .help("repeat less: `{1,1000}` inside another repetition multiplies"),
        _ => Error::at(0, "a range of the pattern runs backwards")
            .help("write the lower character first, as in `[a-z]`"),
    })
}
