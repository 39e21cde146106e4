//! Whether one condition holds wherever another does. A no may be wrong, a yes never is.

use serde_json::Value;

use super::fits::{fits, wanted};
use super::kinds;
use super::range::Range;
use super::{Parts, is_same};
use crate::condition::each::{Alike, Each};
use crate::condition::operand::Operand;
use crate::condition::seen::Kind;
use crate::condition::test::Tests;
use crate::condition::whole::Whole;
use crate::condition::{Condition, Field};

/// Whether the condition surely holds where all these parts do.
pub(super) fn covers(condition: &Condition, parts: &Parts<'_>) -> bool {
    let by_lines = match condition {
        Condition::All(all) => all.iter().all(|part| covers(part, parts)),
        Condition::Any(any) => any.iter().any(|part| covers(part, parts)),
        Condition::Field(field) => parts.fields.iter().any(|narrow| field_covers(field, narrow)),
        Condition::Not(_) => false,
    };
    // One of the branches holds: when each of them suffices, it does not matter which.
    by_lines
        || parts
            .branches
            .iter()
            .any(|branches| branches.iter().all(|branch| covers(condition, &Parts::of(branch))))
}

fn field_covers(wide: &Field, narrow: &Field) -> bool {
    let (wide_tests, narrow_tests) = (&wide.tests, &narrow.tests);
    let each = wide_tests.each.is_empty()
        || wide_tests.casts == narrow_tests.casts && each_covers(wide_tests, narrow_tests);
    is_same(&wide.subject, &narrow.subject)
        && each
        && wide_tests.whole.iter().all(|test| whole_covers(&test.check, narrow_tests))
}

/// Whether a value that passes the narrow tests passes the wide ones.
fn each_covers(wide: &Tests, narrow: &Tests) -> bool {
    wide.each.iter().all(|wide| narrow.each.iter().any(|narrow| implies(&narrow.check, &wide.check)))
}

fn whole_covers(wide: &Whole, narrow: &Tests) -> bool {
    let has = |wanted: fn(&Whole) -> bool| narrow.whole.iter().any(|test| wanted(&test.check));
    match wide {
        Whole::There => {
            !narrow.each.is_empty() || has(|check| matches!(check, Whole::There | Whole::Every(_)))
        }
        Whole::Absent => has(|check| matches!(check, Whole::Absent)),
        _ => false,
    }
}

/// Whether every value that passes the first test passes the second.
pub(super) fn implies(narrow: &Each, wide: &Each) -> bool {
    if is_equal(narrow, wide) {
        return true;
    }
    if let Some(values) = wanted(narrow) {
        return values.iter().all(|value| fits(wide, value) == Some(true));
    }
    if let Some((narrow, wide)) = Range::of(narrow).zip(Range::of(wide)) {
        return wide.holds(&narrow);
    }
    match (narrow, wide) {
        (Each::Text(Alike::Starts, narrow), Each::Text(Alike::Starts, wide)) => {
            each_text(narrow, wide, |text, part| text.starts_with(part))
        }
        (Each::Text(Alike::Ends, narrow), Each::Text(Alike::Ends, wide)) => {
            each_text(narrow, wide, |text, part| text.ends_with(part))
        }
        (_, Each::Type(names)) => is_of(names, &kinds::of_test(narrow)),
        _ => false,
    }
}

/// Whether all these kinds have one of the names.
fn is_of(names: &[&str], kinds: &[Kind]) -> bool {
    kinds.iter().all(|kind| names.contains(&kinds::type_name(*kind)))
}

/// Whether each of the narrow texts goes with one of the wide ones.
fn each_text(narrow: &[Operand], wide: &[Operand], goes: fn(&str, &str) -> bool) -> bool {
    let texts = |operands: &[Operand]| -> Option<Vec<String>> {
        operands.iter().map(|one| one.literal().and_then(Value::as_str).map(str::to_owned)).collect()
    };
    texts(narrow)
        .zip(texts(wide))
        .is_some_and(|(narrow, wide)| narrow.iter().all(|text| wide.iter().any(|part| goes(text, part))))
}

/// Whether both are one test, word for word.
fn is_equal(one: &Each, other: &Each) -> bool {
    match (one, other) {
        (Each::Equal(one), Each::Equal(other)) => one == other,
        (Each::OneOf(one), Each::OneOf(other)) | (Each::Contains(one), Each::Contains(other)) => one == other,
        (Each::Order(order, one), Each::Order(other_order, other))
        | (Each::Time(order, one), Each::Time(other_order, other)) => order == other_order && one == other,
        (Each::Between(low, high), Each::Between(other_low, other_high)) => {
            low == other_low && high == other_high
        }
        (Each::Text(alike, one), Each::Text(other_alike, other)) => alike == other_alike && one == other,
        (Each::Matches(one), Each::Matches(other)) => {
            one.iter().map(regex::Regex::as_str).eq(other.iter().map(regex::Regex::as_str))
        }
        (Each::Glob(one), Each::Glob(other)) => one == other,
        (Each::Type(one), Each::Type(other)) => one == other,
        (Each::Network(one), Each::Network(other)) => one == other,
        _ => false,
    }
}
