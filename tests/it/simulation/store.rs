//! A store as the protocol wants it, in memory: what is asked for waits, a commit makes all of it durable at once or
//! none, a crash loses what waits. It is a model apart from the engines, which prove themselves by the shared suite.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use doorbell::delivery::{Delivery, Mode, Need, State, follow};
use doorbell::id::{DeliveryId, EventId};
use doorbell::store::{Accept, Accepted, Settled};
use doorbell::time::Timestamp;

/// Something to be written.
pub(super) enum Ask {
    Accept(Box<Accept>),
    Start { id: DeliveryId, attempt: u32 },
    Settle { id: DeliveryId, attempt: u32, state: State, owes: Vec<Delivery> },
    Retry(DeliveryId),
    Drop(DeliveryId),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Accepted(Accepted),
    Settled(Settled),
    Changed,
}

/// What a commit ended, for whoever watches the order.
pub(super) struct Ended {
    pub(super) id: DeliveryId,
    pub(super) order_key: Option<String>,
    pub(super) sequence: u64,
    pub(super) by_person: bool,
}

struct Row {
    delivery: Delivery,
    sequence: u64,
    is_held: bool,
}

struct Key {
    body: Vec<u8>,
    event: EventId,
    expires_at: Timestamp,
}

/// An accepted event.
pub(super) struct Kept {
    pub(super) key: String,
    pub(super) accepted_at: Timestamp,
    pub(super) is_conflict: bool,
    pub(super) event: Arc<doorbell::event::Event>,
    pub(super) deliveries: Vec<DeliveryId>,
}

/// A promise that is broken on purpose, so that it is known that the witness would see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// An event is answered and not kept.
    Lost,
    /// Work begins before it is durable.
    Hurried,
    /// A repeat is a new event.
    Repeated,
    /// A delivery under way is forgotten, and begun again.
    Overlapping,
    /// Deliveries of one key do not wait for each other.
    Unordered,
    /// An effect is carried out twice.
    Doubled,
}

/// What is durable, and what waits.
#[derive(Default)]
pub(super) struct Store {
    pub(super) sabotage: Option<Sabotage>,
    pub(super) events: BTreeMap<EventId, Kept>,
    keys: HashMap<String, Key>,
    live: BTreeMap<DeliveryId, Row>,
    pub(super) done: BTreeMap<DeliveryId, Delivery>,
    needs: Vec<Need>,
    sequence: u64,
    waiting: Vec<(u64, Ask)>,
    pub(super) hints: Vec<Delivery>,
    pub(super) ended: Vec<Ended>,
}

impl Store {
    pub(super) fn new(sabotage: Option<Sabotage>) -> Self {
        Self { sabotage, ..Self::default() }
    }

    /// Puts something behind what waits; the number by which its answer is known.
    pub(super) fn ask(&mut self, number: u64, ask: Ask) {
        self.waiting.push((number, ask));
    }

