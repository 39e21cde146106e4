//! A keyed digest (RFC 2104) over what is sent: the way most providers sign.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{Context, Key, Tag};

use crate::time::Timestamp;

use super::hash::Hash;
use super::key::{self, Form};
use super::message::{MISMATCH, Message};
use super::proof::Proof;
use super::refusal::Refusal;
use super::scheme::{Named, Origin};
use super::sign::Draft;
use super::signature::Claim;
use super::suspect;
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
    /// What the secrets could stand for as well, to say so when a digest is wrong.
    readings: Vec<(Key, &'static str)>,
}

impl Hmac {
    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        let algorithm = self.hash.keyed();
        let readings = secrets.iter().flat_map(|(_, secret)| suspect::readings(secret, &self.key));
        let readings = readings.map(|(key, words)| (Key::new(algorithm, &key), words)).collect();
        Ok(Lock { readings, ..self.lock(&key::all(&self.key, secrets)?) })
    }

    pub(super) fn lock(&self, keys: &[Vec<u8>]) -> Lock {
        let algorithm = self.hash.keyed();
        let keys = keys.iter().map(|key| Key::new(algorithm, key)).collect();
        Lock { hmac: self.clone(), keys, readings: Vec::new() }
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
    pub(super) fn check<'r>(&self, view: &View<'r>, now: Timestamp) -> Result<Proof<'r>, Refusal> {
        self.judge(view, now, &self.keys).map_err(|refusal| match refusal.cause.starts_with(MISMATCH) {
            true => self.suspected(refusal, view, now),
            false => refusal,
        })
    }

    fn judge<'r>(&self, view: &View<'r>, now: Timestamp, keys: &[Key]) -> Result<Proof<'r>, Refusal> {
        let origin = Origin::Secrets(keys.len());
        let kind = ("hmac-", self.hmac.hash.name());
        self.hmac.message.check(kind, view, now, origin, |fill, claims| self.matching(keys, fill, claims))
    }

    /// The refusal with what seems to be the matter.
    fn suspected(&self, refusal: Refusal, view: &View<'_>, now: Timestamp) -> Refusal {
        let fits = |view: &View<'_>, keys: &[Key]| match self.judge(view, now, keys) {
            Ok(_) => true,
            Err(refusal) => !refusal.cause.starts_with(MISMATCH),
        };
        let reading = self.readings.iter().find(|(key, _)| fits(view, std::slice::from_ref(key)));
        let words = reading.map(|(_, words)| *words).or_else(|| {
            let mut bodies = suspect::changed(view.request);
            bodies.find(|(request, _)| fits(&view.beside(request), &self.keys)).map(|(_, words)| words)
        });
        match words {
            Some(words) => Refusal { cause: format!("{}; {words}", refusal.cause), ..refusal },
            None => refusal,
        }
    }

    /// The first key, for answers that are signed as webhooks are.
    pub(super) fn first_key(&self) -> Option<&Key> {
        self.keys.first().filter(|_| self.hmac.hash == Hash::Sha256)
    }

    /// The first key that made one of these signatures: each key is tried with each signature, in constant time.
    fn matching(&self, keys: &[Key], fill: &Fill<'_>, claims: &[Claim]) -> Result<Option<usize>, Lack> {
        let mut found = None;
        for (index, key) in keys.iter().enumerate() {
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
