//! One attempt: the action of the rule set that decided, the connection of today, the effect, and the end of it in the store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::{mpsc, oneshot};

use super::revisions::Revisions;
use super::{aloud, emit};
use crate::admit::{Noted, Told};
use crate::clock::{Clock, random};
use crate::delivery::{Answer, Delivery, Mode, Outcome, Retry, State};
use crate::effect::{Effect, Log};
use crate::feed::{Feed, News};
use crate::id::DeliveryId;
use crate::live::Live;
use crate::meter::Meter;
use crate::perform::{Performer, Ticket};
use crate::redact;
use crate::rule::Desk;
use crate::schedule::breaker::Health;
use crate::schedule::{Made, Waiting};
use crate::steps;
use crate::store::{Accept, Accepted, Error, Ready, Settle, Settled, Store};
use crate::time::Timestamp;
use crate::trace::{self, Trace};

/// Rest between two tries to write an end down while the store cannot.
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

/// What every attempt works with.
pub(super) struct Tools {
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<ArcSwap<Live>>,
    pub(super) performer: Performer,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) revisions: Revisions,
    pub(super) meter: Arc<Meter>,
    pub(super) feed: Feed,
    /// Whether a collector is told of attempts.
    pub(super) is_traced: bool,
    /// Where an attempt tells that it is over.
    pub(super) performed: mpsc::Sender<Performed>,
}

/// An attempt is over at its destination; its end is still to be written down.
pub(super) struct Performed {
    pub(super) id: DeliveryId,
    pub(super) destination: Arc<str>,
    /// What it tells of the destination.
    pub(super) health: Health,
}

/// What the loop has to know of an attempt that ended.
pub(super) struct Ended {
    pub(super) id: DeliveryId,
    pub(super) destination: Arc<str>,
    /// It is due again.
    pub(super) again: Option<Ready>,
}

/// What came of an attempt: the outcome, and the policy that judges it.
struct Done {
    outcome: Outcome,
    retry: Retry,
    /// The event that it emits.
    emits: Option<Accept>,
}

impl Done {
    /// Nothing could be done.
    fn refused(why: String, retry: Retry) -> Self {
        Self { outcome: refused(why), retry, emits: None }
    }
}

/// Makes one attempt and writes its end down. When it is told to stop, it ends what is under way.
pub(super) async fn make(tools: &Tools, waiting: Waiting, stop: oneshot::Receiver<()>) -> Ended {
    let mut delivery = waiting.delivery;
    let ended = |again| Ended { id: delivery.id, destination: Arc::clone(&delivery.destination), again };
    let started_at = tools.clock.now();
    let number = delivery.attempts + 1;
    if delivery.mode == Mode::AtMostOnce {
        match tools.store.start(delivery.id, number, started_at).await {
            Ok(Settled::Done) => {}
            Ok(Settled::Stale) => return ended(None),
            Err(error) => {
                tracing::error!(delivery = %delivery.id, %error, "the start of a command cannot be written down; it waits");
                tokio::time::sleep(SETTLE_PAUSE).await;
                return ended(None);
            }
        }
    }
    if number == 1 && delivery.context.debounce.is_some() && !is_owed(tools, &delivery).await {
        return ended(None);
    }
    let live = tools.live.load_full();
    let mut done = perform_until(tools, &live, &delivery, waiting.made, started_at, stop).await;
    let performed = Performed {
        id: delivery.id,
        destination: Arc::clone(&delivery.destination),
        health: Health::of(&done.outcome.answer),
    };
    // Were it full, the room would be free a little later: when the end is written down.
    let _later = tools.performed.try_send(performed);
    let now = tools.clock.now();
    delivery.attempts = number;
    let state = done.retry.settle(&delivery, &done.outcome.answer, now);
    log(&delivery, &done.outcome, &state);
    tools.meter.attempt(&delivery.verb, state.name(), done.outcome.took);
    let news = tools.feed.is_watched().then(|| news(&delivery, &done.outcome, &state, now));
    let emitted = done.emits.as_ref().map(Noted::of);
    let settle = Settle {
        delivery: delivery.id,
        attempt: number,
        started_at,
        now,
        outcome: done.outcome,
        owes: owed(tools, &live, &delivery, &state, now).await,
        emits: done.emits.take().map(Box::new),
        state,
    };
    let asked = Instant::now();
    let (state, settled) =
        write_down(tools, settle, |answer, now| done.retry.settle(&delivery, answer, now)).await;
    if let (Some(noted), State::Delivered, Some(Settled::Done)) = (emitted, &state, settled) {
        let told = Told { meter: &tools.meter, feed: &tools.feed, clock: &*tools.clock };
        noted.tell(Ok(&Accepted::New), asked.elapsed(), &told);
    }
    if let Some(news) = news {
        tools.feed.tell(|| news);
    }
    let again = matches!((&state, settled), (State::Due { .. }, Some(Settled::Done)))
        .then(|| Ready { delivery: Delivery { state, ..delivery.clone() }, made: None });
    Ended { id: delivery.id, destination: delivery.destination, again }
}

