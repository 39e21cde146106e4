//! Carries out effects: the only network and the only processes. Whatever happens comes back as an `Outcome`.

mod address;
mod answer;
mod by_line;
mod certificate;
mod client;
mod command;
mod fetch;
mod first;
mod headers;
mod hops;
mod http;
mod log;
mod lookup;
mod mail;
mod reach;
mod sealed;
mod shown;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use url::Url;

pub use self::certificate::not_after;
pub use self::client::Error as ClientError;
pub use self::command::{HELPER, WARDEN, has_landlock, helper, missing, warden};
pub use self::fetch::{Fetch, Fetching, Unfetched};
pub use self::reach::{CERTIFICATE_WARN, Depth, Goal, Step, Verdict, reach};
use self::shown::Shown;
use crate::bounds::Limits;
use crate::delivery::{Answer, Outcome};
use crate::effect::{Command, Effect, Emit};
use crate::id::{DeliveryId, EventId};
use crate::limit;
use crate::secret::Vault;
use crate::time::Timestamp;

/// Why an answer to the sender is not carried out here.
const NO_DELIVERY: &str = "`respond` answers the sender when the event arrives; it is never a delivery";

/// Why an event of our own is not accepted here.
const NOT_HERE: &str =
    "an event is emitted by whoever can accept it, in one commit with the end of its attempt";

/// What an attempt is about, for headers, environment variables and logs.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The delivery.
    pub delivery: DeliveryId,
    /// By what a destination knows a repeat.
    pub idempotency_key: String,
    /// A person wanted it done anew.
    pub is_replay: bool,
    /// The event that owes it.
    pub event: EventId,
    /// The name of the rule that matched.
    pub rule: Arc<str>,
    /// The attempt's number, from 1.
    pub attempt: u32,
    /// When it began; a `Retry-After` date is read against it.
    pub now: Timestamp,
    /// The trace it is a part of, for its destination.
    pub traceparent: Option<String>,
}

/// What is known of a command that has not ended. All of it is bounded, and without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What was run, as the outcome will say.
    pub sent: String,
    /// Its output so far.
    pub output: String,
}

/// Why nothing can be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The server has no place of its own.
    #[error("the working directory cannot be read; start the server in a directory that exists")]
    Directory(#[source] std::io::Error),
}

/// What carrying out takes beside the effects.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// The program that can be started once more, as the helper of a command that is bounded (`HELPER`) and as the warden
    /// that ends commands when the server is killed (`WARDEN`).
    pub program: Option<PathBuf>,
    /// The proxy that requests go through.
    pub proxy: Option<Url>,
    /// How destinations are reached.
    pub limits: Limits,
}

/// Carries out effects. A clone shares all connections with its original.
#[derive(Clone)]
pub struct Performer(Arc<Shared>);

struct Shared {
    clients: client::Clients,
    lookups: lookup::Lookups,
    firsts: first::Cache,
    surroundings: command::Surroundings,
}

impl Performer {
    /// Makes ready. Commands will see the working directory, `PATH` and `HOME` of this moment.
    ///
    /// # Errors
    /// When there is no working directory, or TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::with(Means::default())
    }

    /// The same, with more at hand.
    ///
    /// # Errors
    /// As `new`.
    pub fn with(means: Means) -> Result<Self, Error> {
        let Means { program, proxy, limits } = means;
        if program.is_some() {
            command::make_ready();
        }
        let surroundings = command::Surroundings::of_server(program).map_err(Error::Directory)?;
        let lookups = lookup::Lookups::new(&limits);
        Ok(Self(Arc::new(Shared {
            clients: client::Clients::new(proxy, lookups.clone())?,
            lookups,
            firsts: first::Cache::default(),
            surroundings,
        })))
    }

    /// Carries one effect out. It never fails: what went wrong is the outcome's answer. Dropped half-way, it closes the
    /// connection and ends the process.
    pub async fn perform(&self, effect: Effect, vault: &Vault, ticket: &Ticket) -> Outcome {
        let began = Instant::now();
        let outcome = match effect {
            Effect::Http(effect) => {
                http::perform(&self.0.clients, &self.0.firsts, effect, vault, ticket).await
            }
            Effect::Command(effect) => {
                command::perform(&self.0.surroundings, effect, vault, ticket, None).await
            }
            Effect::Mail(effect) => mail::perform(&self.0.lookups, effect, vault, ticket).await,
            Effect::Log(effect) => log::perform(&effect, vault, ticket),
            Effect::Emit(_) => without_answer(Answer::Invalid(NOT_HERE.to_owned()), ""),
            Effect::Respond(_) => without_answer(Answer::Invalid(NO_DELIVERY.to_owned()), ""),
        };
        Outcome { took: began.elapsed(), ..outcome }
    }

    /// Runs a command as `perform` does, and puts what it has said so far into `said` now and then: not more often than
    /// every `limit::COMMAND_TELL_EVERY`, and only when something came.
    pub async fn perform_aloud(
        &self,
        effect: Command,
        vault: &Vault,
        ticket: &Ticket,
        said: &watch::Sender<Said>,
    ) -> Outcome {
        let began = Instant::now();
        let outcome = command::perform(&self.0.surroundings, effect, vault, ticket, Some(said)).await;
        Outcome { took: began.elapsed(), ..outcome }
    }

    /// Says what carrying an effect out would send or run, and does nothing.
    pub fn rehearse(&self, effect: &Effect, vault: &Vault, ticket: &Ticket) -> Outcome {
        let sent = match effect {
            Effect::Http(effect) => http::rehearse(effect, vault, ticket),
            Effect::Command(effect) => command::rehearse(&self.0.surroundings, effect, vault, ticket),
            Effect::Mail(effect) => mail::rehearse(effect, vault, ticket),
            Effect::Log(effect) => Ok(log::text(effect, vault)),
            Effect::Emit(effect) => Ok(rehearsed_emit(effect, vault)),
            Effect::Respond(_) => Err(NO_DELIVERY.to_owned()),
        };
        match sent {
            Ok(sent) => without_answer(Answer::Rehearsed, &sent),
            Err(why) => without_answer(Answer::Invalid(why), ""),
        }
    }
}

/// What emitting an event says of itself, without secrets.
pub fn rehearsed_emit(effect: &Emit, vault: &Vault) -> String {
    let payload = String::from_utf8_lossy(&effect.payload);
    Shown::new(vault)
        .text(&format!("emit {} {}\n\n{payload}", effect.source, effect.kind), limit::SENT_MAX_BYTES)
}

/// An outcome of which nothing came back but the answer itself.
fn without_answer(answer: Answer, sent: &str) -> Outcome {
    Outcome {
        answer,
        sent: sent.to_owned(),
        got_head: String::new(),
        got_body: String::new(),
        took: Duration::ZERO,
    }
}
