//! Why a test did not pass: a small word while judging, a sentence only for a proof.

use super::cast::As;
use super::operator::Operator;
use super::seen::{Kind, Seen};
use super::show;

/// Whether one value passed one test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Pass,
    Fail(Reason),
}

/// Why a value did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is not what was wanted; the operator has the words.
    Not,
    /// It is of another kind than the right side.
    Kind(Kind),
    /// It is of another kind than the operator works on.
    Needs(&'static str),
    /// `as` cannot make anything of it.
    Cast(As),
    /// What the right side's path should find is not there.
    OtherMissing,
    /// It has another length.
    Length(usize),
}

impl Outcome {
    pub(super) const FAIL: Self = Self::Fail(Reason::Not);

    pub(super) fn of(passes: bool) -> Self {
        if passes { Self::Pass } else { Self::FAIL }
    }

    pub(super) fn passes(self) -> bool {
        self == Self::Pass
    }

    /// The outcome of two alternatives; when neither passes, the plainer reason stands.
    pub(super) fn or(self, other: Self) -> Self {
        if other.passes() || (other == Self::FAIL && !self.passes()) { other } else { self }
    }
}

impl Reason {
    /// The sentence about a value that was tested.
    pub(super) fn words(self, operator: &Operator, seen: Seen<'_>, wanted: &str) -> String {
        let got = show::seen(seen);
        let kind = seen.kind().words();
        match self {
            Self::Not => format!("`{got}` {} `{wanted}`", operator.fails),
            Self::Kind(other) => match As::mend(seen, other) {
                Some(cast) => format!("`{got}` is {kind}; add `as: {}`", cast.name()),
                None => format!("`{got}` is {kind}, not {}", other.words()),
            },
            Self::Needs(needed) => format!("`{got}` is {kind}, not {needed}"),
            Self::Cast(cast) => format!("`{got}` cannot be read as {}", cast.words()),
            Self::OtherMissing => format!("`{wanted}` is missing"),
            Self::Length(length) => format!("the length of `{got}` is {length}"),
        }
    }
}
