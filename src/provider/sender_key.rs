//! The key a sender signs with, where only the sender has it: which kind a source expects, and how its public half is
//! written. For trying rules out with a key of one's own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::encoding::Encoding;
use super::jwks;
use super::jwt::{Jwt, Maker};
use super::public_key::{Algorithm, Form, Writing};
use super::scheme::Scheme;
use super::sign::{Signed, Unsigned};
use super::source::Source;

/// Letters of a line of a PEM.
const PEM_COLUMNS: usize = 64;

/// Signs bytes with a private key.
pub type Pen<'p> = dyn Fn(&[u8]) -> Result<Vec<u8>, String> + 'p;

/// Which key a source expects its sender to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderKey {
    /// By what it signs.
    pub algorithm: Algorithm,
    /// How its public half is written; `None` for a set of keys (JWKS).
    form: Option<Form>,
}

impl SenderKey {
    /// The public half as the source wants it: `raw` are its bare bytes, `spki` is its `SubjectPublicKeyInfo`; `None`
    /// when they are no such key.
    pub fn write(&self, raw: &[u8], spki: &[u8]) -> Option<String> {
        let Some(form) = &self.form else { return jwks::write(raw) };
        let written = match form.writing {
            Writing::RawHex => Encoding::Hex.encode(raw),
            Writing::RawBase64 => STANDARD.encode(raw),
            Writing::SpkiBase64 => STANDARD.encode(spki),
            Writing::Pem => pem("PUBLIC KEY", spki),
        };
        Some(format!("{}{written}", form.strip))
    }
}

impl Source {
    /// The key that only its sender has; `None` where a secret is shared.
    pub fn sender_key(&self) -> Option<SenderKey> {
        self.scheme.sender_key()
    }

    /// Signs a webhook with a private key of one's own, as its sender would with its own.
    ///
    /// # Errors
    /// In words: when the pen cannot sign, or the scheme wants something that `unsigned` does not hold.
    pub fn sign_with(&self, pen: &Pen<'_>, unsigned: &Unsigned<'_>) -> Result<Signed, String> {
        self.signed(&crate::secret::Secret::new(Vec::new()), Some(pen), unsigned)
    }
}

impl Scheme {
    pub(super) fn sender_key(&self) -> Option<SenderKey> {
        match self {
            Self::Sig(sig) => Some(SenderKey { algorithm: sig.algorithm, form: Some(sig.key.clone()) }),
            Self::Jwt(jwt) => jwt.sender_key(),
            Self::Either(all) => all.iter().find_map(|one| one.scheme.sender_key()),
            _ => None,
        }
    }
}

impl Jwt {
    fn sender_key(&self) -> Option<SenderKey> {
        match &self.maker {
            Maker::Secret(_) => None,
            Maker::Key(algorithm, form) => {
                Some(SenderKey { algorithm: *algorithm, form: Some(form.clone()) })
            }
            Maker::Shown(algorithm, _) => Some(SenderKey { algorithm: *algorithm, form: None }),
        }
    }
}

/// Bytes as a PEM with this label.
pub fn pem(label: &str, der: &[u8]) -> String {
    let written = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in written.as_bytes().chunks(PEM_COLUMNS) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}
