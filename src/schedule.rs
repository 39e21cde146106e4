//! Which delivery is next: due ones wait in a lane for each destination, lanes take turns, each within its room, rate and
//! breaker.
//!
//! Pure: moments are handed in. The memory is bounded: a lane that is full forgets what comes and says that its shard
//! has to be read again.

pub mod breaker;
mod bucket;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::delivery::{Delivery, Digest, Retry, State};
use crate::effect::Effect;
use crate::id::DeliveryId;
use crate::time::Timestamp;
use crate::unit::Rate;
use breaker::{Breaker, Health, Policy, Turn};
pub use bucket::Bucket;

/// Deliveries that wait in one lane; more are left in the store.
pub const LANE_MAX: usize = 8192;
/// What is made ahead for waiting deliveries, over all lanes; the rest is made when its turn has come.
const MADE_MAX_BYTES: usize = 32 * 1024 * 1024;
/// What a made effect takes beside its texts.
const MADE_BYTES: usize = 512;

/// What a destination may do at once and in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Attempts under way at once; at least 1.
    pub concurrency: usize,
    /// Attempts begun in a time.
    pub rate: Option<Rate>,
    /// What spares it while it is down.
    pub breaker: Option<Policy>,
    /// A person stopped it: nothing begins.
    pub is_paused: bool,
}

/// What a delivery does, made from its event ahead of its turn: small beside the event, and nothing need be read again.
/// It holds while the rules in force are the ones it was made with.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// What is to be done.
    pub effect: Effect,
    /// The policy that judges what comes of it.
    pub retry: Retry,
    /// The rule set that was in force, whose connections it names.
    pub rules: Digest,
    /// Texts of the payload that people are not shown, wherever a destination repeats them.
    pub hidden: Vec<String>,
}

impl Made {
    /// Roughly how much memory it takes.
    pub fn bytes(&self) -> usize {
        let hidden: usize = self.hidden.iter().map(String::len).sum();
        self.effect.bytes().saturating_add(MADE_BYTES).saturating_add(hidden)
    }
}

/// A delivery that waits, with what it does where that is made already.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The delivery; its state is `Due`.
    pub delivery: Delivery,
    /// What it does.
    pub made: Option<Arc<Made>>,
    /// Its shard in the store.
    pub shard: u16,
}

/// All that waits and what is under way.
#[derive(Debug)]
pub struct Schedule {
    lanes: HashMap<Arc<str>, Lane>,
    /// Lanes with something waiting, in turn.
    turn: VecDeque<Arc<str>>,
    /// What is in a lane or under way.
    known: HashSet<DeliveryId>,
    /// What of it is done in the world and not yet written down.
    unwritten: HashSet<DeliveryId>,
    /// Shards of which something was left in the store.
    unread: BTreeSet<u16>,
    under_way: usize,
    under_way_max: usize,
    /// The last places, for destinations that have nothing under way.
    reserved: usize,
    made_bytes: usize,
    /// What destinations had used of their rates before this program began.
    used: HashMap<Arc<str>, i64>,
    /// Destinations whose mark is to be written down.
    moved: BTreeSet<Arc<str>>,
}

#[derive(Debug)]
struct Lane {
    room: Room,
    heap: BinaryHeap<Reverse<(Timestamp, DeliveryId)>>,
    waiting: HashMap<DeliveryId, Waiting>,
    under_way: usize,
    unwritten: usize,
    bucket: Bucket,
    breaker: Breaker,
    overflowed: BTreeSet<u16>,
}

impl Schedule {
    /// An empty schedule for at most `under_way_max` attempts at once.
    pub fn new(under_way_max: usize) -> Self {
        Self {
            lanes: HashMap::new(),
            turn: VecDeque::new(),
            known: HashSet::new(),
            unwritten: HashSet::new(),
            unread: BTreeSet::new(),
            under_way: 0,
            under_way_max,
            reserved: 0,
            made_bytes: 0,
            used: HashMap::new(),
            moved: BTreeSet::new(),
        }
    }

    /// Keeps the last places for destinations that have nothing under way, so that some that hang do not stop all others.
    #[must_use]
    pub fn reserving(self, places: usize) -> Self {
        Self { reserved: places, ..self }
    }

    /// Whether only the reserved places are left.
    fn is_scarce(&self) -> bool {
        self.under_way.saturating_add(self.reserved) >= self.under_way_max
    }

