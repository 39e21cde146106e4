//! The operators: one row each. Help, the reference page and the editor's schema are made from this table.

mod every;
mod number;
mod shape;
mod takes;
mod text;
mod time;
mod value;

use std::fmt;

pub use takes::Takes;

use super::cast::As;
use super::compile::Argument;
use super::each::Each;
use super::whole::Whole;

/// One operator.
pub struct Operator {
    /// Its key in the rules file.
    pub name: &'static str,
    /// What it asks, in one line.
    pub summary: &'static str,
    /// What stands on its right side, for programs.
    pub takes: Takes,
    /// The same for people.
    pub argument: &'static str,
    /// One line of `if` that uses it.
    pub example: &'static str,
    /// The words between a value and the right side when it fails.
    pub(super) fails: &'static str,
    /// Reads the right side.
    pub(super) compile: fn(&mut Argument<'_, '_>) -> Option<Check>,
}

/// What an operator asks once its right side is read.
pub(super) enum Check {
    /// Something of one value.
    Each(Each),
    /// Something of all values.
    Whole(Whole),
    /// Nothing: it changes what the others see.
    Cast(As),
}

/// All operators, in the order of the reference page.
pub const OPERATORS: &[Operator] = &[
    Operator {
        name: "eq",
        summary: "is exactly this value; numbers by value, so `1` is `1.0`, and no kind equals another",
        takes: Takes::Value,
        argument: "a value, or `{ path: $.other }`",
        example: "$.ref: { eq: refs/heads/main }",
        fails: "is not",
        compile: value::equal,
    },
    Operator {
        name: "ne",
        summary: "no value is this one; a missing value passes",
        takes: Takes::Value,
        argument: "a value, or `{ path: $.other }`",
        example: "$.ref: { ne: refs/heads/main }",
        fails: "equals",
        compile: value::unequal,
    },
    Operator {
        name: "in",
        summary: "is one of these values",
        takes: Takes::List,
        argument: "a list of values, or `{ path: $.others }`",
        example: "$.action: { in: [opened, reopened] }",
        fails: "is none of",
        compile: value::one_of,
    },
    Operator {
        name: "not_in",
        summary: "no value is one of these; a missing value passes",
        takes: Takes::List,
        argument: "a list of values, or `{ path: $.others }`",
        example: "$.action: { not_in: [closed, locked] }",
        fails: "is one of",
        compile: value::none_of,
    },
    Operator {
        name: "gt",
        summary: "is greater: a number than a number, exactly, or a text than a text, byte by byte",
        takes: Takes::Ordered,
        argument: "a number or text, or `{ path: $.other }`",
        example: "$.amount: { gt: 10000 }",
        fails: "is not greater than",
        compile: number::above,
    },
    Operator {
        name: "gte",
        summary: "is greater or equal",
        takes: Takes::Ordered,
        argument: "a number or text, or `{ path: $.other }`",
        example: "$.celsius: { gte: 40 }",
        fails: "is less than",
        compile: number::at_least,
    },
    Operator {
        name: "lt",
        summary: "is less",
        takes: Takes::Ordered,
        argument: "a number or text, or `{ path: $.other }`",
        example: "$.stock: { lt: { path: $.reorder_level } }",
        fails: "is not less than",
        compile: number::below,
    },
    Operator {
        name: "lte",
        summary: "is less or equal",
        takes: Takes::Ordered,
        argument: "a number or text, or `{ path: $.other }`",
        example: "$.attempts: { lte: 3 }",
        fails: "is greater than",
        compile: number::at_most,
    },
    Operator {
        name: "between",
        summary: "lies between two values or is one of them",
        takes: Takes::Pair,
        argument: "a list of two numbers or two texts",
        example: "$.status: { between: [500, 599] }",
        fails: "is not between",
        compile: number::between,
    },
    Operator {
        name: "contains",
        summary: "is a text with this part, or a list with this element",
        takes: Takes::Several,
        argument: "a value, a list of which one suffices, or `{ path: $.other }`",
        example: "$.labels: { contains: urgent }",
        fails: "does not contain",
        compile: text::contains,
    },
    Operator {
        name: "starts_with",
        summary: "is a text that starts so",
        takes: Takes::TextsOrPaths,
        argument: "a text, a list of which one suffices, or `{ path: $.other }`",
        example: "$.ref: { starts_with: refs/tags/ }",
        fails: "does not start with",
        compile: text::starts,
    },
    Operator {
        name: "ends_with",
        summary: "is a text that ends so",
        takes: Takes::TextsOrPaths,
        argument: "a text, a list of which one suffices, or `{ path: $.other }`",
        example: "$.email: { ends_with: \"@example.com\" }",
        fails: "does not end with",
        compile: text::ends,
    },
    Operator {
        name: "matches",
        summary: "is a text in which this regular expression finds something; `^` and `$` are yours to write",
        takes: Takes::Texts,
        argument: "a regular expression, or a list of which one suffices",
        example: "$.ref: { matches: '^refs/tags/v\\d+\\.\\d+' }",
        fails: "does not match",
        compile: text::matches,
    },
    Operator {
        name: "glob",
        summary: "is a text that this describes from end to end: `*` is any run of characters, `?` one",
        takes: Takes::Texts,
        argument: "a glob, or a list of which one suffices",
        example: "$.branch: { glob: \"release/*\" }",
        fails: "is not like",
        compile: text::glob,
    },
    Operator {
        name: "exists",
        summary: "is there (`true`), even if null, or is not there (`false`)",
        takes: Takes::Truth,
        argument: "true or false",
        example: "$.pull_request: { exists: true }",
        fails: "is there",
        compile: shape::exists,
    },
    Operator {
        name: "type",
        summary: "is of this type; whole numbers are both `integer` and `number`",
        takes: Takes::Types,
        argument: "one or several of string, number, integer, boolean, array, object, null",
        example: "$.id: { type: [integer, string] }",
        fails: "is not of type",
        compile: shape::kind,
    },
    Operator {
        name: "length",
        summary: "has so many characters, elements or members",
        takes: Takes::Amount,
        argument: "a number, or a map of operators on a number",
        example: "$.commits: { length: { gt: 10 } }",
        fails: "is not of length",
        compile: shape::length,
    },
    Operator {
        name: "count",
        summary: "so many values are found by the path, none included",
        takes: Takes::Amount,
        argument: "a number, or a map of operators on a number",
        example: "$.items[?@.price > 100]: { count: { gte: 2 } }",
        fails: "is not the count wanted:",
        compile: shape::count,
    },
    Operator {
        name: "every",
        summary: "there are values, and every one passes",
        takes: Takes::Tests,
        argument: "a value, or a map of operators",
        example: "$.checks[*].state: { every: success }",
        fails: "does not pass",
        compile: every::every,
    },
    Operator {
        name: "none",
        summary: "not one value passes; no value at all passes too",
        takes: Takes::Tests,
        argument: "a value, or a map of operators",
        example: "$.checks[*].state: { none: failure }",
        fails: "passes",
        compile: every::none,
    },
    Operator {
        name: "not",
        summary: "the tests in it do not hold; a missing value passes",
        takes: Takes::Tests,
        argument: "a value, or a map of operators",
        example: "$.title: { not: { starts_with: WIP } }",
        fails: "passes",
        compile: every::not,
    },
    Operator {
        name: "as",
        summary: "reads the value as another kind before the tests beside it",
        takes: Takes::Cast,
        argument: "number, string, bool or time",
        example: "$.total_price: { as: number, gt: 100 }",
        fails: "cannot be read as",
        compile: time::read_as,
    },
    Operator {
        name: "before",
        summary: "is a time before this one; relative times count from the arrival of the event",
        takes: Takes::Time,
        argument: "an RFC 3339 time, `now`, `7d ago` or `in 2h`, or `{ path: $.other }`",
        example: "$.created_at: { before: 7d ago }",
        fails: "is not before",
        compile: time::before,
    },
    Operator {
        name: "after",
        summary: "is a time after this one; relative times count from the arrival of the event",
        takes: Takes::Time,
        argument: "an RFC 3339 time, `now`, `7d ago` or `in 2h`, or `{ path: $.other }`",
        example: "$.expires: { as: time, after: now }",
        fails: "is not after",
        compile: time::after,
    },
    Operator {
        name: "cidr",
        summary: "is an IP address within one of these networks",
        takes: Takes::Texts,
        argument: "a network or address, or a list of them",
        example: "ip: { cidr: [10.0.0.0/8, \"fd00::/8\"] }",
        fails: "is not within",
        compile: text::network,
    },
    Operator {
        name: "ieq",
        summary: "is this text but for capitals",
        takes: Takes::TextsOrPaths,
        argument: "a text, a list of which one suffices, or `{ path: $.other }`",
        example: "$.country: { ieq: de }",
        fails: "is not, even with other capitals,",
        compile: text::same_letters,
    },
];

impl Operator {
    /// The names of the JSON types, for `type`.
    pub fn types() -> &'static [&'static str] {
        shape::TYPES
    }

    /// What values can be read as, by `as`.
    pub fn casts() -> impl Iterator<Item = &'static str> {
        As::names()
    }

    /// Whether it makes sense of a number that was counted.
    pub fn is_on_amounts(&self) -> bool {
        super::compile::ON_AMOUNTS.contains(&self.name)
    }

    /// The operator of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        OPERATORS.iter().find(|operator| operator.name == name)
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}
