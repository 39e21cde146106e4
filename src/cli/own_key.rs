//! A throw-away private key for `ring`, in the place of one that only the provider has: made once, kept in a directory.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;

use super::End;
use crate::provider::{Algorithm, SenderKey, pem};

/// A key pair of one's own.
pub(super) struct OwnKey {
    pair: Pair,
    /// The file with its public half.
    pub(super) public: PathBuf,
    /// Whether it was made just now.
    pub(super) is_new: bool,
}

enum Pair {
    Ed25519(Box<Ed25519KeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
    Rsa(Box<rsa::KeyPair>),
}

impl OwnKey {
    /// The key pair of this name in a directory; a new one is made where there is none.
    pub(super) fn open(directory: &Path, name: &str, wanted: &SenderKey) -> Result<Self, End> {
        if wanted.algorithm == Algorithm::RsaSha1 {
            return Err(End::CouldNot(format!(
                "`{name}` signs by RSA with SHA-1, which is broken: doorbell checks such signatures but makes none. \
                 Sign by hand, with `openssl dgst -sha1 -sign`, and send it with curl"
            )));
        }
        let private = directory.join(format!("{name}.private.pem"));
        let public = directory.join(format!("{name}.public"));
        let failed = |what: &Path, why: std::io::Error| End::CouldNot(format!("`{}`: {why}", what.display()));
        match fs::read(&private) {
            Ok(text) => {
                let pair = Pair::read(wanted.algorithm, &text).ok_or_else(|| {
                    End::CouldNot(format!(
                        "`{}` holds no private key for {}: remove it, and a new one is made",
                        private.display(),
                        wanted.algorithm.name()
                    ))
                })?;
                Ok(Self { pair, public, is_new: false })
            }
            Err(why) if why.kind() == ErrorKind::NotFound => {
                let refused = || End::CouldNot("no key could be made".to_owned());
                let (pair, der) = Pair::make(wanted.algorithm).ok_or_else(refused)?;
                fs::create_dir_all(directory).map_err(|why| failed(directory, why))?;
                write(&private, &pem("PRIVATE KEY", &der)).map_err(|why| failed(&private, why))?;
                let key = Self { pair, public, is_new: true };
                let text = key.written(wanted).ok_or_else(refused)?;
                write(&key.public, &text).map_err(|why| failed(&key.public, why))?;
                Ok(key)
            }
            Err(why) => Err(failed(&private, why)),
        }
    }

    /// Its public half as the source wants it.
    pub(super) fn written(&self, wanted: &SenderKey) -> Option<String> {
        let (raw, spki): (&[u8], PublicKeyX509Der<'_>) = match &self.pair {
            Pair::Ed25519(pair) => (pair.public_key().as_ref(), pair.public_key().as_der().ok()?),
            Pair::Ecdsa(pair) => (pair.public_key().as_ref(), pair.public_key().as_der().ok()?),
            Pair::Rsa(pair) => (pair.public_key().as_ref(), pair.public_key().as_der().ok()?),
        };
        wanted.write(raw, spki.as_ref())
    }

    /// Signs bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let random = SystemRandom::new();
        let failed = |_| "the key could not sign".to_owned();
        match &self.pair {
            Pair::Ed25519(pair) => Ok(pair.sign(bytes).as_ref().to_vec()),
            Pair::Ecdsa(pair) => pair.sign(&random, bytes).map(|made| made.as_ref().to_vec()).map_err(failed),
            Pair::Rsa(pair) => {
                let mut made = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut made).map_err(failed)?;
                Ok(made)
            }
        }
    }
}

impl Pair {
    fn make(algorithm: Algorithm) -> Option<(Self, Vec<u8>)> {
        Some(match algorithm {
            Algorithm::Ed25519 => {
                let pair = Ed25519KeyPair::generate().ok()?;
                let der = pair.to_pkcs8().ok()?.as_ref().to_vec();
                (Self::Ed25519(Box::new(pair)), der)
            }
            Algorithm::EcdsaP256Sha256 | Algorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(ecdsa(algorithm)).ok()?;
                let der = pair.to_pkcs8v1().ok()?.as_ref().to_vec();
                (Self::Ecdsa(Box::new(pair)), der)
            }
            Algorithm::RsaSha256 | Algorithm::RsaSha1 => {
                let pair = rsa::KeyPair::generate(KeySize::Rsa2048).ok()?;
                let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
                let der = der.as_ref().to_vec();
                (Self::Rsa(Box::new(pair)), der)
            }
        })
    }

    fn read(algorithm: Algorithm, text: &[u8]) -> Option<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(text).ok()?;
        let der = der.secret_pkcs8_der();
        match algorithm {
            Algorithm::Ed25519 => Ed25519KeyPair::from_pkcs8(der).ok().map(Box::new).map(Self::Ed25519),
            Algorithm::EcdsaP256Sha256 | Algorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(ecdsa(algorithm), der).ok().map(Box::new).map(Self::Ecdsa)
            }
            Algorithm::RsaSha256 | Algorithm::RsaSha1 => {
                rsa::KeyPair::from_pkcs8(der).ok().map(Box::new).map(Self::Rsa)
            }
        }
    }
}

fn ecdsa(algorithm: Algorithm) -> &'static EcdsaSigningAlgorithm {
    match algorithm {
        Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        _ => &ECDSA_P256_SHA256_ASN1_SIGNING,
    }
}

/// A new file that only its owner reads.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    file.write_all(text.as_bytes())
}