    /// All that waits becomes durable; the answers, which nobody may have heard yet.
    pub(super) fn commit(&mut self, now: Timestamp) -> Vec<(u64, Answer)> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().map(|(number, ask)| (number, self.apply(ask, now))).collect()
    }

    /// A commit that failed: nothing of it is written; the numbers of those who hear so.
    pub(super) fn fail(&mut self) -> Vec<(u64, Ask)> {
        std::mem::take(&mut self.waiting)
    }

    /// The program ends here and begins anew at `now`.
    pub(super) fn crash(&mut self, now: Timestamp) {
        self.waiting.clear();
        self.hints.clear();
        let started: Vec<DeliveryId> = self
            .live
            .values()
            .filter(|row| row.delivery.state == State::Started)
            .map(|row| row.delivery.id)
            .collect();
        for id in started {
            let state = match self.live[&id].delivery.mode {
                Mode::AtMostOnce => State::InDoubt,
                Mode::AtLeastOnce => State::Due { at: now },
            };
            self.move_to(id, state, now, false);
        }
    }

    /// What is due until then, and may go.
    pub(super) fn due(&self, until: Timestamp) -> Vec<Delivery> {
        let is_due =
            |row: &&Row| !row.is_held && matches!(row.delivery.state, State::Due { at } if at <= until);
        self.live.values().filter(is_due).map(|row| row.delivery.clone()).collect()
    }

    pub(super) fn live(&self, id: DeliveryId) -> Option<&Delivery> {
        self.live.get(&id).map(|row| &row.delivery)
    }

    pub(super) fn live_count(&self) -> usize {
        self.live.len()
    }

    pub(super) fn live_ids(&self) -> Vec<DeliveryId> {
        self.live.keys().copied().collect()
    }

    fn apply(&mut self, ask: Ask, now: Timestamp) -> Answer {
        match ask {
            Ask::Accept(accept) => Answer::Accepted(self.accept(*accept, now)),
            Ask::Start { id, attempt } => {
                let Some(row) = self.live.get_mut(&id) else { return Answer::Settled(Settled::Stale) };
                let is_due = matches!(row.delivery.state, State::Due { .. });
                if !is_due || row.delivery.attempts + 1 != attempt {
                    return Answer::Settled(Settled::Stale);
                }
                (row.delivery.state, row.delivery.attempts) = (State::Started, attempt);
                Answer::Settled(Settled::Done)
            }
            Ask::Settle { id, attempt, state, owes } => {
                Answer::Settled(self.settle(id, attempt, state, owes, now))
            }
            Ask::Retry(id) => {
                if let Some(mut delivery) = self.done.remove(&id) {
                    delivery.state = State::Due { at: now };
                    self.insert(delivery, false);
                } else if self
                    .live
                    .get(&id)
                    .is_some_and(|row| matches!(row.delivery.state, State::Due { .. }))
                {
                    let row = self.live.get_mut(&id).unwrap();
                    (row.delivery.state, row.is_held) = (State::Due { at: now }, false);
                    self.hints.push(row.delivery.clone());
                }
                Answer::Changed
            }
            Ask::Drop(id) => {
                let cancelled = State::Cancelled { reason: "dropped".to_owned() };
                if self.live.contains_key(&id) {
                    self.move_to(id, cancelled, now, true);
                } else if let Some(delivery) = self.done.get_mut(&id) {
                    delivery.state = cancelled;
                    let ended = delivery.clone();
                    self.tell(&ended, now);
                }
                Answer::Changed
            }
        }
    }

    fn accept(&mut self, accept: Accept, now: Timestamp) -> Accepted {
        let Accept { event, dedupe_for, deliveries, needs, .. } = accept;
        let key = event.dedupe_key.clone().unwrap_or_default();
        let body = event.request.body.to_vec();
        let known = self.keys.get(&key).filter(|known| known.expires_at > now);
        let known = known.filter(|_| self.sabotage != Some(Sabotage::Repeated));
        if self.sabotage == Some(Sabotage::Lost) && known.is_none() && self.sequence % 7 == 6 {
            self.sequence += 1;
            return Accepted::New;
        }
        let (accepted, is_conflict) = match known {
            Some(known) if known.body == body => return Accepted::Duplicate { first: known.event },
            Some(known) => (Accepted::Conflict { first: known.event }, true),
            None => (Accepted::New, false),
        };
        let deliveries = if is_conflict { Vec::new() } else { deliveries };
        let ids = deliveries.iter().map(|delivery| delivery.id).collect();
        if !is_conflict {
            self.keys.insert(key.clone(), Key { body, event: event.id, expires_at: now.plus(dedupe_for) });
            self.needs.extend(needs);
            deliveries.into_iter().for_each(|delivery| self.add(delivery, now));
        }
        self.events.insert(event.id, Kept { key, accepted_at: now, is_conflict, event, deliveries: ids });
        accepted
    }

    /// A delivery behind all others; it waits for those of its key.
    fn add(&mut self, delivery: Delivery, now: Timestamp) {
        if delivery.state.is_end() {
            self.done.insert(delivery.id, delivery.clone());
            return self.tell(&delivery, now);
        }
        let key = &delivery.order_key;
        let is_ordered = self.sabotage != Some(Sabotage::Unordered);
        let is_held =
            is_ordered && key.is_some() && self.live.values().any(|row| row.delivery.order_key == *key);
        self.insert(delivery, is_held);
    }

    fn insert(&mut self, delivery: Delivery, is_held: bool) {
        self.sequence += 1;
        if !is_held && matches!(delivery.state, State::Due { .. }) {
            self.hints.push(delivery.clone());
        }
        self.live.insert(delivery.id, Row { delivery, sequence: self.sequence, is_held });
    }

    fn settle(
        &mut self,
        id: DeliveryId,
        attempt: u32,
        state: State,
        owes: Vec<Delivery>,
        now: Timestamp,
    ) -> Settled {
        let Some(row) = self.live.get_mut(&id) else { return Settled::Stale };
        let is_ours = match row.delivery.state {
            State::Due { .. } => row.delivery.attempts + 1 == attempt,
            State::Started => row.delivery.attempts == attempt,
            _ => false,
        };
        if !is_ours {
            return Settled::Stale;
        }
        row.delivery.attempts = attempt;
        let event = row.delivery.event;
        self.move_to(id, state, now, false);
        if let Some(kept) = self.events.get_mut(&event) {
            kept.deliveries.extend(owes.iter().map(|delivery| delivery.id));
        }
        owes.into_iter().for_each(|delivery| self.add(delivery, now));
        Settled::Done
    }

    /// A live delivery stands elsewhere now, and those that wait for it hear so when it is an end.
    fn move_to(&mut self, id: DeliveryId, state: State, now: Timestamp, by_person: bool) {
        let Some(row) = self.live.get_mut(&id) else { return };
        row.delivery.state = state;
        if !row.delivery.state.is_end() {
            if !row.is_held && matches!(row.delivery.state, State::Due { .. }) {
                self.hints.push(row.delivery.clone());
            }
            return;
        }
        let row = self.live.remove(&id).unwrap();
        let order_key = row.delivery.order_key.clone();
        self.ended.push(Ended { id, order_key: order_key.clone(), sequence: row.sequence, by_person });
        self.done.insert(id, row.delivery.clone());
        self.tell(&row.delivery, now);
        if let Some(key) = order_key {
            self.release(&key);
        }
    }

    fn tell(&mut self, ended: &Delivery, now: Timestamp) {
        self.needs.retain(|need| need.delivery != ended.id);
        let waiting: Vec<Need> = self.needs.iter().filter(|need| need.on == ended.id).cloned().collect();
        for need in waiting {
            let others =
                self.needs.iter().any(|other| other.delivery == need.delivery && other.on != ended.id);
            match follow(&need.name, &ended.state, others, now) {
                Some(state) => self.move_to(need.delivery, state, now, false),
                None if ended.state == State::InDoubt => return,
                None => {}
            }
        }
        self.needs.retain(|need| need.on != ended.id);
    }

    /// The next of an order key may go, unless one is free already.
    fn release(&mut self, key: &str) {
        let of_key = |row: &&mut Row| row.delivery.order_key.as_deref() == Some(key);
        if self.live.values().any(|row| row.delivery.order_key.as_deref() == Some(key) && !row.is_held) {
            return;
        }
        if let Some(row) = self.live.values_mut().filter(of_key).min_by_key(|row| row.sequence) {
            row.is_held = false;
            if matches!(row.delivery.state, State::Due { .. }) {
                self.hints.push(row.delivery.clone());
            }
        }
    }
}
