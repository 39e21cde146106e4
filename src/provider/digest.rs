//! A plain digest over the secret and what is sent, as some senders made before keyed digests. Weaker than `hmac`: what
//! ends with the body can be lengthened by a stranger, with bytes that no JSON holds.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context, Digest as Tag};

use crate::time::Timestamp;

use super::hash::Hash;
use super::key::{self, Form};
use super::message::Message;
use super::proof::Proof;
use super::refusal::Refusal;
use super::scheme::{Named, Origin, which};
use super::sign::Draft;
use super::text::Fill;
use super::view::{Lack, View};

/// What is digested, how, and where the digest stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Digest {
    pub(super) hash: Hash,
    pub(super) key: Form,
    pub(super) message: Message,
}

/// The scheme with its secrets.
#[derive(Clone)]
pub(super) struct Lock {
    digest: Digest,
    keys: Vec<Vec<u8>>,
}

impl Digest {
    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        Ok(self.lock(key::all(&self.key, secrets)?))
    }

    pub(super) fn lock(&self, keys: Vec<Vec<u8>>) -> Lock {
        Lock { digest: self.clone(), keys }
    }

    fn tag(&self, key: &[u8], fill: &Fill<'_>) -> Result<Tag, Lack> {
        let mut context = Context::new(self.hash.plain());
        let fill = Fill { secret: Some(key), ..*fill };
        self.message.signed.each(&fill, &mut |bytes| context.update(bytes))?;
        Ok(context.finish())
    }

    pub(super) fn sign(&self, (_, secret): Named<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let key = self.key.decode(secret)?;
        self.message.sign(draft, |fill| {
            let tag = self.tag(&key, fill).map_err(|lack| Refusal::from(lack).cause)?;
            Ok(tag.as_ref().to_vec())
        })
    }
}

impl Lock {
    pub(super) fn check<'r>(&self, view: &View<'r>, now: Timestamp) -> Result<Proof<'r>, Refusal> {
        let Self { digest, keys } = self;
        let kind = ("", digest.hash.name());
        digest.message.check(kind, view, now, Origin::Secrets(keys.len()), |fill, claims| {
            let tags = keys.iter().map(|key| digest.tag(key, fill)).collect::<Result<Vec<_>, _>>()?;
            let equal = |tag: &Tag| {
                which(claims, |claim| verify_slices_are_equal(tag.as_ref(), claim).is_ok()).is_some()
            };
            Ok(which(&tags, equal))
        })
    }
}
