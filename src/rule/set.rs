//! The set of all rules, sources and connections, fixed once it is made, and its text for the store.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use serde_json::Value;

use super::checked::Checked;
use super::index::Index;
use super::rules::{Rule, RuleAction};
use super::{File, load};
use crate::action::Connection;
use crate::delivery::Digest;
use crate::diagnostic::Place;
use crate::path::Path;
use crate::provider::Source;
use crate::secret::SecretRef;

/// All that the rules files say, ready for events.
#[derive(Debug)]
pub struct Set {
    /// SHA-256 of the names and texts of the files.
    pub digest: Digest,
    /// The sources, in the order of the files.
    pub sources: Vec<Source>,
    /// The connections by name.
    pub connections: BTreeMap<Arc<str>, Connection>,
    /// The rules, in the order of the files.
    pub rules: Vec<Rule>,
    /// Paths into payloads whose finds are shown nowhere.
    pub redact: Vec<Path>,
    /// The files it was made of.
    pub files: Vec<File>,
    text: String,
    by_name: HashMap<Arc<str>, usize>,
    secrets: Vec<(SecretRef, Place)>,
    pub(super) index: Index,
}

impl Set {
    /// Joins what was checked; nothing in it is wrong.
    pub(super) fn new(files: Vec<File>, checked: Checked) -> Self {
        let secrets = secrets(&checked);
        let defaults = Arc::new(checked.defaults.values());
        let connections: BTreeMap<Arc<str>, Connection> = checked
            .connections
            .into_iter()
            .filter_map(|declared| Some((declared.name, declared.thing?)))
            .collect();
        let rules: Vec<Rule> = checked
            .rules
            .into_iter()
            .filter_map(|checked| {
                let action = |action| RuleAction::new(action, &defaults, &connections);
                let actions = checked.actions.into_iter().map(action).collect();
                Some(Rule { actions, ..checked.rule? })
            })
            .collect();
        Self {
            digest: digest(&files),
            text: text(&files),
            redact: checked.redact,
            files,
            sources: checked.sources.into_iter().filter_map(|declared| declared.thing).collect(),
            connections,
            by_name: rules.iter().enumerate().map(|(place, rule)| (Arc::clone(&rule.name), place)).collect(),
            index: Index::new(&rules),
            rules,
            secrets,
        }
    }

    /// The set behind a text that `text` gave; `None` when the text is no such text or its rules are wrong by today's
    /// measure.
    pub fn from_text(text: &str) -> Option<Arc<Self>> {
        let value: Value = serde_json::from_str(text).ok()?;
        let file = |file: &Value| {
            let field = |name: &str| file.get(name).and_then(Value::as_str).map(str::to_owned);
            Some(File { name: field("name")?, text: field("text")? })
        };
        let files: Option<Vec<File>> = value.get("files")?.as_array()?.iter().map(file).collect();
        load(&files?).set
    }

    /// Names and texts of its files as JSON, from which `from_text` makes it again.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The source of this name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| &*source.name == name)
    }

    /// The rule of this name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.by_name.get(name).and_then(|place| self.rules.get(*place))
    }

    /// All secrets that it names, each with the first place that names it.
    pub fn secrets(&self) -> Vec<(SecretRef, Place)> {
        self.secrets.clone()
    }
}

fn secrets(checked: &Checked) -> Vec<(SecretRef, Place)> {
    let sources = checked.sources.iter().flat_map(|source| {
        let secrets = source.thing.iter().flat_map(|thing| thing.secrets().to_vec());
        secrets.map(|secret| (secret, source.secret_place.clone()))
    });
    let connections = checked.connections.iter().flat_map(|connection| {
        let secrets = connection.thing.iter().flat_map(Connection::secrets);
        secrets.map(|secret| (secret, connection.place.clone()))
    });
    let actions = checked.rules.iter().flat_map(|rule| &rule.actions).flat_map(|action| {
        action.compiled.action.secrets().into_iter().map(|secret| (secret, action.place.clone()))
    });
    let mut found: Vec<(SecretRef, Place)> = Vec::new();
    for (secret, place) in sources.chain(connections).chain(actions) {
        if !found.iter().any(|(known, _)| *known == secret) {
            found.push((secret, place));
        }
    }
    found
}

/// Lengths stand before names and texts, so that no two sets of files run together to the same bytes.
fn digest(files: &[File]) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in files.iter().flat_map(|file| [&file.name, &file.text]) {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// The files as JSON.
#[derive(Serialize)]
struct Text<'f> {
    files: &'f [File],
    format_version: u32,
}

fn text(files: &[File]) -> String {
    // Plain texts always become JSON.
    serde_json::to_string(&Text { files, format_version: 1 }).unwrap_or_default()
}
