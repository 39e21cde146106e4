//! A line in simulated time: the store itself in a folder of its own, a clock that is told, and attempts that take as long
//! as a case says. Whatever the store decides (what was seen before, who waits for whom, what is left out) it decides here.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::clock::random;
use crate::delivery::{Answer, Delivery, Mode, Outcome, Retry, State};
use crate::id::DeliveryId;
use crate::rehearse::{Fate, Landed, Line, Taken};
use crate::rule::Owed;
use crate::store::sqlite::{Options, Sqlite};
use crate::store::{Accept, Accepted, Error, Reply, SHARDS, Settle, Settled, Store};
use crate::time::Timestamp;

/// Beginnings and ends in one case; a case that goes on beyond them goes on for ever.
const STEPS_MAX: usize = 100_000;
/// The file of the store within its folder.
const FILE: &str = "doorbell.db";
/// What the only attempt of a delivery fails with that cannot be filled.
const UNFILLABLE: &str = "its action cannot be filled";

/// A store of its own, and what is under way there.
pub struct Simulation {
    /// `None` only while it is dropped.
    store: Option<Sqlite>,
    runtime: Runtime,
    folder: PathBuf,
    now: Timestamp,
    under_way: BinaryHeap<Reverse<(Timestamp, DeliveryId)>>,
    deliveries: HashMap<DeliveryId, Attempt>,
}

/// What is known of a delivery beside what the store knows.
struct Attempt {
    takes: Duration,
    is_fillable: bool,
    began: Option<(Timestamp, Box<Delivery>)>,
}

/// An empty line.
///
/// # Errors
/// In words, when there is no room for a store.
pub fn line() -> Result<Box<dyn Line>, String> {
    Simulation::new().map(|simulation| Box::new(simulation) as Box<dyn Line>)
}

impl Simulation {
    /// An empty one, at the beginning of time.
    ///
    /// # Errors
    /// In words, when there is no room for a store.
    pub fn new() -> Result<Self, String> {
        let runtime = Builder::new_current_thread().build().map_err(|why| why.to_string())?;
        let name = crate::hex::hex(&random());
        let folder = std::env::temp_dir().join(format!("doorbell-test-{name}"));
        let unwritable = |why: std::io::Error| format!("`{}` cannot be made: {why}", folder.display());
        fs::create_dir(&folder).map_err(unwritable)?;
        let now = Timestamp::from_millis(0);
        let store =
            Sqlite::open(&folder.join(FILE), Options::default(), now).map_err(|error| words(&error))?;
        let (under_way, deliveries) = (BinaryHeap::new(), HashMap::new());
        Ok(Self { store: Some(store), runtime, folder, now, under_way, deliveries })
    }

    fn store(&self) -> Result<&Sqlite, String> {
        self.store.as_ref().ok_or_else(|| words(&Error::Closed))
    }

    /// Waits for what the store says.
    fn ask<'s, T>(&'s self, question: impl FnOnce(&'s Sqlite) -> Reply<'s, T>) -> Result<T, String> {
        self.runtime.block_on(question(self.store()?)).map_err(|error| words(&error))
    }

    /// The next delivery that may begin, and when.
    fn next_due(&self, until: Timestamp) -> Result<Option<(Timestamp, Delivery)>, String> {
        let running: Vec<DeliveryId> = self.under_way.iter().map(|Reverse((_, id))| *id).collect();
        let mut first: Option<(Timestamp, Delivery)> = None;
        for (shard, earliest) in self.ask(Store::due_shards)? {
            if shard >= SHARDS || earliest > until {
                continue;
            }
            for ready in self.ask(|store| store.due(shard, until, running.clone(), 1))? {
                let State::Due { at } = ready.delivery.state else { continue };
                // What was held back is due since long ago.
                let at = at.max(self.now);
                let is_earlier =
                    first.as_ref().is_none_or(|(known, other)| (at, ready.delivery.id) < (*known, other.id));
                if is_earlier && at <= until {
                    first = Some((at, ready.delivery));
                }
            }
        }
        Ok(first)
    }

