//! The events of one batch: judged one by one, committed together, answered once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::Say;
use super::noted::Noted;
use super::{Intake, Reply, judge};
use crate::effect::Respond;
use crate::event::Event;
use crate::id::EventId;
use crate::live::Live;
use crate::store::Accepted;

/// After so many events others are let through before the next are judged.
const EVENTS_AT_A_TIME: usize = 64;
/// What a batch is answered of which nothing is new and something contradicts what is known.
const CONFLICT: u16 = 409;

impl Intake {
    /// All items in one commit, or none. A rule's answer to one of the new items is the answer to the batch.
    pub(super) async fn accept_batch(
        &self,
        live: &Live,
        said_by_source: Option<&Respond>,
        events: Vec<Event>,
        dedupe_for: Duration,
    ) -> Reply {
        let Some(now) = events.first().map(|event| event.request.received_at) else {
            tracing::info!("an empty batch; there is nothing to keep");
            let empty = Reply::KeptBatch { status: 202, ids: Vec::new() };
            return said_by_source.cloned().map_or(empty, Reply::Said);
        };
        let (mut accepts, mut said, mut noted) = (Vec::new(), Vec::new(), Vec::new());
        for event in events {
            if accepts.len() % EVENTS_AT_A_TIME == EVENTS_AT_A_TIME - 1 {
                tokio::task::yield_now().await;
            }
            let (accept, answer) = judge(live, Arc::new(event), dedupe_for);
            noted.push(Noted::of(&accept));
            accepts.push(accept);
            said.push(answer);
        }
        let asked = Instant::now();
        let outcome = self.store.accept_all(accepts, now).await;
        let took = asked.elapsed();
        match &outcome {
            Ok(all) => {
                noted.iter().zip(all).for_each(|(noted, one)| noted.tell(Ok(one), took, self));
            }
            Err(error) => noted.iter().take(1).for_each(|noted| noted.tell(Err(error), took, self)),
        }
        let Ok(all) = outcome else { return Reply::Busy };
        let status = status(&all);
        let kept = Reply::KeptBatch { status, ids: ids(&noted, &all) };
        if status == CONFLICT {
            return kept;
        }
        let new = said.into_iter().zip(&all).filter(|(_, accepted)| **accepted == Accepted::New);
        let said = new.filter_map(|(said, _)| said.and_then(Say::now)).next();
        said.or_else(|| said_by_source.cloned()).map_or(kept, Reply::Said)
    }
}

/// One new event makes the batch new; without one, a conflict is told so that somebody looks.
fn status(all: &[Accepted]) -> u16 {
    let is_conflict = |accepted: &Accepted| matches!(accepted, Accepted::Conflict { .. });
    match all.contains(&Accepted::New) {
        true => 202,
        false if all.iter().any(is_conflict) => CONFLICT,
        false => 200,
    }
}

/// Of a repeat the id that its first had.
fn ids(noted: &[Noted], all: &[Accepted]) -> Vec<EventId> {
    let id = |(noted, accepted): (&Noted, &Accepted)| match accepted {
        Accepted::Duplicate { first } => *first,
        Accepted::New | Accepted::Conflict { .. } => noted.event.id,
    };
    noted.iter().zip(all).map(id).collect()
}
