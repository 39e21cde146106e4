//! Keys that senders show at a URL: which one is wanted, and what was found there. Nothing is opened here: whoever asks
//! for a judgement opens the URL, within bounds, and asks again with what it found.

use bytes::Bytes;

use super::allow::Allowed;
use super::part::Part;
use super::refusal::{Doubt, Refusal};
use super::view::View;

/// A key that has to be opened before a request can be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Where it is; `https`, and a host that the scheme allows.
    pub url: String,
    /// Whether what was found there before lacks it.
    pub newer: bool,
}

/// What was found at a URL.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The URL.
    pub url: String,
    /// A certificate, a public key, or a set of keys.
    pub bytes: Bytes,
    /// Whether asking there again now would give nothing newer.
    pub is_latest: bool,
}

/// Where a sender says that its certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ByUrl {
    pub(super) from: Part,
    pub(super) allow: Vec<Allowed>,
}

impl ByUrl {
    /// What the URL that this request names holds.
    pub(super) fn find<'v>(&self, view: &'v View<'_>) -> Result<&'v Fetched, Doubt> {
        let named = view.find(&self.from)?;
        let url = std::str::from_utf8(&named).unwrap_or_default();
        match self.allow.iter().any(|allowed| allowed.admits(url)) {
            true => opened(url, view),
            false => Err(Refusal::unproven(format!(
                "{} names no URL at which this sender shows its keys",
                self.from
            ))
            .into()),
        }
    }
}

/// What this URL holds, if it was opened already.
pub(super) fn opened<'v>(url: &str, view: &'v View<'_>) -> Result<&'v Fetched, Doubt> {
    let found = view.fetched().filter(|fetched| fetched.url == url);
    found.ok_or_else(|| Doubt::NeedsKey(Wanted { url: url.to_owned(), newer: false }))
}