/// Whether a delivery that waited for later ones still stands: the hint that one took its place may have been lost.
async fn is_owed(tools: &Tools, delivery: &Delivery) -> bool {
    match tools.store.delivery(delivery.id).await {
        Ok(found) => found.is_some_and(|(row, _)| !row.delivery.state.is_end()),
        Err(_) => true,
    }
}

/// Carries the delivery out, or stops half-way: what was begun for it is dropped, which ends it.
async fn perform_until(
    tools: &Tools,
    live: &Live,
    delivery: &Delivery,
    made: Option<Arc<Made>>,
    now: Timestamp,
    stop: oneshot::Receiver<()>,
) -> Done {
    let began = tools.clock.now();
    let stopped = async {
        // Whoever could tell may have gone.
        if stop.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        done = perform(tools, live, delivery, made, now) => done,
        () = stopped => {
            let outcome = Outcome { answer: Answer::Stopped, took: tools.clock.now().since(began), ..refused(String::new()) };
            Done { outcome, retry: Retry::default(), emits: None }
        }
    }
}

/// Settles an attempt that a bug of ours ended, as one that failed: it is made again while attempts are left, and is in
/// doubt when it may be made once only. The others go on.
pub(super) async fn panicked(tools: &Tools, mut delivery: Delivery) {
    let now = tools.clock.now();
    let reason = "doorbell itself failed in this attempt; this is a bug".to_owned();
    let outcome = refused(reason.clone());
    delivery.attempts += 1;
    let retry = Retry::default();
    let state = match delivery.mode {
        Mode::AtMostOnce => State::InDoubt,
        Mode::AtLeastOnce if delivery.attempts >= retry.attempts_max => State::Dead { reason },
        Mode::AtLeastOnce => {
            State::Due { at: now.plus(retry.delay(delivery.id, delivery.attempts, &outcome.answer)) }
        }
    };
    log(&delivery, &outcome, &state);
    tools.meter.attempt(&delivery.verb, state.name(), outcome.took);
    let (id, attempt) = (delivery.id, delivery.attempts);
    write_down(
        tools,
        Settle { delivery: id, attempt, started_at: now, now, outcome, state, owes: Vec::new(), emits: None },
        |answer, _| State::Dead { reason: answer.words() },
    )
    .await;
}

