//! What is known of a source's event types before any event comes.

use super::part::Part;
use super::preset::Preset;
use super::scheme::Scheme;
use super::source::Source;

/// The event types of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The preset.
    pub preset: &'static str,
    /// The provider's own page about its webhooks.
    pub docs: String,
    /// All types it is known to send.
    pub kinds: Vec<String>,
    /// Whether what happened stands beside the type, in the payload's `action`.
    pub has_action: bool,
}

impl Source {
    /// The event types of its provider; `None` when nobody listed them, or the source reads its types elsewhere.
    pub fn sends(&self) -> Option<Sent> {
        let preset = Preset::find(self.preset?)?;
        let kinds = preset.kinds();
        let is_own = preset.profile().is_ok_and(|profile| profile.event != self.event);
        if kinds.is_empty() || is_own {
            return None;
        }
        let docs = preset.about().map(|about| about.docs).unwrap_or_default();
        Some(Sent { preset: preset.id, docs, kinds, has_action: self.action.is_some() })
    }

    /// The one type that all its events have, which is empty when the source gives none; `None` when each event says
    /// its own.
    pub fn fixed_kind(&self) -> Option<String> {
        if self.is_internal() {
            return None;
        }
        self.event.as_ref().map_or_else(|| Some(String::new()), |event| event.literal())
    }

    /// The part of a request that says its event type, when its signature leaves that part out. A shared token vouches
    /// for all of a request, a signature only for what was signed.
    pub fn unsigned_kind(&self) -> Option<String> {
        let part = self.event.as_ref()?.parts().find(|part| is_unsigned(&self.scheme, part))?;
        Some(part.to_string())
    }
}

/// Whether a part can be changed without breaking the signature.
fn is_unsigned(scheme: &Scheme, part: &Part) -> bool {
    let signed = match scheme {
        Scheme::None | Scheme::Internal | Scheme::Token(_) | Scheme::Basic(_) | Scheme::Jwt(_) => {
            return false;
        }
        Scheme::Hmac(hmac) => &hmac.message.signed,
        Scheme::Digest(digest) => &digest.message.signed,
        Scheme::Sig(sig) => &sig.message.signed,
        Scheme::Either(all) => return all.iter().any(|one| is_unsigned(&one.scheme, part)),
    };
    match part {
        Part::Header(_) => !signed.names(part),
        Part::Query(_) | Part::Path => !signed.names(part) && !signed.names(&Part::Url),
        _ => false,
    }
}
