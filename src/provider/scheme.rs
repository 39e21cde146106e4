//! The ways a webhook can be proved genuine. A new one is one file and one row of `KINDS`.

use aws_lc_rs::hmac::Key;

use crate::secret::{Secret, SecretRef};
use crate::time::Timestamp;

use super::basic;
use super::digest;
use super::hmac;
use super::part::Part;
use super::refusal::Refusal;
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
    Either(Vec<(When, Lock)>),
}

/// One secret and where it came from.
pub(super) type Named<'a> = (&'a SecretRef, &'a Secret);

impl Scheme {
    /// Whether it needs a secret.
    pub(super) fn needs_secret(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Every part of a request it looks at.
    pub(super) fn parts(&self) -> Vec<&Part> {
        match self {
            Self::None | Self::Basic(_) => Vec::new(),
            Self::Token(token) => vec![&token.from],
            Self::Hmac(hmac) => hmac.message.parts(),
            Self::Digest(digest) => digest.message.parts(),
            Self::Sig(sig) => sig.message.parts(),
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
            Self::Either(all) => {
                let fitting = all.iter().find(|one| one.when.holds(&draft.view()));
                fitting.ok_or("no way of this source applies to it")?.scheme.sign(secret, draft)
            }
        }
    }
}

impl Lock {
    /// The words for how the request is proved genuine.
    pub(super) fn check(&self, view: &View<'_>, now: Timestamp) -> Result<String, Refusal> {
        match self {
            Self::None => Ok("not verified".to_owned()),
            Self::Token(lock) => lock.check(view),
            Self::Basic(lock) => lock.check(view),
            Self::Hmac(lock) => lock.check(view, now),
            Self::Digest(lock) => lock.check(view, now),
            Self::Sig(lock) => lock.check(view, now),
            Self::Either(all) => match all.iter().find(|(when, _)| when.holds(view)) {
                Some((_, lock)) => lock.check(view, now),
                None => Err(Refusal::unproven("it is signed in no way that this source knows")),
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

/// The first of several secrets that fits; all are tried, so that the time taken tells nothing.
pub(super) fn which<T>(secrets: &[T], fits: impl Fn(&T) -> bool) -> Option<usize> {
    secrets.iter().enumerate().fold(None, |found, (index, secret)| {
        let fits = fits(secret);
        found.or_else(|| fits.then_some(index))
    })
}

/// `secret 1 of 2`.
pub(super) fn words(index: usize, count: usize) -> String {
    format!("secret {} of {count}", index + 1)
}

/// `2 secrets tried`.
pub(super) fn tried(count: usize) -> String {
    match count {
        1 => "1 secret tried".to_owned(),
        more => format!("{more} secrets tried"),
    }
}
