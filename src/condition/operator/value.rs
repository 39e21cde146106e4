//! `eq`, `ne`, `in`, `not_in`: equality with one value or several.

use super::Check;
use crate::condition::compile::Argument;
use crate::condition::each::Each;
use crate::condition::operand::Operand;
use crate::condition::whole::Whole;

pub(super) fn equal(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.operand().map(Each::Equal).map(Check::Each)
}

pub(super) fn unequal(argument: &mut Argument<'_, '_>) -> Option<Check> {
    let right = argument.operand()?;
    Some(negated(argument, Each::Equal(right)))
}

pub(super) fn one_of(argument: &mut Argument<'_, '_>) -> Option<Check> {
    several(argument).map(Each::OneOf).map(Check::Each)
}

pub(super) fn none_of(argument: &mut Argument<'_, '_>) -> Option<Check> {
    let rights = several(argument)?;
    Some(negated(argument, Each::OneOf(rights)))
}

fn negated(argument: &Argument<'_, '_>, check: Each) -> Check {
    Check::Whole(Whole::Not(argument.alone(check)))
}

fn several(argument: &mut Argument<'_, '_>) -> Option<Vec<Operand>> {
    if argument.is_list() || argument.is_path() {
        return argument.operands().map(|rights| rights.into_iter().map(Operand::elements).collect());
    }
    let name = argument.name();
    let help = if name == "in" { "for one value write `eq`" } else { "for one value write `ne`" };
    argument.refuse(format!("`{name}` takes a list of values"), help)
}
