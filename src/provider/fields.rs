//! Reading the keys of one map of a rules file, with a complaint for each that is wrong.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Severity};
use crate::settings;
use crate::yaml::{Node, listed, nearest};

use super::part::Wrong;

/// The keys of one map.
pub(super) struct Fields<'d, 'p> {
    node: Node<'d>,
    /// All complaints so far.
    pub(super) problems: &'p mut Vec<Diagnostic>,
}

impl<'d, 'p> Fields<'d, 'p> {
    /// Opens a map that may have these keys and `x-…`; complains about every other.
    pub(super) fn open(node: &Node<'d>, known: &[&str], problems: &'p mut Vec<Diagnostic>) -> Option<Self> {
        let mut fields = Self::map(node, problems)?;
        fields.known(known);
        Some(fields)
    }

    /// Opens a map of which it is not known yet what keys it may have.
    pub(super) fn map(node: &Node<'d>, problems: &'p mut Vec<Diagnostic>) -> Option<Self> {
        if node.kind() != "a map" {
            problems.push(node.unwanted("a map"));
            return None;
        }
        Some(Self { node: node.clone(), problems })
    }

    /// Complains about every key that is none of these nor `x-…`.
    pub(super) fn known(&mut self, known: &[&str]) {
        for (key, entry) in self.node.entries() {
            if !known.contains(&key) && !entry.is_own() {
                self.problems.push(entry.unknown_key(known));
            }
        }
    }

    /// The value under a key.
    pub(super) fn get(&self, key: &str) -> Option<Node<'d>> {
        self.node.get(key)
    }

    /// Complains that a key is missing.
    pub(super) fn lacks(&mut self, key: &str, help: &str) {
        let missing = self.node.key_error("E005", format!("`{key}` is missing")).help(help);
        self.problems.push(missing);
    }

    /// A text.
    pub(super) fn text(&mut self, key: &str) -> Option<&'d str> {
        settings::text(&self.get(key)?, self.problems)
    }

    /// A text that is not empty.
    pub(super) fn filled(&mut self, key: &str) -> Option<&'d str> {
        let text = self.text(key)?;
        if text.is_empty() {
            let complaint = self.get(key).map(|node| node.error("E004", format!("`{key}` is empty")));
            self.problems.extend(complaint);
            return None;
        }
        Some(text)
    }

    /// One word of a table.
    pub(super) fn word<T: Clone>(&mut self, key: &str, table: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = table.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names = || table.iter().map(|(name, _)| *name);
            let hint =
                nearest(text, names()).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
            let message = format!("`{text}` is not a `{key}`{hint}");
            let complaint = self.get(key).map(|node| node.error("E302", message));
            self.problems
                .extend(complaint.map(|error| error.help(format!("it is one of {}", listed(names())))));
        }
        found.map(|(_, value)| value.clone())
    }

    /// A text that is read further.
    pub(super) fn parsed<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let node = self.get(key)?;
        parsed(&node, parse, self.problems)
    }

    /// A duration such as `72h`, longer than none.
    pub(super) fn duration(&mut self, key: &str) -> Option<Duration> {
        let node = self.get(key)?;
        let duration = settings::duration(&node, self.problems)?;
        if duration.is_zero() {
            self.problems.push(node.error("E501", format!("`{key}` must be longer than nothing")));
        }
        Some(duration)
    }

    /// A number of bytes such as `256KiB`, from 1 to `most`.
    pub(super) fn size(&mut self, key: &str, most: usize) -> Option<usize> {
        let node = self.get(key)?;
        let bytes = usize::try_from(settings::size(&node, self.problems)?).unwrap_or(usize::MAX);
        if !(1..=most).contains(&bytes) {
            let message = format!("`{key}` must be from 1 byte to {} MiB", most >> 20);
            self.problems.push(node.error("E501", message));
        }
        Some(bytes)
    }

    /// A list of values, or one value for a list of one.
    pub(super) fn list(&self, key: &str) -> Vec<Node<'d>> {
        self.get(key).map(|node| settings::one_or_many(&node)).unwrap_or_default()
    }
}

/// A text that is read further; what is wrong in it is told at its very byte.
pub(super) fn parsed<T>(
    node: &Node<'_>,
    parse: impl Fn(&str) -> Result<T, Wrong>,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let text = settings::text(node, problems)?;
    match parse(text) {
        Ok(value) => Some(value),
        Err(wrong) => {
            let error = node.error_inside(wrong.offset, 1, wrong.code, wrong.message);
            problems.push(match wrong.help {
                Some(help) => error.help(help),
                None => error,
            });
            None
        }
    }
}

/// The value, unless an error has been added to the complaints since there were `before`.
pub(super) fn sound<T>(value: T, problems: &[Diagnostic], before: usize) -> Option<T> {
    let errors = problems.iter().skip(before).any(|problem| problem.severity == Severity::Error);
    (!errors).then_some(value)
}
