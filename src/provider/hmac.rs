//! A keyed digest (RFC 2104) over what is sent: the way most providers sign.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{
    Algorithm, Context, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, HMAC_SHA512, Key, Tag,
};

use crate::time::Timestamp;

use super::age::Age;
use super::key::{self, Form};
use super::part::Part;
use super::refusal::Refusal;
use super::scheme::{Named, tried, words};
use super::sign::Draft;
use super::signature::Signature;
use super::text::Text;
use super::view::{Lack, View};

/// Which digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// The names a scheme uses.
pub(super) const HASHES: &[(&str, Hash)] =
    &[("sha256", Hash::Sha256), ("sha512", Hash::Sha512), ("sha1", Hash::Sha1)];

/// What is signed, how, and where the signature stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hmac {
    pub(super) hash: Hash,
    pub(super) signature: Signature,
    pub(super) signed: Text,
    pub(super) age: Option<Age>,
    pub(super) key: Form,
}

/// The scheme with its keys.
#[derive(Clone)]
pub(super) struct Lock {
    hmac: Hmac,
    keys: Vec<Key>,
}

impl Hash {
    fn name(self) -> &'static str {
        HASHES.iter().find(|(_, hash)| *hash == self).map_or("", |(name, _)| name)
    }

    fn algorithm(self) -> Algorithm {
        match self {
            Self::Sha1 => HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => HMAC_SHA256,
            Self::Sha512 => HMAC_SHA512,
        }
    }
}

impl Hmac {
    pub(super) fn parts(&self) -> Vec<&Part> {
        let age = self.age.iter().map(|age| &age.from);
        self.signature.from.iter().chain(self.signed.parts()).chain(age).collect()
    }

    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        Ok(self.lock(&key::all(&self.key, secrets)?))
    }

    pub(super) fn lock(&self, keys: &[Vec<u8>]) -> Lock {
        let algorithm = self.hash.algorithm();
        Lock { hmac: self.clone(), keys: keys.iter().map(|key| Key::new(algorithm, key)).collect() }
    }

    fn tag(&self, key: &Key, view: &View<'_>) -> Result<Tag, Lack> {
        let mut context = Context::with_key(key);
        self.signed.each(view, &mut |bytes| context.update(bytes))?;
        Ok(context.sign())
    }

    pub(super) fn sign(&self, (_, secret): Named<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        let stamp = self.age.as_ref().map(|age| (age, age.stamp(draft.now)));
        if let Some((age, text)) = &stamp
            && matches!(age.from, Part::Header(_) | Part::Query(_))
        {
            draft.put(&age.from, text)?;
        }
        let key = Key::new(self.hash.algorithm(), &self.key.decode(secret)?);
        let view = draft.view();
        if let Some((_, text)) = &stamp {
            view.set_stamp(text.clone().into_bytes());
        }
        let tag = self.tag(&key, &view).map_err(|lack| Refusal::from(lack).cause)?;
        let mark = stamp.as_ref().and_then(|(age, text)| match &age.from {
            Part::Mark(name) => Some((name.as_str(), text.as_str())),
            _ => None,
        });
        let from = self.signature.from.last().ok_or("the scheme has no place for a signature")?;
        draft.put(from, &self.signature.write(tag.as_ref(), mark))
    }
}

impl Lock {
    pub(super) fn check(&self, view: &View<'_>, now: Timestamp) -> Result<String, Refusal> {
        let Self { hmac, keys } = self;
        let claims = hmac.signature.claims(view)?;
        if let Some(age) = &hmac.age {
            view.set_stamp(view.find(&age.from)?.into_owned());
        }
        let index = self.matching(&claims, view)?;
        let Some(index) = index else {
            return Err(Refusal::unproven(format!("signature does not match ({})", tried(keys.len()))));
        };
        let age = match &hmac.age {
            Some(age) => age.check(&view.find(&Part::Timestamp)?, now).map_err(Refusal::unproven)?,
            None => None,
        };
        let age = age.map(|words| format!(", {words}")).unwrap_or_default();
        Ok(format!("hmac-{}, {}{age}", hmac.hash.name(), words(index, keys.len())))
    }

    /// The first key that made one of these signatures: each key is tried with each signature, in constant time.
    fn matching(&self, claims: &[Vec<u8>], view: &View<'_>) -> Result<Option<usize>, Refusal> {
        let mut found = None;
        for (index, key) in self.keys.iter().enumerate() {
            let tag = self.hmac.tag(key, view)?;
            for claim in claims {
                if verify_slices_are_equal(tag.as_ref(), claim).is_ok() {
                    found = found.or(Some(index));
                }
            }
        }
        Ok(found)
    }
}
