//! From a durable delivery to its end: the bounded loop that begins attempts, and what it is woken by.

mod aloud;
mod attempt;
mod emit;
mod revisions;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{Id, JoinError, JoinSet};

use crate::bounds::Limits;
use crate::clock::Clock;
use crate::delivery::Delivery;
use crate::feed::Feed;
use crate::id::DeliveryId;
use crate::limit;
use crate::live::Live;
use crate::meter::{Circuit, Meter};
use crate::perform::Performer;
use crate::schedule::breaker::Turn;
use crate::schedule::{LANE_MAX, Room, Schedule, Waiting};
use crate::stop::Stop;
use crate::store::{Ready, SHARDS, Store, shard_of};
use crate::time::Timestamp;
use attempt::{Ended, Performed, Tools};
use revisions::Revisions;

/// How often the store is asked for due deliveries that no hint told of.
const RESCAN: Duration = Duration::from_secs(5);
/// How often the store notes the moment.
const NOTED_EVERY: Duration = Duration::from_secs(60);
/// The longest sleep, so that a clock that is set does not stop the loop.
const SLEEP_MAX: Duration = Duration::from_secs(1);
/// Shards that are read at once.
const READS_MAX: usize = 2;
/// How long what was used of a rate may not be written down: a crash gives so much of it once more.
const MARK_EVERY: Duration = Duration::from_millis(200);

/// The stage between the store and the world.
pub struct Worker {
    /// Where deliveries live.
    pub store: Arc<dyn Store>,
    /// The rules in force.
    pub live: Arc<ArcSwap<Live>>,
    /// What carries effects out.
    pub performer: Performer,
    /// Where moments come from.
    pub clock: Arc<dyn Clock>,
    /// Whether a collector is told of attempts.
    pub is_traced: bool,
    /// Where attempts are counted.
    pub meter: Arc<Meter>,
    /// Where is told what happens.
    pub feed: Feed,
    /// How many attempts there may be at once.
    pub limits: Limits,
}

struct Running {
    tools: Arc<Tools>,
    schedule: Schedule,
    attempts: JoinSet<Ended>,
    /// Attempts that are over and whose end is being written down.
    performed: mpsc::Receiver<Performed>,
    /// Connections that a person stopped.
    paused: HashSet<String>,
    /// The latest moment that was looked at, and the one that the store was told.
    seen: Timestamp,
    noted: Timestamp,
    /// What each attempt works on, so that one that panicked can be settled too.
    under_way: HashMap<Id, UnderWay>,
    /// When the marks of rates were written down the last time.
    marked_at: Timestamp,
    /// Shards to be read.
    unread: BTreeSet<u16>,
    /// Shards that are being read, beside the loop: nobody waits for what a long lane has in the store.
    reads: JoinSet<Vec<Ready>>,
    /// What ended while shards are being read: it may still be due in what was read.
    gone: HashSet<DeliveryId>,
}

/// One attempt under way.
struct UnderWay {
    delivery: Delivery,
    /// Ends it half-way; `None` once that was done.
    stop: Option<oneshot::Sender<()>>,
}

impl Worker {
    /// Works until `stop` turns true, then lets what is under way end within `grace`; the rest stays due in the store.
    pub async fn run(self, mut stop: Stop, grace: Duration) {
        // An attempt tells once, so there is room for all that are under way.
        let Limits { attempts, attempts_reserved, .. } = self.limits;
        let (tell, performed) = mpsc::channel(attempts);
        let tools = Arc::new(Tools {
            performed: tell,
            revisions: Revisions::new(Arc::clone(&self.store)),
            store: self.store,
            live: self.live,
            performer: self.performer,
            clock: self.clock,
            meter: self.meter,
            feed: self.feed,
            is_traced: self.is_traced,
        });
        let mut running = Running {
            tools: Arc::clone(&tools),
            schedule: Schedule::new(attempts).reserving(attempts_reserved),
            attempts: JoinSet::new(),
            performed,
            paused: HashSet::new(),
            seen: Timestamp::default(),
            noted: Timestamp::default(),
            under_way: HashMap::new(),
            marked_at: Timestamp::from_millis(i64::MIN),
            unread: BTreeSet::new(),
            reads: JoinSet::new(),
            gone: HashSet::new(),
        };
        match tools.store.rates().await {
            Ok(marks) => running.schedule.restore(marks),
            Err(error) => tracing::error!(%error, "cannot ask the store what was used of rates"),
        }
        running.rescan().await;
        let mut rescan = tokio::time::interval(RESCAN);
        loop {
            running.catch_up().await;
            running.begin().await;
            running.mark(MARK_EVERY).await;
            let sleep = running.sleep();
            tokio::select! {
                hints = tools.store.hints() => running.hinted(hints.unwrap_or_default()).await,
                stops = tools.store.stops() => running.stops(&stops.unwrap_or_default()),
                Some(read) = running.reads.join_next() => running.take_in(read),
                Some(ended) = running.attempts.join_next_with_id() => running.ended(ended).await,
                Some(performed) = running.performed.recv() => running.performed(&performed),
                () = tokio::time::sleep(sleep) => {}
                _ = rescan.tick() => running.rescan().await,
                () = stop.asked() => break,
            }
        }
        running.mark(Duration::ZERO).await;
        let finish = async {
            while let Some(ended) = running.attempts.join_next_with_id().await {
                running.ended(ended).await;
            }
        };
        if tokio::time::timeout(grace, finish).await.is_err() {
            tracing::warn!(
                "attempts were still under way at the end of the grace; at the next start they are made again, and what runs at most once is in_doubt"
            );
        }
    }
}

