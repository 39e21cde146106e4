//! What may be at one place of an event, and the rules that each such thing leads to.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde_json::Value;

use super::bucket::Bucket;
use super::ranges::Ranges;
use super::{Rank, key};
use crate::event::Event;

/// Rules by what is at one place.
#[derive(Debug, Default)]
pub(super) struct Table {
    values: Branches,
    starts: Branches,
    /// How long those starts are, each length once.
    lengths: Vec<usize>,
    numbers: Ranges,
    something: Option<Branch>,
}

/// Branches by key. A key is a hash already, so it is taken as it is.
type Branches = HashMap<u64, Branch, BuildHasherDefault<AsItIs>>;

#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The rules that one thing leads to.
#[derive(Debug)]
pub(super) enum Branch {
    Rules(Box<[Rank]>),
    Bucket(Box<Bucket>),
}

impl Table {
    pub(super) fn add_value(&mut self, key: u64, branch: Branch) {
        self.values.insert(key, branch);
    }

    pub(super) fn add_start(&mut self, key: u64, length: usize, branch: Branch) {
        self.starts.insert(key, branch);
        if !self.lengths.contains(&length) {
            self.lengths.push(length);
        }
    }

    pub(super) fn set_numbers(&mut self, numbers: Ranges) {
        self.numbers = numbers;
    }

    pub(super) fn set_something(&mut self, branch: Branch) {
        self.something = Some(branch);
    }

    /// Adds the rules that this value leads to.
    pub(super) fn collect(&self, value: &Value, event: &Event, found: &mut Vec<Rank>) {
        match value {
            Value::String(text) => return self.collect_text(text, event, found),
            Value::Number(number) if !self.numbers.is_empty() => {
                if let Some(number) = key::rounded(number) {
                    self.numbers.collect(number, found);
                }
            }
            _ => {}
        }
        let by_value = if self.values.is_empty() { None } else { self.values.get(&key::value(value)) };
        by_value.into_iter().chain(&self.something).for_each(|branch| branch.collect(event, found));
    }

    /// Adds the rules that this text leads to.
    pub(super) fn collect_text(&self, text: &str, event: &Event, found: &mut Vec<Rank>) {
        let by_value = if self.values.is_empty() { None } else { self.values.get(&key::text(text)) };
        by_value.into_iter().chain(&self.something).for_each(|branch| branch.collect(event, found));
        for length in &self.lengths {
            if let Some(branch) = key::start(text, *length).and_then(|key| self.starts.get(&key)) {
                branch.collect(event, found);
            }
        }
    }
}

impl Branch {
    fn collect(&self, event: &Event, found: &mut Vec<Rank>) {
        match self {
            Self::Rules(rules) => found.extend(rules),
            Self::Bucket(bucket) => bucket.collect(event, found),
        }
    }
}
