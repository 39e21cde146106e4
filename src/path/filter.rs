//! Whether an item passes a filter: tests, comparisons and functions (RFC 9535, sections 2.3.5 and 2.4).

use std::cmp::Ordering;
use std::ops::ControlFlow;

use serde_json::Value;

use super::equal::equal_within;
use super::number;
use super::pattern::{self, Pattern, Ready};
use super::query::{Comparison, Operand, Query, Test};
use super::steps::OutOfSteps;
use super::walk::Walk;

/// What a side of a comparison is worth.
#[derive(Clone, Copy)]
enum Worth<'a> {
    Nothing,
    Value(&'a Value),
    Count(u64),
}

impl<'v> Walk<'v, '_> {
    /// Whether the test holds for `current`.
    pub(super) fn holds(&mut self, test: &Test, current: &'v Value) -> Result<bool, OutOfSteps> {
        match test {
            Test::Any(tests) => {
                for test in tests {
                    if self.holds(test, current)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Test::All(tests) => {
                for test in tests {
                    if !self.holds(test, current)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Not(test) => Ok(!self.holds(test, current)?),
            Test::Exists(query) => self.exists(query, current),
            Test::Compare { left, is, right } => {
                let (left, right) = (self.worth(left, current)?, self.worth(right, current)?);
                self.compare(left, *is, right)
            }
            Test::Matches { text, pattern } => self.matches(text, pattern, current),
        }
    }

    fn exists(&mut self, query: &Query, current: &'v Value) -> Result<bool, OutOfSteps> {
        self.steps.spend(1)?;
        let mut found = false;
        self.query(query, current, &mut |_| {
            found = true;
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    fn worth<'a>(&mut self, operand: &'a Operand, current: &'v Value) -> Result<Worth<'a>, OutOfSteps>
    where
        'v: 'a,
    {
        self.steps.spend(1)?;
        Ok(match operand {
            Operand::Literal(value) => Worth::Value(value),
            Operand::One(query) => self.single(query, current).map_or(Worth::Nothing, Worth::Value),
            Operand::Length(operand) => match self.worth(operand, current)? {
                Worth::Value(value) => self.length(value)?,
                Worth::Nothing | Worth::Count(_) => Worth::Nothing,
            },
            Operand::Count(query) => {
                let mut count = 0;
                self.query(query, current, &mut |_| {
                    count += 1;
                    ControlFlow::Continue(())
                })?;
                Worth::Count(count)
            }
            Operand::Value(query) => self.only(query, current)?.map_or(Worth::Nothing, Worth::Value),
        })
    }

    /// The value that a path finds, if it finds exactly one.
    fn only(&mut self, query: &Query, current: &'v Value) -> Result<Option<&'v Value>, OutOfSteps> {
        let (mut only, mut several) = (None, false);
        self.query(query, current, &mut |found| {
            several = only.is_some();
            only = Some(found);
            if several { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(only.filter(|_| !several))
    }

    fn length<'a>(&mut self, value: &Value) -> Result<Worth<'a>, OutOfSteps> {
        let length = match value {
            Value::String(text) => {
                self.steps.spend_on_text(text)?;
                text.chars().count()
            }
            Value::Array(items) => items.len(),
            Value::Object(members) => members.len(),
            _ => return Ok(Worth::Nothing),
        };
        Ok(u64::try_from(length).map_or(Worth::Nothing, Worth::Count))
    }

    fn matches(&mut self, text: &Operand, pattern: &Pattern, current: &'v Value) -> Result<bool, OutOfSteps> {
        let Worth::Value(Value::String(text)) = self.worth(text, current)? else { return Ok(false) };
        self.steps.spend_on_search(text)?;
        match pattern.ready() {
            Ready::Regex(regex) => Ok(regex.is_match(text)),
            Ready::Nothing => Ok(false),
            Ready::Dynamic(pattern, whole) => {
                let Worth::Value(Value::String(pattern)) = self.worth(pattern, current)? else {
                    return Ok(false);
                };
                Ok(pattern::compile(pattern, whole).is_ok_and(|regex| regex.is_match(text)))
            }
        }
    }

    fn compare(&mut self, left: Worth<'_>, is: Comparison, right: Worth<'_>) -> Result<bool, OutOfSteps> {
        Ok(match is {
            Comparison::Equal => self.equal(left, right)?,
            Comparison::Unequal => !self.equal(left, right)?,
            Comparison::Less => self.order(left, right)? == Some(Ordering::Less),
            Comparison::Greater => self.order(left, right)? == Some(Ordering::Greater),
            Comparison::LessOrEqual => {
                self.order(left, right)? == Some(Ordering::Less) || self.equal(left, right)?
            }
            Comparison::GreaterOrEqual => {
                self.order(left, right)? == Some(Ordering::Greater) || self.equal(left, right)?
            }
        })
    }

    fn equal(&mut self, left: Worth<'_>, right: Worth<'_>) -> Result<bool, OutOfSteps> {
        match (left, right) {
            (Worth::Nothing, Worth::Nothing) => Ok(true),
            (Worth::Value(left), Worth::Value(right)) => equal_within(left, right, self.steps),
            _ => Ok(self.order(left, right)? == Some(Ordering::Equal)),
        }
    }

    /// The order of two numbers or two texts; other things have none.
    fn order(&mut self, left: Worth<'_>, right: Worth<'_>) -> Result<Option<Ordering>, OutOfSteps> {
        Ok(match (left, right) {
            (Worth::Count(left), Worth::Count(right)) => Some(left.cmp(&right)),
            (Worth::Count(left), Worth::Value(Value::Number(right))) => {
                Some(number::compare_count(left, right))
            }
            (Worth::Value(Value::Number(left)), Worth::Count(right)) => {
                Some(number::compare_count(right, left).reverse())
            }
            (Worth::Value(Value::Number(left)), Worth::Value(Value::Number(right))) => {
                self.steps.spend_on_text(left.as_str())?;
                Some(number::compare(left, right))
            }
            (Worth::Value(Value::String(left)), Worth::Value(Value::String(right))) => {
                self.steps.spend_on_text(left)?;
                Some(left.cmp(right))
            }
            _ => None,
        })
    }
}
