//! A set of public keys as an issuer of tokens shows them (RFC 7517), read and written: RSA, and the curve P-256.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Map, Value, json};

use crate::payload;

use super::encoding::{from_unpadded, unpadded};
use super::public_key::Algorithm;

/// Keys of one set that are looked at.
const KEYS_MAX: usize = 100;
/// Bytes of one coordinate of a point on P-256.
const COORDINATE_BYTES: usize = 32;
/// What stands before a point whose both coordinates are written out.
const UNCOMPRESSED: u8 = 4;
const DER_SEQUENCE: u8 = 0x30;
const DER_INTEGER: u8 = 0x02;
/// From here on the length stands in as many bytes as this is exceeded by.
const DER_LONG: u8 = 0x80;

/// The keys that can check signatures; others are left out.
#[derive(Clone, Debug)]
pub(super) struct Jwks(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    name: Option<String>,
    key: Key,
}

#[derive(Clone, Debug)]
enum Key {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    P256(Vec<u8>),
}

impl Jwks {
    /// Reads a set; `None` when it is none, or holds no key of use.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let value = payload::read_json(bytes).ok()?;
        let keys = value.get("keys")?.as_array()?;
        let entries: Vec<_> = keys.iter().take(KEYS_MAX).filter_map(|key| entry(key.as_object()?)).collect();
        (!entries.is_empty()).then_some(Self(entries))
    }

    /// Whether any of its keys could have made a token that names its key so.
    pub(super) fn has(&self, name: Option<&str>, algorithm: Algorithm) -> bool {
        self.fitting(name, algorithm).next().is_some()
    }

    /// Whether one of its keys made this signature.
    pub(super) fn made(
        &self,
        name: Option<&str>,
        algorithm: Algorithm,
        signed: &[u8],
        signature: &[u8],
    ) -> bool {
        self.fitting(name, algorithm).any(|entry| entry.key.made(signed, signature))
    }

    fn fitting(&self, name: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Entry> {
        let named =
            move |entry: &&Entry| name.is_none() || entry.name.is_none() || entry.name.as_deref() == name;
        self.0.iter().filter(move |entry| entry.key.fits(algorithm)).filter(named)
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa { .. } => algorithm == Algorithm::RsaSha256,
            Self::P256(_) => algorithm == Algorithm::Es256,
        }
    }

    fn made(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
                .is_ok(),
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
            }
        }
    }
}

/// One key; those for other uses, of other kinds or with a secret in them are none.
fn entry(key: &Map<String, Value>) -> Option<Entry> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|usage| usage != "sig") || key.contains_key("d") || key.contains_key("k") {
        return None;
    }
    let bytes = |name: &str| text(name).and_then(|text| from_unpadded(text.as_bytes()));
    let found = match (text("kty")?, text("crv")) {
        ("RSA", _) => Key::Rsa { modulus: bytes("n")?, exponent: bytes("e")? },
        ("EC", Some("P-256")) => Key::P256(point(&bytes("x")?, &bytes("y")?)?),
        _ => return None,
    };
    Some(Entry { name: text("kid").map(str::to_owned), key: found })
}

/// A set of this one key: a point on P-256 as its bare bytes, or an `RSAPublicKey` (RFC 8017, A.1.1).
pub(super) fn write(raw: &[u8]) -> Option<String> {
    let key = match raw.split_first()? {
        (&UNCOMPRESSED, point) => {
            let (x, y) = point.split_at_checked(COORDINATE_BYTES)?;
            json!({ "kty": "EC", "crv": "P-256", "use": "sig", "x": unpadded(x), "y": unpadded(y) })
        }
        _ => {
            let (both, _) = item(raw, DER_SEQUENCE)?;
            let (modulus, rest) = item(both, DER_INTEGER)?;
            let (exponent, _) = item(rest, DER_INTEGER)?;
            json!({ "kty": "RSA", "use": "sig", "n": unpadded(bare(modulus)), "e": unpadded(bare(exponent)) })
        }
    };
    Some(json!({ "keys": [key] }).to_string())
}

/// What one item of DER holds, and what follows it.
fn item(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let long = usize::from(first.checked_sub(DER_LONG).unwrap_or_default());
    let (length, rest) = rest.split_at_checked(long)?;
    let length = match long {
        0 => usize::from(*first),
        _ => {
            length.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add((*byte).into()))?
        }
    };
    (*found == tag).then(|| rest.split_at_checked(length))?
}

/// A number without the zero that says it is positive.
fn bare(number: &[u8]) -> &[u8] {
    number.strip_prefix(&[0]).unwrap_or(number)
}

fn point(x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
    let whole = x.len() == COORDINATE_BYTES && y.len() == COORDINATE_BYTES;
    whole.then(|| [&[UNCOMPRESSED], x, y].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_no_use_are_left_out() {
        for (text, wanted) in [
            (r#"{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}"#, true),
            (r#"{"keys":[{"kty":"RSA","kid":"a","use":"enc","n":"AQAB","e":"AQAB"}]}"#, false),
            (r#"{"keys":[{"kty":"oct","kid":"a","k":"AQAB"}]}"#, false),
            (r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}]}"#, false),
            (r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}]}"#, false),
            (r#"{"keys":[]}"#, false),
            (r#"[]"#, false),
            ("", false),
        ] {
            assert_eq!(Jwks::read(text.as_bytes()).is_some(), wanted, "{text}");
        }
    }
}
