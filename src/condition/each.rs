//! Tests on one value: what each operator asks of it.

use std::cmp::Ordering;

use ipnet::IpNet;
use regex::Regex;

use super::cast::As;
use super::look::Look;
use super::operand::{self, Operand, same};
use super::reason::{Outcome, Reason};
use super::seen::{Kind, Seen};
use super::subject::Values;
use super::test::Tests;
use super::{moment, network};
use crate::glob::Glob;
use crate::path::{OutOfSteps, number};

/// Bytes of text that are searched for the price of one step.
const SEARCHED_BYTES_PER_STEP: usize = 16;

/// A test on one value.
#[derive(Clone, Debug)]
pub(super) enum Each {
    Equal(Operand),
    /// One of several.
    OneOf(Vec<Operand>),
    Order(Order, Operand),
    /// Both ends belong to it.
    Between(Operand, Operand),
    /// A part of a text, or an element of a list.
    Contains(Vec<Operand>),
    Text(Alike, Vec<Operand>),
    Matches(Vec<Regex>),
    Glob(Vec<Glob>),
    Type(Vec<&'static str>),
    Length(Tests),
    Time(Order, Operand),
    Network(Vec<IpNet>),
}

/// Which side of the right value is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// How a text is like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alike {
    Starts,
    Ends,
    /// The same but for capitals.
    Letters,
}

impl Each {
    /// Whether the value, already converted by `casts`, passes.
    pub(super) fn judge(
        &self,
        seen: Seen<'_>,
        casts: &[As],
        look: &mut Look<'_>,
    ) -> Result<Outcome, OutOfSteps> {
        match self {
            Self::Equal(right) => right.any(casts, look, &mut |right, look| same(seen, right, look)),
            Self::OneOf(rights) => {
                operand::any(rights, casts, look, &mut |right, look| same(seen, right, look))
            }
            Self::Order(order, right) => {
                right.any(casts, look, &mut |right, _| Ok(order.of(compare(seen, right))))
            }
            Self::Between(low, high) => {
                let low = low.any(casts, look, &mut |low, _| Ok(Order::AtLeast.of(compare(seen, low))))?;
                match low {
                    Outcome::Pass => {
                        high.any(casts, look, &mut |high, _| Ok(Order::AtMost.of(compare(seen, high))))
                    }
                    failed @ Outcome::Fail(_) => Ok(failed),
                }
            }
            Self::Contains(rights) => {
                operand::any(rights, casts, look, &mut |right, look| contains(seen, right, look))
            }
            Self::Text(alike, rights) => {
                operand::any(rights, casts, look, &mut |right, look| alike.judge(seen, right, look))
            }
            Self::Matches(patterns) => {
                any_text(seen, patterns, look, searched, |regex, text| regex.is_match(text))
            }
            Self::Glob(globs) => any_text(seen, globs, look, globbed, Glob::matches),
            Self::Type(names) => Ok(Outcome::of(names.iter().any(|name| is_type(seen, name)))),
            Self::Length(tests) => length(seen, tests, look),
            Self::Time(order, right) => {
                right.any(casts, look, &mut |right, _| Ok(order.of(compare_times(seen, right))))
            }
            Self::Network(networks) => Ok(within(seen, networks)),
        }
    }
}

impl Order {
    pub(super) fn of(self, compared: Result<Ordering, Reason>) -> Outcome {
        match compared {
            Ok(order) => Outcome::of(match self {
                Self::Above => order.is_gt(),
                Self::AtLeast => order.is_ge(),
                Self::Below => order.is_lt(),
                Self::AtMost => order.is_le(),
            }),
            Err(reason) => Outcome::Fail(reason),
        }
    }
}

impl Alike {
    fn judge(self, seen: Seen<'_>, right: Seen<'_>, look: &mut Look<'_>) -> Result<Outcome, OutOfSteps> {
        let Some(text) = seen.text() else { return Ok(Outcome::Fail(Reason::Kind(Kind::Text))) };
        let Some(right) = right.text() else { return Ok(Outcome::FAIL) };
        look.spend(searched_bytes(text.len().min(right.len())))?;
        Ok(Outcome::of(self.holds(text, right)))
    }

    pub(super) fn holds(self, text: &str, right: &str) -> bool {
        match self {
            Self::Starts => text.starts_with(right),
            Self::Ends => text.ends_with(right),
            Self::Letters => folded(text).eq(folded(right)),
        }
    }
}

