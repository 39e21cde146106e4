//! Conditions: what a rule asks of an event. Compiled once from the rules file, judged often, and proved on demand by
//! the same code.
//!
//! Three laws hold everywhere. A path that finds several values passes when any of them passes all tests of its map.
//! A missing value passes no positive test and every negated one. Nothing is converted unless `as` says so.
//!
//! A key becomes a [`Subject`], its value becomes tests (`compile`, `operator`); judging reads values (`seen`, `cast`,
//! `operand`) and gives a verdict with a reason, which is turned into words only for a proof (`look`, `proof`).

mod ahead;
mod cast;
mod compile;
mod each;
mod look;
mod moment;
mod need;
mod network;
mod operand;
mod operator;
mod pattern;
mod proof;
mod reason;
mod seen;
mod show;
mod subject;
mod test;
mod whole;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

pub use compile::{JOINS, PREFIXES};
pub use need::{Clause, Need, Place, Wanted};
pub use operator::{OPERATORS, Operator, Takes};
pub use proof::{Leaf, Part, Proof, Verdict};
pub use subject::{Subject, WORDS, Word};

use crate::diagnostic::Diagnostic;
use crate::event::Event;
use crate::limit;
use crate::path::{OutOfSteps, Steps};
use crate::yaml::Node;
use look::{Judged, Look};
use subject::Values;
use test::Tests;

/// What an event must be like.
#[derive(Clone, Debug)]
pub enum Condition {
    /// Every part holds.
    All(Vec<Condition>),
    /// At least one part holds.
    Any(Vec<Condition>),
    /// The part does not hold.
    Not(Box<Condition>),
    /// One line of `if`.
    Field(Field),
}

/// One line of `if`: what is looked at, and what it must be like.
#[derive(Clone, Debug)]
pub struct Field {
    subject: Subject,
    tests: Tests,
    file: Arc<str>,
    spot: Spot,
}

/// A stretch of the rules file: its bytes, and the line it starts on (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spot {
    span: Range<usize>,
    line: usize,
}

impl Condition {
    /// Reads an `if`. All that is wrong with it is added to `problems`; then there is no condition.
    pub fn compile(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        compile::condition(node, problems)
    }

    /// Whether the event is as the condition wants it. `steps` may be shared by all conditions of an event.
    ///
    /// # Errors
    /// When the steps run out before the answer is known.
    pub fn holds(&self, event: &Event, steps: &mut Steps) -> Result<bool, OutOfSteps> {
        let mut look = Look::quick(event, steps.left());
        let judged = self.judge(&mut look);
        *steps = Steps::new(look.left());
        judged
    }

    /// The same answer with its grounds, within the steps that one event has.
    pub fn prove(&self, event: &Event) -> Proof {
        self.prove_within(event, &mut Steps::new(limit::CONDITION_STEPS_MAX))
    }

    /// The same answer with its grounds. Parts that no longer decide anything are looked at too, for the reader's
    /// sake, and on steps of their own.
    pub fn prove_within(&self, event: &Event, steps: &mut Steps) -> Proof {
        let mut look = Look::thorough(event, steps.left());
        let judged = self.judge(&mut look);
        *steps = Steps::new(look.left());
        look.into_proof(judged)
    }

    /// The lines of `if`, in the order of the file.
    pub fn fields(&self) -> Vec<&Field> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::fields).collect(),
            Self::Not(part) => part.fields(),
            Self::Field(field) => vec![field],
        }
    }

    fn judge(&self, look: &mut Look<'_>) -> Judged {
        match self {
            Self::All(parts) => look.group(Part::All, |look| look.all(parts, Self::judge)),
            Self::Any(parts) => look.group(Part::Any, |look| look.any(parts, Self::judge)),
            Self::Not(part) => look.group(Part::Not, |look| part.judge(look).map(|held| !held)),
            Self::Field(field) => field.judge(look),
        }
    }
}

impl Field {
    /// What is looked at.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The file it stands in, as the user knows it.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Its bytes in the file: key and value.
    pub fn span(&self) -> Range<usize> {
        self.spot.span.clone()
    }

    /// The line it starts on, from 1.
    pub fn line(&self) -> usize {
        self.spot.line
    }

    fn judge(&self, look: &mut Look<'_>) -> Judged {
        look.field(self, |look| self.tests.judge(&Values::Of(&self.subject), look))
    }
}
