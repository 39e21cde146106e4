//! Many deliveries over played time: the program's own schedule and retry policy, between keys that hold deliveries back as
//! the store does, and destinations that are played. Nothing here waits.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use doorbell::delivery::{Answer, Context, Delays, Delivery, Mode, Retry, RetryOn, State};
use doorbell::id::{DeliveryId, EventId};
use doorbell::schedule::{Room, Schedule, Waiting};
use doorbell::time::Timestamp;
use doorbell::unit;

const START: i64 = 1_700_000_000_000;
const ROOM: Room = Room { concurrency: 8, rate: None, breaker: None, is_paused: false };
/// As many attempts at once as the program makes.
const AT_ONCE: usize = 64;

/// A number that looks drawn by lot and is the same in every run.
struct Lot(u64);

impl Lot {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn delivery(number: u64, destination: &str, key: Option<String>, at: i64) -> Delivery {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    let at = Timestamp::from_millis(at);
    Delivery {
        id: DeliveryId::new(i64::try_from(number).unwrap(), bytes),
        event: EventId::new(0, bytes),
        rule: "r".into(),
        revision: [0; 32],
        action: 0,
        verb: "http".into(),
        destination: destination.into(),
        order_key: key,
        mode: Mode::AtLeastOnce,
        state: State::Due { at },
        attempts: 0,
        accepted_at: at,
        context: Context::default(),
    }
}

/// What an attempt does: how long it takes, and what comes back.
type Attempt<'a> = dyn FnMut(&Delivery, i64) -> (i64, Answer) + 'a;

struct Line<'a> {
    schedule: Schedule,
    now: i64,
    room: HashMap<&'static str, Room>,
    retry: Retry,
    /// What comes, by its moment.
    coming: BTreeMap<(i64, u64), Delivery>,
    /// Deliveries of a key, the first of which may go.
    keys: HashMap<String, VecDeque<Delivery>>,
    /// What is under way, by the moment of its end.
    under_way: BTreeMap<(i64, DeliveryId), (Delivery, Answer)>,
    attempt: Box<Attempt<'a>>,
    /// What has arrived, in turn, with its moment.
    arrived: Vec<(Delivery, i64)>,
}

impl<'a> Line<'a> {
    fn new(attempt: impl FnMut(&Delivery, i64) -> (i64, Answer) + 'a) -> Self {
        let delays = Delays::Exponential {
            first: Duration::from_millis(100),
            factor_percent: 200,
            max: Duration::from_secs(5),
        };
        Self {
            schedule: Schedule::new(AT_ONCE),
            now: START,
            room: HashMap::new(),
            retry: Retry { attempts_max: 1000, delays, total: None, on: RetryOn::Default },
            coming: BTreeMap::new(),
            keys: HashMap::new(),
            under_way: BTreeMap::new(),
            attempt: Box::new(attempt),
            arrived: Vec::new(),
        }
    }

    fn offer(&mut self, delivery: Delivery) {
        let room = self.room.get(&*delivery.destination).copied().unwrap_or(ROOM);
        self.schedule.offer(Waiting { delivery, made: None, shard: 0 }, room);
    }

    /// A new delivery: it waits while an earlier one of its key has not arrived.
    fn accept(&mut self, delivery: Delivery) {
        if let Some(key) = &delivery.order_key {
            let held = self.keys.entry(key.clone()).or_default();
            held.push_back(delivery.clone());
            if held.len() > 1 {
                return;
            }
        }
        self.offer(delivery);
    }

    fn begin(&mut self) {
        while let Some(waiting) = self.schedule.next(Timestamp::from_millis(self.now)) {
            let (takes, answer) = (self.attempt)(&waiting.delivery, self.now);
            self.under_way.insert((self.now + takes, waiting.delivery.id), (waiting.delivery, answer));
        }
    }

    fn end(&mut self, mut delivery: Delivery, answer: &Answer) {
        delivery.attempts += 1;
        self.schedule.ended(delivery.id, &delivery.destination);
        delivery.state = self.retry.settle(&delivery, answer, Timestamp::from_millis(self.now));
        if !delivery.state.is_end() {
            return self.offer(delivery);
        }
        if let Some(key) = &delivery.order_key {
            let held = self.keys.get_mut(key).unwrap();
            assert_eq!(held.pop_front().unwrap().id, delivery.id, "the first of its key");
            let next = held.front().cloned();
            next.into_iter().for_each(|next| self.offer(next));
        }
        self.arrived.push((delivery, self.now));
    }

