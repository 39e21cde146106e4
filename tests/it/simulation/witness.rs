//! Who watches a run and knows the promises: each is told where it is broken, by its number in the protocol.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::time::Duration;

use doorbell::delivery::Delivery;
use doorbell::id::{DeliveryId, EventId};

use super::store::{Ended, Kept};

/// The dedupe window of the rules.
const WINDOW: Duration = Duration::from_secs(2 * 3600);

#[derive(Default)]
pub(super) struct Witness {
    /// Events that a sender was told of.
    pub(super) acknowledged: BTreeSet<EventId>,
    /// The last that ended of each order key.
    last: HashMap<String, u64>,
    /// Keys and deliveries that a person had a hand in.
    touched: HashSet<String>,
    by_hand: HashSet<DeliveryId>,
    /// Attempts that came to their destination, and how often.
    reached: BTreeMap<(DeliveryId, u32), u64>,
    repeats: u64,
    under_way_at_crashes: u64,
    at_crash: HashSet<DeliveryId>,
    pub(super) crashes: u64,
    pub(super) dispatches: u64,
    digest: u64,
}

impl Witness {
    pub(super) fn trace(&mut self, at: i64, next: &impl Debug) {
        for byte in format!("{at} {next:?}").bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// What happened, in one number.
    pub(super) fn digest(&self) -> u64 {
        self.digest
    }

    pub(super) fn dispatched(&mut self, id: DeliveryId, is_live: bool) {
        self.dispatches += 1;
        assert!(
            is_live || self.by_hand.contains(&id),
            "2: {id} is done though it is not durable, or has ended"
        );
    }

    pub(super) fn reached(&mut self, id: DeliveryId, attempt: u32, _life: u64) {
        let times = self.reached.entry((id, attempt)).or_default();
        *times += 1;
        if *times > 1 && !self.by_hand.contains(&id) {
            self.repeats += 1;
            assert!(self.at_crash.contains(&id), "6: {id} is repeated, and no crash cut it off");
        }
    }

    pub(super) fn crashed(&mut self, under_way: impl Iterator<Item = DeliveryId>) {
        self.crashes += 1;
        for id in under_way {
            self.under_way_at_crashes += 1;
            self.at_crash.insert(id);
        }
    }

    pub(super) fn touched(&mut self, delivery: &Delivery) {
        self.by_hand.insert(delivery.id);
        self.touched.extend(delivery.order_key.clone());
    }

    pub(super) fn ended(&mut self, ended: &Ended) {
        let Some(key) = &ended.order_key else { return };
        let last = self.last.insert(key.clone(), ended.sequence).unwrap_or(0);
        let in_order = ended.sequence > last || ended.by_person || self.touched.contains(key);
        assert!(in_order, "5: {} of `{key}` ended behind a later one", ended.id);
    }

    /// One event for a key within its window, whoever sends however often.
    pub(super) fn events_are_one(&self, events: &BTreeMap<EventId, Kept>) {
        let mut by_key: HashMap<&str, Vec<&Kept>> = HashMap::new();
        for kept in events.values().filter(|kept| !kept.is_conflict) {
            by_key.entry(&kept.key).or_default().push(kept);
        }
        for (key, mut list) in by_key {
            list.sort_by_key(|kept| kept.accepted_at);
            for pair in list.windows(2) {
                let apart = pair[1].accepted_at.since(pair[0].accepted_at);
                assert!(apart >= WINDOW, "3: two events of `{key}` within {apart:?}");
            }
        }
    }

    pub(super) fn repeats_are_bounded(&self) {
        let (repeats, most) = (self.repeats, self.under_way_at_crashes);
        assert!(repeats <= most, "6: {repeats} repeats, {most} were under way at crashes");
    }
}
