//! A keyed digest (RFC 2104) over what is sent: the way most providers sign.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, Key, Tag};

use crate::time::Timestamp;

use super::hash::Hash;
use super::key::{self, Form};
use super::message::Message;
use super::refusal::Refusal;
use super::scheme::Named;
use super::sign::Draft;
use super::text::Fill;
use super::view::{Lack, View};

/// What is signed, how, and where the signature stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hmac {
    pub(super) hash: Hash,
    pub(super) key: Form,
    pub(super) message: Message,
}

/// The scheme with its keys.
#[derive(Clone)]
pub(super) struct Lock {
    hmac: Hmac,
    keys: Vec<Key>,
}

impl Hmac {
    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        Ok(self.lock(&key::all(&self.key, secrets)?))
    }

    pub(super) fn lock(&self, keys: &[Vec<u8>]) -> Lock {
        let algorithm = self.hash.keyed();
        Lock { hmac: self.clone(), keys: keys.iter().map(|key| Key::new(algorithm, key)).collect() }
    }

    fn tag(&self, key: &Key, fill: &Fill<'_>) -> Result<Tag, Lack> {
        let mut context = Context::with_key(key);
        self.message.signed.each(fill, &mut |bytes| context.update(bytes))?;
        Ok(context.sign())
    }

    pub(super) fn sign(&self, (_, secret): Named<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let key = Key::new(self.hash.keyed(), &self.key.decode(secret)?);
        self.message.sign(draft, |fill| {
            let tag = self.tag(&key, fill).map_err(|lack| Refusal::from(lack).cause)?;
            Ok(tag.as_ref().to_vec())
        })
    }
}

impl Lock {
    pub(super) fn check(&self, view: &View<'_>, now: Timestamp) -> Result<String, Refusal> {
        let Self { hmac, keys } = self;
        let words = hmac.message.check(view, now, keys.len(), |fill, claims| self.matching(fill, claims))?;
        Ok(["hmac-", hmac.hash.name(), ", ", &words].concat())
    }

    /// The first key, for answers that are signed as webhooks are.
    pub(super) fn first_key(&self) -> Option<&Key> {
        self.keys.first().filter(|_| self.hmac.hash == Hash::Sha256)
    }

    /// The first key that made one of these signatures: each key is tried with each signature, in constant time.
    fn matching(&self, fill: &Fill<'_>, claims: &[Vec<u8>]) -> Result<Option<usize>, Lack> {
        let mut found = None;
        for (index, key) in self.keys.iter().enumerate() {
            let tag = self.hmac.tag(key, fill)?;
            for claim in claims {
                if verify_slices_are_equal(tag.as_ref(), claim).is_ok() {
                    found = found.or(Some(index));
                }
            }
        }
        Ok(found)
    }
}
