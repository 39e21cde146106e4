//! The table of verbs: help, schema, reference pages and the compiler are all made from these rows.

use std::sync::LazyLock;

use crate::delivery::{Delays, Mode, Retry, RetryOn};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

pub use crate::settings::{Choice, Key, Shape};

use super::connection::Settings;
use super::declared::Declared;
use super::options::Options;
use super::{Action, Named};
use super::{declared, email, emit, forward, http, log, respond, run, shell, slack};

/// All verbs of the program, in the order in which help shows them.
pub static VERBS: LazyLock<Vec<Verb>> = LazyLock::new(|| {
    let mut verbs = vec![run::VERB, shell::VERB, http::VERB, forward::VERB, email::VERB, slack::VERB];
    verbs.extend(declared::rows());
    verbs.extend([emit::VERB, log::VERB, respond::VERB]);
    verbs
});

/// The verbs that rules may use: the program's, and those that rules files define.
#[derive(Clone, Debug, Default)]
pub struct Verbs {
    /// Those of rules files, in their order.
    pub own: Vec<&'static Verb>,
}

impl Verbs {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &'static Verb> {
        VERBS.iter().chain(self.own.iter().copied())
    }

    /// The row of a verb.
    pub fn find(&self, name: &str) -> Option<&'static Verb> {
        self.iter().find(|verb| verb.name == name)
    }
}

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
    pub(super) compile: Connect,
}

/// Compiles what stands under the verb in a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Connect {
    /// By code of its own.
    Own(fn(&Node<'_>, &mut Vec<Diagnostic>) -> Option<Settings>),
    /// By its definition.
    Declared(&'static Declared),
}

impl Connect {
    pub(super) fn call(self, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Settings> {
        match self {
            Self::Own(compile) => compile(node, problems),
            Self::Declared(declared) => declared::account(declared, node, problems),
        }
    }
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
#[derive(Clone, Copy, Debug)]
pub(super) enum Compile {
    /// By code of its own.
    Own(fn(&Node<'_>, &Options, &mut Vec<Diagnostic>) -> Option<Built>),
    /// By its definition.
    Declared(&'static Declared),
}

impl Compile {
    pub(super) fn call(
        self,
        node: &Node<'_>,
        options: &Options,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Built> {
        match self {
            Self::Own(compile) => compile(node, options, problems),
            Self::Declared(declared) => declared::compile(declared, node, options, problems),
        }
    }
}

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