impl Running {
    /// Begins all that may begin now.
    async fn begin(&mut self) {
        let now = self.tools.clock.now();
        while let Some(waiting) = self.schedule.next(now) {
            let delivery = waiting.delivery.clone();
            let tools = Arc::clone(&self.tools);
            let (stop, stopped) = oneshot::channel();
            let task = self.attempts.spawn(async move { attempt::make(&tools, waiting, stopped).await });
            self.under_way.insert(task.id(), UnderWay { delivery, stop: Some(stop) });
        }
        self.unread.extend(self.schedule.take_unread());
        self.read(now);
    }

    /// Writes down what was used of rates, not more often than this.
    async fn mark(&mut self, every: Duration) {
        let now = self.tools.clock.now();
        if now.since(self.marked_at) < every && now >= self.marked_at {
            return;
        }
        let marks = self.schedule.take_marks();
        if marks.is_empty() {
            return;
        }
        self.marked_at = now;
        if let Err(error) = self.tools.store.keep_rates(marks).await {
            tracing::warn!(%error, "what was used of rates is not written down");
        }
    }

    /// Ends what came to an end elsewhere: a person dropped it, or a later event took its place.
    fn stops(&mut self, ended: &[DeliveryId]) {
        for id in ended {
            self.note_gone(*id);
            self.schedule.forget(*id);
            for under_way in self.under_way.values_mut().filter(|one| one.delivery.id == *id) {
                // An attempt that is over by now hears nothing.
                let _over = under_way.stop.take().map(|stop| stop.send(()));
            }
        }
    }

    /// Takes in all that has happened, so that one round of the loop serves it all.
    async fn catch_up(&mut self) {
        self.hear();
        while let Some(ended) = self.attempts.try_join_next_with_id() {
            self.ended(ended).await;
        }
    }

    /// Takes in what attempts tell that are over. Each tells it before it ends.
    fn hear(&mut self) {
        while let Ok(performed) = self.performed.try_recv() {
            self.performed(&performed);
        }
    }

    fn performed(&mut self, performed: &Performed) {
        let Performed { id, destination, health } = performed;
        let turn = self.schedule.heard(*id, destination, *health, self.tools.clock.now());
        if let (Some(turn), Some(connection)) = (turn, destination.strip_prefix(CONNECTION)) {
            tell(&self.tools.meter, connection, turn);
        }
        self.schedule.performed(performed.id, &performed.destination);
    }

    fn sleep(&self) -> Duration {
        let now = self.tools.clock.now();
        self.schedule.wake_at().map_or(SLEEP_MAX, |at| at.since(now).min(SLEEP_MAX))
    }

    async fn hinted(&mut self, hints: Vec<Ready>) {
        if hints.is_empty() {
            self.rescan().await;
        }
        for ready in hints {
            self.offer(ready);
        }
    }

    fn offer(&mut self, ready: Ready) {
        let room = room_of(&self.tools.live.load(), &self.paused, &ready.delivery.destination);
        let shard = shard_of(&ready.delivery);
        self.schedule.offer(Waiting { delivery: ready.delivery, made: ready.made, shard }, room);
    }

