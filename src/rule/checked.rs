//! What each file holds once it was checked by itself, with the places that the checks between files point at.

use std::sync::Arc;

use super::defaults::Said;
use super::rules::Rule;
use crate::action::{Compiled, Connection, Verbs};
use crate::condition::Condition;
use crate::diagnostic::Place;
use crate::glob::Glob;
use crate::path::Path;
use crate::provider::Source;

/// All files, one after the other.
#[derive(Debug)]
pub(super) struct Checked {
    /// What all files say under `defaults`.
    pub(super) defaults: Said,
    /// The verbs of the program and of all files.
    pub(super) verbs: Verbs,
    /// Paths whose finds are shown nowhere.
    pub(super) redact: Vec<Path>,
    pub(super) sources: Vec<Declared<Source>>,
    pub(super) connections: Vec<Declared<Connection>>,
    pub(super) rules: Vec<CheckedRule>,
    /// Every file could be read, so that a name which is nowhere is really unknown.
    pub(super) is_whole: bool,
}

impl Default for Checked {
    fn default() -> Self {
        Self {
            defaults: Said::default(),
            verbs: Verbs::default(),
            redact: Vec::new(),
            sources: Vec::new(),
            connections: Vec::new(),
            rules: Vec::new(),
            is_whole: true,
        }
    }
}

/// A source or connection under its name.
#[derive(Debug)]
pub(super) struct Declared<T> {
    pub(super) name: Arc<str>,
    /// Where its name stands.
    pub(super) place: Place,
    /// Where its secret stands, else its name.
    pub(super) secret_place: Place,
    /// `None` when something is wrong with it, which was said.
    pub(super) thing: Option<T>,
}

/// A rule, its actions still with their places.
#[derive(Debug)]
pub(super) struct CheckedRule {
    /// Its name and where that stands; `None` when it has none, which was said.
    pub(super) name: Option<(Arc<str>, Place)>,
    /// Where it starts.
    pub(super) place: Place,
    /// The sources it names, each with its place.
    pub(super) from: Vec<(Arc<str>, Place)>,
    /// The event types it names, each with its place.
    pub(super) events: Vec<(Glob, Place)>,
    /// The items of `do`, then those of `on_failure`.
    pub(super) actions: Vec<CheckedAction>,
    /// The lines under `if`, each as one text, to tell those that two rules have in common.
    pub(super) asked: Box<[Box<str>]>,
    /// The rule without its actions; `None` when something is wrong with it, which was said.
    pub(super) rule: Option<Rule>,
}

/// One item of `do` or `on_failure`.
#[derive(Debug)]
pub(super) struct CheckedAction {
    pub(super) place: Place,
    pub(super) line: usize,
    /// It stands under `on_failure`.
    pub(super) is_on_failure: bool,
    pub(super) condition: Option<Box<Condition>>,
    pub(super) compiled: Compiled,
}

impl Checked {
    pub(super) fn source(&self, name: &str) -> Option<&Declared<Source>> {
        self.sources.iter().find(|source| &*source.name == name)
    }

    pub(super) fn connection(&self, name: &str) -> Option<&Declared<Connection>> {
        self.connections.iter().find(|connection| &*connection.name == name)
    }
}
