//! Tests that no value passes together: two values on one path, a number that is above 10 and below 5, a text that is a list.

use serde_json::{Number, Value};

use super::covers::implies;
use super::fits::{fits, wanted};
use super::is_single;
use super::kinds;
use super::range::Range;
use crate::condition::each::{Alike, Each};
use crate::condition::operand::Operand;
use crate::condition::seen::Kind;
use crate::condition::test::{Test, Tests};
use crate::condition::whole::Whole;
use crate::condition::{Field, Spot};
use crate::diagnostic::{Diagnostic, Place};

const CODE: &str = "W310";

/// Looks at one line by itself.
pub(super) fn alone(field: &Field, found: &mut Vec<Diagnostic>) {
    let Tests { casts, each, whole } = &field.tests;
    let possible = kinds::of_subject(&field.subject, casts);
    for (index, test) in each.iter().enumerate() {
        impossible(field, test, &possible, found);
        for earlier in each.iter().take(index).filter(|earlier| clash(&earlier.check, &test.check)) {
            found.push(pair((field, earlier), (field, test)));
        }
    }
    for test in whole {
        inside(field, test, found);
        for other in whole.iter().filter(|other| is_absent(test) && is_present(other)) {
            found.push(pair((field, other), (field, test)));
        }
        against(field, field, test, found);
    }
}

/// Looks at two lines about one and the same value.
pub(super) fn together(earlier: &Field, field: &Field, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    if earlier.tests.casts == field.tests.casts {
        for test in &field.tests.each {
            let clashing = earlier.tests.each.iter().filter(|other| clash(&other.check, &test.check));
            found.extend(clashing.map(|other| pair((earlier, other), (field, test))));
        }
    }
    for test in &field.tests.whole {
        let others = earlier.tests.whole.iter();
        let opposite = |other: &&Test<Whole>| {
            is_absent(test) && is_present(other) || is_absent(other) && is_present(test)
        };
        found.extend(others.filter(opposite).map(|other| pair((earlier, other), (field, test))));
        against(earlier, field, test, found);
    }
    for test in &earlier.tests.whole {
        against(field, earlier, test, found);
    }
    // One reason for each pair of lines is enough.
    found.truncate(before + 1);
}

/// Whether the tests on one value of `values` rule out what `test` of another line asks of all values.
fn against(values: &Field, line: &Field, test: &Test<Whole>, found: &mut Vec<Diagnostic>) {
    let tests = &values.tests;
    let Some(first) = tests.each.first() else { return };
    let culprit = match &test.check {
        Whole::Absent => Some(first),
        Whole::Not(inner) | Whole::None(inner) if inner.whole.is_empty() && inner.casts == tests.casts => {
            let all = |inner: &Test<Each>| tests.each.iter().any(|test| implies(&test.check, &inner.check));
            inner.each.iter().all(all).then_some(first)
        }
        Whole::Every(inner) if inner.casts == tests.casts => {
            tests.each.iter().find(|test| inner.each.iter().any(|inner| clash(&test.check, &inner.check)))
        }
        _ => None,
    };
    found.extend(culprit.map(|culprit| pair((values, culprit), (line, test))));
}

/// Tests inside a test that never pass.
fn inside(field: &Field, test: &Test<Whole>, found: &mut Vec<Diagnostic>) {
    match &test.check {
        Whole::Every(inner) => {
            for (index, one) in inner.each.iter().enumerate() {
                let clashing = inner.each.iter().take(index).filter(|other| clash(&other.check, &one.check));
                found.extend(clashing.map(|other| pair((field, other), (field, one))));
            }
        }
        Whole::Count(inner) => {
            let most = is_single(&field.subject).then(|| Number::from(1));
            if !is_amount(inner, most.as_ref()) {
                let why =
                    if most.is_some() { "finds one value at most" } else { "never finds so many values" };
                let message = format!("`{}` {why}, so `{}` never holds", field.subject, said(test));
                found.push(at(field, &test.spot, message));
            }
        }
        _ => {}
    }
}

