//! What is wrong with a rules file: where, why and the mend. Plain data; drawing it is another module's work.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

/// Every code with its title: one meaning each, and none is used twice for something else.
pub const CODES: &[(&str, &str)] = &[
    ("E001", "the text is not readable YAML"),
    ("E002", "a key stands twice in one map"),
    ("E003", "an unknown key"),
    ("E004", "a value that cannot stand here"),
    ("E005", "a key is missing"),
    ("E006", "a YAML tag, anchor or alias that is not used here"),
    ("E007", "the file is too large or too deep"),
    ("E008", "no document, or several, in one file"),
    ("E010", "a file that cannot be included"),
    ("E101", "a path into the event that cannot be read"),
    ("E102", "an operator written as a sign"),
    ("E103", "an unknown operator"),
    ("E104", "an operator with an argument it cannot use"),
    ("E105", "a regular expression that cannot be read"),
    ("E201", "a template that cannot be read"),
    ("E202", "an unknown helper or name in a template"),
    ("E210", "a template in a shell script"),
    ("E211", "an action or connection with no verb, or with several"),
    ("E212", "a template where none is allowed"),
    ("E213", "a value that could break out of the JSON it stands in"),
    ("E220", "a reserved environment variable"),
    ("E221", "a URL that cannot be used"),
    ("E301", "an unknown way to verify"),
    ("E302", "a way to prove or read webhooks that cannot be used"),
    ("E303", "a secret written in clear"),
    ("E304", "a source that names no secret"),
    ("E305", "a path pattern that cannot be read"),
    ("E306", "two sources on one path"),
    ("E307", "a network that cannot be read"),
    ("E310", "a secret that is not set where it is needed"),
    ("E311", "a secret that cannot be used"),
    ("E401", "one name for two things"),
    ("E402", "an unknown source"),
    ("E403", "an unknown connection"),
    ("E404", "a connection of another verb"),
    ("E405", "an action that waits for what never comes"),
    ("E406", "a file of a test that cannot be read"),
    ("E407", "a test that names an unknown rule"),
    ("E408", "an event emitted by no internal source"),
    ("E501", "a duration, size or rate that cannot be read"),
    ("W301", "a rule that an earlier one stops"),
    ("W302", "a source or connection that nothing uses"),
    ("W303", "an unverified source reaches a command"),
    ("W304", "a rule that no source can reach"),
    ("W305", "more rules than one set should hold"),
    ("W306", "a secret that is not set here"),
    ("W307", "a secret that is shorter than it should be, or looks like something else"),
    ("W308", "an event type that the provider is not known to send"),
    ("W309", "an unsigned event type is all that guards a command"),
    ("W310", "conditions that can never hold together"),
    ("W311", "an `include` that finds no file"),
    ("W312", "a `sandbox` that this machine cannot hold"),
    ("W313", "a key that is the same for every event"),
    ("W314", "a connection to where a cloud hands out credentials"),
];

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look; the rules run.
    Warning,
    /// The rules do not run.
    Error,
}

/// A stretch of a file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name as the user knows it.
    pub file: Arc<str>,
    /// From the first byte to just behind the last.
    pub span: Range<usize>,
}

/// One complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `E102`, `W301`: stable, explained on the error index page.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, naming the culprit in backticks.
    pub message: String,
    /// Where; `None` when it is about no file, such as a missing one.
    pub place: Option<Place>,
    /// A few words beside the caret.
    pub label: Option<String>,
    /// How to mend it.
    pub help: Option<String>,
    /// Other places that belong to it, such as the first of two equal names, each with its words.
    pub also: Vec<(Place, String)>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message.into())
    }

    fn new(code: &'static str, severity: Severity, message: String) -> Self {
        Self { code, severity, message, place: None, label: None, help: None, also: Vec::new() }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, file: &Arc<str>, span: Range<usize>) -> Self {
        self.place = Some(Place { file: Arc::clone(file), span });
        self
    }

    /// The same, with words beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same, with the mend.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, naming another place that belongs to it.
    #[must_use]
    pub fn also(mut self, place: Place, words: impl Into<String>) -> Self {
        self.also.push((place, words.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Every `"E…"` and `"W…"` that stands in the sources.
    fn used(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                used(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && !path.ends_with("diagnostic.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                let is_code = |word: &&str| {
                    word.len() == 4
                        && word.starts_with(['E', 'W'])
                        && word.bytes().skip(1).all(|digit| digit.is_ascii_digit())
                };
                found.extend(text.split('"').filter(is_code).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_code_that_is_used_has_a_title_and_every_title_a_use() {
        let mut found = BTreeSet::new();
        used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let titled: BTreeSet<String> = CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
        assert_eq!(found, titled);
        assert_eq!(titled.len(), CODES.len(), "a code stands twice in the table");
    }
}
