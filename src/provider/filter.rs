//! What may be done to a part before it is signed or shown: `{body|crc32}`, `{form|sorted_pairs}`, `{query:x|hmac_sha256|hex}`.

use aws_lc_rs::hmac;
use serde_json::Value;

use super::encoding::Encoding;
use super::hash::Hash;
use super::refusal::Refusal;
use super::view::{Lack, View};

/// Fields of a form that is sorted before anybody has proved anything.
const PAIRS_MAX: usize = 10_000;
/// Letters of a word that `hmac_sha256` signs, and how many at the most.
const WORD_MAX_BYTES: usize = 256;
/// What stands percent-encoded in a URL and is decoded before HubSpot signs it.
/// Source: <https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests>
const HUBSPOT_DECODES: &[u8] = b":/?@!$'()*,;";

/// One step from bytes to bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Hex,
    Base64,
    Sha256,
    /// The checksum as a decimal number.
    Crc32,
    /// Of a form: each name and its values, sorted, without anything between.
    SortedPairs,
    UnescapeHubspot,
    /// A digest with the source's first secret, of a word alone.
    HmacSha256,
}

/// The names a scheme uses.
pub(super) const FILTERS: &[(&str, Filter)] = &[
    ("hex", Filter::Hex),
    ("base64", Filter::Base64),
    ("sha256", Filter::Sha256),
    ("crc32", Filter::Crc32),
    ("sorted_pairs", Filter::SortedPairs),
    ("unescape_hubspot", Filter::UnescapeHubspot),
    ("hmac_sha256", Filter::HmacSha256),
];

impl Filter {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        FILTERS.iter().find(|(_, filter)| *filter == self).map_or("", |(name, _)| name)
    }

    pub(super) fn apply(self, bytes: &[u8], view: &View<'_>) -> Result<Vec<u8>, Lack> {
        Ok(match self {
            Self::Hex => Encoding::Hex.encode(bytes).into_bytes(),
            Self::Base64 => Encoding::Base64.encode(bytes).into_bytes(),
            Self::Sha256 => Hash::Sha256.of(bytes).as_ref().to_vec(),
            Self::Crc32 => crc32fast::hash(bytes).to_string().into_bytes(),
            Self::SortedPairs => sorted_pairs(bytes)?,
            Self::UnescapeHubspot => unescape(bytes, HUBSPOT_DECODES),
            Self::HmacSha256 => return keyed(bytes, view),
        })
    }
}

/// Whoever may ask for the digest of any text could have bodies signed. So only words that no body can consist of.
fn keyed(word: &[u8], view: &View<'_>) -> Result<Vec<u8>, Lack> {
    let letters = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.=+/".contains(byte);
    let is_word = !word.is_empty() && word.len() <= WORD_MAX_BYTES && word.iter().all(letters);
    if !is_word || serde_json::from_slice::<Value>(word).is_ok() {
        return Err(Lack::Missing("a word to be signed".to_owned()));
    }
    let key = view.key().ok_or_else(|| Lack::Missing("a key to sign with".to_owned()))?;
    Ok(hmac::sign(key, word).as_ref().to_vec())
}

fn sorted_pairs(form: &[u8]) -> Result<Vec<u8>, Lack> {
    let mut pairs: Vec<_> = form_urlencoded::parse(form).take(PAIRS_MAX + 1).collect();
    if pairs.len() > PAIRS_MAX {
        let cause = format!("the form has more than {PAIRS_MAX} fields");
        return Err(Lack::Unreadable(Refusal::unreadable(cause)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    let texts = pairs.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    Ok(texts.flatten().copied().collect())
}

/// Percent-encoded bytes become themselves when they are among these.
fn unescape(text: &[u8], decoded: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let byte = after.get(..2).filter(|_| *first == b'%').and_then(hex_pair);
        match byte.filter(|byte| decoded.contains(byte)) {
            Some(byte) => {
                all.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                all.push(*first);
                rest = after;
            }
        }
    }
    all
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digits = pair.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(pair).ok().filter(|_| digits)?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_sorted_by_name_then_value_and_once_each() {
        for (form, wanted) in [
            ("b=2&a=1", "a1b2"),
            ("a=5678&a=1234&a=1234&ab=%2B", "a1234a5678ab+"),
            ("", ""),
            ("x", "x"),
            ("c=%2B1+2", "c+1 2"),
        ] {
            assert_eq!(sorted_pairs(form.as_bytes()), Ok(wanted.into()), "{form}");
        }
        assert!(sorted_pairs("a&".repeat(PAIRS_MAX).as_bytes()).is_ok());
        assert!(sorted_pairs("a&".repeat(PAIRS_MAX + 1).as_bytes()).is_err());
    }

    #[test]
    fn hubspot_decodes_some_and_leaves_the_rest() {
        for (url, wanted) in [
            ("https%3A%2f%2Fa?b%3Dc%20%26", "https://a?b%3Dc%20%26"),
            ("a%", "a%"),
            ("a%2", "a%2"),
            ("%+1%2A", "%+1*"),
        ] {
            assert_eq!(unescape(url.as_bytes(), HUBSPOT_DECODES), wanted.as_bytes());
        }
    }
}
