//! Settings that stand in many places of a rules file, each read from a node with one way to complain: durations,
//! sizes, rates, networks, retries, and secrets by reference.

mod key;
mod retry;
mod secrets;

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde_yaml::Value;

use crate::diagnostic::Diagnostic;
use crate::unit::{self, Rate};
use crate::yaml::Node;

pub use key::{Choice, Key, Shape, names};
pub use retry::{RETRY_KEYS, retry};
pub use secrets::{SECRET_KEYS, secret, secrets, value};

/// Reads a duration such as `15m`.
pub fn duration(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Duration> {
    if matches!(node.value(), Value::Number(_)) {
        let found = node.error("E501", format!("`{}` has no unit", node.raw()));
        problems.push(found.help(format!("write `{0}s`, `{0}m` or `{0}h`", node.raw())));
        return None;
    }
    quantity(node, unit::duration, problems)
}

/// Reads a size in bytes such as `256KiB`; a bare whole number is one too.
pub fn size(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<u64> {
    match node.value().as_u64() {
        Some(bytes) => Some(bytes),
        None => quantity(node, unit::size, problems),
    }
}

/// Reads a rate such as `10/s`.
pub fn rate(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Rate> {
    quantity(node, unit::rate, problems)
}

fn quantity<T>(
    node: &Node<'_>,
    read: impl Fn(&str) -> Result<T, unit::Error>,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let written = match node.value() {
        Value::Number(_) => node.raw(),
        _ => text(node, problems)?,
    };
    read(written).map_err(|why| problems.push(node.error("E501", why.to_string()))).ok()
}

/// Reads a whole number between two bounds.
pub fn count(node: &Node<'_>, least: u32, most: u32, problems: &mut Vec<Diagnostic>) -> Option<u32> {
    let number = node.value().as_u64().and_then(|number| u32::try_from(number).ok());
    let found = number.filter(|number| (least..=most).contains(number));
    if found.is_none() {
        problems.push(node.unwanted(&format!("a whole number from {least} to {most}")));
    }
    found
}

/// Reads a text; anything else is a complaint.
pub fn text<'d>(node: &Node<'d>, problems: &mut Vec<Diagnostic>) -> Option<&'d str> {
    let text = node.text();
    if text.is_none() {
        problems.push(node.unwanted("a text"));
    }
    text
}

/// Reads `true` or `false`.
pub fn truth(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<bool> {
    let truth = node.value().as_bool();
    if truth.is_none() {
        problems.push(node.unwanted("`true` or `false`"));
    }
    truth
}

/// The items of a list, or the one value that stands in its place.
pub fn one_or_many<'d>(node: &Node<'d>) -> Vec<Node<'d>> {
    if node.value().is_sequence() { node.items() } else { vec![node.clone()] }
}

/// Reads one network or a list of them: `10.0.0.0/8`, or a single address.
pub fn networks(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Vec<IpNet>> {
    let networks: Vec<Option<IpNet>> = one_or_many(node).iter().map(|item| network(item, problems)).collect();
    networks.into_iter().collect()
}

fn network(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<IpNet> {
    let written = text(node, problems)?;
    let read = written.parse().ok().or_else(|| written.parse::<IpAddr>().ok().map(IpNet::from));
    if read.is_none() {
        let found = node.error("E307", format!("`{written}` is not a network"));
        problems.push(found.help("write `192.0.2.0/24`, `2001:db8::/32` or one address"));
    }
    read
}

#[cfg(test)]
mod tests;
