//! What a command says, on its way to the store while it runs. It is a help for whoever looks on: what does not come
//! through is left out, and the command never waits.

use std::convert::Infallible;
use std::future::pending;

use tokio::sync::watch;

use super::attempt::Tools;
use crate::delivery::Outcome;
use crate::effect::{Command, Effect};
use crate::perform::{Said, Ticket};
use crate::redact;
use crate::secret::Vault;
use crate::store::Saying;

/// Carries an effect out. What a command says meanwhile is handed on, without what its beginning hides.
pub(super) async fn perform(
    tools: &Tools,
    effect: Effect,
    vault: &Vault,
    ticket: &Ticket,
    hidden: &[String],
) -> Outcome {
    match effect {
        Effect::Command(command) => run(tools, command, vault, ticket, hidden).await,
        effect => tools.performer.perform(effect, vault, ticket).await,
    }
}

async fn run(tools: &Tools, command: Command, vault: &Vault, ticket: &Ticket, hidden: &[String]) -> Outcome {
    let (say, said) = watch::channel(Said::default());
    tokio::select! {
        biased;
        outcome = tools.performer.perform_aloud(command, vault, ticket, &say) => outcome,
        never = hand_on(tools, ticket, hidden, said) => match never {},
    }
}

/// Hands on what is said, the latest only, for as long as something comes.
async fn hand_on(
    tools: &Tools,
    ticket: &Ticket,
    hidden: &[String],
    mut said: watch::Receiver<Said>,
) -> Infallible {
    while said.changed().await.is_ok() {
        let Said { sent, output } = said.borrow_and_update().clone();
        let saying = Saying {
            delivery: ticket.delivery,
            attempt: ticket.attempt,
            started_at: ticket.now,
            at: tools.clock.now(),
            sent,
            // Pages take out of it what is hidden, where it is whole.
            output: redact::before_open_end(&output, hidden).to_owned(),
        };
        if let Err(error) = tools.store.say(saying).await {
            tracing::debug!(delivery = %ticket.delivery, %error, "what its command says is not written down");
        }
    }
    pending().await
}
