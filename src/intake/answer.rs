//! The answer of a rule to the sender: at once, or when what it needs is done, as long as the sender waits. What is not done
//! by then goes on, and the sender gets the usual 202.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::Intake;
use crate::admit::{Later, say};
use crate::delivery::Context;
use crate::effect::Respond;
use crate::feed::{Heard, News, Onlooker};
use crate::id::EventId;
use crate::live::Live;
use crate::steps::{self, Stand};

/// How often it is looked although nothing was heard: what a person dropped makes no noise.
const LOOK_EVERY: Duration = Duration::from_millis(250);

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
