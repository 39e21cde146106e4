//! The ways a webhook can be proved genuine. A new one is one file and one row of `KINDS`.

use aws_lc_rs::hmac::Key;

use crate::secret::{Secret, SecretRef};
use crate::time::Timestamp;

use super::basic;
use super::digest;
use super::hmac;
use super::jwt;
use super::part::Part;
use super::proof::{Key as ProvenBy, Proof};
use super::refusal::{Doubt, Refusal};
use super::sig;
use super::sign::Draft;
use super::token;
use super::view::View;
use super::when::When;

/// How a source's webhooks are proved genuine.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scheme {
    /// Not at all, because the user said so.
    None,
    /// A shared token that is sent along.
    Token(token::Token),
    /// HTTP Basic.
    Basic(basic::Basic),
    /// A keyed digest of what is sent.
    Hmac(Box<hmac::Hmac>),
    /// A plain digest of the secret and what is sent.
    Digest(Box<digest::Digest>),
    /// A signature that a public key proves.
    Sig(Box<sig::Sig>),
    /// A token that says who made it, for whom and until when.
    Jwt(Box<jwt::Jwt>),
    /// The first of these that applies.
    Either(Vec<Alternative>),
}

/// One of several ways.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alternative {
    /// To which requests it applies.
    pub(super) when: When,
    pub(super) scheme: Scheme,
}

/// A scheme with its secrets, ready to judge.
#[derive(Clone)]
pub(super) enum Lock {
    None,
    Token(token::Lock),
    Basic(basic::Lock),
    Hmac(Box<hmac::Lock>),
    Digest(Box<digest::Lock>),
    Sig(Box<sig::Lock>),
    Jwt(Box<jwt::Lock>),
    Either(Vec<(When, Lock)>),
}

/// One secret and where it came from.
pub(super) type Named<'a> = (&'a SecretRef, &'a Secret);

impl Scheme {
    /// Whether it cannot do without a secret; a sender may show its keys at a URL.
    pub(super) fn needs_secret(&self) -> bool {
        match self {
            Self::None => false,
            Self::Sig(sig) => sig.by_url.is_none(),
            Self::Jwt(jwt) => jwt.is_secret_needed(),
            Self::Either(all) => all.iter().any(|one| one.scheme.needs_secret()),
            Self::Token(_) | Self::Basic(_) | Self::Hmac(_) | Self::Digest(_) => true,
        }
    }

    /// Every part of a request it looks at.
    pub(super) fn parts(&self) -> Vec<&Part> {
        match self {
            Self::None | Self::Basic(_) => Vec::new(),
            Self::Token(token) => vec![&token.from],
            Self::Hmac(hmac) => hmac.message.parts(),
            Self::Digest(digest) => digest.message.parts(),
            Self::Sig(sig) => sig.message.parts(),
            Self::Jwt(jwt) => jwt.parts(),
            Self::Either(all) => {
                all.iter().flat_map(|one| one.when.parts().chain(one.scheme.parts())).collect()
            }
        }
    }

    /// Decodes the secrets; each complaint names a secret by its reference and never shows it.
    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        match self {
            Self::None => Ok(Lock::None),
            Self::Token(token) => token.arm(secrets).map(Lock::Token),
            Self::Basic(basic) => basic.arm(secrets).map(Lock::Basic),
            Self::Hmac(hmac) => hmac.arm(secrets).map(Box::new).map(Lock::Hmac),
            Self::Digest(digest) => digest.arm(secrets).map(Box::new).map(Lock::Digest),
            Self::Sig(sig) => sig.arm(secrets).map(Box::new).map(Lock::Sig),
            Self::Jwt(jwt) => jwt.arm(secrets).map(Box::new).map(Lock::Jwt),
            Self::Either(all) => {
                let locks = all.iter().map(|one| Ok((one.when.clone(), one.scheme.arm(secrets)?)));
                locks.collect::<Result<_, Vec<String>>>().map(Lock::Either)
            }
        }
    }

    /// Adds to a draft what proves it, as its sender would.
    pub(super) fn sign(&self, secret: Named<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        match self {
            Self::None => Ok(()),
            Self::Token(token) => token.sign(secret, draft),
            Self::Basic(basic) => basic.sign(secret, draft),
            Self::Hmac(hmac) => hmac.sign(secret, draft),
            Self::Digest(digest) => digest.sign(secret, draft),
            Self::Sig(sig) => sig.sign(secret, draft),
            Self::Jwt(jwt) => jwt.sign(secret, draft),
            Self::Either(all) => {
                let fitting = all.iter().find(|one| one.when.holds(&draft.view()));
                fitting.ok_or("no way of this source applies to it")?.scheme.sign(secret, draft)
            }
        }
    }
}

impl Lock {
    /// How the request is proved genuine.
    pub(super) fn check<'r>(&self, view: &View<'r>, now: Timestamp) -> Result<Proof<'r>, Doubt> {
        match self {
            Self::None => Ok(Proof::told("not verified")),
            Self::Token(lock) => Ok(Proof::told(lock.check(view)?)),
            Self::Basic(lock) => Ok(Proof::told(lock.check(view)?)),
            Self::Hmac(lock) => Ok(lock.check(view, now)?),
            Self::Digest(lock) => Ok(lock.check(view, now)?),
            Self::Sig(lock) => lock.check(view, now),
            Self::Jwt(lock) => lock.check(view, now).map(Proof::told),
            Self::Either(all) => match all.iter().find(|(when, _)| when.holds(view)) {
                Some((_, lock)) => lock.check(view, now),
                None => Err(Refusal::unproven("it is signed in no way that this source knows").into()),
            },
        }
    }

    /// The key of answers that are signed, which are SHA-256 as far as is known.
    pub(super) fn key(&self) -> Option<&Key> {
        match self {
            Self::Hmac(lock) => lock.first_key(),
            Self::Either(all) => all.iter().find_map(|(_, lock)| lock.key()),
            _ => None,
        }
    }
}

/// Where the keys come from that are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// So many secrets of the source.
    Secrets(usize),
    /// The URL at which the sender shows its keys.
    Url,
}

impl Origin {
    /// The key that fits.
    pub(super) fn key<'r>(self, index: usize, view: &View<'r>) -> ProvenBy<'r> {
        match self {
            Self::Secrets(count) => view.secret(index, count),
            Self::Url => ProvenBy::Url,
        }
    }

    /// The words for what was tried in vain.
    pub(super) fn tried(self) -> String {
        match self {
            Self::Secrets(count) => tried(count),
            Self::Url => "key from its URL tried".to_owned(),
        }
    }
}

/// The first of several secrets that fits; all are tried, so that the time taken tells nothing.
pub(super) fn which<T>(secrets: &[T], fits: impl Fn(&T) -> bool) -> Option<usize> {
    secrets.iter().enumerate().fold(None, |found, (index, secret)| {
        let fits = fits(secret);
        found.or_else(|| fits.then_some(index))
    })
}

/// `2 secrets tried`.
pub(super) fn tried(count: usize) -> String {
    match count {
        1 => "1 secret tried".to_owned(),
        more => format!("{more} secrets tried"),
    }
}
