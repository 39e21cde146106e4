//! Recorded events done anew: by the rules of today or of that moment, all of them or what died. What is made stands in
//! the history beside the rest, is marked, and becomes due no faster than a person wants.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::clock::{Clock, random};
use crate::delivery::{Context, Delivery, Digest, Need, State};
use crate::effect::Effect;
use crate::event::Event;
use crate::id::{DeliveryId, EventId};
use crate::limit;
use crate::live::Live;
use crate::rule::{Desk, Set};
use crate::store::{self, Changed, DeliveryFilter, DeliveryRow, Error, EventFilter, Order, Store};
use crate::time::Timestamp;
use crate::unit::Rate;

/// By which rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The rules in force.
    #[default]
    Today,
    /// The rules that made what the event owed first.
    Then,
}

/// What is done anew of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum What {
    /// All that the rules owe.
    #[default]
    All,
    /// Only what died, and has not been done since.
    Dead,
}

/// What a person wants.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// By which rules.
    pub by: By,
    /// What of it.
    pub what: What,
    /// Only say what would be done.
    pub is_dry: bool,
    /// How fast it becomes due.
    pub rate: Rate,
    /// When the first becomes due; the present moment when that is later.
    pub begin: Timestamp,
}

/// A delivery that is made, or would be.
#[derive(Debug)]
pub struct Planned {
    /// The delivery.
    pub delivery: Delivery,
    /// What it does, for a dry run; the error says in words why that is nothing.
    pub effect: Option<Result<Effect, String>>,
    /// Texts of the payload that people are not shown.
    pub hidden: Vec<String>,
}

/// What came of a wish.
#[derive(Debug, Default)]
pub struct Report {
    /// Events that were looked at.
    pub events: usize,
    /// What was made of them, or would be.
    pub planned: Vec<Planned>,
    /// Events of which nothing was made, with the reason.
    pub skipped: Vec<(EventId, String)>,
    /// The cursor of the events behind these.
    pub next: Option<EventId>,
    /// When what comes behind these may begin to be due.
    pub begin: Timestamp,
}

/// Does recorded events anew.
pub struct Replayer {
    /// Where they are recorded.
    pub store: Arc<dyn Store>,
    /// The rules in force.
    pub live: Arc<ArcSwap<Live>>,
    /// Where moments come from.
    pub clock: Arc<dyn Clock>,
}

/// What one call works with.
struct Running<'r> {
    replayer: &'r Replayer,
    live: Arc<Live>,
    wish: Wish,
    now: Timestamp,
    sets: HashMap<Digest, Arc<Set>>,
    report: Report,
}

impl Replayer {
    /// One event; `None` when there is no such event.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn one(&self, id: EventId, wish: Wish) -> Result<Option<Report>, Error> {
        let Some(event) = self.store.event(id).await? else { return Ok(None) };
        let mut running = self.begin(wish);
        running.replay(&event).await?;
        Ok(Some(running.report))
    }

    /// The oldest events that a filter lets through, a bounded number of them.
    ///
    /// # Errors
    /// When the store cannot be read or written. What was made before stays.
    pub async fn many(&self, filter: EventFilter, wish: Wish) -> Result<Report, Error> {
        let limit = filter.limit.min(limit::REPLAY_EVENTS_MAX);
        let filter = EventFilter { order: Order::OldestFirst, limit, ..filter };
        let page = self.store.events(filter).await?;
        let mut running = self.begin(wish);
        for row in page.rows {
            // Retention may have been faster.
            if let Some(event) = self.store.event(row.id).await? {
                running.replay(&event).await?;
            }
        }
        running.report.next = page.next;
        Ok(running.report)
    }

    fn begin(&self, wish: Wish) -> Running<'_> {
        let now = self.clock.now();
        let report = Report { begin: wish.begin.max(now), ..Report::default() };
        Running { replayer: self, live: self.live.load_full(), wish, now, sets: HashMap::new(), report }
    }
}

