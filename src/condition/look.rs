//! One look at an event: the work that may still be done and, when somebody asked for a proof, the notes taken.

use std::ops::ControlFlow;

use super::Field;
use super::proof::{Finding, Part, Proof, Verdict};
use super::seen::Seen;
use crate::event::Event;
use crate::path::{OutOfSteps, Path, Steps};

/// Whether something holds, if the steps sufficed to know.
pub(super) type Judged = Result<bool, OutOfSteps>;
/// Whether to go on with the next value.
pub(super) type Flow = Result<ControlFlow<()>, OutOfSteps>;
/// What is done with each value.
pub(super) type Visit<'f, 'e> = &'f mut dyn FnMut(Seen<'_>, &mut Look<'e>) -> Flow;

pub(super) struct Look<'e> {
    pub(super) event: &'e Event,
    /// Steps that are left for what decides.
    left: u64,
    /// Steps that are left for what only the reader of a proof wants to know.
    spare: u64,
    is_aside: bool,
    notes: Option<Notes>,
}

#[derive(Default)]
struct Notes {
    /// Of the field that is being judged.
    findings: Vec<Finding>,
    /// Of the parts that have been judged, each group's on top.
    proofs: Vec<Proof>,
}

impl<'e> Look<'e> {
    /// For the answer alone.
    pub(super) fn quick(event: &'e Event, steps: u64) -> Self {
        Self { event, left: steps, spare: 0, is_aside: false, notes: None }
    }

    /// For the same answer and its grounds.
    pub(super) fn thorough(event: &'e Event, steps: u64) -> Self {
        Self { spare: steps, notes: Some(Notes::default()), ..Self::quick(event, steps) }
    }

    pub(super) fn is_thorough(&self) -> bool {
        self.notes.is_some()
    }

    pub(super) fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn spend(&mut self, count: usize) -> Result<(), OutOfSteps> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let left = self.left.checked_sub(count);
        self.left = left.unwrap_or(0);
        left.map(|_| ()).ok_or(OutOfSteps)
    }

    /// Shows `visit` the values that a path finds in the payload, until it breaks off.
    pub(super) fn walk(&mut self, path: &Path, visit: Visit<'_, 'e>) -> Result<(), OutOfSteps> {
        let payload = &self.event.payload;
        if path.is_singular() {
            return match path.first(payload)? {
                Some(value) => visit(Seen::Json(value), self).map(|_| ()),
                None => Ok(()),
            };
        }
        let before = self.left;
        let mut steps = Steps::new(before);
        let mut ended = Ok(());
        let walked = path.each(payload, &mut steps, &mut |value| {
            visit(Seen::Json(value), self).unwrap_or_else(|why| {
                ended = Err(why);
                ControlFlow::Break(())
            })
        });
        // What `visit` did has been counted already; now the walk itself.
        let walk = before.saturating_sub(steps.left());
        self.spend(usize::try_from(walk).unwrap_or(usize::MAX)).and(walked).and(ended)
    }

    /// Whether all parts hold; stops at the first that does not, unless the rest is wanted for a proof.
    pub(super) fn all<P>(&mut self, parts: &[P], judge: impl Fn(&P, &mut Self) -> Judged) -> Judged {
        self.while_judged(Ok(true), parts, judge)
    }

    /// Whether any part holds; stops at the first that does, unless the rest is wanted for a proof.
    pub(super) fn any<P>(&mut self, parts: &[P], judge: impl Fn(&P, &mut Self) -> Judged) -> Judged {
        self.while_judged(Ok(false), parts, judge)
    }

    fn while_judged<P>(
        &mut self,
        start: Judged,
        parts: &[P],
        judge: impl Fn(&P, &mut Self) -> Judged,
    ) -> Judged {
        let mut judged = start;
        for part in parts {
            if judged == start {
                judged = judge(part, self);
            } else if self.is_thorough() {
                let _shown_only = self.aside(|look| judge(part, look));
            } else {
                break;
            }
        }
        judged
    }

    /// Does what decides nothing, on steps of its own, so that a proof ends as the quick look does.
    pub(super) fn aside<R>(&mut self, act: impl FnOnce(&mut Self) -> R) -> R {
        if self.is_aside {
            return act(self);
        }
        std::mem::swap(&mut self.left, &mut self.spare);
        self.is_aside = true;
        let result = act(self);
        self.is_aside = false;
        std::mem::swap(&mut self.left, &mut self.spare);
        result
    }

    /// Judges tests inside a test; what is found out does not stand in the proof by itself.
    pub(super) fn apart<R>(&mut self, act: impl FnOnce(&mut Self) -> R) -> (R, Vec<Finding>) {
        let outer = self.notes.as_mut().map(|notes| std::mem::take(&mut notes.findings)).unwrap_or_default();
        let result = act(self);
        let inner = self
            .notes
            .as_mut()
            .map(|notes| std::mem::replace(&mut notes.findings, outer))
            .unwrap_or_default();
        (result, inner)
    }

    /// Notes findings, which are made only for a proof.
    pub(super) fn note<F: IntoIterator<Item = Finding>>(&mut self, findings: impl FnOnce() -> F) {
        if let Some(notes) = &mut self.notes {
            notes.findings.extend(findings());
        }
    }

    /// Judges a field and closes its proof.
    pub(super) fn field(&mut self, field: &Field, judge: impl FnOnce(&mut Self) -> Judged) -> Judged {
        let judged = judge(self);
        if let Some(notes) = &mut self.notes {
            let findings = std::mem::take(&mut notes.findings);
            notes.proofs.push(Proof::of_field(field, findings, judged));
        }
        judged
    }

    /// Judges parts that belong together and closes their proof.
    pub(super) fn group(
        &mut self,
        part: fn(Vec<Proof>) -> Part,
        judge: impl FnOnce(&mut Self) -> Judged,
    ) -> Judged {
        let from = self.notes.as_ref().map_or(0, |notes| notes.proofs.len());
        let judged = judge(self);
        if let Some(notes) = &mut self.notes {
            let parts = notes.proofs.split_off(from);
            notes.proofs.push(Proof { verdict: Verdict::of(judged), part: part(parts) });
        }
        judged
    }

    /// The proof of all that was judged.
    pub(super) fn into_proof(self, judged: Judged) -> Proof {
        let last = self.notes.and_then(|mut notes| notes.proofs.pop());
        last.unwrap_or(Proof { verdict: Verdict::of(judged), part: Part::All(Vec::new()) })
    }
}
