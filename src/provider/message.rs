//! What all signatures have in common: where the signature stands, what is signed, how old it may be. With what it was
//! made is the business of each kind.

use std::fmt::Display;

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::time::Timestamp;

use super::age::Age;
use super::encoding::Encoding;
use super::hash::Hash;
use super::part::Part;
use super::proof::Proof;
use super::refusal::Refusal;
use super::scheme::Origin;
use super::sign::Draft;
use super::signature::{Claim, Signature};
use super::text::{Fill, Text};
use super::url;
use super::view::{Lack, View};

/// Keys tried with signatures of one request: public keys take time, and nobody has proved anything yet.
pub(super) const TRIES_MAX: usize = 64;

/// How a refusal begins whose signature is that of something else.
pub(super) const MISMATCH: &str = "signature does not match";

/// A signed message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) signature: Signature,
    pub(super) signed: Text,
    pub(super) age: Option<Age>,
    /// Whether the URL may be signed with another spelling of its port.
    pub(super) url_variants: bool,
    pub(super) body_digest: Option<BodyDigest>,
}

/// A digest of the body that stands where it is signed, in place of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BodyDigest {
    pub(super) from: Part,
    pub(super) form: DigestForm,
}

/// How a digest of the body is made and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DigestForm {
    pub(super) hash: Hash,
    pub(super) encoding: Encoding,
}

impl Message {
    pub(super) fn parts(&self) -> Vec<&Part> {
        let age = self.age.iter().map(|age| &age.from);
        let digest = self.body_digest.iter().map(|digest| &digest.from);
        self.signature.from.iter().chain(self.signed.parts()).chain(age).chain(digest).collect()
    }

    /// Judges a request, and says how it was proved; `kind` is the kind of proof. `matching` gives the first of the keys
    /// that made one of these signatures of this try.
    pub(super) fn check<'r>(
        &self,
        kind: (&'static str, &'static str),
        view: &View<'r>,
        now: Timestamp,
        origin: Origin,
        matching: impl Fn(&Fill<'_>, &[Claim]) -> Result<Option<usize>, Lack>,
    ) -> Result<Proof<'r>, Refusal> {
        let claims = self.signature.claims(view)?;
        let stamp = self.age.as_ref().map(|age| view.find(&age.from)).transpose()?;
        let fill = Fill { stamp: stamp.as_deref(), ..Fill::of(view) };
        let Some(index) = self.tried(&fill, |fill| matching(fill, &claims))? else {
            return Err(Refusal::unproven(format!("{MISMATCH} ({})", origin.tried())));
        };
        if let Some(digest) = &self.body_digest {
            digest.check(view)?;
        }
        let aged = match self.age.as_ref().zip(fill.stamp) {
            Some((age, stamp)) => age.check(stamp, now).map_err(Refusal::unproven)?,
            None => None,
        };
        Ok(Proof::signed(kind, origin.key(index, view), aged))
    }

    /// The key that fits, of a try for each spelling of the URL; of one try where no URL is signed.
    fn tried(
        &self,
        fill: &Fill<'_>,
        matching: impl Fn(&Fill<'_>) -> Result<Option<usize>, Lack>,
    ) -> Result<Option<usize>, Lack> {
        let try_with = |url: Option<&str>| matching(&Fill { url, ..*fill });
        if !self.signed.names(&Part::Url) {
            return try_with(None);
        }
        let mut found = None;
        match fill.view.url() {
            Some(url) if self.url_variants => {
                for url in url::variants(&url) {
                    let one = try_with(Some(&url))?;
                    found = found.or(one);
                }
            }
            url => found = try_with(url.as_deref())?,
        }
        Ok(found)
    }

    /// Adds moment and signature to a draft; `make` signs what is filled.
    pub(super) fn sign(
        &self,
        draft: &mut Draft<'_>,
        make: impl FnOnce(&Fill<'_>) -> Result<Vec<u8>, String>,
    ) -> Result<(), String> {
        let stamp = self.age.as_ref().map(|age| (age, age.stamp(draft.now)));
        if let Some((age, text)) = &stamp
            && !matches!(age.from, Part::Mark(_))
        {
            draft.put(&age.from, text)?;
        }
        let signature = {
            let view = draft.view();
            let stamp = stamp.as_ref().map(|(_, text)| text.as_bytes());
            make(&Fill { stamp, ..Fill::of(&view) })?
        };
        let mark = stamp.as_ref().and_then(|(age, text)| match &age.from {
            Part::Mark(name) => Some((name.as_str(), text.as_str())),
            _ => None,
        });
        let from = self.signature.from.last().ok_or("the scheme has no place for a signature")?;
        draft.put(from, &self.signature.write(&signature, mark))
    }
}

impl BodyDigest {
    fn check(&self, view: &View<'_>) -> Result<(), Refusal> {
        self.form.compare(&self.from, &view.find(&self.from)?, view)
    }
}

impl DigestForm {
    /// Whether what is written there is the digest of the body.
    pub(super) fn compare(self, place: &dyn Display, written: &[u8], view: &View<'_>) -> Result<(), Refusal> {
        let Some(claimed) = self.encoding.signature(written) else {
            return Err(Refusal::unproven(format!("{place} is not {}", self.encoding.name())));
        };
        match verify_slices_are_equal(self.hash.of(&view.request.body).as_ref(), &claimed) {
            Ok(()) => Ok(()),
            Err(_) => Err(Refusal::unproven(format!("{place} is not the digest of the body"))),
        }
    }

    /// The digest of a body, as it is written.
    pub(super) fn write(self, body: &[u8]) -> String {
        self.encoding.encode(self.hash.of(body).as_ref())
    }
}
