//! The line itself, as one life of the program runs it: the decisions are the program's own, what is outside is played.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use doorbell::delivery::{Answer as Outcome, Delivery, Mode, State};
use doorbell::event::Request;
use doorbell::id::{DeliveryId, EventId};
use doorbell::provider::{Around, Received};
use doorbell::rule::Desk;
use doorbell::schedule::breaker::Health;
use doorbell::schedule::{Room, Waiting};
use doorbell::store::{Accept, Accepted, Settled, shard_of};

use super::store::{Answer, Ask, Sabotage};
use super::world::{Asker, Flight, Next, World};

/// How often the store is asked for due deliveries that no hint told of.
const RESCAN_MS: i64 = 5_000;
/// What is asked for within so many milliseconds is one commit.
const GROUP_MS: i64 = 2;

impl World {
    pub(super) fn post(&mut self, webhook: usize) {
        // Nobody answers, or not in time: senders come back.
        let again = self.chance.between(1_000, 30_000);
        if !self.webhooks[webhook].is_answered {
            self.after(again, Next::Post { webhook });
        }
        if self.life.is_none() {
            return;
        }
        let wall = self.wall();
        let request = Request {
            method: http::Method::POST,
            path: "/shop".to_owned(),
            params: Vec::new(),
            query: String::new(),
            headers: http::HeaderMap::from_iter([(
                http::header::CONTENT_TYPE,
                http::HeaderValue::from_static("application/json"),
            )]),
            body: Bytes::from(self.webhooks[webhook].body.clone()),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            received_at: wall,
        };
        let id = EventId::new(wall.millis(), self.chance.bytes());
        let Ok(Received::Event { event, dedupe_for }) = self.source.receive(request, id, &Around::at(wall))
        else {
            panic!("every webhook is good");
        };
        let (mut deliveries, mut needs) = (Vec::new(), Vec::new());
        let set = Arc::clone(&self.set);
        for rule in set.route(&event).matched {
            let chance = &mut self.chance;
            let mut new_id = || DeliveryId::new(wall.millis(), chance.bytes());
            let owed = rule.owe(&event, &mut Desk { revision: set.digest, now: wall, new_id: &mut new_id });
            deliveries.extend(owed.deliveries);
            needs.extend(owed.needs);
        }
        let event = Arc::from(event);
        if self.store.sabotage == Some(Sabotage::Hurried) {
            deliveries.iter().cloned().for_each(|delivery| self.offer(delivery));
        }
        let accept = Accept {
            event,
            dedupe_for,
            deliveries,
            needs,
            throttles: Vec::new(),
            made: Vec::new(),
            matched: Vec::new(),
        };
        self.ask(Ask::Accept(Box::new(accept)), Asker::Post { webhook, event: id });
    }

    fn ask(&mut self, ask: Ask, asker: Asker) {
        self.counter += 1;
        let number = self.counter;
        let Some(life) = &mut self.life else { return };
        life.askers.insert(number, asker);
        self.store.ask(number, ask);
        if !std::mem::replace(&mut life.has_commit, true) {
            let next = Next::Commit { life: life.number };
            self.after(GROUP_MS, next);
        }
    }

    pub(super) fn commit(&mut self) {
        let wall = self.wall();
        self.life.as_mut().unwrap().has_commit = false;
        if self.chance.in_thousand(self.chances.commit_fails) {
            for (number, ask) in self.store.fail() {
                self.failed(number, ask);
            }
            return;
        }
        let answers = self.store.commit(wall);
        self.note_ends();
        // It is durable, and the program may end before anybody hears so.
        if self.chance.in_thousand(self.chances.crash) {
            return self.crash();
        }
        for (number, answer) in answers {
            self.answered(number, answer);
        }
        for delivery in std::mem::take(&mut self.store.hints) {
            if !self.chance.in_thousand(self.chances.hint_lost) {
                self.offer(delivery);
            }
        }
        self.begin();
    }

    pub(super) fn note_ends(&mut self) {
        for ended in std::mem::take(&mut self.store.ended) {
            self.witness.ended(&ended);
        }
    }

    /// Senders are told 503; the end of an attempt is written down however long it takes.
    fn failed(&mut self, number: u64, ask: Ask) {
        let Some(asker) = self.life.as_mut().and_then(|life| life.askers.remove(&number)) else { return };
        match asker {
            Asker::Settle { .. } => self.ask(ask, asker),
            Asker::Start { id } => self.flight_ended(id, None),
            Asker::Post { .. } | Asker::Person => {}
        }
    }

