//! Brackets and parentheses: which are open, what they hold, and how deep they may nest.

use super::error::Error;
use super::limits::{CALLS_MAX, NESTING_MAX};
use super::token::Kind;

/// What is open at a place of the path.
#[derive(Default)]
pub(super) struct Brackets {
    open: Vec<Open>,
}

struct Open {
    start: usize,
    holds: Holds,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// `[…]` with names, indexes, slices
    Selectors,
    /// `[?…]`, up to the next comma
    Filter,
    /// `(…)` that groups
    Group,
    /// `name(…)`
    Arguments,
}

impl Holds {
    fn signs(self) -> (char, char) {
        match self {
            Self::Selectors | Self::Filter => ('[', ']'),
            Self::Group | Self::Arguments => ('(', ')'),
        }
    }
}

impl Brackets {
    /// Whether a number here is compared, rather than picking an element.
    pub(super) fn in_filter(&self) -> bool {
        self.open.last().is_some_and(|open| open.holds != Holds::Selectors)
    }

    /// Takes note of the sign at `at`; `behind_function` says whether the word before it names a function.
    ///
    /// # Errors
    /// When the sign closes what is not open, or opens one level too many.
    pub(super) fn see(&mut self, kind: Kind, at: usize, behind_function: bool) -> Result<(), Error> {
        match kind {
            Kind::Open => self.open(at, Holds::Selectors),
            Kind::OpenRound if behind_function => self.open(at, Holds::Arguments),
            Kind::OpenRound => self.open(at, Holds::Group),
            Kind::Close => self.close(at, ']'),
            Kind::CloseRound => self.close(at, ')'),
            Kind::Question => {
                self.turn(Holds::Selectors, Holds::Filter);
                Ok(())
            }
            Kind::Comma => {
                self.turn(Holds::Filter, Holds::Selectors);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// # Errors
    /// When something is still open where the text ends.
    pub(super) fn end(&self) -> Result<(), Error> {
        let Some(last) = self.open.last() else { return Ok(()) };
        let (opens, closes) = last.holds.signs();
        let message = format!("`{opens}` is never closed");
        let help = if self.open.len() == 1 {
            format!("write `{closes}` at the end")
        } else {
            format!("write `{closes}` where it should end")
        };
        Err(Error::at(last.start, message).help(help))
    }

    fn open(&mut self, start: usize, holds: Holds) -> Result<(), Error> {
        if self.open.len() == NESTING_MAX {
            return Err(Error::at(start, format!("brackets nest deeper than {NESTING_MAX} levels")));
        }
        let calls = self.open.iter().filter(|open| open.holds == Holds::Arguments).count();
        if holds == Holds::Arguments && calls == CALLS_MAX {
            return Err(Error::at(start, format!("function calls nest deeper than {CALLS_MAX} levels")));
        }
        self.open.push(Open { start, holds });
        Ok(())
    }

    fn close(&mut self, at: usize, sign: char) -> Result<(), Error> {
        let Some(last) = self.open.pop() else {
            return Err(Error::at(at, format!("`{sign}` closes nothing")).help("remove it"));
        };
        let (opens, closes) = last.holds.signs();
        if closes == sign {
            return Ok(());
        }
        let message = format!("`{sign}` stands here while `{opens}` is open");
        Err(Error::at(at, message).help(format!("remove it, or write `{closes}` before it")))
    }

    fn turn(&mut self, from: Holds, to: Holds) {
        if let Some(open) = self.open.last_mut().filter(|open| open.holds == from) {
            open.holds = to;
        }
    }
}
