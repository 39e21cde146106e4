//! From a public key as its sender shows it, or a certificate that holds it, to a key that checks signatures.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};

use super::encoding::Encoding;

/// By which algorithm is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    Ed25519,
    /// ECDSA on P-256 with SHA-256, its signature in DER.
    EcdsaP256Sha256,
    /// The same, with the two numbers of the signature side by side: `ES256` of a JWT.
    Es256,
    /// RSA with SHA-256.
    RsaSha256,
    /// RSA with SHA-1.
    RsaSha1,
}

/// The names a scheme uses.
pub(super) const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("ed25519", Algorithm::Ed25519),
    ("ecdsa-p256-sha256", Algorithm::EcdsaP256Sha256),
    ("ecdsa-p256-sha256-p1363", Algorithm::Es256),
    ("rsa-sha256", Algorithm::RsaSha256),
    ("rsa-sha1", Algorithm::RsaSha1),
];

impl Algorithm {
    /// As a scheme names it.
    pub fn name(self) -> &'static str {
        ALGORITHMS.iter().find(|(_, algorithm)| *algorithm == self).map_or("", |(name, _)| name)
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Ed25519 => &ED25519,
            Self::EcdsaP256Sha256 => &ECDSA_P256_SHA256_ASN1,
            Self::Es256 => &ECDSA_P256_SHA256_FIXED,
            Self::RsaSha256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::RsaSha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        }
    }
}

/// How a public key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// The bare key in hex.
    RawHex,
    /// The bare key in base64.
    RawBase64,
    /// A `SubjectPublicKeyInfo` in base64: a PEM without its first and last line.
    SpkiBase64,
    /// A PEM: `PUBLIC KEY`, or a `CERTIFICATE` whose key is taken.
    Pem,
}

/// The names a scheme uses.
pub(super) const WRITINGS: &[(&str, Writing)] = &[
    ("raw-hex", Writing::RawHex),
    ("raw-base64", Writing::RawBase64),
    ("spki-base64", Writing::SpkiBase64),
    ("pem", Writing::Pem),
];

/// How a sender shows its public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) writing: Writing,
    /// Taken off its front when it is there, such as `whpk_`.
    pub(super) strip: String,
}

impl Form {
    /// The key behind a text.
    pub(super) fn read(&self, written: &[u8], algorithm: Algorithm) -> Result<ParsedPublicKey, String> {
        let bare = written.trim_ascii();
        let bare = bare.strip_prefix(self.strip.as_bytes()).unwrap_or(bare);
        if bare.is_empty() {
            return Err("is blank".to_owned());
        }
        let bytes = self.writing.bytes(bare).ok_or_else(|| format!("is not {}", self.writing.words()))?;
        ParsedPublicKey::new(algorithm.verification(), bytes)
            .map_err(|_| format!("is not a public key for {}", algorithm.name()))
    }
}

impl Writing {
    fn words(self) -> &'static str {
        match self {
            Self::RawHex => "hex: paste the public key exactly as the sender shows it",
            Self::RawBase64 | Self::SpkiBase64 => {
                "base64: paste the public key exactly as the sender shows it"
            }
            Self::Pem => {
                "a PEM that starts with `-----BEGIN PUBLIC KEY-----` or `-----BEGIN CERTIFICATE-----`"
            }
        }
    }

    fn bytes(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::RawHex => Encoding::Hex.secret(text),
            Self::RawBase64 | Self::SpkiBase64 => Encoding::Base64.secret(text),
            Self::Pem => pem(text),
        }
    }
}

/// Of a certificate only the key counts: who gave us the file has said already that it is the right one.
fn pem(text: &[u8]) -> Option<Vec<u8>> {
    if let Ok(key) = SubjectPublicKeyInfoDer::from_pem_slice(text) {
        return Some(key.to_vec());
    }
    let certificate = CertificateDer::from_pem_slice(text).ok()?;
    let certificate = webpki::EndEntityCert::try_from(&certificate).ok()?;
    Some(certificate.subject_public_key_info().to_vec())
}
