//! The table of verbs: help, schema, reference pages and the compiler are all made from these rows.

use crate::delivery::{Delays, Mode, Retry, RetryOn};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

pub use crate::settings::{Choice, Key, Shape};

use super::connection::Settings;
use super::options::Options;
use super::{Action, Named};
use super::{declared, email, emit, forward, http, log, respond, run, shell, slack};

// `with_services!`, made by `build.rs`: its rows stand between those that have code of their own.
include!(concat!(env!("OUT_DIR"), "/verbs.rs"));

/// All verbs, in the order in which help shows them.
pub const VERBS: &[Verb] = with_services!(
    [run::VERB, shell::VERB, http::VERB, forward::VERB, email::VERB, slack::VERB],
    [emit::VERB, log::VERB, respond::VERB]
);

/// One verb.
#[derive(Debug)]
pub struct Verb {
    /// The key that says it: `run`.
    pub name: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The service's own page about what the verb asks of it; `None` for verbs of no service.
    pub page: Option<&'static str>,
    /// An item of `do`, as YAML.
    pub example: &'static str,
    /// Its own keys; the first is the verb itself.
    pub keys: &'static [Key],
    /// What its keys have to do with each other.
    pub choices: &'static [Choice],
    /// The connections it goes through; `None` when it needs none.
    pub service: Option<Service>,
    /// Whether an attempt that a crash cut off is made again, where the action does not say.
    pub mode: Mode,
    /// How often it is tried where neither action nor connection says.
    pub attempts: Attempts,
    /// Whether it starts a process.
    pub reaches_command: bool,
    pub(super) compile: Compile,
}

/// The connection side of a verb.
#[derive(Debug)]
pub struct Service {
    /// A connection, as YAML.
    pub example: &'static str,
    /// The keys under the verb in a connection.
    pub keys: &'static [Key],
    /// What they have to do with each other.
    pub choices: &'static [Choice],
    pub(super) compile: fn(&Node<'_>, &mut Vec<Diagnostic>) -> Option<Settings>,
}

/// How often an attempt is made when nobody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempts {
    /// Once: what a command did cannot be known from outside.
    Once,
    /// After the default table of delays.
    Table,
}

/// Compiles an item of `do` of which the common options are known.
pub(super) type Compile = fn(&Node<'_>, &Options, &mut Vec<Diagnostic>) -> Option<Built>;

/// What a verb makes of an item.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) action: Box<dyn Action>,
    pub(super) connection: Option<Named>,
}

impl Built {
    /// An action that goes through no connection.
    pub(super) fn alone(action: impl Action + 'static) -> Self {
        Self { action: Box::new(action), connection: None }
    }
}

impl Attempts {
    /// The policy behind it.
    pub fn retry(self) -> Retry {
        match self {
            Self::Once => Retry { attempts_max: 1, delays: Delays::Table, total: None, on: RetryOn::Default },
            Self::Table => Retry::default(),
        }
    }
}

/// The row of a verb.
pub(super) fn find(name: &str) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name)
}
