//! From a delivery and its event to what it does: pure, so it can be done ahead or when its turn has come.

use serde_json::Value;

use super::set::Set;
use crate::delivery::Delivery;
use crate::event::Event;
use crate::redact::Redaction;
use crate::schedule::Made;
use crate::secret::Vault;

impl Set {
    /// The texts of an event's payload that people are not shown.
    pub fn hidden(&self, event: &Event) -> Vec<String> {
        if self.redact.is_empty() {
            return Vec::new();
        }
        Redaction { vault: &Vault::default(), paths: &self.redact }.texts(&event.payload)
    }

    /// What a delivery that this set decided does, by the connections of `today`: a moved address or a new secret heals
    /// what is still pending. A connection that is gone today is taken as this set has it. `steps` are the results of the
    /// actions it needs, a map by their ids.
    ///
    /// # Errors
    /// Says in words why nothing can be done: the rule or its connection is gone, or a template has no value.
    pub fn make(
        &self,
        delivery: &Delivery,
        event: &Event,
        today: &Self,
        steps: Option<Value>,
    ) -> Result<Made, String> {
        let action = self
            .rule(&delivery.rule)
            .and_then(|rule| rule.action(delivery))
            .ok_or("the rule of this delivery is not in its rule set")?;
        let connection = match &action.connection {
            None => None,
            Some(name) => Some(
                today
                    .connections
                    .get(name)
                    .or_else(|| self.connections.get(name))
                    .ok_or_else(|| format!("there is no connection `{name}` any more"))?,
            ),
        };
        let scope = action.scope(event, &delivery.rule, &delivery.context, steps)?;
        let effect = action.effect(connection, &scope).map_err(|failure| failure.to_string())?;
        Ok(Made {
            effect,
            retry: action.retry_with(connection),
            rules: today.digest,
            hidden: today.hidden(event),
        })
    }
}
