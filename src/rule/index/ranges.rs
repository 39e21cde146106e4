//! Stretches of numbers, and those of them that a number lies in, found without looking at most of the others.

use super::Rank;

/// Stretches in the order of their lower ends. The middle one of any half knows how far that half reaches.
#[derive(Debug, Default)]
pub(super) struct Ranges(Box<[Range]>);

#[derive(Debug)]
struct Range {
    least: f64,
    most: f64,
    /// The largest `most` of all in the half that it is the middle of.
    reach: f64,
    rule: Rank,
}

impl Ranges {
    /// From lower end, upper end and rule of each.
    pub(super) fn new(all: &[(f64, f64, Rank)]) -> Self {
        let range = |(least, most, rule): &(f64, f64, Rank)| Range {
            least: *least,
            most: *most,
            reach: *most,
            rule: *rule,
        };
        let mut ranges: Box<[Range]> = all.iter().map(range).collect();
        ranges.sort_by(|one, two| one.least.total_cmp(&two.least));
        measure(&mut ranges);
        Self(ranges)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the rules whose stretch the number lies in, ends included.
    pub(super) fn collect(&self, number: f64, found: &mut Vec<Rank>) {
        collect(&self.0, number, found);
    }
}

/// Notes how far each half reaches, and says how far the whole does.
fn measure(ranges: &mut [Range]) -> f64 {
    let (before, rest) = ranges.split_at_mut(ranges.len() / 2);
    let Some((middle, behind)) = rest.split_first_mut() else { return f64::NEG_INFINITY };
    middle.reach = middle.most.max(measure(before)).max(measure(behind));
    middle.reach
}

fn collect(ranges: &[Range], number: f64, found: &mut Vec<Rank>) {
    let (before, rest) = ranges.split_at(ranges.len() / 2);
    let Some((middle, behind)) = rest.split_first() else { return };
    if middle.reach < number {
        return;
    }
    collect(before, number, found);
    if middle.least <= number {
        if number <= middle.most {
            found.push(middle.rule);
        }
        collect(behind, number, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_stretch_that_a_number_lies_in() {
        let all: Vec<(f64, f64, Rank)> = (0..60)
            .map(|rank| {
                let least = f64::from(rank * 7 % 20);
                (least, least + f64::from(rank % 5), rank)
            })
            .chain([(f64::NEG_INFINITY, 3.0, 60), (15.0, f64::INFINITY, 61)])
            .collect();
        let ranges = Ranges::new(&all);
        for number in (-4..60).map(|half| f64::from(half) / 2.0) {
            let mut found = Vec::new();
            ranges.collect(number, &mut found);
            found.sort_unstable();
            let inside = |(least, most, _): &&(f64, f64, Rank)| *least <= number && number <= *most;
            let wanted: Vec<Rank> = all.iter().filter(inside).map(|(_, _, rank)| *rank).collect();
            assert_eq!(found, wanted, "{number}");
        }
        assert!(Ranges::default().is_empty());
    }
}
