//! How a request was proved genuine; the words are made when somebody wants to hear them.

use std::fmt;

use crate::secret::SecretRef;

use super::age::Aged;

/// How a request was proved genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof<'r>(Way<'r>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Way<'r> {
    Told(String),
    /// By a signature: its kind in two parts, whose key, how old.
    Signed((&'static str, &'static str), Key<'r>, Option<Aged>),
}

/// The key that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key<'r> {
    /// One of so many secrets, counted from 0; where there are several its name too, so that one can be dropped that none
    /// needs.
    Secret { index: usize, count: usize, name: Option<&'r SecretRef> },
    /// That at the URL where the sender shows its keys.
    Url,
}

impl<'r> Proof<'r> {
    /// In words that are there already.
    pub(super) fn told(words: impl Into<String>) -> Self {
        Self(Way::Told(words.into()))
    }

    pub(super) fn signed(kind: (&'static str, &'static str), key: Key<'r>, age: Option<Aged>) -> Self {
        Self(Way::Signed(kind, key, age))
    }
}

impl fmt::Display for Proof<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::Told(words) => out.write_str(words),
            Way::Signed((kind, name), key, age) => {
                write!(out, "{kind}{name}, {key}")?;
                age.as_ref().map_or(Ok(()), |age| write!(out, ", {age}"))
            }
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => out.write_str("key from its URL"),
            Self::Secret { index, count, name } => {
                write!(out, "secret {} of {count}", index + 1)?;
                name.map_or(Ok(()), |name| write!(out, " ({name})"))
            }
        }
    }
}
