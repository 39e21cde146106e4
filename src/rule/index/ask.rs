//! What a rule asks of an event, as the index is built from it.

use std::collections::HashMap;

use super::{Rank, key};
use crate::condition::{Condition, Place, Wanted};
use crate::glob::Glob;
use crate::route::Pattern;
use crate::rule::rules::Rule;

/// The places of events that any rule asks about; each has a number.
#[derive(Debug, Default)]
pub(super) struct Places<'r> {
    numbers: HashMap<Place<'r>, usize>,
    all: Vec<Place<'r>>,
}

/// A rule that asks.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) rule: Rank,
    /// Those of one clause stand side by side.
    pub(super) asks: Vec<Ask>,
}

/// One thing that is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    /// Of the asks with one number at least one must be met.
    pub(super) clause: usize,
    pub(super) place: usize,
    pub(super) test: Test,
}

/// What must be at a place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    /// The value of this key.
    Value(u64),
    /// A text whose first bytes, so many, have this key.
    Start(u64, usize),
    /// A number between these two, perhaps one of them.
    Between(f64, f64),
    Something,
}

impl<'r> Places<'r> {
    pub(super) fn get(&self, number: usize) -> Option<Place<'r>> {
        self.all.get(number).copied()
    }

    fn number(&mut self, place: Place<'r>) -> usize {
        let next = self.all.len();
        let number = *self.numbers.entry(place).or_insert(next);
        if number == next {
            self.all.push(place);
        }
        number
    }
}

impl Asker {
    /// `kinds` are those event types of the rule that have not been looked up before.
    pub(super) fn new<'r>(rank: Rank, rule: &'r Rule, kinds: &'r [Glob], places: &mut Places<'r>) -> Self {
        let mut asker = Self { rule: rank, asks: Vec::new() };
        for clause in rule.condition.iter().flat_map(Condition::needs) {
            asker.add(clause.iter().map(|need| (places.number(need.place), Test::of(need.wanted))));
        }
        if let Some(test) = rule.path.as_deref().and_then(path) {
            asker.add([(places.number(Place::Path), Some(test))]);
        }
        let kinds: Option<Vec<Test>> = kinds.iter().map(kind).collect();
        if let Some(kinds) = kinds.filter(|kinds| !kinds.is_empty()) {
            let place = places.number(Place::Event);
            asker.add(kinds.into_iter().map(|test| (place, Some(test))));
        }
        asker.asks.shrink_to_fit();
        asker
    }

    /// Adds a clause, unless something in it cannot be looked up.
    fn add(&mut self, alternatives: impl IntoIterator<Item = (usize, Option<Test>)>) {
        let clause = self.asks.last().map_or(0, |last| last.clause + 1);
        let before = self.asks.len();
        for (place, test) in alternatives {
            let Some(test) = test else { return self.asks.truncate(before) };
            self.asks.push(Ask { clause, place, test });
        }
    }

    /// Its asks, clause by clause.
    pub(super) fn clauses(&self) -> impl Iterator<Item = &[Ask]> {
        self.asks.chunk_by(|one, two| one.clause == two.clause)
    }

    /// What is left to look up once one clause was; only what has no alternatives, so that nothing multiplies.
    pub(super) fn without(&self, clause: usize) -> Self {
        let rest = self.clauses().filter_map(|asks| if let [only] = asks { Some(*only) } else { None });
        Self { rule: self.rule, asks: rest.filter(|ask| ask.clause != clause).collect() }
    }
}

impl Test {
    fn of(wanted: Wanted<'_>) -> Option<Self> {
        match wanted {
            Wanted::Something => Some(Self::Something),
            Wanted::Value(value) => Some(Self::Value(key::value(value))),
            Wanted::Start(start) => Self::start(start),
            Wanted::Between(least, most) => {
                let least = least.map_or(Some(f64::NEG_INFINITY), key::rounded)?;
                Some(Self::Between(least, most.map_or(Some(f64::INFINITY), key::rounded)?))
            }
        }
    }

    fn start(start: &str) -> Option<Self> {
        let length = key::start_length(start);
        key::start(start, length).map(|key| Self::Start(key, length))
    }
}

/// What a path must be like to match; nothing when the pattern starts with a capture.
fn path(pattern: &Pattern) -> Option<Test> {
    if pattern.is_literal() {
        return Some(Test::Value(key::text(pattern.text())));
    }
    plain(pattern.text(), &['{', '}'])
}

/// What an event type must be like to match; nothing when the glob starts with a wildcard.
fn kind(glob: &Glob) -> Option<Test> {
    match glob.literal() {
        Some(kind) => Some(Test::Value(key::text(&kind))),
        None => plain(glob.text(), &['*', '?', '\\']),
    }
}

/// The start of a pattern up to the first letter that means more than itself.
fn plain(pattern: &str, signs: &[char]) -> Option<Test> {
    pattern.split(signs).next().filter(|start| !start.is_empty()).and_then(Test::start)
}
