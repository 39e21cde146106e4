//! An event that an action emits: made and matched here, accepted by the store in the commit that ends the attempt.

use std::sync::Arc;
use std::time::Duration;

use super::attempt::Tools;
use crate::admit::admit;
use crate::clock::random;
use crate::delivery::{Answer, Outcome};
use crate::effect::Emit;
use crate::event::Parent;
use crate::id::EventId;
use crate::live::Live;
use crate::perform::{Ticket, rehearsed_emit};
use crate::store::Accept;

/// What is to be accepted by the rules in force; the error says in words why nothing is. It is recognised by the
/// delivery's own key, so that it is there once, however often the attempt is made.
pub(super) fn perform(
    tools: &Tools,
    live: &Live,
    emit: Emit,
    ticket: &Ticket,
) -> Result<(Outcome, Accept), String> {
    let source = live.set.source(&emit.source);
    let source = source.ok_or_else(|| format!("there is no source `{}` any more", emit.source))?;
    let now = tools.clock.now();
    let id = EventId::new(now.millis(), random());
    let parent = Parent { event: ticket.event, delivery: ticket.delivery, depth: emit.depth };
    let sent = rehearsed_emit(&emit, &live.vault);
    let event = source.emitted(emit, parent, ticket.idempotency_key.clone(), (id, now))?;
    let (accept, _nobody_to_answer) = admit(live, Arc::new(event), source.dedupe_for);
    let outcome = Outcome {
        answer: Answer::Done,
        sent,
        got_head: String::new(),
        got_body: format!("{{\"id\":\"{id}\"}}"),
        took: Duration::ZERO,
    };
    Ok((outcome, accept))
}