    fn begin(&mut self, at: Timestamp, delivery: Delivery) -> Result<(), String> {
        self.now = at;
        let id = delivery.id;
        if delivery.mode == Mode::AtMostOnce {
            let started = self.ask(|store| store.start(id, delivery.attempts + 1, at))?;
            if started == Settled::Stale {
                return Ok(());
            }
        }
        let attempt = self.attempt(id);
        let end = at.plus(attempt.takes);
        attempt.began = Some((at, Box::new(delivery)));
        self.under_way.push(Reverse((end, id)));
        Ok(())
    }

    fn end(&mut self, at: Timestamp, id: DeliveryId) -> Result<(), String> {
        self.now = at;
        let attempt = self.attempt(id);
        let Some((started_at, delivery)) = &attempt.began else { return Ok(()) };
        let (started_at, mut delivery) = (*started_at, (**delivery).clone());
        let answer = match attempt.is_fillable {
            true => Answer::Done,
            false => Answer::Invalid(UNFILLABLE.to_owned()),
        };
        delivery.attempts += 1;
        let state = Retry::default().settle(&delivery, &answer, at);
        let nothing = String::new;
        let outcome = Outcome {
            answer,
            sent: nothing(),
            got_head: nothing(),
            got_body: nothing(),
            took: at.since(started_at),
        };
        let attempt = delivery.attempts;
        let settle = Settle {
            delivery: id,
            attempt,
            started_at,
            now: at,
            outcome,
            state,
            owes: Vec::new(),
            emits: None,
        };
        self.ask(|store| store.settle(settle)).map(drop)
    }

    fn attempt(&mut self, id: DeliveryId) -> &mut Attempt {
        let new = || Attempt { takes: Duration::ZERO, is_fillable: true, began: None };
        self.deliveries.entry(id).or_insert_with(new)
    }
}

impl Line for Simulation {
    fn accept(&mut self, taken: Vec<Taken>, now: Timestamp) -> Result<Vec<Landed>, String> {
        self.now = self.now.max(now);
        let mut accepts = Vec::new();
        for Taken { event, dedupe_for, owed, matched, takes, unfillable } in taken {
            for delivery in &owed.deliveries {
                let attempt = self.attempt(delivery.id);
                (attempt.takes, attempt.is_fillable) = (takes, !unfillable.contains(&delivery.id));
            }
            let Owed { deliveries, needs, throttles, .. } = owed;
            let made = deliveries.iter().map(|_| None).collect();
            let event = Arc::new(event);
            accepts.push(Accept { event, dedupe_for, deliveries, needs, throttles, made, matched });
        }
        let accepted = self.ask(|store| store.accept_all(accepts, now))?;
        Ok(accepted.iter().map(landed).collect())
    }

    fn pass(&mut self, until: Option<Timestamp>) -> Result<(), String> {
        let last = until.unwrap_or(Timestamp::from_millis(i64::MAX));
        for _ in 0..STEPS_MAX {
            let due = self.next_due(last)?;
            let end = self.under_way.peek().map(|Reverse(end)| *end).filter(|(at, _)| *at <= last);
            // What ends makes room for what begins at the same moment.
            let ends_first = |ends: &Timestamp| due.as_ref().is_none_or(|(begins, _)| ends <= begins);
            if let Some((ends, id)) = end.filter(|(ends, _)| ends_first(ends)) {
                self.under_way.pop();
                self.end(ends, id)?;
            } else if let Some((begins, delivery)) = due {
                self.begin(begins, delivery)?;
            } else {
                return Ok(());
            }
        }
        Err(format!("more than {STEPS_MAX} deliveries begin and end in it"))
    }

    fn fate(&mut self, delivery: DeliveryId) -> Result<Option<Fate>, String> {
        let Some((row, _)) = self.ask(|store| store.delivery(delivery))? else { return Ok(None) };
        let began = self.deliveries.get(&delivery).and_then(|known| known.began.as_ref()).map(|(at, _)| *at);
        Ok(Some(Fate { began, state: row.delivery.state }))
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // The store finishes what it was asked for before its file goes.
        self.store = None;
        let _what_is_left_is_the_systems = fs::remove_dir_all(&self.folder);
    }
}

fn landed(accepted: &Accepted) -> Landed {
    match accepted {
        Accepted::New => Landed::New,
        Accepted::Duplicate { .. } => Landed::Duplicate,
        Accepted::Conflict { .. } => Landed::Conflict,
    }
}

fn words(error: &Error) -> String {
    format!("the store of the test says: {error}")
}