async fn perform(
    tools: &Tools,
    live: &Live,
    delivery: &Delivery,
    made: Option<Arc<Made>>,
    now: Timestamp,
) -> Done {
    // A connection is looked up at the attempt: what was made before the last reload is made anew.
    let made = match made.filter(|made| made.rules == live.set.digest) {
        Some(made) => Ok(Arc::unwrap_or_clone(made)),
        None => make_now(tools, live, delivery).await,
    };
    match made {
        Ok(Made { effect, retry, hidden, .. }) => {
            let ticket = Ticket {
                delivery: delivery.id,
                idempotency_key: delivery.idempotency_key(),
                is_replay: delivery.context.replayed_at.is_some(),
                event: delivery.event,
                rule: Arc::clone(&delivery.rule),
                attempt: delivery.attempts + 1,
                now,
                traceparent: traceparent(tools, delivery),
            };
            if let (Effect::Emit(emit), false) = (&effect, delivery.context.shadow) {
                return emit::perform(tools, live, emit.clone(), &ticket).map_or_else(
                    |why| Done::refused(why, retry.clone()),
                    |(outcome, accept)| Done { outcome, retry: retry.clone(), emits: Some(accept) },
                );
            }
            let effect = unseen(effect, &hidden);
            let outcome = if delivery.context.shadow {
                tools.performer.rehearse(&effect, &live.vault, &ticket)
            } else {
                aloud::perform(tools, effect, &live.vault, &ticket, &hidden).await
            };
            let outcome = Outcome { answer: without(outcome.answer, &hidden), ..outcome };
            Done { outcome, retry, emits: None }
        }
        Err(why) => Done::refused(live.vault.redact(&why), Retry::default()),
    }
}

/// What its request carries on: the trace of the event's sender, or our own where it is told to a collector.
fn traceparent(tools: &Tools, delivery: &Delivery) -> Option<String> {
    let sent = delivery.context.traceparent.as_deref();
    let span = trace::attempt_span(delivery.id, delivery.attempts + 1);
    (tools.is_traced || sent.is_some()).then(|| Trace::of(delivery.event, sent).header(span))
}

/// What the delivery does, made of what the store has; the error says in words why that is nothing.
async fn make_now(tools: &Tools, live: &Live, delivery: &Delivery) -> Result<Made, String> {
    let set = tools.revisions.get(live, delivery.revision).await?;
    let event = tools
        .store
        .event(delivery.event)
        .await
        .map_err(|error| error.to_string())?
        .ok_or("the event of this delivery is not in the store")?;
    let rule = set.rule(&delivery.rule);
    let needing = rule.and_then(|rule| Some((rule, rule.action(delivery)?)));
    let steps = match needing.filter(|(_, action)| !action.needs.is_empty()) {
        Some((rule, action)) => Some(
            steps::results(&*tools.store, rule, action, (delivery.event, delivery.context.replayed_at))
                .await?,
        ),
        None => None,
    };
    let made = set.make(delivery, &event, &live.set, steps);
    made.map_err(|why| redact::without(&why, &live.set.hidden(&event)))
}

/// What its rule owes because this delivery died.
async fn owed(
    tools: &Tools,
    live: &Live,
    delivery: &Delivery,
    state: &State,
    now: Timestamp,
) -> Vec<Delivery> {
    let State::Dead { reason } = state else { return Vec::new() };
    let Ok(set) = tools.revisions.get(live, delivery.revision).await else { return Vec::new() };
    let Some(rule) = set.rule(&delivery.rule).filter(|rule| rule.follows_failures()) else {
        return Vec::new();
    };
    let Ok(Some(event)) = tools.store.event(delivery.event).await else {
        tracing::error!(delivery = %delivery.id, "its event cannot be read; nothing follows its failure");
        return Vec::new();
    };
    let mut new_id = || DeliveryId::new(now.millis(), random());
    let mut desk = Desk { revision: delivery.revision, now, new_id: &mut new_id };
    rule.owe_on_failure(delivery, reason, &event, &mut desk)
}

/// The line of a `log` action without texts that people are not shown: nobody but people reads it.
fn unseen(effect: Effect, hidden: &[String]) -> Effect {
    match effect {
        Effect::Log(log) => Effect::Log(Log { text: redact::without(&log.text, hidden) }),
        other => other,
    }
}

