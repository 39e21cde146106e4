//! `retry`: how often, how long between, and for which failures an attempt is made again.

use std::time::Duration;

use serde_yaml::Value;

use super::{Key, Shape, count, duration, names, one_or_many};
use crate::delivery::{Delays, Retry, RetryOn};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// The keys of a retry policy.
pub const RETRY_KEYS: &[Key] = &[
    Key::new("attempts", Shape::Number(1, ATTEMPTS_MAX as usize), "attempts in all; `1` never tries again"),
    Key::new("first", Shape::Duration, "the delay before the second attempt"),
    Key::new("max", Shape::Duration, "no delay is longer"),
    Key::new(
        "factor",
        Shape::Decimal(1, FACTOR_MAX as usize),
        "by how much each delay is longer than the one before",
    ),
    Key::new("for", Shape::Duration, "no attempt begins later than this after the event"),
    Key::new(
        "on",
        Shape::Failures,
        "the failures to try again after; unless said, timeouts, lost connections, 408, 425, 429, 5xx, refusals with `Retry-After` and any failed command",
    ),
];
/// More attempts than this are a mistake.
const ATTEMPTS_MAX: u32 = 100;
/// What the delays are where only some of `first`, `factor`, `max` are given.
const FIRST: Duration = Duration::from_secs(5);
const FACTOR_PERCENT: u32 = 200;
const MAX: Duration = Duration::from_secs(10 * 3600);
/// Growth beyond tenfold is a mistake.
const FACTOR_MAX: u32 = 10;

/// Reads `{ attempts, first, max, factor, for, on }`; what is left out is as by default.
pub fn retry(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Retry> {
    if !node.value().is_mapping() {
        let help = "write `retry: { attempts: 5 }`; `attempts: 1` never tries again";
        problems.push(node.unwanted("a map").help(help));
        return None;
    }
    let before = problems.len();
    let mut read = Retry::default();
    let (mut first, mut max, mut factor) = (None, None, None);
    for (key, value) in node.entries() {
        match key {
            "attempts" => {
                read.attempts_max = count(&value, 1, ATTEMPTS_MAX, problems).unwrap_or(read.attempts_max);
            }
            "first" => first = duration(&value, problems),
            "max" => max = duration(&value, problems),
            "factor" => factor = percent(&value, problems),
            "for" => read.total = duration(&value, problems),
            "on" => read.on = on(&value, problems).unwrap_or(RetryOn::Default),
            _ if value.is_own() => {}
            _ => problems.push(value.unknown_key(&names(RETRY_KEYS))),
        }
    }
    if first.or(max).is_some() || factor.is_some() {
        let first = first.unwrap_or(FIRST);
        let max = max.unwrap_or(MAX.max(first));
        if max < first {
            let at = node.get("max").unwrap_or_else(|| node.clone());
            problems.push(
                at.error("E501", "`max` is shorter than `first`")
                    .help("the delays grow from `first` to `max`"),
            );
        }
        read.delays = Delays::Exponential { first, factor_percent: factor.unwrap_or(FACTOR_PERCENT), max };
    }
    (problems.len() == before).then_some(read)
}

fn percent(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<u32> {
    let factor = node.value().as_f64().filter(|factor| (1.0..=f64::from(FACTOR_MAX)).contains(factor));
    if factor.is_none() {
        problems.push(node.unwanted("a number from 1 to 10"));
    }
    // Whole percents are counted in text, where no cast can go wrong.
    factor.and_then(|factor| format!("{:.0}", factor * 100.0).parse().ok())
}

fn on(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<RetryOn> {
    let before = problems.len();
    let (mut statuses, mut codes, mut timeout, mut connection) = (Vec::new(), Vec::new(), false, false);
    for item in one_or_many(node) {
        match item.text() {
            Some("timeout") => timeout = true,
            Some("connection") => connection = true,
            Some(text) if text.starts_with("exit ") => match exit(text) {
                Some(range) => codes.push(range),
                None => problems.push(
                    item.error("E004", format!("`{text}` is not an exit code"))
                        .help("write `exit 75`, or a range: `exit 64-78`"),
                ),
            },
            _ => match range(&item) {
                Some(range) => statuses.push(range),
                None => problems.push(
                    item.error("E004", format!("`{}` is not a failure to try again after", item.raw())).help(
                        "write a status (`503`), a range (`5xx`, `500-599`), `exit 75`, `timeout` or `connection`",
                    ),
                ),
            },
        }
    }
    if timeout != connection {
        let found = node.error("E004", "`timeout` and `connection` come together in this version");
        problems.push(found.help("write both: `on: [timeout, connection, 5xx]`"));
    }
    (problems.len() == before).then_some(RetryOn::Only { statuses, codes, failures: timeout })
}

/// `exit 75` or `exit 64-78`.
fn exit(text: &str) -> Option<(u8, u8)> {
    let codes = text.strip_prefix("exit ")?;
    let code = |text: &str| text.trim().parse::<u8>().ok();
    match codes.split_once('-') {
        Some((from, to)) => Some((code(from)?, code(to)?)).filter(|(from, to)| from <= to),
        None => code(codes).map(|one| (one, one)),
    }
}

/// `503`, `5xx` or `500-599`.
fn range(node: &Node<'_>) -> Option<(u16, u16)> {
    let status = |text: &str| text.trim().parse().ok().filter(|status| (100..=599).contains(status));
    if let Value::Number(_) = node.value() {
        let one = status(node.raw())?;
        return Some((one, one));
    }
    let text = node.text()?;
    if let Some(class) = text.strip_suffix("xx") {
        let class = status(&format!("{class}00"))?;
        return Some((class, class + 99));
    }
    match text.split_once('-') {
        Some((from, to)) => Some((status(from)?, status(to)?)).filter(|(from, to)| from <= to),
        None => status(text).map(|one| (one, one)),
    }
}
