//! Names of events, deliveries and refusals: `evt_…`, `dlv_…` and `rej_…`, sortable by time, made from a moment and random bytes given by the caller.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// Crockford's base 32: no I, L, O or U, so that an id can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 128 bits in digits of 5 bits.
const DIGITS: usize = 26;

/// What is wrong with the text of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not an id: it looks like `{prefix}01J8ZK9…`, {DIGITS} letters and digits after the prefix"
)]
pub struct Error {
    text: String,
    prefix: &'static str,
}

/// A 16-byte UUID version 7 (RFC 9562) made of a moment in milliseconds and ten random bytes.
fn uuid_v7(millis: i64, random: [u8; 10]) -> [u8; 16] {
    let millis = u64::try_from(millis).unwrap_or(0);
    *uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().as_bytes()
}

fn encode(bytes: [u8; 16], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let number = u128::from_be_bytes(bytes);
    for digit in (0..DIGITS).rev() {
        let index = usize::try_from((number >> (digit * 5)) & 31).unwrap_or(0);
        let letter = ALPHABET.get(index).copied().unwrap_or(b'0');
        write!(out, "{}", char::from(letter))?;
    }
    Ok(())
}

fn decode(text: &str) -> Option<[u8; 16]> {
    if text.len() != DIGITS {
        return None;
    }
    let mut number: u128 = 0;
    for letter in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        number = number.checked_mul(32)?.checked_add(u128::try_from(digit).ok()?)?;
    }
    Some(number.to_be_bytes())
}

macro_rules! id {
    ($name:ident, $prefix:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// What stands before the digits.
            pub const PREFIX: &'static str = $prefix;

            /// The id of something that came to be at `millis` since the epoch; `random` must be new for each.
            pub fn new(millis: i64, random: [u8; 10]) -> Self {
                Self(uuid_v7(millis, random))
            }

            /// The id with these bytes, as a store keeps them.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The id that comes so many after this one, for things of one moment that are to sort in their order.
            #[must_use]
            pub fn later(self, count: usize) -> Self {
                let count = u128::try_from(count).unwrap_or(0);
                Self(u128::from_be_bytes(self.0).wrapping_add(count).to_be_bytes())
            }

            /// The bytes a store keeps; they sort by time.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str($prefix)?;
                encode(self.0, out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                text.strip_prefix($prefix)
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| Error { text: text.chars().take(64).collect(), prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

id!(EventId, "evt_", "The name of one accepted event.");
id!(
    DeliveryId,
    "dlv_",
    "The name of one delivery: one action owed for one event. It travels as `Idempotency-Key`."
);

id!(RejectionId, "rej_", "The name of one request that was refused.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_sorts_by_time() {
        let early = EventId::new(1_000, [7; 10]);
        let late = EventId::new(1_001, [0; 10]);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse(), Ok(early));
        assert_eq!(early.to_string().len(), EventId::PREFIX.len() + DIGITS);
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in ["", "evt_", "evt_!", "dlv_00000000000000000000000000", "evt_ZZZZZZZZZZZZZZZZZZZZZZZZZZ"]
        {
            assert!(text.parse::<EventId>().is_err(), "{text}");
        }
    }
}
