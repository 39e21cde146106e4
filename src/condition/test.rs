//! The tests of one map of operators: all of them must hold.

use super::Spot;
use super::cast::{As, cast};
use super::each::Each;
use super::look::{Judged, Look};
use super::operator::Operator;
use super::proof::{Finding, Verdict};
use super::reason::Outcome;
use super::seen::Seen;
use super::show;
use super::subject::{Values, until};
use super::whole::Whole;
use crate::path::OutOfSteps;

/// A map of operators. One value must pass all tests on one value; each test on all values stands by itself.
#[derive(Clone, Debug)]
pub(super) struct Tests {
    /// What a value is read as before it is tested, one after the other.
    pub(super) casts: Vec<As>,
    pub(super) each: Vec<Test<Each>>,
    pub(super) whole: Vec<Test<Whole>>,
}

/// One operator with its right side.
#[derive(Clone, Debug)]
pub(super) struct Test<C> {
    pub(super) operator: &'static Operator,
    /// The right side as it is shown.
    pub(super) wanted: Box<str>,
    pub(super) spot: Spot,
    pub(super) check: C,
}

impl Tests {
    /// Whether the values pass.
    pub(super) fn judge(&self, values: &Values<'_>, look: &mut Look<'_>) -> Judged {
        let judged = if self.each.is_empty() { Ok(true) } else { self.any_value(values, look) };
        if judged == Ok(true) {
            return self.all_values(values, look);
        }
        if look.is_thorough() {
            let _shown_only = look.aside(|look| self.all_values(values, look));
        }
        judged
    }

    fn all_values(&self, values: &Values<'_>, look: &mut Look<'_>) -> Judged {
        look.all(&self.whole, |test, look| test.judge(values, look))
    }

    /// Whether any value passes all tests on one value. The proof shows the value that came nearest.
    fn any_value(&self, values: &Values<'_>, look: &mut Look<'_>) -> Judged {
        let mut held = false;
        let mut count: usize = 0;
        let mut nearest: Option<(usize, Vec<Finding>)> = None;
        let walked = values.each(look, &mut |seen, look| {
            count += 1;
            let passed = self.passed(seen, look)?;
            held = passed == self.each.len();
            if look.is_thorough() && nearest.as_ref().is_none_or(|(most, _)| passed > *most) {
                nearest = Some((passed, look.aside(|look| self.findings(seen, look))));
            }
            until(held)
        });
        let judged = walked.map(|()| held);
        look.note(|| match (judged, nearest) {
            (Err(why), _) => self.each.iter().map(|test| test.unknown(why)).collect(),
            (Ok(_), None) => self.each.iter().map(Test::missing).collect(),
            (Ok(true), Some((_, findings))) => findings,
            (Ok(false), Some((_, findings))) => {
                findings.into_iter().map(|finding| finding.of_many(count)).collect()
            }
        });
        judged
    }

    /// How many tests the value passes before it fails one.
    fn passed(&self, seen: Seen<'_>, look: &mut Look<'_>) -> Result<usize, OutOfSteps> {
        let Ok(made) = cast(&self.casts, seen) else { return Ok(0) };
        for (passed, test) in self.each.iter().enumerate() {
            if !test.check.judge(made.seen(), &self.casts, look)?.passes() {
                return Ok(passed);
            }
        }
        Ok(self.each.len())
    }

    /// What each test makes of the value, in words.
    fn findings(&self, seen: Seen<'_>, look: &mut Look<'_>) -> Vec<Finding> {
        let got = show::seen(seen);
        let made = cast(&self.casts, seen);
        let mut judge = |test: &Test<Each>| {
            let (outcome, tested) = match &made {
                Ok(made) => (test.check.judge(made.seen(), &self.casts, look), made.seen()),
                Err(reason) => (Ok(Outcome::Fail(*reason)), seen),
            };
            test.finding(outcome, tested, &got)
        };
        self.each.iter().map(&mut judge).collect()
    }
}

impl<C> Test<C> {
    /// A finding with this verdict and nothing else to say.
    pub(super) fn found(&self, judged: Judged) -> Finding {
        Finding {
            operator: self.operator.name,
            wanted: self.wanted.to_string(),
            spot: self.spot.clone(),
            verdict: Verdict::of(judged),
            got: None,
            reason: judged.err().map(|why| why.to_string()),
        }
    }

    fn missing(&self) -> Finding {
        Finding { reason: Some("missing".to_owned()), ..self.found(Ok(false)) }
    }

    fn unknown(&self, why: OutOfSteps) -> Finding {
        self.found(Err(why))
    }

    /// What came of one value, `got` before and `tested` after conversion.
    fn finding(&self, outcome: Result<Outcome, OutOfSteps>, tested: Seen<'_>, got: &str) -> Finding {
        let found = self.found(outcome.map(Outcome::passes));
        let reason = match outcome {
            Ok(Outcome::Fail(reason)) => Some(reason.words(self.operator, tested, &self.wanted)),
            Ok(Outcome::Pass) | Err(_) => found.reason,
        };
        Finding { got: Some(got.to_owned()), reason, ..found }
    }
}

impl Finding {
    /// Says that it is about the nearest of several values.
    fn of_many(mut self, count: usize) -> Self {
        if count > 1
            && let Some(reason) = &mut self.reason
        {
            reason.push_str(&format!(" (the nearest of {count} values)"));
        }
        self
    }
}