    /// Tells the store the moment now and then. Where the clock was set back, what is due moves with it.
    async fn look_at_clock(&mut self, now: Timestamp) {
        let seen = self.seen.max(now);
        let is_back = seen.since(now) > Duration::ZERO;
        if !is_back && now.since(self.noted) < NOTED_EVERY {
            self.seen = now;
            return;
        }
        match self.tools.store.note_clock(seen, now).await {
            Ok(by) => {
                (self.seen, self.noted) = (now, now);
                if !by.is_zero() {
                    self.schedule.set_back(by);
                    tracing::warn!(
                        by_seconds = by.as_secs(),
                        "the clock was set back; what is due was moved with it"
                    );
                }
            }
            Err(error) => tracing::error!(%error, "the store cannot be told the moment"),
        }
    }

    /// Looks at the room of each destination anew, then reads what is due soon, shard by shard.
    async fn rescan(&mut self) {
        match self.tools.store.pauses().await {
            Ok(pauses) => self.paused = pauses.into_iter().map(|pause| pause.connection).collect(),
            Err(error) => tracing::error!(%error, "cannot ask the store which connections are paused"),
        }
        let live = self.tools.live.load_full();
        self.schedule.refurnish(|destination| room_of(&live, &self.paused, destination));
        let now = self.tools.clock.now();
        self.look_at_clock(now).await;
        match self.tools.store.due_shards().await {
            Ok(shards) => {
                for (shard, earliest) in shards {
                    if shard < SHARDS && earliest <= now.plus(RESCAN * 2) {
                        self.unread.insert(shard);
                    }
                }
            }
            Err(error) => tracing::error!(%error, "cannot ask the store what is due"),
        }
    }

    /// Begins to read shards, few at a time: attempts read their events by the same way.
    fn read(&mut self, now: Timestamp) {
        while self.reads.len() < READS_MAX {
            let Some(shard) = self.unread.pop_first() else { return };
            let store = Arc::clone(&self.tools.store);
            self.reads.spawn(async move {
                let due = store.due(shard, now.plus(RESCAN * 2), Vec::new(), LANE_MAX).await;
                due.unwrap_or_else(|error| {
                    tracing::error!(%error, shard, "cannot read due deliveries");
                    Vec::new()
                })
            });
        }
    }

    fn take_in(&mut self, read: Result<Vec<Ready>, JoinError>) {
        match read {
            Ok(due) => {
                for ready in due {
                    if !self.gone.contains(&ready.delivery.id) {
                        self.offer(ready);
                    }
                }
            }
            Err(error) => tracing::error!(%error, "due deliveries were not read"),
        }
        if self.reads.is_empty() {
            self.gone.clear();
        }
    }

    /// Notes that a delivery has come to an end.
    fn note_gone(&mut self, id: DeliveryId) {
        if !self.reads.is_empty() {
            self.gone.insert(id);
        }
    }

    async fn ended(&mut self, ended: Result<(Id, Ended), JoinError>) {
        self.hear();
        match ended {
            Ok((task, ended)) => {
                self.under_way.remove(&task);
                self.schedule.ended(ended.id, &ended.destination);
                match ended.again {
                    Some(again) => self.offer(again),
                    None => self.note_gone(ended.id),
                }
            }
            Err(error) => {
                let Some(UnderWay { delivery, .. }) = self.under_way.remove(&error.id()) else { return };
                self.schedule.ended(delivery.id, &delivery.destination);
                self.note_gone(delivery.id);
                attempt::panicked(&self.tools, delivery).await;
            }
        }
    }
}

/// What stands before a connection's name in a destination.
const CONNECTION: &str = "connection:";

/// The room of a destination, by the rules in force and by what people stopped.
fn room_of(live: &Live, paused: &HashSet<String>, destination: &str) -> Room {
    let name = destination.strip_prefix(CONNECTION);
    let is_paused = name.is_some_and(|name| paused.contains(name));
    match name.and_then(|name| live.set.connections.get(name)) {
        Some(connection) => Room {
            concurrency: connection.concurrency.max(1),
            rate: connection.rate,
            breaker: connection.breaker,
            is_paused,
        },
        None => Room { concurrency: limit::COMMAND_CONCURRENCY, rate: None, breaker: None, is_paused },
    }
}

/// Says that a circuit breaker opened or closed.
fn tell(meter: &Meter, connection: &str, turn: Turn) {
    match turn {
        Turn::Opened { until } => {
            meter.breaker(connection, Circuit::Open);
            tracing::warn!(connection, %until, "its circuit breaker is open: nothing is attempted until then");
        }
        Turn::Closed => {
            meter.breaker(connection, Circuit::Closed);
            tracing::info!(connection, "its circuit breaker is closed: it is well again");
        }
    }
}