    /// Takes up what destinations have used of their rates, by marks as `take_marks` gives them.
    pub fn restore(&mut self, marks: impl IntoIterator<Item = (Arc<str>, i64)>) {
        self.used.extend(marks);
    }

    /// What has been used of rates since it was asked for the last time: a mark for each destination.
    pub fn take_marks(&mut self) -> Vec<(Arc<str>, i64)> {
        let moved = std::mem::take(&mut self.moved);
        let mark = |name: Arc<str>| Some((Arc::clone(&name), self.lanes.get(&name)?.bucket.mark()?));
        moved.into_iter().filter_map(mark).collect()
    }

    /// Whether a delivery waits here or is under way.
    pub fn knows(&self, id: DeliveryId) -> bool {
        self.known.contains(&id)
    }

    /// Takes a due delivery in; `room` tells the room of its destination. A full lane leaves it in the store.
    pub fn offer(&mut self, mut waiting: Waiting, room: Room) {
        let State::Due { at } = waiting.delivery.state else { return };
        let id = waiting.delivery.id;
        if self.known.contains(&id) {
            return;
        }
        let name = Arc::clone(&waiting.delivery.destination);
        let used = &mut self.used;
        let lane = self.lanes.entry(Arc::clone(&name)).or_insert_with(|| Lane::new(room, used.remove(&name)));
        lane.furnish(room);
        if lane.waiting.len() >= LANE_MAX {
            lane.overflowed.insert(waiting.shard);
            return;
        }
        if self.made_bytes.saturating_add(waiting.bytes()) > MADE_MAX_BYTES {
            waiting.made = None;
        }
        self.made_bytes += waiting.bytes();
        if lane.waiting.is_empty() {
            self.turn.push_back(name);
        }
        self.known.insert(id);
        lane.heap.push(Reverse((at, id)));
        lane.waiting.insert(id, waiting);
    }

    /// A delivery has come to an end elsewhere: it is waited for no more. One that is under way stays.
    pub fn forget(&mut self, id: DeliveryId) {
        if !self.known.contains(&id) {
            return;
        }
        for (name, lane) in &mut self.lanes {
            let Some(waiting) = lane.waiting.remove(&id) else { continue };
            lane.heap.retain(|Reverse((_, other))| *other != id);
            self.known.remove(&id);
            self.made_bytes -= waiting.bytes();
            if lane.waiting.is_empty() {
                self.turn.retain(|other| other != name);
            }
            return;
        }
    }

    /// Asks for the room of every destination anew.
    pub fn refurnish(&mut self, room_of: impl Fn(&Arc<str>) -> Room) {
        for (name, lane) in &mut self.lanes {
            lane.furnish(room_of(name));
        }
    }

    /// The next delivery that may begin at `now`; it counts as under way until `ended`.
    pub fn next(&mut self, now: Timestamp) -> Option<Waiting> {
        if self.under_way >= self.under_way_max {
            return None;
        }
        let is_scarce = self.is_scarce();
        for _ in 0..self.turn.len() {
            let name = self.turn.pop_front()?;
            let Some(lane) = self.lanes.get_mut(&name) else { continue };
            let taken = if is_scarce && lane.is_busy() { None } else { lane.take(now) };
            let lane_is_rated = lane.room.rate.is_some();
            self.unread.append(&mut lane.readable());
            if !lane.waiting.is_empty() {
                self.turn.push_back(name);
            }
            if let Some(waiting) = taken {
                if lane_is_rated {
                    self.moved.insert(Arc::clone(&waiting.delivery.destination));
                }
                self.under_way += 1;
                self.made_bytes -= waiting.bytes();
                return Some(waiting);
            }
        }
        None
    }

    /// An attempt is over at its destination, which has room for another while the end is written down. As many may be
    /// unwritten as may be under way: a crash repeats no more than both.
    pub fn performed(&mut self, id: DeliveryId, destination: &Arc<str>) {
        if !self.known.contains(&id) || !self.unwritten.insert(id) {
            return;
        }
        let Some(lane) = self.lanes.get_mut(destination) else { return };
        lane.under_way = lane.under_way.saturating_sub(1);
        lane.unwritten += 1;
    }