    fn answered(&mut self, number: u64, answer: Answer) {
        let Some(asker) = self.life.as_mut().and_then(|life| life.askers.remove(&number)) else { return };
        match (asker, answer) {
            (Asker::Post { webhook, event }, Answer::Accepted(accepted)) => {
                self.webhooks[webhook].is_answered = true;
                let id = match accepted {
                    Accepted::New | Accepted::Conflict { .. } => event,
                    Accepted::Duplicate { first } => first,
                };
                self.witness.acknowledged.insert(id);
            }
            (Asker::Start { id }, Answer::Settled(Settled::Done)) => self.perform(id),
            (Asker::Start { id }, _) => self.flight_ended(id, None),
            (Asker::Settle { id, again, attempt, owes }, Answer::Settled(settled)) => {
                drop(owes);
                let again = matches!(again, State::Due { .. }) && settled == Settled::Done;
                let delivery = again.then(|| self.store.live(id).cloned()).flatten();
                assert!(delivery.as_ref().is_none_or(|one| one.attempts == attempt));
                self.flight_ended(id, delivery);
            }
            _ => {}
        }
    }

    fn offer(&mut self, delivery: Delivery) {
        let name = delivery.destination.strip_prefix("connection:");
        let connection = name.and_then(|name| self.set.connections.get(name));
        let room = match connection {
            Some(connection) => Room {
                concurrency: connection.concurrency.max(1),
                rate: connection.rate,
                breaker: connection.breaker,
                is_paused: false,
            },
            None => Room { concurrency: 2, rate: None, breaker: None, is_paused: false },
        };
        let shard = shard_of(&delivery);
        if let Some(life) = &mut self.life {
            life.schedule.offer(Waiting { delivery, made: None, shard }, room);
        }
    }

    pub(super) fn rescan(&mut self) {
        let until = self.wall().plus(Duration::from_secs(10));
        for delivery in self.store.due(until) {
            self.offer(delivery);
        }
        let next = Next::Rescan { life: self.lives };
        self.after(RESCAN_MS, next);
        self.begin();
    }

    /// Begins all that may begin now.
    pub(super) fn begin(&mut self) {
        let wall = self.wall();
        while let Some(waiting) = self.life.as_mut().and_then(|life| life.schedule.next(wall)) {
            self.attempt(waiting.delivery);
        }
        let Some(life) = &mut self.life else { return };
        let Some(at) = life.schedule.wake_at() else { return };
        // A clock that jumps is looked at again when it does.
        let at = self.now + i64::try_from(at.since(wall).as_millis()).unwrap().max(1);
        if life.wakes.first().is_none_or(|first| at < *first) {
            life.wakes.insert(at);
            let next = Next::Wake { life: life.number };
            self.counter += 1;
            self.to_come.insert((at, self.counter), next);
        }
    }

    fn attempt(&mut self, delivery: Delivery) {
        let id = delivery.id;
        let kept = self.store.events.get(&delivery.event);
        let event = kept.map(|kept| Arc::clone(&kept.event));
        let event = event.unwrap_or_else(|| panic!("2: {id} begins before its event is durable"));
        let made = self.set.make(&delivery, &event, &self.set, Some(serde_json::json!({})));
        let retry = made.map(|made| made.retry).unwrap_or_default();
        let is_once = delivery.mode == Mode::AtMostOnce;
        let attempt = delivery.attempts + 1;
        let life = self.life.as_mut().unwrap();
        let other = life.flights.insert(id, Flight { delivery, retry, event });
        assert!(other.is_none(), "4: two attempts of {id} at once");
        if is_once {
            self.ask(Ask::Start { id, attempt }, Asker::Start { id });
        } else {
            self.perform(id);
        }
    }

