//! What is wrong with a rules file: where, why and the mend. Plain data; drawing it is another module's work.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

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
