//! How bytes are written as text in signatures and secrets.

use base64::engine::general_purpose::{
    GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE, URL_SAFE_NO_PAD,
};
use base64::engine::{DecodePaddingMode, Engine};
use base64::{alphabet, decoded_len_estimate};
use smallvec::SmallVec;

/// Decoded bytes: those of a digest of usual length without an allocation.
pub(super) type Bytes = SmallVec<[u8; 32]>;

/// Secrets are pasted by people: padding may be missing.
const PASTED: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PASTED_STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PASTED);
const PASTED_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PASTED);

/// A way to write bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Hex,
    Base64,
    Base64Url,
}

/// The names a scheme uses.
pub(super) const ENCODINGS: &[(&str, Encoding)] = &[
    ("utf8", Encoding::Utf8),
    ("hex", Encoding::Hex),
    ("base64", Encoding::Base64),
    ("base64url", Encoding::Base64Url),
];

impl Encoding {
    /// As a scheme names it.
    pub(super) fn name(self) -> &'static str {
        ENCODINGS.iter().find(|(_, encoding)| *encoding == self).map_or("", |(name, _)| name)
    }

    /// The bytes of a signature; one text for one value, as strictly as its senders write it.
    pub(super) fn signature(self, text: &[u8]) -> Option<Bytes> {
        match self {
            Self::Utf8 => Some(text.into()),
            Self::Hex => hex(text),
            Self::Base64 => decode(&STANDARD, text),
            Self::Base64Url => decode(&URL_SAFE, text).or_else(|| decode(&URL_SAFE_NO_PAD, text)),
        }
    }

    /// The bytes of a secret, as a person pasted it.
    pub(super) fn secret(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.to_vec()),
            Self::Hex => hex(text).map(Bytes::into_vec),
            Self::Base64 => PASTED_STANDARD.decode(text).ok(),
            Self::Base64Url => PASTED_URL_SAFE.decode(text).ok(),
        }
    }

    /// The text for bytes.
    pub(super) fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Hex => crate::hex::hex(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Url => URL_SAFE.encode(bytes),
        }
    }
}

/// As tokens are written: base64url without padding.
pub(super) fn unpadded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of what is written so.
pub(super) fn from_unpadded(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn decode(engine: &GeneralPurpose, text: &[u8]) -> Option<Bytes> {
    let mut bytes = Bytes::from_elem(0, decoded_len_estimate(text.len()));
    let length = engine.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// Hex digits, all small or all capital.
fn hex(text: &[u8]) -> Option<Bytes> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let mut cases = 0;
    let mut bytes = Bytes::from_elem(0, pairs.len());
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (digit(*high), digit(*low));
        cases |= high | low;
        *byte = high << 4 | low & HEX_VALUE;
    }
    (cases & HEX_NONE == 0 && cases & HEX_BOTH != HEX_BOTH).then_some(bytes)
}

/// The value of a digit in the lower half of a byte; above it, whether its letter is small or capital, or it is none.
const HEX_VALUE: u8 = 0x0f;
const HEX_SMALL: u8 = 0x10;
const HEX_CAPITAL: u8 = 0x20;
const HEX_BOTH: u8 = HEX_SMALL | HEX_CAPITAL;
const HEX_NONE: u8 = 0x80;

/// Looked up, not compared: the digits of a signature are as good as random, and no branch foresees them.
fn digit(byte: u8) -> u8 {
    static DIGITS: [u8; 256] = digits();
    DIGITS.get(usize::from(byte)).copied().unwrap_or(HEX_NONE)
}

const fn digits() -> [u8; 256] {
    let mut all = [HEX_NONE; 256];
    let mut byte = 0_u8;
    while byte < HEX_NONE {
        if let Some(place) = all.as_mut_slice().split_at_mut(byte as usize).1.first_mut() {
            *place = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => (byte - b'a' + 10) | HEX_SMALL,
                b'A'..=b'F' => (byte - b'A' + 10) | HEX_CAPITAL,
                _ => HEX_NONE,
            };
        }
        byte += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_what_it_writes() {
        for (encoding, text, bytes) in [
            (Encoding::Hex, "00ff", Some(vec![0, 255])),
            (Encoding::Hex, "00FF", Some(vec![0, 255])),
            (Encoding::Hex, "aF", None),
            (Encoding::Hex, "0", None),
            (Encoding::Hex, "+1", None),
            (Encoding::Hex, "0x10", None),
            (Encoding::Base64, "AP8=", Some(vec![0, 255])),
            (Encoding::Base64, "AP8", None),
            (Encoding::Base64, "AP9=", None),
            (Encoding::Base64, " AP8=", None),
            (Encoding::Base64Url, "-_8=", Some(vec![0xfb, 0xff])),
            (Encoding::Base64Url, "-_8", Some(vec![0xfb, 0xff])),
        ] {
            assert_eq!(encoding.signature(text.as_bytes()).map(Bytes::into_vec), bytes, "{text}");
        }
    }

    #[test]
    fn a_secret_may_lack_its_padding() {
        assert_eq!(Encoding::Base64.secret(b"AP8"), Some(vec![0, 255]));
        assert_eq!(Encoding::Base64.secret(b"AP8="), Some(vec![0, 255]));
        assert_eq!(Encoding::Base64.secret(b"!"), None);
    }

    #[test]
    fn what_is_written_reads_back() {
        for (_, encoding) in ENCODINGS {
            let text = encoding.encode(b"doorbell");
            assert_eq!(encoding.signature(text.as_bytes()).as_deref(), Some(&b"doorbell"[..]));
        }
    }
}
