//! What becomes of a genuine event: the rules that match it and what they owe, ready for the store. Intake admits what
//! arrives, the worker what actions emit.

mod ahead;
mod noted;
mod said;

use std::sync::Arc;
use std::time::Duration;

use crate::clock::random;
use crate::event::Event;
use crate::id::DeliveryId;
use crate::live::Live;
use crate::rule::{Desk, Owed, Rule};
use crate::store::Accept;
use crate::time::Timestamp;

pub use noted::{Noted, Told};
pub use said::{Later, Say, say};

/// What matches an event and what is owed for it, with the answer that a rule wants given. The event's payload is let go.
pub fn admit(live: &Live, mut event: Arc<Event>, dedupe_for: Duration) -> (Accept, Option<Say>) {
    let routed = live.set.route(&event);
    for error in &routed.errors {
        tracing::error!(event = %event.id, error = %error, "a rule could not be judged");
    }
    let (Owed { deliveries, needs, throttles, .. }, said) =
        owed(live, &routed.matched, &event, event.request.received_at);
    let matched: Vec<Arc<str>> = routed.matched.iter().map(|rule| Arc::clone(&rule.name)).collect();
    let made = ahead::make(&live.set, &event, &deliveries);
    ahead::lighten(&mut event);
    (Accept { event, dedupe_for, deliveries, needs, throttles, made, matched }, said)
}

/// What all matching rules owe, and what the first that answers the sender says.
fn owed(live: &Live, matched: &[&Rule], event: &Event, now: Timestamp) -> (Owed, Option<Say>) {
    let mut new_id = || DeliveryId::new(now.millis(), random());
    let mut desk = Desk { revision: live.set.digest, now, new_id: &mut new_id };
    let (mut all, mut said) = (Owed::default(), None);
    for rule in matched {
        let answers =
            rule.actions.iter().enumerate().filter(|(_, action)| action.is_respond() && !rule.shadow);
        for (index, action) in answers {
            match action.applies(event) {
                Ok(false) => {}
                Err(error) => tracing::error!(event = %event.id, %error, "an action could not be judged"),
                Ok(true) => said = said.or_else(|| Say::of(rule, (index, action), event)),
            }
        }
        let owed = rule.owe(event, &mut desk);
        for problem in &owed.problems {
            tracing::error!(event = %event.id, rule = %rule.name, "{problem}");
        }
        all.deliveries.extend(owed.deliveries);
        all.needs.extend(owed.needs);
        all.throttles.extend(owed.throttles);
    }
    (all, said)
}