    /// The effect leaves us.
    fn perform(&mut self, id: DeliveryId) {
        let life = self.life.as_ref().unwrap();
        let (flight, number) = (&life.flights[&id], life.number);
        let attempt = flight.delivery.attempts + 1;
        let live = self.store.live(id);
        let is_live = live.is_some_and(|live| matches!(live.state, State::Due { .. } | State::Started));
        self.witness.dispatched(id, is_live);
        let outcome = self.outcome();
        let (there, back) = (self.chance.between(1, 200), self.chance.between(1, 400));
        if self.store.sabotage == Some(Sabotage::Doubled) {
            self.after(there, Next::Reach { id, attempt, life: number });
        }
        if self.store.sabotage == Some(Sabotage::Overlapping) {
            let delivery = self.life.as_ref().unwrap().flights[&id].delivery.clone();
            self.life.as_mut().unwrap().schedule.ended(id, &delivery.destination);
            self.offer(delivery);
        }
        // What cannot be reached does not happen; what takes too long has happened all the same.
        if !matches!(outcome, Outcome::Unreachable(_)) {
            self.after(there, Next::Reach { id, attempt, life: number });
        }
        self.after(there + back, Next::Back { life: number, id, outcome });
    }

    fn outcome(&mut self) -> Outcome {
        let status = |status, retry_after| Outcome::Status { status, retry_after, refused: None };
        if !self.chance.in_thousand(self.chances.attempt_fails) {
            return status(200, None);
        }
        match self.chance.below(6) {
            0 => status(500, None),
            1 => status(429, Some(Duration::from_secs(self.chance.below(20)))),
            2 => status(410, None),
            3 => Outcome::TimedOut,
            4 => Outcome::Unreachable("refused".to_owned()),
            _ => Outcome::Exited { code: 3 },
        }
    }

    pub(super) fn back(&mut self, id: DeliveryId, outcome: &Outcome) {
        let wall = self.wall();
        let life = self.life.as_mut().unwrap();
        let Some(flight) = life.flights.get_mut(&id) else { return };
        flight.delivery.attempts += 1;
        let (delivery, attempt) = (flight.delivery.clone(), flight.delivery.attempts);
        life.schedule.performed(id, &delivery.destination);
        life.schedule.heard(id, &delivery.destination, Health::of(outcome), wall);
        let state = flight.retry.settle(&delivery, outcome, wall);
        let owes = match (&state, self.set.rule(&delivery.rule)) {
            (State::Dead { reason }, Some(rule)) => {
                let chance = &mut self.chance;
                let mut new_id = || DeliveryId::new(wall.millis(), chance.bytes());
                let mut desk = Desk { revision: self.set.digest, now: wall, new_id: &mut new_id };
                rule.owe_on_failure(&delivery, reason, &flight.event, &mut desk)
            }
            _ => Vec::new(),
        };
        let asker = Asker::Settle { id, again: state.clone(), attempt, owes: owes.clone() };
        self.ask(Ask::Settle { id, attempt, state, owes }, asker);
        // Now and then an answer is told twice: the second is stale, and changes nothing.
        if self.chance.in_thousand(self.chances.hint_lost) {
            let stale = Ask::Settle { id, attempt, state: State::Delivered, owes: Vec::new() };
            self.ask(stale, Asker::Person);
        }
        self.begin();
    }

    fn flight_ended(&mut self, id: DeliveryId, again: Option<Delivery>) {
        let Some(life) = &mut self.life else { return };
        let Some(flight) = life.flights.remove(&id) else { return };
        life.schedule.ended(id, &flight.delivery.destination);
        if let Some(delivery) = again {
            self.offer(delivery);
        }
        self.begin();
    }

    /// Retries and drops; in the end all that is in doubt.
    pub(super) fn person(&mut self) {
        if self.life.is_none() {
            return self.after(20_000, Next::Person);
        }
        let in_doubt = |delivery: &&Delivery| delivery.state == State::InDoubt;
        if self.is_calm {
            let ids: Vec<DeliveryId> = self.store.done.values().filter(in_doubt).map(|one| one.id).collect();
            for id in ids {
                self.witness.touched(&self.store.done[&id]);
                self.ask(Ask::Drop(id), Asker::Person);
            }
            return;
        }
        let dead = |delivery: &&Delivery| matches!(delivery.state, State::Dead { .. } | State::InDoubt);
        let found = self.store.done.values().find(dead).cloned();
        if let Some(delivery) = found {
            self.witness.touched(&delivery);
            self.ask(Ask::Retry(delivery.id), Asker::Person);
        }
        let live = self.store.live_ids();
        let idle =
            live.into_iter().find(|id| !self.life.as_ref().is_some_and(|life| life.flights.contains_key(id)));
        if let Some(delivery) = idle.and_then(|id| self.store.live(id)).cloned() {
            self.witness.touched(&delivery);
            self.ask(Ask::Drop(delivery.id), Asker::Person);
        }
    }
}
