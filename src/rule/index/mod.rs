//! Which rules are worth a look for an event, found without looking at the others, so that a hundred thousand rules cost
//! an event no more than ten do.
//!
//! ```text
//! source -> event type -> Bucket   the rules, each by one thing that it needs (chosen in `build`: the rarest)
//!                           place in the payload (`Tree`), path, type, parameter
//!                             -> what is there (`Table`): a value, a start of text, a stretch of numbers, anything
//!                               -> few rules, or a Bucket of many that share it, by another thing that they need
//! ```
//!
//! What a rule needs is said by its compiled conditions themselves (`Condition::needs`); nothing of their meaning is
//! written down here a second time. A need is a clause, of which one alternative must be met: a value of `eq`, one of a
//! list or of `any`, a start, a range, or only that there is something. A rule stands under each alternative of the one
//! clause that fewest others share; one without a clause is looked at for every event.
//!
//! An event goes down the tree of places once: what ten thousand rules name is looked up once in each bucket, and nothing is
//! looked for below what is not there. Values are found by their hash, where `1`, `1.0` and `10e-1` are one.
//!
//! The index only leaves out rules that cannot match; the rules themselves still decide. So it may take two values for
//! one (it keeps hashes) and a number for its neighbour, but never the other way round: a random test holds what is routed
//! against what every rule says by itself. What is found is put into the order of the files, and `stop` and `fallback` are seen
//! to behind it, in `route`.

mod ask;
mod bucket;
mod build;
mod key;
mod ranges;
mod table;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use super::rules::Rule;
use crate::event::Event;
use ask::{Asker, Places};
use bucket::Bucket;

/// A rule, told by where it stands among the rules of the set.
type Rank = u32;

/// Rules by source, then by event type, then by what they need.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_source: HashMap<Arc<str>, Kinds<Bucket>>,
    any_source: Kinds<Bucket>,
}

/// Something for each event type that is named, and for rules that name none or a pattern.
#[derive(Debug, Default)]
struct Kinds<T> {
    by_kind: HashMap<String, T>,
    any_kind: T,
}

impl Index {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut places = Places::default();
        let mut by_source: HashMap<Arc<str>, Kinds<Vec<Asker>>> = HashMap::new();
        let mut any_source = Kinds::default();
        for (rank, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            let Ok(rank) = Rank::try_from(rank) else { continue };
            if rule.from.is_empty() {
                any_source.add(rank, rule, &mut places);
            }
            for source in &rule.from {
                by_source.entry(Arc::clone(source)).or_default().add(rank, rule, &mut places);
            }
        }
        let built = |kinds: Kinds<Vec<Asker>>| kinds.built(&places);
        Self {
            any_source: built(any_source),
            by_source: by_source.into_iter().map(|(source, kinds)| (source, built(kinds))).collect(),
        }
    }

    /// The rules that may match, in their order.
    pub(super) fn candidates(&self, event: &Event) -> Vec<Rank> {
        let mut found = Vec::new();
        for kinds in self.by_source.get(&event.source).into_iter().chain([&self.any_source]) {
            for bucket in kinds.by_kind.get(&event.kind).into_iter().chain([&kinds.any_kind]) {
                bucket.collect(event, &mut found);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Kinds<Vec<Asker>> {
    fn add<'r>(&mut self, rank: Rank, rule: &'r Rule, places: &mut Places<'r>) {
        let literals: Option<Vec<String>> = rule.events.iter().map(|glob| glob.literal()).collect();
        match literals.filter(|literals| !literals.is_empty()) {
            None => self.any_kind.push(Asker::new(rank, rule, &rule.events, places)),
            Some(mut literals) => {
                literals.sort_unstable();
                literals.dedup();
                for kind in literals {
                    self.by_kind.entry(kind).or_default().push(Asker::new(rank, rule, &[], places));
                }
            }
        }
    }

    fn built(self, places: &Places<'_>) -> Kinds<Bucket> {
        let by_kind = self.by_kind.into_iter().map(|(kind, askers)| (kind, build::bucket(&askers, places)));
        Kinds { by_kind: by_kind.collect(), any_kind: build::bucket(&self.any_kind, places) }
    }
}
