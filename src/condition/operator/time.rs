//! `as`, `before`, `after`: conversions, and times.

use super::Check;
use crate::condition::cast::As;
use crate::condition::compile::Argument;
use crate::condition::each::{Each, Order};
use crate::yaml::{listed, nearest};

/// What `as` might be told by those who know other languages.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("int", "number"),
    ("integer", "number"),
    ("float", "number"),
    ("decimal", "number"),
    ("text", "string"),
    ("str", "string"),
    ("boolean", "bool"),
    ("date", "time"),
    ("datetime", "time"),
    ("timestamp", "time"),
];

pub(super) fn read_as(argument: &mut Argument<'_, '_>) -> Option<Check> {
    let text = argument.node().text().unwrap_or_default();
    if let Some(cast) = As::named(text) {
        return Some(Check::Cast(cast));
    }
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == text).map(|(_, name)| *name);
    let help = match other.or_else(|| nearest(text, As::names())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it takes one of {}", listed(As::names())),
    };
    let raw = argument.node().raw();
    argument.refuse(format!("`as` cannot make a value `{raw}`"), help)
}

pub(super) fn before(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.time().map(|right| Check::Each(Each::Time(Order::Below, right)))
}

pub(super) fn after(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.time().map(|right| Check::Each(Each::Time(Order::Above, right)))
}
