//! `every`, `none`, `not`: tests inside a test.

use super::Check;
use crate::condition::compile::{Argument, Scope};
use crate::condition::whole::Whole;

pub(super) fn every(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.beside_others()?;
    argument.inner(Scope::Each).map(Whole::Every).map(Check::Whole)
}

pub(super) fn none(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.beside_others()?;
    argument.inner(Scope::Each).map(Whole::None).map(Check::Whole)
}

pub(super) fn not(argument: &mut Argument<'_, '_>) -> Option<Check> {
    let scope = argument.scope();
    argument.inner(scope).map(Whole::Not).map(Check::Whole)
}