    /// Plays until this moment, or until nothing is left to do.
    fn run(&mut self, until: i64) {
        loop {
            let soon = |moment: Option<i64>| moment.unwrap_or(i64::MAX);
            let coming = soon(self.coming.keys().next().map(|(at, _)| *at));
            let ending = soon(self.under_way.keys().next().map(|(at, _)| *at));
            let waking = soon(self.schedule.wake_at().map(|at| at.millis()));
            let next = coming.min(ending).min(waking).max(self.now);
            if next > until || next == i64::MAX {
                return;
            }
            self.now = next;
            while self.coming.keys().next().is_some_and(|(at, _)| *at <= next) {
                let (_, delivery) = self.coming.pop_first().unwrap();
                self.accept(delivery);
            }
            while self.under_way.keys().next().is_some_and(|(at, _)| *at <= next) {
                let (_, (delivery, answer)) = self.under_way.pop_first().unwrap();
                self.end(delivery, &answer);
            }
            self.begin();
        }
    }
}

fn status(status: u16) -> Answer {
    Answer::Status { status, retry_after: None, refused: None }
}

#[test]
fn a_hundred_thousand_deliveries_of_a_thousand_keys_arrive_in_order() {
    let (mut lot, mut fate) = (Lot(1), Lot(2));
    let mut attempts = 0_u64;
    let mut line = Line::new(|_, _| {
        attempts += 1;
        let takes = i64::try_from(1 + fate.below(50)).unwrap();
        (takes, if fate.below(10) < 3 { status(503) } else { status(200) })
    });
    const NAMES: &[&str] = &["connection:a", "connection:b", "connection:c", "connection:d", "connection:e"];
    for number in 0..100_000 {
        let key = lot.below(1000);
        let name = NAMES[usize::try_from(key).unwrap() % NAMES.len()];
        let at = START + i64::try_from(number / 2).unwrap();
        line.coming.insert((at, number), delivery(number, name, Some(format!("key {key}")), at));
    }
    line.run(i64::MAX);
    let mut last: HashMap<String, DeliveryId> = HashMap::new();
    for (delivery, _) in &line.arrived {
        assert_eq!(delivery.state, State::Delivered);
        let before = last.insert(delivery.order_key.clone().unwrap(), delivery.id);
        assert!(before.is_none_or(|before| before < delivery.id), "{before:?} before {:?}", delivery.id);
    }
    assert_eq!((line.arrived.len(), last.len()), (100_000, 1000));
    drop(line);
    assert!(attempts > 130_000, "some had to be tried again: {attempts}");
}

/// The wait of each delivery of a healthy destination that gets one every 10 ms for 20 s, the longest of a hundred left
/// out; beside it perhaps one that never answers and one that is allowed 10 a second, each with 10,000 due.
fn waits(is_alone: bool) -> i64 {
    let mut line = Line::new(|delivery, _| match &*delivery.destination {
        "connection:hangs" => (15_000, Answer::TimedOut),
        _ => (20, status(200)),
    });
    line.room.insert("connection:slow", Room { rate: unit::rate("10/s").ok(), ..ROOM });
    for number in 0..if is_alone { 0 } else { 10_000 } {
        for (name, first) in [("connection:hangs", 1_000_000), ("connection:slow", 2_000_000)] {
            line.coming.insert((START, first + number), delivery(first + number, name, None, START));
        }
    }
    for number in 0..2_000 {
        let at = START + i64::try_from(number).unwrap() * 10;
        line.coming.insert((at, number), delivery(number, "connection:third", None, at));
    }
    line.run(START + 20_000 + 100);
    let third = line.arrived.iter().filter(|(delivery, _)| &*delivery.destination == "connection:third");
    let mut waits: Vec<i64> = third.map(|(delivery, at)| at - delivery.accepted_at.millis()).collect();
    assert_eq!(waits.len(), 2_000);
    waits.sort_unstable();
    waits[waits.len() * 99 / 100]
}

#[test]
fn one_that_hangs_and_one_that_is_slow_do_not_slow_a_third() {
    let (alone, beside) = (waits(true), waits(false));
    assert!(beside <= alone * 2, "{beside} ms beside the others, {alone} ms alone");
}

#[test]
fn a_rate_is_held_across_restarts() {
    for restarts in [0, 5, 30] {
        let mut marks: Vec<(Arc<str>, i64)> = Vec::new();
        let mut arrived = 0;
        let pieces = restarts + 1;
        for piece in 0..pieces {
            let mut line = Line::new(|_, _| (5, status(200)));
            line.now = START + 60_000 * piece / pieces;
            line.room.insert("connection:slow", Room { rate: unit::rate("10/s").ok(), ..ROOM });
            line.schedule.restore(marks);
            for number in 0..1_000 {
                let number = u64::try_from(piece * 1_000 + number).unwrap();
                line.coming.insert((line.now, number), delivery(number, "connection:slow", None, START));
            }
            line.run(START + 60_000 * (piece + 1) / pieces - 10);
            arrived += line.arrived.len();
            marks = line.schedule.take_marks();
        }
        // Ten may go at once at the beginning.
        assert!((588 + 10..=612 + 10).contains(&arrived), "{restarts} restarts: {arrived} in a minute");
    }
}
