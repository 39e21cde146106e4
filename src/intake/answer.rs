//! The answer of a rule to the sender: at once, or when what it needs is done, as long as the sender waits. What is not done
//! by then goes on, and the sender gets the usual 202.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::{Intake, say};
use crate::delivery::Context;
use crate::effect::Respond;
use crate::event::Event;
use crate::feed::{Heard, News, Onlooker};
use crate::id::EventId;
use crate::limit;
use crate::live::Live;
use crate::rule::{Rule, RuleAction};
use crate::steps::{self, Stand};
use crate::template::Scope;

/// How often it is looked although nothing was heard: what a person dropped makes no noise.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What a rule says.
pub(super) enum Say {
    /// This.
    Now(Respond),
    /// What this action makes of the results of others.
    Later(Later),
}

/// An answer that waits.
pub(super) struct Later {
    rule: Arc<str>,
    /// The place of the action in its rule.
    action: usize,
    within: Duration,
}

impl Say {
    /// What an action of a rule says; `None` when its template fails.
    pub(super) fn of(rule: &Rule, (index, action): (usize, &RuleAction), event: &Event) -> Option<Self> {
        if action.needs.is_empty() {
            return say(action, &Scope::new(event, &rule.name), event).map(Self::Now);
        }
        let within = action.timeout.unwrap_or(limit::ANSWER_WITHIN).min(limit::ANSWER_WITHIN_MAX);
        Some(Self::Later(Later { rule: Arc::clone(&rule.name), action: index, within }))
    }

    /// What can be said at once.
    pub(super) fn now(self) -> Option<Respond> {
        match self {
            Self::Now(respond) => Some(respond),
            Self::Later(_) => None,
        }
    }
}

impl Intake {
    /// Waits for what an answer needs; `None` when it is not done in time, or will never be.
    pub(super) async fn later(
        &self,
        live: &Live,
        id: EventId,
        later: &Later,
        mut onlooker: Onlooker,
    ) -> Option<Respond> {
        let deadline = Instant::now() + later.within;
        let rule = live.set.rule(&later.rule)?;
        let action = rule.actions.get(later.action)?;
        loop {
            match steps::stand(&*self.store, rule, action, id).await.ok()? {
                Stand::Done => break,
                Stand::Failed => return None,
                Stand::Open => {}
            }
            tokio::select! {
                () = sleep_until(deadline) => return None,
                () = heard_of(&mut onlooker, id) => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
        let event = self.store.event(id).await.ok()??;
        let results = steps::results(&*self.store, rule, action, (id, None)).await.ok()?;
        let scope = action.scope(&event, &rule.name, &Context::default(), Some(results)).ok()?;
        say(action, &scope, &event)
    }
}

/// Waits until an attempt for this event has ended, or until some news was missed.
async fn heard_of(onlooker: &mut Onlooker, id: EventId) {
    while let Some(Heard::News(news)) = onlooker.next().await {
        if matches!(&*news, News::Attempt { event, .. } if *event == id) {
            return;
        }
    }
}
