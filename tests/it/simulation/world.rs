//! One run: senders, the line, destinations and a person in a time of their own. What happens next is the earliest of
//! what is to come; chance decides on failures, crashes and jumps of the clock, and a seed decides on chance.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use doorbell::delivery::{Answer as Outcome, Delivery, Retry, State};
use doorbell::id::{DeliveryId, EventId};
use doorbell::provider::Armed;
use doorbell::rule::Set;
use doorbell::schedule::Schedule;
use doorbell::secret::Vault;
use doorbell::time::Timestamp;

use super::random::Random;
use super::store::{Sabotage, Store};
use super::witness::Witness;

const RULES: &str = r#"
sources:
  shop: { verify: none, event: $.type, id: $.id, dedupe: { for: 2h } }
connections:
  ci: { http: { url: "https://ci.example" }, concurrency: 3, circuit_breaker: {}, retry: { attempts: 4, first: 1s, max: 30s } }
  desk: { http: { url: "https://desk.example" }, rate: 50/s, retry: { attempts: 3, first: 500ms, max: 20s } }
rules:
  - { name: build, from: shop, event: push, do: [{ http: ci, path: /build }] }
  - { name: orders, from: shop, event: order, order_by: "{{ $.customer }}", do: [{ http: desk, path: /order }] }
  - name: deploy
    from: shop
    event: deploy
    do: [{ run: [deploy, "{{ $.id }}"], timeout: 5s }]
  - name: chain
    from: shop
    event: push
    if: { $.n: { gt: 50 } }
    do:
      - { id: first, http: ci, path: /first }
      - { id: second, http: desk, path: /second, needs: first }
    on_failure:
      - { http: desk, path: /failed }
"#;
/// Where runs begin.
const BEGINNING: i64 = 1_795_271_582_000;
/// Events arrive within so many milliseconds of each other.
const GAP_MS: i64 = 400;
/// A run that has more to do hangs.
const STEPS_PER_EVENT: usize = 2_000;
const ATTEMPTS_MAX: usize = 16;

/// What chance does, in a thousand times.
#[derive(Clone, Copy)]
pub(super) struct Chances {
    pub(super) crash: u64,
    pub(super) commit_fails: u64,
    pub(super) hint_lost: u64,
    pub(super) attempt_fails: u64,
    pub(super) clock_jumps: u64,
    pub(super) person: u64,
}

/// What is to come.
#[derive(Debug)]
pub(super) enum Next {
    /// A sender posts a webhook, perhaps not for the first time.
    Post {
        webhook: usize,
    },
    Commit {
        life: u64,
    },
    /// An effect comes to its destination, whether or not we live.
    Reach {
        id: DeliveryId,
        attempt: u32,
        life: u64,
    },
    /// What came of an attempt.
    Back {
        life: u64,
        id: DeliveryId,
        outcome: Outcome,
    },
    Rescan {
        life: u64,
    },
    Wake {
        life: u64,
    },
    Restart,
    Person,
}

pub(super) struct Webhook {
    pub(super) body: String,
    pub(super) is_answered: bool,
}

/// Whoever asked for a write.
pub(super) enum Asker {
    Post { webhook: usize, event: EventId },
    Start { id: DeliveryId },
    Settle { id: DeliveryId, again: State, attempt: u32, owes: Vec<Delivery> },
    Person,
}

/// An attempt under way.
pub(super) struct Flight {
    pub(super) delivery: Delivery,
    pub(super) retry: Retry,
    pub(super) event: Arc<doorbell::event::Event>,
}

/// What a crash loses.
pub(super) struct Life {
    pub(super) number: u64,
    pub(super) schedule: Schedule,
    pub(super) flights: HashMap<DeliveryId, Flight>,
    pub(super) askers: HashMap<u64, Asker>,
    pub(super) has_commit: bool,
    pub(super) wakes: BTreeSet<i64>,
}

pub(super) struct World {
    pub(super) chance: Random,
    pub(super) chances: Chances,
    /// True time, and what the wall clock adds to it.
    pub(super) now: i64,
    pub(super) offset: i64,
    pub(super) to_come: BTreeMap<(i64, u64), Next>,
    pub(super) counter: u64,
    pub(super) set: Arc<Set>,
    pub(super) source: Armed,
    pub(super) webhooks: Vec<Webhook>,
    pub(super) store: Store,
    pub(super) life: Option<Life>,
    pub(super) lives: u64,
    pub(super) is_calm: bool,
    pub(super) witness: Witness,
}

pub(super) fn rules() -> Arc<Set> {
    let file = doorbell::rule::File { name: "rules.yaml".to_owned(), text: RULES.to_owned() };
    let loaded = doorbell::rule::load(&[file]);
    loaded.set.unwrap_or_else(|| panic!("{:#?}", loaded.problems))
}

impl World {
    pub(super) fn new(
        seed: u64,
        events: usize,
        chances: Chances,
        set: Arc<Set>,
        sabotage: Option<Sabotage>,
    ) -> Self {
        let source = set.sources[0].arm(&Vault::default()).unwrap();
        let mut world = Self {
            chance: Random::new(seed),
            chances,
            now: BEGINNING,
            offset: 0,
            to_come: BTreeMap::new(),
            counter: 0,
            set,
            source,
            webhooks: Vec::new(),
            store: Store::new(sabotage),
            life: None,
            lives: 0,
            is_calm: false,
            witness: Witness::default(),
        };
        let mut at = 0;
        for number in 0..events {
            at += world.chance.between(0, GAP_MS);
            let body = world.body(number);
            world.webhooks.push(Webhook { body, is_answered: false });
            world.after(at, Next::Post { webhook: number });
            if world.chance.in_thousand(chances.person) {
                world.after(at + 60_000, Next::Person);
            }
        }
        world.begin_life();
        world
    }

