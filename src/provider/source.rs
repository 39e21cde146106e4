//! A source: where webhooks of one sender arrive, how they are proved genuine, and what is taken from them.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac::Key;
use http::Method;
use ipnet::IpNet;

use crate::effect::Respond;
use crate::event::{Event, Format};
use crate::route::Pattern;
use crate::secret::{Secret, SecretRef, Vault};
use crate::unit::Rate;

use super::batch::Batch;
use super::handshake::Handshake;
use super::key;
use super::receive::Armed;
use super::scheme::{Lock, Named, Scheme};
use super::text::Text;
use super::view::{Known, View};

/// One source of the rules file, checked. A clone is for whoever arms it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in the rules file.
    pub name: Arc<str>,
    /// The preset it is made of, if it is.
    pub preset: Option<&'static str>,
    /// Where it listens.
    pub(super) pattern: Pattern,
    /// The methods by which events arrive.
    pub methods: Vec<Method>,
    /// How many genuine webhooks it takes in some time.
    pub rate: Option<Rate>,
    /// Bytes of the largest body.
    pub body_max_bytes: usize,
    /// How long an id is remembered.
    pub dedupe_for: Duration,
    /// What the sender is answered when its event is accepted; `None` for the usual 202.
    pub respond: Option<Respond>,
    /// Within this time the sender wants its answer, when that is known.
    pub deadline: Option<Duration>,
    pub(super) scheme: Scheme,
    pub(super) secrets: Vec<SecretRef>,
    pub(super) event: Option<Text>,
    pub(super) action: Option<Text>,
    pub(super) id: Option<Text>,
    /// `None` leaves it to the content type.
    pub(super) format: Option<Format>,
    /// Where the list stands of which each item is an event; `None` when all of a body is one.
    pub(super) batch: Option<Batch>,
    /// How its sender writes most bodies, where the content type decides how they are read.
    pub(super) sends: Option<Format>,
    /// Empty means everybody.
    pub(super) allow_from: Vec<IpNet>,
    pub(super) public_url: Option<String>,
    /// What the scheme wants besides its secret, by name.
    pub(super) values: Vec<(String, String)>,
    pub(super) handshakes: Vec<Handshake>,
}

impl Source {
    /// The path pattern it listens on.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The secrets it names, in the order in which they are tried.
    pub fn secrets(&self) -> &[SecretRef] {
        &self.secrets
    }

    /// Whether anybody who knows the address may send: `verify: none`.
    pub fn is_open(&self) -> bool {
        self.scheme == Scheme::None
    }

    /// What it knows beforehand of every request.
    pub(super) fn known<'s>(&'s self, key: Option<&'s Key>) -> Known<'s> {
        Known {
            public_url: self.public_url.as_deref(),
            format: self.format.as_ref(),
            values: &self.values,
            key,
            secrets: &self.secrets,
            fetched: None,
        }
    }

    /// Whether its sender hands out the secret itself, to somebody who waits for it.
    pub fn hands_out_secret(&self) -> bool {
        self.handshakes.iter().any(|handshake| handshake.capture.is_some())
    }

    /// The methods the listener lets through: those of events, and those by which the sender first tries the address.
    pub fn listens(&self) -> Vec<Method> {
        let mut all = self.methods.clone();
        let others = self.handshakes.iter().filter_map(Handshake::method);
        for method in others {
            if !all.contains(method) {
                all.push(method.clone());
            }
        }
        all
    }

    /// The second word of an event type, such as `opened` beside `issues`, when its sender has one.
    pub fn action(&self, event: &Event) -> Option<String> {
        let view = View::known(&event.request, &event.format, &event.payload);
        let bytes = self.action.as_ref()?.fill(&view).ok()?;
        String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
    }

    /// Joins the source with its secrets.
    ///
    /// # Errors
    /// One sentence for each secret that is not set, blank, too short or not written as the scheme wants it; each names
    /// the source and the reference, never a value.
    pub fn arm(&self, vault: &Vault) -> Result<Armed, Vec<String>> {
        let named = |complaint: String| format!("source `{}`: {complaint}", self.name);
        let found = self.secrets.iter().map(|reference| match vault.get(reference) {
            Ok(secret) => Ok((reference, secret)),
            Err(missing) => Err(missing.to_string()),
        });
        let lock = key::collect(found).and_then(|secrets| self.lock(&secrets));
        lock.map(|lock| Armed::new(self.clone(), lock))
            .map_err(|complaints| complaints.into_iter().map(named).collect())
    }

    fn lock(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        if secrets.is_empty() && self.scheme.needs_secret() {
            return Err(vec!["it has no secret".to_owned()]);
        }
        self.scheme.arm(secrets)
    }

    /// What looks wrong about the secrets behind it, though it may be right: blanks at its ends, quotes, a signature.
    pub fn odd_secrets(&self, vault: &Vault) -> Vec<String> {
        let odd = |reference: &SecretRef| {
            let words = key::odd(vault.get(reference).ok()?)?;
            Some(format!("source `{}`: the secret `{reference}` {words}", self.name))
        };
        self.secrets.iter().filter_map(odd).collect()
    }

    /// What is worth a warning about the secrets behind it: shorter than they should be, though not refused.
    pub fn weak_secrets(&self, vault: &Vault) -> Vec<String> {
        let short = |secret: &Secret| secret.expose().len() < crate::limit::SECRET_WARN_BYTES;
        let weak = self.secrets.iter().filter(|reference| vault.get(reference).is_ok_and(short));
        weak.map(|reference| {
            format!(
                "source `{}`: the secret `{reference}` is shorter than {} bytes",
                self.name,
                crate::limit::SECRET_WARN_BYTES
            )
        })
        .collect()
    }
}
