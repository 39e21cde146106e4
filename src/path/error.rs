//! What is wrong with the text of a path, where, and how to mend it.

/// A path that cannot be used: what is wrong with it and the byte where it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Byte offset inside the text of the path; always at a character, or at the very end.
    pub offset: usize,
    /// What is wrong, with the culprit in backticks.
    pub message: String,
    /// What to write instead, when that is clear.
    pub help: Option<String>,
}

impl Error {
    pub(super) fn at(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into(), help: None }
    }

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