impl Running<'_> {
    async fn replay(&mut self, event: &Event) -> Result<(), Error> {
        self.report.events += 1;
        match self.plan(event).await? {
            Ok((deliveries, needs)) if self.wish.is_dry => {
                drop(needs);
                let planned = deliveries.into_iter().map(|delivery| self.previewed(delivery, event));
                let planned: Vec<Planned> = planned.collect();
                self.report.planned.extend(planned);
            }
            Ok((deliveries, needs)) => self.write(event.id, deliveries, needs).await?,
            Err(why) => self.report.skipped.push((event.id, why)),
        }
        Ok(())
    }

    /// What the event owes; the inner error says in words why that is nothing.
    async fn plan(&mut self, event: &Event) -> Result<Result<(Vec<Delivery>, Vec<Need>), String>, Error> {
        let filter = DeliveryFilter {
            event: Some(event.id),
            limit: limit::DELIVERIES_OF_EVENT_MAX,
            ..DeliveryFilter::default()
        };
        let known = self.replayer.store.deliveries(filter).await?.rows;
        let set = match self.set(&known).await? {
            Ok(set) => set,
            Err(why) => return Ok(Err(why)),
        };
        let mut new_id = || DeliveryId::new(self.now.millis(), random());
        let mut desk = Desk { revision: set.digest, now: self.now, new_id: &mut new_id };
        let (mut deliveries, mut needs) = (Vec::new(), Vec::new());
        for rule in set.route(event).matched {
            let owed = rule.owe(event, &mut desk);
            deliveries.extend(owed.deliveries);
            needs.extend(owed.needs);
        }
        if self.wish.what == What::Dead {
            let dead = latest(&known);
            deliveries.retain(|delivery| dead.get(&place(delivery)).is_some_and(|is_dead| *is_dead));
            unbind(&mut deliveries, &mut needs);
        }
        if deliveries.is_empty() {
            let why = match self.wish.what {
                What::All => "no rule matches it",
                What::Dead => "nothing of it that the rules owe is dead",
            };
            return Ok(Err(why.to_owned()));
        }
        deliveries.iter_mut().for_each(|delivery| self.mark(delivery));
        Ok(Ok((deliveries, needs)))
    }

    /// The rules that decide.
    async fn set(&mut self, known: &[DeliveryRow]) -> Result<Result<Arc<Set>, String>, Error> {
        if self.wish.by == By::Today {
            return Ok(Ok(Arc::clone(&self.live.set)));
        }
        let first = known.iter().rev().find(|row| row.delivery.context.replayed_at.is_none());
        let Some(digest) = first.map(|row| row.delivery.revision) else {
            return Ok(Err("it owed nothing by the rules of that moment".to_owned()));
        };
        if let Some(set) = self.sets.get(&digest) {
            return Ok(Ok(Arc::clone(set)));
        }
        let Some(text) = self.replayer.store.revision(digest).await? else {
            return Ok(Err("the rules of that moment are not in the store any more".to_owned()));
        };
        let Some(set) = Set::from_text(&text) else {
            return Ok(Err("the rules of that moment are not understood any more".to_owned()));
        };
        self.sets.insert(digest, Arc::clone(&set));
        Ok(Ok(set))
    }

    /// Marks a delivery as done anew, and gives it its turn.
    fn mark(&mut self, delivery: &mut Delivery) {
        delivery.context = Context { replayed_at: Some(self.now.millis()), ..delivery.context.clone() };
        if let State::Due { at } = &mut delivery.state {
            *at = self.report.begin;
            self.report.begin = at.plus(self.wish.rate.per / self.wish.rate.count.max(1));
        }
    }

    fn previewed(&self, delivery: Delivery, event: &Event) -> Planned {
        let set = self.sets.get(&delivery.revision).unwrap_or(&self.live.set);
        let made = set.make(&delivery, event, &self.live.set, None).map(|made| made.effect);
        Planned { delivery, effect: Some(made), hidden: self.live.redaction().texts(&event.payload) }
    }

    async fn write(
        &mut self,
        event: EventId,
        deliveries: Vec<Delivery>,
        needs: Vec<Need>,
    ) -> Result<(), Error> {
        let replay = store::Replay { event, deliveries: deliveries.clone(), needs };
        match self.replayer.store.replay(replay, self.now).await? {
            Changed::Done => {
                tracing::info!(event = %event, deliveries = deliveries.len(), "event done anew, as a person wants");
                let planned = deliveries.into_iter().map(|delivery| Planned {
                    delivery,
                    effect: None,
                    hidden: Vec::new(),
                });
                self.report.planned.extend(planned);
            }
            Changed::Unknown => {
                self.report.skipped.push((event, "it is not in the store any more".to_owned()));
            }
            Changed::NotNow => {
                let most = limit::DELIVERIES_OF_EVENT_MAX;
                self.report.skipped.push((event, format!("it would owe more than {most} deliveries")));
            }
        }
        Ok(())
    }
}

/// What tells one of an event's deliveries from the others, however often it is done: rule, action, element.
type Place = (Arc<str>, u32, Option<u32>);

fn place(delivery: &Delivery) -> Place {
    (Arc::clone(&delivery.rule), delivery.action, delivery.context.item)
}

/// Whether the latest delivery of each place is dead. They come newest first.
fn latest(known: &[DeliveryRow]) -> HashMap<Place, bool> {
    let mut found = HashMap::new();
    for row in known {
        let is_dead = matches!(row.delivery.state, State::Dead { .. });
        found.entry(place(&row.delivery)).or_insert(is_dead);
    }
    found
}

/// What needs a delivery that is not done anew has what it needs.
fn unbind(deliveries: &mut [Delivery], needs: &mut Vec<Need>) {
    let ids: Vec<DeliveryId> = deliveries.iter().map(|delivery| delivery.id).collect();
    needs.retain(|need| ids.contains(&need.delivery) && ids.contains(&need.on));
    for delivery in deliveries {
        let is_bound = needs.iter().any(|need| need.delivery == delivery.id);
        if matches!(delivery.state, State::Waiting { .. }) && !is_bound {
            delivery.state = State::Due { at: delivery.accepted_at };
        }
    }
}

/// The rate unless a person says otherwise.
pub const fn usual_rate() -> Rate {
    Rate { count: limit::REPLAYS_PER_SECOND, per: Duration::from_secs(1) }
}
