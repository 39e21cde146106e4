//! Why a request is turned away: the status is the sender's, the cause is for the operator's log alone.

use std::fmt;

use super::examined::Examined;
use super::fetched::Wanted;

/// A refusal. The cause never holds a secret, a digest or a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 400, 401, 403, 405, 413 or 415.
    pub status: u16,
    /// What was wrong, for the operator.
    pub cause: String,
    /// What was looked at, where it is not proved genuine; not yet without what people are not shown.
    pub examined: Option<Box<Examined>>,
}

impl Refusal {
    fn new(status: u16, cause: impl Into<String>) -> Self {
        Self { status, cause: cause.into(), examined: None }
    }

    /// The body cannot be read.
    pub(super) fn unreadable(cause: impl Into<String>) -> Self {
        Self::new(400, cause)
    }

    /// It is not proved genuine.
    pub fn unproven(cause: impl Into<String>) -> Self {
        Self::new(401, cause)
    }

    /// It comes from an address that may not send.
    pub(super) fn address(cause: impl Into<String>) -> Self {
        Self::new(403, cause)
    }

    /// The source does not take this method.
    pub(super) fn method(cause: impl Into<String>) -> Self {
        Self::new(405, cause)
    }

    /// There is more in it than is taken at once.
    pub(super) fn too_large(cause: impl Into<String>) -> Self {
        Self::new(413, cause)
    }

    /// The body is of a type the source does not read.
    pub(super) fn media_type(cause: impl Into<String>) -> Self {
        Self::new(415, cause)
    }
}

/// Why a request is not taken for genuine, or not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is turned away.
    Refused(Refusal),
    /// Only a key that is not at hand can tell.
    NeedsKey(Wanted),
}

impl From<Refusal> for Doubt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.status, self.cause)
    }
}