/// The letters of a text with capitals and their variants made one: `ẞ`, `ß` and `SS`; `Σ`, `σ` and `ς`.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Numbers have an order, texts have one byte by byte, times have one; no kind has one with another.
pub(super) fn compare(left: Seen<'_>, right: Seen<'_>) -> Result<Ordering, Reason> {
    if let (Some(left), Some(right)) = (left.number(), right.number()) {
        return Ok(number::compare(left, right));
    }
    if let (Some(left), Some(right)) = (left.text(), right.text()) {
        return Ok(left.cmp(right));
    }
    match (left, right) {
        (Seen::Moment(left), Seen::Moment(right)) => Ok(left.cmp(&right)),
        _ if left.kind() == right.kind() => Err(Reason::Needs("a number or text, which have an order")),
        _ => Err(Reason::Kind(right.kind())),
    }
}

/// A text counts as the RFC 3339 time it is; numbers need `as: time`.
fn compare_times(left: Seen<'_>, right: Seen<'_>) -> Result<Ordering, Reason> {
    let time = |seen: Seen<'_>| match seen {
        Seen::Moment(_) => moment::read(seen),
        _ => seen.text().and_then(crate::time::Timestamp::parse),
    };
    let left = time(left).ok_or(Reason::Kind(Kind::Moment))?;
    Ok(left.cmp(&time(right).ok_or(Reason::Not)?))
}

/// Whether one of the items is the same.
fn element<'v>(
    seen: Seen<'_>,
    items: impl Iterator<Item = Seen<'v>>,
    look: &mut Look<'_>,
) -> Result<Outcome, OutOfSteps> {
    for item in items {
        look.spend(1)?;
        if same(seen, item, look)?.passes() {
            return Ok(Outcome::Pass);
        }
    }
    Ok(Outcome::FAIL)
}

fn contains(seen: Seen<'_>, right: Seen<'_>, look: &mut Look<'_>) -> Result<Outcome, OutOfSteps> {
    if let Some(items) = seen.list() {
        return element(right, items.iter().map(Seen::Json), look);
    }
    let Some(text) = seen.text() else { return Ok(Outcome::Fail(Reason::Needs("text or a list"))) };
    let Some(part) = right.text() else { return Ok(Outcome::Fail(Reason::Kind(right.kind()))) };
    look.spend(searched_bytes(text.len()))?;
    Ok(Outcome::of(text.contains(part)))
}

/// Whether a text passes any of several patterns, at the price each says.
fn any_text<P>(
    seen: Seen<'_>,
    patterns: &[P],
    look: &mut Look<'_>,
    price: impl Fn(&P, &str) -> usize,
    passes: impl Fn(&P, &str) -> bool,
) -> Result<Outcome, OutOfSteps> {
    let Some(text) = seen.text() else { return Ok(Outcome::Fail(Reason::Kind(Kind::Text))) };
    for pattern in patterns {
        look.spend(price(pattern, text))?;
        if passes(pattern, text) {
            return Ok(Outcome::Pass);
        }
    }
    Ok(Outcome::FAIL)
}

fn searched(_: &Regex, text: &str) -> usize {
    searched_bytes(text.len())
}

/// A glob may look at the text once for each of its wildcards.
fn globbed(glob: &Glob, text: &str) -> usize {
    searched_bytes(text.len()).saturating_mul(1 + glob.text().matches('*').count())
}

fn searched_bytes(bytes: usize) -> usize {
    bytes / SEARCHED_BYTES_PER_STEP
}

pub(super) fn is_type(seen: Seen<'_>, name: &str) -> bool {
    seen.type_name() == name || (name == "number" && seen.kind() == Kind::Number)
}

fn length(seen: Seen<'_>, tests: &Tests, look: &mut Look<'_>) -> Result<Outcome, OutOfSteps> {
    let length = match seen {
        Seen::Json(serde_json::Value::Object(members)) => members.len(),
        _ => match (seen.list(), seen.text()) {
            (Some(items), _) => items.len(),
            (None, Some(text)) => {
                look.spend(searched_bytes(text.len()))?;
                text.chars().count()
            }
            _ => return Ok(Outcome::Fail(Reason::Needs("text, a list or an object, which have a length"))),
        },
    };
    let number = serde_json::Value::from(length);
    let (judged, _) = look.apart(|look| tests.judge(&Values::One(Seen::Json(&number)), look));
    Ok(if judged? { Outcome::Pass } else { Outcome::Fail(Reason::Length(length)) })
}

pub(super) fn within(seen: Seen<'_>, networks: &[IpNet]) -> Outcome {
    let Some(text) = seen.text() else { return Outcome::Fail(Reason::Kind(Kind::Text)) };
    match network::address(text) {
        Some(address) => Outcome::of(networks.iter().any(|network| network.contains(&address))),
        None => Outcome::Fail(Reason::Needs("an IP address")),
    }
}
