//! `circuit_breaker` of a connection: after how many failures it opens, and how it closes again.

use std::time::Duration;

use super::verb::{Key, Shape};
use crate::diagnostic::Diagnostic;
use crate::schedule::breaker::Policy;
use crate::settings::{self, names};
use crate::yaml::Node;

/// The keys of `circuit_breaker`.
pub const BREAKER_KEYS: &[Key] = &[
    Key::new(
        "failures",
        Shape::Number(1, COUNT_MAX as usize),
        "failures in a row that open it: timeouts, lost connections, 408, 429 and 5xx; 5 unless said",
    ),
    Key::new(
        "open_for",
        Shape::Duration,
        "how long nothing is attempted then; `30s` unless said, and twice as long after each failed probe, up to `10m`",
    ),
    Key::new(
        "probes",
        Shape::Number(1, COUNT_MAX as usize),
        "successes in a row that close it, one attempt at a time; 1 unless said",
    ),
];
/// More failures or probes than this are a mistake.
const COUNT_MAX: u32 = 1_000;
/// It stays open no longer than this, or it would look like a loss.
const OPEN_MAX: Duration = Duration::from_secs(24 * 3600);

/// Reads `{ failures, open_for, probes }`; what is left out is as by default.
pub(super) fn compile(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Policy> {
    if !node.value().is_mapping() {
        let help = "write `circuit_breaker: { failures: 5, open_for: 30s }`, or `{}` for these";
        problems.push(node.unwanted("a map").help(help));
        return None;
    }
    let before = problems.len();
    let mut policy = Policy::default();
    for (key, value) in node.entries() {
        match key {
            "failures" => {
                policy.failures_max = settings::count(&value, 1, COUNT_MAX, problems).unwrap_or_default();
            }
            "open_for" => policy.open_for = open_for(&value, problems).unwrap_or_default(),
            "probes" => {
                policy.probes = settings::count(&value, 1, COUNT_MAX, problems).unwrap_or_default();
            }
            _ if value.is_own() => {}
            _ => problems.push(value.unknown_key(&names(BREAKER_KEYS))),
        }
    }
    (problems.len() == before).then_some(policy)
}

fn open_for(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Duration> {
    let time = settings::duration(node, problems)?;
    if time.is_zero() || time > OPEN_MAX {
        let found = node.error("E501", format!("`{}` is not a time to stay open", node.raw()));
        problems.push(found.help("write a time from `1ms` to `24h`, such as `30s`"));
        return None;
    }
    Some(time)
}