/// What came back without texts that people are not shown. Its words stand in logs and lists, and are looked through.
fn without(answer: Answer, hidden: &[String]) -> Answer {
    let text = |text: String| redact::without(&text, hidden);
    match answer {
        Answer::Status { status, retry_after, refused } => {
            Answer::Status { status, retry_after, refused: refused.map(text) }
        }
        Answer::Mail { code, words } => Answer::Mail { code, words: text(words) },
        Answer::Unreachable(why) => Answer::Unreachable(text(why)),
        Answer::Tls(why) => Answer::Tls(text(why)),
        Answer::Blocked(why) => Answer::Blocked(text(why)),
        Answer::Invalid(why) => Answer::Invalid(text(why)),
        Answer::Done | Answer::Rehearsed | Answer::Stopped | Answer::TimedOut => answer,
        Answer::Exited { .. } | Answer::Signalled { .. } => answer,
    }
}

fn refused(why: String) -> Outcome {
    Outcome {
        answer: Answer::Invalid(why),
        sent: String::new(),
        got_head: String::new(),
        got_body: String::new(),
        took: Duration::ZERO,
    }
}

/// Writes an end down, however long the store cannot: what was done in the world is not forgotten while we live. What
/// emits an event has done nothing in the world yet: while there is no room for the event, it failed, and `later` says what
/// follows from that. The state it has then, and whether it counted.
async fn write_down(
    tools: &Tools,
    settle: Settle,
    later: impl Fn(&Answer, Timestamp) -> State,
) -> (State, Option<Settled>) {
    let mut settle = settle;
    loop {
        let copy = Settle {
            outcome: settle.outcome.clone(),
            state: settle.state.clone(),
            owes: settle.owes.clone(),
            emits: settle.emits.clone(),
            ..settle
        };
        match tools.store.settle(copy).await {
            Ok(settled) => return (settle.state, Some(settled)),
            Err(Error::Closed) => return (settle.state, None),
            Err(Error::Busy(why)) if settle.emits.take().is_some() => {
                let answer = Answer::Unreachable(why.to_owned());
                settle.state = later(&answer, settle.now);
                settle.outcome.answer = answer;
                tracing::warn!(delivery = %settle.delivery, state = settle.state.name(), "no event was emitted: {why}");
            }
            Err(error) => {
                tracing::error!(delivery = %settle.delivery, %error, "the end of an attempt cannot be written down; trying again");
                tokio::time::sleep(SETTLE_PAUSE).await;
                settle.now = tools.clock.now();
            }
        }
    }
}

fn news(delivery: &Delivery, outcome: &Outcome, state: &State, at: Timestamp) -> News {
    News::Attempt {
        at,
        delivery: delivery.id,
        event: delivery.event,
        rule: Arc::clone(&delivery.rule),
        verb: Arc::clone(&delivery.verb),
        attempt: delivery.attempts,
        state: state.name(),
        words: outcome.answer.words(),
        took_ms: u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
        traceparent: delivery.context.traceparent.clone(),
    }
}

fn log(delivery: &Delivery, outcome: &Outcome, state: &State) {
    let took_ms = u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX);
    let words = outcome.answer.words();
    let (id, event, rule, verb) = (delivery.id, delivery.event, &*delivery.rule, &*delivery.verb);
    let (attempt, state_name) = (delivery.attempts, state.name());
    match state {
        _ if outcome.answer == Answer::Stopped => {
            tracing::info!(delivery = %id, event = %event, rule, verb, attempt, took_ms, "{words}");
        }
        State::Delivered | State::Cancelled { .. } => {
            tracing::info!(delivery = %id, event = %event, rule, verb, attempt, took_ms, state = state_name, "{words}");
        }
        State::Due { at } => {
            tracing::warn!(delivery = %id, event = %event, rule, verb, attempt, took_ms, state = state_name, again_at = %at, "{words}");
        }
        _ => {
            tracing::error!(delivery = %id, event = %event, rule, verb, attempt, took_ms, state = state_name, "{words}");
        }
    }
}