/// A test that nothing passes which its subject can find.
fn impossible(field: &Field, test: &Test<Each>, possible: &[Kind], found: &mut Vec<Diagnostic>) {
    if !kinds::of_test(&test.check).iter().any(|kind| possible.contains(kind)) {
        let is = possible.first().map_or("", |kind| kind.words());
        let message = format!("`{}` is always {is} here, so `{}` never holds", field.subject, said(test));
        found.push(at(field, &test.spot, message));
    }
    if let Each::Length(inner) = &test.check
        && !is_amount(inner, None)
    {
        let message = format!("a length is a whole number from 0, so `{}` never holds", said(test));
        found.push(at(field, &test.spot, message));
    }
}

/// Whether some whole number from 0 up (to `most`) passes.
fn is_amount(tests: &Tests, most: Option<&Number>) -> bool {
    let least = Number::from(0);
    let amounts = Range::of_numbers(&least, most);
    let is_whole = |value: &&Value| value.as_u64().is_some();
    tests.each.iter().all(|test| {
        let range = Range::of(&test.check).is_none_or(|range| !range.misses(&amounts));
        let exact = wanted(&test.check).is_none_or(|values| values.iter().any(is_whole));
        range && exact
    }) && !tests
        .each
        .iter()
        .enumerate()
        .any(|(index, test)| tests.each.iter().take(index).any(|other| clash(&other.check, &test.check)))
}

/// Whether no value passes both.
fn clash(one: &Each, other: &Each) -> bool {
    let kinds = kinds::of_test(other);
    if !kinds::of_test(one).iter().any(|kind| kinds.contains(kind)) {
        return true;
    }
    for (exact, test) in [(one, other), (other, one)] {
        if let Some(values) = wanted(exact) {
            return values.iter().all(|value| fits(test, value) == Some(false));
        }
    }
    if let Some((one, other)) = Range::of(one).zip(Range::of(other)) {
        return one.misses(&other);
    }
    match (one, other) {
        (Each::Text(Alike::Starts, one), Each::Text(Alike::Starts, other)) => {
            apart(one, other, |text, part| text.starts_with(part))
        }
        (Each::Text(Alike::Ends, one), Each::Text(Alike::Ends, other)) => {
            apart(one, other, |text, part| text.ends_with(part))
        }
        _ => false,
    }
}

/// Whether no text of one list goes with one of the other.
fn apart(one: &[Operand], other: &[Operand], goes: fn(&str, &str) -> bool) -> bool {
    one.iter().all(|one| {
        other.iter().all(|other| {
            let texts = one.literal().and_then(Value::as_str).zip(other.literal().and_then(Value::as_str));
            texts.is_some_and(|(one, other)| !goes(one, other) && !goes(other, one))
        })
    })
}

fn is_absent(test: &Test<Whole>) -> bool {
    matches!(test.check, Whole::Absent)
}

fn is_present(test: &Test<Whole>) -> bool {
    matches!(test.check, Whole::There | Whole::Every(_))
}

/// A test as it is written: `gt 10`.
fn said<C>(test: &Test<C>) -> String {
    format!("{} {}", test.operator.name, test.wanted)
}

fn pair<C, D>((first, one): (&Field, &Test<C>), (second, other): (&Field, &Test<D>)) -> Diagnostic {
    let message = format!("`{}` can never be both `{}` and `{}`", second.subject, said(one), said(other));
    let place = Place { file: first.file.clone(), span: one.spot.span.clone() };
    let both_exact = one.operator.name == "eq" && other.operator.name == "eq";
    let help = if both_exact {
        "for one of several write a list: `$.ref: [main, dev]`"
    } else {
        "for one or the other write `any: […]`, else leave one out"
    };
    at(second, &other.spot, message).also(place, "this asks for something else").help(help)
}

fn at(field: &Field, spot: &Spot, message: String) -> Diagnostic {
    Diagnostic::warning(CODE, message).at(&field.file, spot.span.clone())
}
