//! How rules are sorted into a bucket: each by the clause that fewest others share, and what is still many again by
//! another one.

use std::collections::HashMap;

use super::Rank;
use super::ask::{Ask, Asker, Places, Test};
use super::bucket::Bucket;
use super::ranges::Ranges;
use super::table::Branch;

/// So many rules are looked at as fast as they are sorted out.
const FEW: usize = 4;
/// How often rules are sorted again.
const DEPTH_MAX: usize = 8;

/// The bucket of some rules.
pub(super) fn bucket(askers: &[Asker], places: &Places<'_>) -> Bucket {
    sort(askers, places, 0)
}

/// What may be found at a place, each kind of it in its own way.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Slot {
    Value(u64),
    Start(u64, usize),
    Number,
    Something,
}

impl Ask {
    fn slot(&self) -> (usize, Slot) {
        let slot = match self.test {
            Test::Value(key) => Slot::Value(key),
            Test::Start(key, length) => Slot::Start(key, length),
            Test::Between(..) => Slot::Number,
            Test::Something => Slot::Something,
        };
        (self.place, slot)
    }

    /// Values tell rules apart best, whatever else is counted.
    fn breadth(&self) -> u8 {
        match self.test {
            Test::Value(_) | Test::Start(..) => 0,
            Test::Between(..) => 1,
            Test::Something => 2,
        }
    }
}

/// How often each thing is asked.
struct Counts(HashMap<(usize, Slot), usize>);

impl Counts {
    fn new(askers: &[Asker]) -> Self {
        let mut counts = HashMap::new();
        for ask in askers.iter().flat_map(|asker| &asker.asks) {
            *counts.entry(ask.slot()).or_default() += 1;
        }
        Self(counts)
    }

    fn rarest<'a>(&self, asker: &'a Asker) -> Option<&'a [Ask]> {
        asker.clauses().min_by_key(|clause| {
            let sum: usize = clause.iter().filter_map(|ask| self.0.get(&ask.slot())).sum();
            (clause.iter().map(Ask::breadth).max(), sum)
        })
    }
}

/// The rules that are found under one thing, each with the ask by which it is.
type Group<'a> = Vec<(&'a Asker, &'a Ask)>;

fn sort(askers: &[Asker], places: &Places<'_>, depth: usize) -> Bucket {
    if askers.len() <= FEW || depth == DEPTH_MAX {
        return Bucket::new(askers.iter().map(|asker| asker.rule).collect());
    }
    let counts = Counts::new(askers);
    let mut others = Vec::new();
    let mut groups: HashMap<(usize, Slot), Group<'_>> = HashMap::new();
    for asker in askers {
        match counts.rarest(asker) {
            None => others.push(asker.rule),
            Some(clause) => {
                clause.iter().for_each(|ask| groups.entry(ask.slot()).or_default().push((asker, ask)));
            }
        }
    }
    drop(counts);
    let mut bucket = Bucket::new(others);
    for ((place, slot), group) in groups {
        let Some(table) = places.get(place).and_then(|place| bucket.table(place)) else {
            continue;
        };
        match slot {
            Slot::Value(key) => table.add_value(key, branch(&group, places, depth)),
            Slot::Start(key, length) => table.add_start(key, length, branch(&group, places, depth)),
            Slot::Number => table.set_numbers(ranges(&group)),
            Slot::Something => table.set_something(branch(&group, places, depth)),
        }
    }
    bucket
}

/// Few rules as they are, many sorted again by what else they ask.
fn branch(group: &Group<'_>, places: &Places<'_>, depth: usize) -> Branch {
    if group.len() > FEW {
        let rest: Vec<Asker> = group.iter().map(|(asker, ask)| asker.without(ask.clause)).collect();
        let bucket = sort(&rest, places, depth + 1);
        if bucket.is_sorted() {
            return Branch::Bucket(Box::new(bucket));
        }
    }
    Branch::Rules(group.iter().map(|(asker, _)| asker.rule).collect())
}

fn ranges(group: &Group<'_>) -> Ranges {
    let range = |(asker, ask): &(&Asker, &Ask)| match ask.test {
        Test::Between(least, most) => Some((least, most, asker.rule)),
        _ => None,
    };
    let all: Vec<(f64, f64, Rank)> = group.iter().filter_map(range).collect();
    Ranges::new(&all)
}