    /// Runs until everything has come to rest.
    pub(super) fn run(&mut self) {
        let steps_max = STEPS_PER_EVENT * self.webhooks.len() + 100_000;
        for _ in 0..steps_max {
            let Some(((at, _), next)) = self.to_come.pop_first() else { return self.rest() };
            self.now = self.now.max(at);
            self.witness.trace(at, &next);
            self.happen(next);
            self.chance_strikes();
            if !self.is_calm && self.webhooks.iter().all(|webhook| webhook.is_answered) {
                self.calm();
            }
            if self.is_calm && self.is_done() {
                return self.rest();
            }
        }
        panic!(
            "it does not come to rest: {} live, {:?}",
            self.store.live_count(),
            self.to_come.first_key_value()
        );
    }

    fn is_done(&self) -> bool {
        let is_idle =
            self.life.as_ref().is_some_and(|life| life.flights.is_empty() && life.askers.is_empty());
        is_idle && self.store.live_count() == 0
    }

    /// Nothing fails any more, and a person ends what is in doubt.
    fn calm(&mut self) {
        self.is_calm = true;
        self.offset = 0;
        let none =
            Chances { crash: 0, commit_fails: 0, hint_lost: 0, attempt_fails: 0, clock_jumps: 0, person: 0 };
        self.chances = none;
        self.after(0, Next::Person);
        self.begin();
    }

    /// The end: everything that was promised was kept.
    fn rest(&mut self) {
        assert!(self.is_calm, "nothing is to come, and senders wait");
        let answered: Vec<EventId> = self.witness.acknowledged.iter().copied().collect();
        for id in answered {
            let kept =
                self.store.events.get(&id).unwrap_or_else(|| panic!("1: {id} was answered and is lost"));
            for delivery in &kept.deliveries {
                let end = self.store.done.get(delivery);
                assert!(
                    end.is_some_and(|end| end.state.is_end()),
                    "1: {delivery} of {id} has no end: {end:?}"
                );
            }
        }
        self.witness.events_are_one(&self.store.events);
        self.witness.repeats_are_bounded();
    }

    pub(super) fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.now + self.offset)
    }

    pub(super) fn after(&mut self, millis: i64, next: Next) {
        self.counter += 1;
        self.to_come.insert((self.now + millis, self.counter), next);
    }

    fn body(&mut self, number: usize) -> String {
        let kind = ["push", "order", "deploy", "ping"][usize::try_from(self.chance.below(4)).unwrap()];
        // Some say again what was said, some say something else under the same id.
        let id = match self.chance.below(20) {
            0 if number > 0 => usize::try_from(self.chance.below(u64::try_from(number).unwrap())).unwrap(),
            _ => number,
        };
        if id != number && self.chance.in_thousand(500) {
            return self.webhooks[id].body.clone();
        }
        let (n, customer) = (self.chance.below(100), self.chance.below(5));
        format!(r#"{{"id":"id{id}","type":"{kind}","n":{n},"customer":"c{customer}","number":{number}}}"#)
    }

    fn happen(&mut self, next: Next) {
        match next {
            Next::Post { webhook } => self.post(webhook),
            Next::Commit { life } if self.lives_as(life) => self.commit(),
            Next::Reach { id, attempt, life } => self.witness.reached(id, attempt, life),
            Next::Back { life, id, outcome } if self.lives_as(life) => self.back(id, &outcome),
            Next::Rescan { life } if self.lives_as(life) => self.rescan(),
            Next::Wake { life } if self.lives_as(life) => {
                let now = self.now;
                self.life.as_mut().unwrap().wakes.retain(|at| *at > now);
                self.begin();
            }
            Next::Restart => self.begin_life(),
            Next::Person => self.person(),
            _ => {}
        }
    }

    fn lives_as(&self, number: u64) -> bool {
        self.life.as_ref().is_some_and(|life| life.number == number)
    }

    fn chance_strikes(&mut self) {
        if self.chance.in_thousand(self.chances.crash) && self.life.is_some() {
            self.crash();
        }
        if self.chance.in_thousand(self.chances.clock_jumps) {
            self.offset = self.chance.between(-3_600_000, 3_600_000);
            self.begin();
        }
    }

    pub(super) fn crash(&mut self) {
        let Some(life) = self.life.take() else { return };
        self.witness.crashed(life.flights.keys().copied());
        let wait = self.chance.between(10, 10_000);
        self.after(wait, Next::Restart);
    }

    fn begin_life(&mut self) {
        if self.life.is_some() {
            return;
        }
        self.lives += 1;
        let wall = self.wall();
        self.store.crash(wall);
        self.life = Some(Life {
            number: self.lives,
            schedule: Schedule::new(ATTEMPTS_MAX),
            flights: HashMap::new(),
            askers: HashMap::new(),
            has_commit: false,
            wakes: BTreeSet::new(),
        });
        self.note_ends();
        self.rescan();
    }
}