    /// What an attempt tells of its destination; what has turned because of it.
    pub fn heard(
        &mut self,
        id: DeliveryId,
        destination: &Arc<str>,
        health: Health,
        now: Timestamp,
    ) -> Option<Turn> {
        let lane = self.lanes.get_mut(destination)?;
        lane.breaker.hear(&lane.room.breaker?, id, health, now)
    }

    /// An attempt has ended and its end is written down: its room is free.
    pub fn ended(&mut self, id: DeliveryId, destination: &Arc<str>) {
        self.known.remove(&id);
        self.under_way = self.under_way.saturating_sub(1);
        let was_performed = self.unwritten.remove(&id);
        let Some(lane) = self.lanes.get_mut(destination) else { return };
        let counted = if was_performed { &mut lane.unwritten } else { &mut lane.under_way };
        *counted = counted.saturating_sub(1);
        lane.breaker.forget(id);
        if lane.under_way == 0
            && lane.unwritten == 0
            && lane.waiting.is_empty()
            && lane.overflowed.is_empty()
            && lane.room.rate.is_none()
            && lane.room.breaker.is_none()
        {
            self.lanes.remove(destination);
        }
    }

    /// The shards of which something was left in the store and that have room now.
    pub fn take_unread(&mut self) -> Vec<u16> {
        std::mem::take(&mut self.unread).into_iter().collect()
    }

    /// When to look again although nothing ended and nothing came: the earliest moment at which a lane with room has
    /// something that may begin.
    pub fn wake_at(&self) -> Option<Timestamp> {
        if self.under_way >= self.under_way_max {
            return None;
        }
        let is_scarce = self.is_scarce();
        let lanes = self.turn.iter().filter_map(|name| self.lanes.get(name));
        lanes.filter(|lane| !(is_scarce && lane.is_busy())).filter_map(Lane::wake_at).min()
    }

    /// The clock was set back by so much: what waits does not wait for the difference.
    pub fn set_back(&mut self, by: Duration) {
        for lane in self.lanes.values_mut() {
            lane.heap.clear();
            for (id, waiting) in &mut lane.waiting {
                if let State::Due { at } = &mut waiting.delivery.state {
                    *at = at.minus(by);
                    lane.heap.push(Reverse((*at, *id)));
                }
            }
        }
    }

    /// How many are under way.
    pub fn under_way(&self) -> usize {
        self.under_way
    }
}

impl Waiting {
    fn bytes(&self) -> usize {
        self.made.as_ref().map_or(0, |made| made.bytes())
    }
}

impl Lane {
    fn new(room: Room, used: Option<i64>) -> Self {
        let mut bucket = Bucket::default();
        used.into_iter().for_each(|mark| bucket.restore(mark));
        Self {
            room,
            heap: BinaryHeap::new(),
            waiting: HashMap::new(),
            under_way: 0,
            unwritten: 0,
            bucket,
            breaker: Breaker::default(),
            overflowed: BTreeSet::new(),
        }
    }

    fn furnish(&mut self, room: Room) {
        self.room = room;
        if room.breaker.is_none() {
            self.breaker = Breaker::default();
        }
    }

    fn is_full(&self) -> bool {
        let concurrency = self.room.concurrency;
        self.under_way >= concurrency || self.under_way + self.unwritten >= concurrency.saturating_mul(2)
    }

    /// Whether something of it is under way.
    fn is_busy(&self) -> bool {
        self.under_way + self.unwritten > 0
    }

    fn take(&mut self, now: Timestamp) -> Option<Waiting> {
        if self.is_full() || self.room.is_paused || !self.breaker.lets_through(now) {
            return None;
        }
        let Reverse((at, id)) = *self.heap.peek()?;
        if at > now || !self.bucket.spend(self.room.rate, now) {
            return None;
        }
        self.heap.pop();
        self.breaker.begin(id);
        self.under_way += 1;
        self.waiting.remove(&id)
    }

    /// Shards to read again, once half of the lane is free.
    fn readable(&mut self) -> BTreeSet<u16> {
        if self.waiting.len() * 2 <= LANE_MAX {
            std::mem::take(&mut self.overflowed)
        } else {
            BTreeSet::new()
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        if self.is_full() || self.room.is_paused {
            return None;
        }
        let Reverse((at, _)) = self.heap.peek()?;
        Some((*at).max(self.bucket.ready_at(self.room.rate)).max(self.breaker.ready_at()?))
    }
}

#[cfg(test)]
mod tests;
