//! `gt`, `gte`, `lt`, `lte`, `between`: order, of numbers by exact value and of texts byte by byte.

use serde_json::Value;

use super::Check;
use crate::condition::compile::Argument;
use crate::condition::each::{Each, Order};
use crate::condition::operand::Operand;
use crate::path::number;

pub(super) fn above(argument: &mut Argument<'_, '_>) -> Option<Check> {
    order(argument, Order::Above)
}

pub(super) fn at_least(argument: &mut Argument<'_, '_>) -> Option<Check> {
    order(argument, Order::AtLeast)
}

pub(super) fn below(argument: &mut Argument<'_, '_>) -> Option<Check> {
    order(argument, Order::Below)
}

pub(super) fn at_most(argument: &mut Argument<'_, '_>) -> Option<Check> {
    order(argument, Order::AtMost)
}

fn order(argument: &mut Argument<'_, '_>, order: Order) -> Option<Check> {
    let right = argument.operand()?;
    if !has_order(&right) {
        let name = argument.name();
        return argument.refuse(
            format!("`{name}` takes a number or a text"),
            format!("write `{name}: 100`, or `{name}: {{ path: $.other }}`"),
        );
    }
    Some(Check::Each(Each::Order(order, right)))
}

pub(super) fn between(argument: &mut Argument<'_, '_>) -> Option<Check> {
    let ends = if argument.is_list() { argument.operands()? } else { Vec::new() };
    let [low, high] = <[Operand; 2]>::try_from(ends).unwrap_or([Operand::NULL, Operand::NULL]);
    if !has_order(&low) || !has_order(&high) {
        return argument
            .refuse("`between` takes a list of two numbers or two texts", "write `between: [1, 5]`");
    }
    match (low.literal(), high.literal()) {
        (Some(Value::Number(least)), Some(Value::Number(most))) if number::compare(least, most).is_gt() => {
            argument.refuse("nothing lies between these", "write the smaller one first")
        }
        (Some(Value::String(least)), Some(Value::String(most))) if least > most => {
            argument.refuse("nothing lies between these", "write the one that sorts first in front")
        }
        (Some(Value::Number(_)), Some(Value::String(_)))
        | (Some(Value::String(_)), Some(Value::Number(_))) => {
            argument.refuse("a number and a text have no order", "write two numbers or two texts")
        }
        _ => Some(Check::Each(Each::Between(low, high))),
    }
}

fn has_order(right: &Operand) -> bool {
    right.literal().is_none_or(|value| matches!(value, Value::Number(_) | Value::String(_)))
}
