//! What a helper is. The helpers themselves are rows of `table`: a new one is a function and a row.

mod encode;
mod inputs;
mod json;
mod list;
mod logic;
mod money;
mod table;
mod text;
mod when;

use std::borrow::Cow;

use serde_json::Value;

use super::error::Failure;
use super::node::Expression;

pub(super) use inputs::{Inputs, kind};
pub(super) use json::reads_payload;
pub(super) use logic::truthy;
pub use table::HELPERS;

/// One helper.
#[derive(Debug)]
pub struct Helper {
    /// What it is called.
    pub name: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// How it is written; it works on the event of `gives`.
    pub example: &'static str,
    /// What the example makes of the payload [`SAMPLE`].
    pub gives: &'static str,
    /// How many arguments it takes, at least and at most.
    pub(super) arguments: (usize, usize),
    pub(super) run: Run,
}

/// How a helper works.
#[derive(Debug)]
pub(super) enum Run {
    /// It decides what becomes of the text inside it.
    Block(Block),
    /// It makes a value.
    Value {
        /// Looks at the literals when the template is read.
        prepare: fn(&[Expression]) -> Result<Ready, Wrong>,
        make: for<'r, 'a> fn(&Inputs<'r, 'a>) -> Result<Cow<'a, Value>, Failure>,
    },
}

/// The blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    If,
    Unless,
    Each,
    With,
}

/// What a helper made of its literals.
#[derive(Clone, Debug)]
pub(super) enum Ready {
    Nothing,
    Path(crate::path::Path),
    Zone(when::Zone),
}

/// A literal that a helper cannot use.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Which argument, from 0 on.
    pub(super) argument: usize,
    /// How many bytes inside its text.
    pub(super) inside: usize,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// The payload that the examples work on.
pub const SAMPLE: &str = r#"{
    "name": " Ada Lovelace ", "email": "ada@example.com", "amount": 15000, "currency": "usd", "price": "409.94",
    "paid": true, "created": 1700000000, "ref": "refs/heads/main", "tags": ["new", "vip"], "note": null,
    "items": [{"id": 1, "sku": "A"}, {"id": 2, "sku": "B"}], "prices": {"usd": 10, "eur": 9}, "plan": {"name": "pro"}
}"#;
