//! Secrets made for a test: one that a source of any kind can sign and verify with, never one of the operator's.

use crate::provider::{Armed, Source};
use crate::secret::{Secret, Vault};

/// A secret to sign with and the one to verify with, written in the ways that sources want them. Nobody uses them for
/// anything else.
const PAIRS: &[(&str, &str)] = &[
    same("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    same("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    same("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    same("test:a password that is made for tests"),
    (SEED, "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"),
    (SEED, "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="),
    (SEED, "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="),
];
/// The private half of an Ed25519 pair, as `sign` takes it.
const SEED: &str = "seed:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

const fn same(text: &'static str) -> (&'static str, &'static str) {
    (text, text)
}

/// The pairs that the source takes, each as what signs and what verifies.
pub(super) fn pairs(source: &Source) -> Vec<(Secret, Armed)> {
    let armed = |(signing, checking): &(&str, &str)| {
        let mut vault = Vault::default();
        for reference in source.secrets() {
            vault.insert(reference.clone(), Secret::new(checking.as_bytes()));
        }
        Some((Secret::new(signing.as_bytes()), source.arm(&vault).ok()?))
    };
    PAIRS.iter().filter_map(armed).collect()
}
