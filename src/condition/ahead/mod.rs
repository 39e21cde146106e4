//! What can be said of conditions before any event comes: that two lines can never hold together, that one condition holds
//! wherever another does. Where that is up to the event, nothing is said.

mod clash;
mod covers;
mod fits;
mod kinds;
mod range;

use super::subject::Subject;
use super::{Condition, Field};
use crate::diagnostic::Diagnostic;

impl Condition {
    /// Lines of it that can never hold together, alone or beside those of a condition that is given anyway. One
    /// warning for each pair, at its second line.
    pub fn clashes(&self, given: Option<&Self>) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let given = given.map(Parts::of).unwrap_or_default();
        look(self, &given.fields, &mut found);
        found
    }

    /// Whether it surely holds for every event for which `other` holds.
    pub fn covers(&self, other: &Self) -> bool {
        covers::covers(self, &Parts::of(other))
    }
}

/// The parts of a condition that must all hold.
#[derive(Default)]
struct Parts<'c> {
    fields: Vec<&'c Field>,
    /// One of each of these must hold.
    branches: Vec<&'c [Condition]>,
}

impl<'c> Parts<'c> {
    fn of(condition: &'c Condition) -> Self {
        let mut parts = Self::default();
        parts.add(condition);
        parts
    }

    fn add(&mut self, condition: &'c Condition) {
        match condition {
            Condition::All(all) => all.iter().for_each(|part| self.add(part)),
            Condition::Any(branches) => self.branches.push(branches),
            Condition::Field(field) => self.fields.push(field),
            Condition::Not(_) => {}
        }
    }
}

/// Looks at all lines that must hold beside the given ones, then at each branch beside all of them.
fn look<'c>(condition: &'c Condition, given: &[&'c Field], found: &mut Vec<Diagnostic>) {
    let parts = Parts::of(condition);
    let mut known = given.to_vec();
    for field in parts.fields {
        clash::alone(field, found);
        if is_single(&field.subject) {
            let same = known.iter().filter(|earlier| is_same(&earlier.subject, &field.subject));
            same.for_each(|earlier| clash::together(earlier, field, found));
        }
        known.push(field);
    }
    for branch in parts.branches.into_iter().flatten() {
        look(branch, &known, found);
    }
}

/// Whether it finds one value at most.
fn is_single(subject: &Subject) -> bool {
    match subject {
        Subject::Payload(path) => path.is_singular(),
        Subject::Param(_) | Subject::Word(_) => true,
        Subject::Header(_) | Subject::Query(_) => false,
    }
}

/// Whether both find the same values, however they are written.
fn is_same(one: &Subject, other: &Subject) -> bool {
    match (one, other) {
        (Subject::Payload(one), Subject::Payload(other)) => {
            one == other || (one.is_singular() && one.singular_steps() == other.singular_steps())
        }
        _ => one == other,
    }
}
