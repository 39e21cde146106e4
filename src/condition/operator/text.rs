//! Operators on texts: parts, ends, patterns, letters, addresses.

use serde_json::Value;

use super::Check;
use crate::condition::compile::Argument;
use crate::condition::each::{Alike, Each};
use crate::condition::{network, pattern};
use crate::glob::Glob;
use crate::yaml::Node;

pub(super) fn contains(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.operands().map(Each::Contains).map(Check::Each)
}

pub(super) fn starts(argument: &mut Argument<'_, '_>) -> Option<Check> {
    alike(argument, Alike::Starts)
}

pub(super) fn ends(argument: &mut Argument<'_, '_>) -> Option<Check> {
    alike(argument, Alike::Ends)
}

pub(super) fn same_letters(argument: &mut Argument<'_, '_>) -> Option<Check> {
    alike(argument, Alike::Letters)
}

fn alike(argument: &mut Argument<'_, '_>, alike: Alike) -> Option<Check> {
    let rights = argument.operands()?;
    if !rights.iter().filter_map(|right| right.literal()).all(Value::is_string) {
        let name = argument.name();
        return argument.refuse(format!("`{name}` takes a text, or a list of texts"), "quote what YAML reads as another kind");
    }
    Some(Check::Each(Each::Text(alike, rights)))
}

pub(super) fn matches(argument: &mut Argument<'_, '_>) -> Option<Check> {
    let compile = |node: &Node<'_>, text: &str| {
        pattern::compile(text).map_err(|why| {
            let message = format!("`{text}` is not a regular expression: {}", why.message);
            let problem = node.error_inside(why.offset, why.length, "E105", message);
            match why.help {
                Some(help) => problem.help(help),
                None => problem,
            }
        })
    };
    argument.texts(compile).map(Each::Matches).map(Check::Each)
}

pub(super) fn glob(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.texts(|_, text| Ok(Glob::new(text))).map(Each::Glob).map(Check::Each)
}

pub(super) fn network(argument: &mut Argument<'_, '_>) -> Option<Check> {
    let parse = |node: &Node<'_>, text: &str| {
        let wrong = || node.error("E104", format!("`{text}` is not a network"));
        network::parse(text).ok_or_else(|| wrong().help("write `10.0.0.0/8`, `2001:db8::/32` or one address"))
    };
    argument.texts(parse).map(Each::Network).map(Check::Each)
}
