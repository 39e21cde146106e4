//! Actions: a verb with its settings and an event make an `Effect`. One file a verb, one row a verb; nothing here
//! touches the world.

mod address;
mod authorisation;
mod breaker;
mod command;
mod compile;
mod confine;
mod connection;
mod content;
mod declared;
mod each;
mod email;
mod emit;
mod environment;
mod field;
mod forward;
mod header;
mod http;
mod key;
mod log;
mod mail_server;
mod mailbox;
mod mask;
mod options;
mod respond;
mod result;
mod run;
mod shell;
mod sign;
mod slack;
mod url_path;
mod verb;

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::time::Duration;

pub use breaker::BREAKER_KEYS;
pub use compile::compile;
pub use confine::{LIMIT_KEYS, SANDBOX_KEYS};
pub use connection::{CONNECTION_OPTIONS, Connection};
pub use declared::{SERVICE_KEYS, services};
pub use each::{Each, Need, NoItems};
pub use field::timeout;
pub use key::key;
pub use options::{OPTIONS, mode};
pub use result::result;
pub use verb::{Attempts, Choice, Key, Service, Shape, VERBS, Verb, Verbs};

use crate::delivery::{Mode, Retry};
use crate::diagnostic::{Diagnostic, Place};
use crate::effect::{Command, Effect};
use crate::secret::SecretRef;
use crate::template::{self, Scope};

/// Why an action makes no effect of an event. Trying again with the same event fails again.
///
/// The words name what stands in the rules file, never values of the payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A template cannot be filled.
    #[error(transparent)]
    Template(#[from] template::Failure),
    /// A value may not stand where it would land, or the connection is not what the action needs.
    #[error("{0}")]
    Refused(String),
}

/// A verb with its settings, ready to be filled from events.
pub trait Action: Send + Sync + Debug {
    /// What it wants done for the event of `scope`. `connection` is today's, when the action names one.
    ///
    /// # Errors
    /// When a template has no value, or a value may not stand where it would land.
    fn effect(&self, connection: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure>;

    /// The secrets that the action itself names; those of its connection are the connection's.
    fn secrets(&self) -> Vec<SecretRef> {
        Vec::new()
    }

    /// Whether it is not done where the kernel cannot keep files from it.
    fn needs_sandbox(&self) -> bool {
        false
    }

    /// The command that it runs, as far as it is written down: the program alone, where it runs, and what bounds it.
    fn runs(&self) -> Option<Command> {
        None
    }

    /// The verb whose connections it goes through, where that is not its own.
    fn goes_by(&self) -> Option<&'static str> {
        None
    }

    /// The internal source that it emits events of.
    fn emits(&self) -> Option<&Named> {
        None
    }

    /// What this connection lacks for this action, as a message and the mend; `None` when they fit.
    fn lacks(&self, _connection: &Connection) -> Option<(String, String)> {
        None
    }
}

/// The connection that an action names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Where it is named.
    pub place: Place,
}

/// One item of `do`, checked.
#[derive(Debug)]
pub struct Compiled {
    /// The row of its verb.
    pub verb: &'static Verb,
    /// The verb with its settings.
    pub action: Box<dyn Action>,
    /// What other actions call it.
    pub id: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// One delivery for each element of a list.
    pub each: Option<Each>,
    /// The actions whose success it waits for.
    pub needs: Vec<Need>,
    /// The connection it goes through.
    pub connection: Option<Named>,
    /// Its own bound on the time of an attempt; the effect has it already.
    pub timeout: Option<Duration>,
    /// Its own retry policy; `retry()` knows the one that counts.
    pub retry: Option<Box<Retry>>,
    /// Whether an attempt that a crash cut off is made again, where it says so itself.
    pub mode: Option<Mode>,
}

impl Compiled {
    /// Whether it starts a process.
    pub fn reaches_command(&self) -> bool {
        self.verb.reaches_command
    }

    /// The retry policy that counts: the action's, else the connection's, else the verb's.
    pub fn retry(&self, connection: Option<&Connection>) -> Retry {
        let connections = || connection.and_then(|connection| connection.retry.clone());
        self.retry.as_deref().cloned().or_else(connections).unwrap_or_else(|| self.verb.attempts.retry())
    }

    /// What is wrong between the action and the connection it names: another verb's, or one that lacks something.
    pub fn misfit(&self, connection: &Connection) -> Option<Diagnostic> {
        let named = self.connection.as_ref()?;
        let wanted = self.action.goes_by().unwrap_or(self.verb.name);
        let problem = if connection.verb.name == wanted {
            let (message, help) = self.action.lacks(connection)?;
            Diagnostic::error("E005", message).help(help)
        } else {
            let (name, theirs, ours) = (&named.name, connection.verb.name, wanted);
            Diagnostic::error("E404", format!("`{name}` is a connection for `{theirs}`, not for `{ours}`"))
                .help(format!("name a connection with `{ours}:` in it"))
        };
        Some(problem.at(&named.place.file, named.place.span.clone()))
    }
}
