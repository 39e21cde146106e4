//! Operators on texts: parts, ends, patterns, letters, addresses.

use ipnet::IpNet;
use regex::Regex;
use serde_json::Value;

use super::Check;
use crate::condition::compile::Argument;
use crate::condition::each::{Alike, Each};
use crate::condition::{network, pattern};
use crate::diagnostic::Diagnostic;
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
        return argument.refuse(
            format!("`{name}` takes a text, or a list of texts"),
            "quote what YAML reads as another kind",
        );
    }
    Some(Check::Each(Each::Text(alike, rights)))
}

pub(super) fn matches(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.texts(regex).map(Each::Matches).map(Check::Each)
}

fn regex(node: &Node<'_>, text: &str, problems: &mut Vec<Diagnostic>) -> Option<Regex> {
    let why = match pattern::compile(text) {
        Ok(regex) => return Some(regex),
        Err(why) => why,
    };
    let message = format!("`{text}` is not a regular expression: {}", why.message);
    let problem = node.error_inside(why.offset, why.length, "E105", message);
    problems.push(match why.help {
        Some(help) => problem.help(help),
        None => problem,
    });
    None
}

pub(super) fn glob(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.texts(|_, text, _| Some(Glob::new(text))).map(Each::Glob).map(Check::Each)
}

pub(super) fn network(argument: &mut Argument<'_, '_>) -> Option<Check> {
    argument.texts(cidr).map(Each::Network).map(Check::Each)
}

fn cidr(node: &Node<'_>, text: &str, problems: &mut Vec<Diagnostic>) -> Option<IpNet> {
    let network = network::parse(text);
    if network.is_none() {
        let problem = node.error("E104", format!("`{text}` is not a network"));
        problems.push(problem.help("write `10.0.0.0/8`, `2001:db8::/32` or one address"));
    }
    network
}
