//! What is counted while events are judged: a few numbers and samples for each rule, whatever the history's length.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::Event;
use crate::id::EventId;
use crate::time::Timestamp;

/// One event that shows a difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    /// The event.
    pub event: EventId,
    /// Its type.
    pub kind: String,
    /// What differs, in words; empty where the event itself says it.
    pub words: String,
}

/// How many events show a difference, and the latest few of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    /// How many.
    pub count: u64,
    /// The latest, newest first.
    pub latest: Vec<Sample>,
}

/// What became of one rule's events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleTally {
    /// Events that the old rules match.
    pub before: u64,
    /// Events that the new rules match.
    pub after: u64,
    /// Events that only the new rules match.
    pub gained: Samples,
    /// Events that only the old rules match.
    pub lost: Samples,
    /// Of these, events that no rule matches any more.
    pub unrouted: u64,
    /// Events that both match, with other effects.
    pub differing: Samples,
    /// When the old rules matched last.
    pub last: Option<Timestamp>,
}

/// What became of the events of a source that reads otherwise now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceTally {
    /// Events that were read anew.
    pub anew: u64,
    /// Events that were taken as they were recorded, since their bytes are not at hand.
    pub as_recorded: u64,
    /// Events that are of another type now, or have another payload.
    pub otherwise: Samples,
    /// Events that could not be read any more.
    pub refused: Samples,
}

/// What became of all events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events that were judged.
    pub events: u64,
    /// Events that could not be read, or not be judged within their steps.
    pub unknown: u64,
    /// Events that some old rule matches and no new one.
    pub unrouted: Samples,
    /// Events that some new rule matches and no old one.
    pub routed: Samples,
    /// Deliveries that come on top.
    pub deliveries_more: u64,
    /// Deliveries that fall away.
    pub deliveries_fewer: u64,
    /// Sources that read otherwise now, by their names.
    pub sources: BTreeMap<String, SourceTally>,
    /// Rules by their names.
    pub rules: BTreeMap<Arc<str>, RuleTally>,
}

impl Samples {
    /// Counts an event, and keeps it while it is among the latest `most`.
    pub(super) fn add(&mut self, event: &Event, words: impl FnOnce() -> String, most: usize) {
        self.count += 1;
        let is_late =
            self.latest.len() < most || self.latest.last().is_some_and(|last| last.event < event.id);
        if most > 0 && is_late {
            self.keep(Sample { event: event.id, kind: event.kind.clone(), words: words() }, most);
        }
    }

    fn keep(&mut self, sample: Sample, most: usize) {
        let at = self.latest.partition_point(|kept| kept.event > sample.event);
        self.latest.insert(at, sample);
        self.latest.truncate(most);
    }

    fn merge(&mut self, other: Self, most: usize) {
        self.count += other.count;
        other.latest.into_iter().for_each(|sample| self.keep(sample, most));
    }
}

impl RuleTally {
    /// Whether any event would be another matter for the rule.
    pub fn is_changed(&self) -> bool {
        self.gained.count + self.lost.count + self.differing.count > 0
    }
}

impl Tally {
    /// Adds what was counted of other events.
    pub fn merge(&mut self, other: Self, most: usize) {
        self.events += other.events;
        self.unknown += other.unknown;
        self.unrouted.merge(other.unrouted, most);
        self.routed.merge(other.routed, most);
        self.deliveries_more += other.deliveries_more;
        self.deliveries_fewer += other.deliveries_fewer;
        for (name, theirs) in other.sources {
            let own = self.sources.entry(name).or_default();
            own.anew += theirs.anew;
            own.as_recorded += theirs.as_recorded;
            own.otherwise.merge(theirs.otherwise, most);
            own.refused.merge(theirs.refused, most);
        }
        for (name, theirs) in other.rules {
            let own = self.rules.entry(name).or_default();
            own.before += theirs.before;
            own.after += theirs.after;
            own.unrouted += theirs.unrouted;
            own.gained.merge(theirs.gained, most);
            own.lost.merge(theirs.lost, most);
            own.differing.merge(theirs.differing, most);
            own.last = own.last.max(theirs.last);
        }
    }

    /// Whether any event would be routed otherwise, or cause other effects.
    pub fn is_changed(&self) -> bool {
        let refused = self.sources.values().any(|source| source.refused.count > 0);
        refused || self.rules.values().any(RuleTally::is_changed)
    }

    /// What is counted for a rule.
    pub(super) fn rule(&mut self, name: &Arc<str>) -> &mut RuleTally {
        if !self.rules.contains_key(name) {
            self.rules.insert(Arc::clone(name), RuleTally::default());
        }
        self.rules.entry(Arc::clone(name)).or_default()
    }
}
