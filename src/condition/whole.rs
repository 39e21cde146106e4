//! Tests on all values of a path: none may pass, every one must, or their number counts.

use serde_json::Value;

use super::look::{Judged, Look};
use super::proof::Finding;
use super::seen::Seen;
use super::show;
use super::subject::{Values, until};
use super::test::{Test, Tests};

/// A test on all values.
#[derive(Clone, Debug)]
pub(super) enum Whole {
    /// The inner tests do not hold: also `ne` and `not_in`.
    Not(Tests),
    /// Something is there.
    There,
    /// Nothing is there.
    Absent,
    /// The number of values passes the inner tests.
    Count(Tests),
    /// There are values, and each by itself passes.
    Every(Tests),
    /// Not one value by itself passes.
    None(Tests),
}

/// What decided, for the proof.
#[derive(Default)]
struct Grounds {
    got: Option<String>,
    reason: Option<String>,
}

impl Test<Whole> {
    /// Whether the values pass.
    pub(super) fn judge(&self, values: &Values<'_>, look: &mut Look<'_>) -> Judged {
        let (judged, grounds) = match &self.check {
            Whole::Not(tests) => self.negated(tests, values, look),
            Whole::There => existence(values, look),
            Whole::Absent => {
                let (judged, grounds) = existence(values, look);
                (judged.map(|found| !found), grounds)
            }
            Whole::Count(tests) => counted(tests, values, look),
            Whole::Every(tests) => self.every(tests, values, look),
            Whole::None(tests) => self.none(tests, values, look),
        };
        look.note(|| {
            let found = self.found(judged);
            let reason = found.reason.or(grounds.reason);
            Some(Finding { got: grounds.got, reason, ..found })
        });
        judged
    }

    fn negated(&self, tests: &Tests, values: &Values<'_>, look: &mut Look<'_>) -> (Judged, Grounds) {
        let (inner, findings) = look.apart(|look| tests.judge(values, look));
        let got = findings.into_iter().find_map(|finding| finding.got);
        let reason = match (inner, &got) {
            (Ok(true), Some(got)) => Some(self.says(got)),
            (Ok(false), None) if look.is_thorough() => {
                Some(format!("missing, and a missing value passes `{}`", self.operator.name))
            }
            _ => None,
        };
        (inner.map(|held| !held), Grounds { got, reason })
    }

    fn every(&self, tests: &Tests, values: &Values<'_>, look: &mut Look<'_>) -> (Judged, Grounds) {
        let mut count: usize = 0;
        let mut failed = Grounds::default();
        let mut held = true;
        let walked = values.each(look, &mut |seen, look| {
            count += 1;
            let (judged, findings) = look.apart(|look| tests.judge(&Values::One(seen), look));
            held = judged?;
            if !held && look.is_thorough() {
                failed.got = Some(show::seen(seen));
                failed.reason = findings.into_iter().find_map(|finding| finding.reason);
            }
            until(!held)
        });
        if count == 0 && look.is_thorough() {
            failed.reason = Some("missing, and `every` needs a value".to_owned());
        }
        (walked.map(|()| held && count > 0), failed)
    }

    fn none(&self, tests: &Tests, values: &Values<'_>, look: &mut Look<'_>) -> (Judged, Grounds) {
        let mut passed = Grounds::default();
        let mut held = true;
        let walked = values.each(look, &mut |seen, look| {
            let (judged, _) = look.apart(|look| tests.judge(&Values::One(seen), look));
            held = !judged?;
            if !held && look.is_thorough() {
                let got = show::seen(seen);
                passed = Grounds { reason: Some(self.says(&got)), got: Some(got) };
            }
            until(!held)
        });
        (walked.map(|()| held), passed)
    }

    /// The operator's own words about the value that breaks it.
    fn says(&self, got: &str) -> String {
        format!("`{got}` {} `{}`", self.operator.fails, self.wanted)
    }
}

fn existence(values: &Values<'_>, look: &mut Look<'_>) -> (Judged, Grounds) {
    let mut got = None;
    let mut found = false;
    let walked = values.each(look, &mut |seen, look| {
        found = true;
        got = look.is_thorough().then(|| show::seen(seen));
        until(true)
    });
    let reason = if found { "there" } else { "missing" };
    (walked.map(|()| found), Grounds { got, reason: look.is_thorough().then(|| reason.to_owned()) })
}

fn counted(tests: &Tests, values: &Values<'_>, look: &mut Look<'_>) -> (Judged, Grounds) {
    let mut count: usize = 0;
    let walked = values.each(look, &mut |_, _| {
        count += 1;
        until(false)
    });
    if let Err(why) = walked {
        return (Err(why), Grounds::default());
    }
    let number = Value::from(count);
    let (judged, findings) = look.apart(|look| tests.judge(&Values::One(Seen::Json(&number)), look));
    let reason = findings.into_iter().find_map(|finding| finding.reason);
    (judged, Grounds { got: look.is_thorough().then(|| count.to_string()), reason })
}
