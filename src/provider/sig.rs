//! A signature made with a private key that only the sender has, checked with the public one it shows.

use aws_lc_rs::signature::{Ed25519KeyPair, ParsedPublicKey};

use crate::time::Timestamp;

use super::encoding::Encoding;
use super::fetched::ByUrl;
use super::key;
use super::message::{Message, TRIES_MAX};
use super::proof::Proof;
use super::public_key::{Algorithm, Form};
use super::refusal::{Doubt, Refusal};
use super::scheme::{Named, Origin, which};
use super::sign::Draft;
use super::view::View;

/// What stands before an Ed25519 private key (32 bytes in hex) that is given for signing.
const SEED: &[u8] = b"seed:";

/// What is signed, how, and where the signature stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sig {
    pub(super) algorithm: Algorithm,
    pub(super) key: Form,
    /// Where the sender says that its key is; not asked when the source has secrets.
    pub(super) by_url: Option<ByUrl>,
    pub(super) message: Message,
}

/// The scheme with its public keys.
#[derive(Clone)]
pub(super) struct Lock {
    sig: Sig,
    keys: Vec<ParsedPublicKey>,
}

impl Sig {
    pub(super) fn arm(&self, secrets: &[Named<'_>]) -> Result<Lock, Vec<String>> {
        let keys = secrets.iter().map(|(reference, secret)| {
            let key = self.key.read(secret.expose(), self.algorithm);
            key.map_err(|why| format!("the secret `{reference}` {why}"))
        });
        Ok(Lock { sig: self.clone(), keys: key::collect(keys)? })
    }

    /// By a pen; without one only Ed25519, as the others need randomness to sign.
    pub(super) fn sign(&self, (_, secret): Named<'_>, draft: &mut Draft<'_>) -> Result<(), String> {
        if let Some(pen) = draft.pen {
            return self.message.sign(draft, |fill| {
                pen(&self.message.signed.bytes(fill).map_err(|lack| Refusal::from(lack).cause)?)
            });
        }
        if self.algorithm != Algorithm::Ed25519 {
            return Err(format!(
                "signing by {} needs its sender's private key, which nobody else has",
                self.algorithm.name()
            ));
        }
        let seed = secret.expose().strip_prefix(SEED).and_then(|hex| Encoding::Hex.secret(hex));
        let pair = seed.and_then(|seed| Ed25519KeyPair::from_seed_unchecked(&seed).ok()).ok_or(
            "a public key cannot sign: give a private one of your own as `seed:` and 64 hex digits, \
             and its public half to the source",
        )?;
        self.message.sign(draft, |fill| {
            let bytes = self.message.signed.bytes(fill).map_err(|lack| Refusal::from(lack).cause)?;
            Ok(pair.sign(&bytes).as_ref().to_vec())
        })
    }
}

impl Lock {
    pub(super) fn check<'r>(&self, view: &View<'r>, now: Timestamp) -> Result<Proof<'r>, Doubt> {
        let Self { sig, keys } = self;
        match sig.by_url.as_ref().filter(|_| keys.is_empty()) {
            None => Ok(self.judge(view, now, keys, Origin::Secrets(keys.len()))?),
            Some(by_url) => {
                // What bears no signature is no reason to open anything.
                sig.message.signature.claims(view)?;
                let found = by_url.find(view)?;
                let key = sig.key.read(&found.bytes, sig.algorithm);
                let unfit = |why| Refusal::unproven(format!("what `{}` holds {why}", found.url));
                Ok(self.judge(view, now, &[key.map_err(unfit)?], Origin::Url)?)
            }
        }
    }

    fn judge<'r>(
        &self,
        view: &View<'r>,
        now: Timestamp,
        keys: &[ParsedPublicKey],
        origin: Origin,
    ) -> Result<Proof<'r>, Refusal> {
        let message = &self.sig.message;
        let kind = ("", self.sig.algorithm.name());
        message.check(kind, view, now, origin, |fill, claims| {
            if claims.len().saturating_mul(keys.len()) > TRIES_MAX {
                return Ok(None);
            }
            let bytes = message.signed.bytes(fill)?;
            let made_by = |key: &ParsedPublicKey| {
                which(claims, |claim| key.verify_sig(&bytes, claim).is_ok()).is_some()
            };
            Ok(which(keys, made_by))
        })
    }
}
