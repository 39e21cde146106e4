//! `defaults`: what counts for every action where neither the action nor its connection says otherwise.

use std::time::Duration;

use super::raw::DEFAULT_KEYS;
use crate::action;
use crate::delivery::{Mode, Retry};
use crate::diagnostic::{Diagnostic, Place};
use crate::settings::{self, names};
use crate::yaml::Node;

/// The values that count.
#[derive(Clone, Debug, Default)]
pub(super) struct Defaults {
    pub(super) retry: Option<Retry>,
    pub(super) timeout: Option<Duration>,
    pub(super) mode: Option<Mode>,
}

/// What was read of all files so far. They hold for all files, so each may be said once.
#[derive(Debug, Default)]
pub(super) struct Said {
    values: Defaults,
    /// Each key with the place of its first use.
    places: Vec<(String, Place)>,
}

impl Said {
    /// Reads the `defaults` of one file.
    pub(super) fn read(&mut self, node: &Node<'_>, problems: &mut Vec<Diagnostic>) {
        if !node.value().is_mapping() {
            let help = "write `defaults: { retry: { attempts: 5 }, timeout: 30s }`";
            problems.push(node.unwanted("a map").help(help));
            return;
        }
        for (key, entry) in node.entries().iter().filter(|(_, entry)| !entry.is_own()) {
            match *key {
                "retry" => self.values.retry = settings::retry(entry, problems),
                "timeout" => self.values.timeout = action::timeout(entry, problems),
                "delivery" => self.values.mode = action::mode(entry, problems),
                _ => {
                    problems.push(entry.unknown_key(&names(DEFAULT_KEYS)));
                    continue;
                }
            }
            self.once(key, entry, problems);
        }
    }

    /// The values, nothing in them being wrong.
    pub(super) fn values(&self) -> Defaults {
        self.values.clone()
    }

    fn once(&mut self, key: &str, entry: &Node<'_>, problems: &mut Vec<Diagnostic>) {
        let place = Place { file: entry.file().clone(), span: entry.key_span() };
        match self.places.iter().find(|(known, _)| known == key) {
            Some((_, first)) => problems.push(
                Diagnostic::error("E401", format!("two files say `{key}` under `defaults`"))
                    .at(&place.file, place.span)
                    .also(first.clone(), "the first is here")
                    .help("`defaults` hold for all files: keep one of them"),
            ),
            None => self.places.push((key.to_owned(), place)),
        }
    }
}
