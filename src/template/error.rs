//! What can go wrong: an `Error` when a template is read, a `Failure` when it is filled.

use crate::limit;

/// A template that cannot be used: found when the rules file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Byte offset inside the text as the user wrote it; always at a character, or at the very end.
    pub offset: usize,
    /// What is wrong, with the culprit in backticks.
    pub message: String,
    /// What to write instead, when that is clear.
    pub help: Option<String>,
    /// `E101` for a JSONPath, `E202` for a name or helper that nobody knows, else `E201`.
    pub code: &'static str,
}

impl Error {
    pub(super) fn at(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), help: None, code: "E201" }
    }

    /// A name or helper that nobody knows.
    pub(super) fn unknown(offset: usize, message: impl Into<String>) -> Self {
        Self { code: "E202", ..Self::at(offset, message) }
    }

    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.help {
            Some(help) => write!(out, "{}; {help}", self.message),
            None => out.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

/// A template that cannot be filled from this event. Trying again with the same event fails again.
///
/// The words name paths and helpers of the rules file, never values of the payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The event does not have it, or it is null. Only `default` and conditions put up with that.
    #[error("template: missing {name}{}", if *null { " (it is null)" } else { "" })]
    Missing {
        /// The expression as it stands in the template.
        name: String,
        /// Whether it is there, as null.
        null: bool,
    },
    /// A list, a map or null in the middle of a text.
    #[error(
        "template: `{name}` is {kind}, not a text; write it as JSON: `{{{{ json … }}}}`, or name a part of it"
    )]
    NotText {
        /// The expression as it stands in the template.
        name: String,
        /// What it is instead.
        kind: &'static str,
    },
    /// A helper was given what it cannot use.
    #[error("template: `{helper}`: {problem}")]
    Helper {
        /// The helper.
        helper: &'static str,
        /// What is wrong, naming the argument in backticks.
        problem: String,
    },
    /// A value that must not stand where the template puts it.
    #[error("template: `{name}` {problem}")]
    Unfit {
        /// The expression, or the template, that made the value.
        name: String,
        /// Why it does not fit.
        problem: &'static str,
    },
    /// More text than one template may make.
    #[error("template: the text is longer than {max} bytes", max = limit::TEMPLATE_OUTPUT_MAX_BYTES)]
    TooLong,
    /// More rounds of `each` than one template may take.
    #[error("template: more than {max} rounds of `each`", max = limit::TEMPLATE_ROUNDS_MAX)]
    TooManyRounds,
    /// A template that takes too much work on this payload, and where it ran out.
    #[error(
        "template: too much work for one template, at `{name}`; name more of the way, or do less in `each`"
    )]
    TooManySteps {
        /// The expression as it stands in the template.
        name: String,
    },
}
