//! Sealing at rest: AES-256-GCM over what holds payloads, bound to the row in which it stands.
//!
//! ```text
//! sealed bytes = 2 | key id, 8 | salt, 16 | nonce, 12 | ciphertext | tag, 16
//! ```
//!
//! Rows are sealed by a key of their own, derived (HKDF-SHA256) from the file's key and the salt. The salt is drawn anew
//! by every program that seals and after every `ROWS_OF_SALT_MAX` rows, so that random nonces never come near to
//! repeating under one key. The id of a key is a digest of it: nobody has to name keys.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::id::{DeliveryId, EventId, RejectionId};
use crate::secret::Secret;
use crate::time::Timestamp;

/// The first byte of what is sealed; nothing that is stored in clear begins with it.
const MARK: u8 = 2;
/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Bytes of a key's id.
const ID_BYTES: usize = 8;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;
/// Rows sealed under one salt: random nonces of 96 bits stay far from repeating.
const ROWS_OF_SALT_MAX: u32 = 1 << 24;
/// Keys that one file may hold.
const KEYS_MAX: usize = 16;
/// What the derived keys are for.
const FOR_ROWS: &[u8] = b"doorbell store rows v1";
/// What the ids of keys are for.
const FOR_ID: &[u8] = b"doorbell store key id v1";

/// Names a key without telling anything of it.
pub type KeyId = [u8; ID_BYTES];

/// The keys of a store: the first seals, all of them open. Without any, everything is stored in clear.
#[derive(Clone, Default)]
pub struct Keys(Arc<Ring>);

#[derive(Default)]
struct Ring {
    keys: Vec<(KeyId, Secret)>,
    present: Mutex<Present>,
}

/// The derived key that seals now, and how many rows it has sealed.
#[derive(Default)]
struct Present {
    salted: Option<Arc<Salted>>,
    rows: u32,
}

/// A derived key with its salt.
struct Salted {
    salt: [u8; SALT_BYTES],
    key: RandomizedNonceKey,
}

/// Whose bytes are sealed: they open in this row and column only.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    column: &'static str,
    id: [u8; 16],
    number: u32,
    at: i64,
}

/// Why sealed bytes do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// The key is not among ours.
    #[error("it is sealed with a key that was not given (--encrypt-key-file)")]
    NoKey,
    /// Another key, another row, or another byte.
    #[error("its seal is broken: it was changed, or stands in a row that is not its own")]
    Broken,
}

impl Whose {
    /// The request of an event.
    pub const fn event(id: EventId) -> Self {
        Self { column: "event", id: *id.as_bytes(), number: 0, at: 0 }
    }

    /// A column of a delivery.
    pub const fn delivery(id: DeliveryId, column: &'static str) -> Self {
        Self { column, id: *id.as_bytes(), number: 0, at: 0 }
    }

    /// A column of an attempt. Several may have one number; those do not begin in one millisecond.
    pub const fn attempt(id: DeliveryId, column: &'static str, number: u32, started_at: Timestamp) -> Self {
        Self { column, id: *id.as_bytes(), number, at: started_at.millis() }
    }

    /// A column of a refusal.
    pub const fn rejection(id: RejectionId, column: &'static str) -> Self {
        Self { column, id: *id.as_bytes(), number: 0, at: 0 }
    }

    /// What is authenticated beside the bytes. All but the column has one length, so no two rows have one text.
    fn bound(&self, head: &[u8]) -> Vec<u8> {
        let number = self.number.to_le_bytes();
        let at = self.at.to_le_bytes();
        [head, &self.id[..], &number[..], &at[..], self.column.as_bytes()].concat()
    }
}

impl Keys {
    /// Reads keys, one a line: 32 random bytes as 64 hexadecimal digits or as base64. Blank lines and lines that begin
    /// with `#` say nothing.
    ///
    /// # Errors
    /// In words for a person, never with what stands in the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys: Vec<(KeyId, Secret)> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bytes =
                hex(line).or_else(|| STANDARD.decode(line).ok()).filter(|bytes| bytes.len() == KEY_BYTES);
            let bytes = bytes.ok_or_else(|| format!("line {number} is no key: {WANTED}"))?;
            if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
                return Err(format!("line {number} is not random: {WANTED}"));
            }
            let id = id(&bytes)?;
            if keys.iter().all(|(known, _)| *known != id) {
                keys.push((id, Secret::new(bytes)));
            }
            if keys.len() > KEYS_MAX {
                return Err(format!(
                    "it holds more than {KEYS_MAX} keys: leave out those that nothing is sealed with"
                ));
            }
        }
        if keys.is_empty() {
            return Err(format!("it holds no key: {WANTED}"));
        }
        Ok(Self(Arc::new(Ring { keys, ..Ring::default() })))
    }

    /// Whether there are none, so that nothing is sealed.
    pub fn is_empty(&self) -> bool {
        self.0.keys.is_empty()
    }

    /// The ids of all of them; the first seals.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.0.keys.iter().map(|(id, _)| *id)
    }

    /// Seals bytes for their row; as they are when there is no key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn seal(&self, whose: Whose, plain: Vec<u8>) -> Result<Vec<u8>, Unopened> {
        let Some((id, key)) = self.0.keys.first() else { return Ok(plain) };
        let salted = self.0.salted(key)?;
        let mut out = head(id, &salted.salt);
        let bound = whose.bound(&out);
        let mut body = plain;
        let nonce =
            salted.key.seal_in_place_append_tag(Aad::from(bound), &mut body).map_err(|_| Unopened::Broken)?;
        out.reserve_exact(NONCE_LEN + body.len());
        out.extend_from_slice(nonce.as_ref());
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// The bytes as they were before they were sealed; those that are not sealed as they are.
    ///
    /// # Errors
    /// When the key is not ours, or the bytes are not what was sealed for this row.
    pub fn open<'s>(&self, whose: Whose, stored: &'s [u8]) -> Result<Cow<'s, [u8]>, Unopened> {
        let Some(sealed) = stored.strip_prefix(&[MARK]) else { return Ok(Cow::Borrowed(stored)) };
        let (id, rest) = sealed.split_first_chunk::<ID_BYTES>().ok_or(Unopened::Broken)?;
        let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>().ok_or(Unopened::Broken)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unopened::Broken)?;
        let (_, key) = self.0.keys.iter().find(|(known, _)| known == id).ok_or(Unopened::NoKey)?;
        let key = derive(key, salt)?;
        let mut body = body.to_vec();
        let bound = Aad::from(whose.bound(&head(id, salt)));
        let length = key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), bound, &mut body)
            .map_err(|_| Unopened::Broken)?
            .len();
        body.truncate(length);
        Ok(Cow::Owned(body))
    }
}

impl Ring {
    /// The derived key of the present salt.
    fn salted(&self, key: &Secret) -> Result<Arc<Salted>, Unopened> {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        present.rows = present.rows.saturating_add(1);
        if let Some(salted) = present.salted.as_ref().filter(|_| present.rows <= ROWS_OF_SALT_MAX) {
            return Ok(Arc::clone(salted));
        }
        let mut salt = [0; SALT_BYTES];
        rand::fill(&mut salt).map_err(|_| Unopened::Broken)?;
        let salted = Arc::new(Salted { salt, key: derive(key, &salt)? });
        *present = Present { salted: Some(Arc::clone(&salted)), rows: 1 };
        Ok(salted)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.ids().map(|id| shown(&id))).finish()
    }
}

/// How a key's file is made.
const WANTED: &str = "a key is 32 random bytes in one line, such as `openssl rand -hex 32` prints";

/// What all that is sealed with this key begins with.
pub fn mark(id: &KeyId) -> Vec<u8> {
    [&[MARK][..], &id[..]].concat()
}

/// Whether bytes are sealed.
pub fn is_sealed(stored: &[u8]) -> bool {
    stored.first() == Some(&MARK)
}

/// A key's id as people read it.
pub fn shown(id: &KeyId) -> String {
    crate::hex::hex(id)
}

fn head(id: &KeyId, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    [&[MARK][..], &id[..], &salt[..]].concat()
}

fn derive(key: &Secret, salt: &[u8; SALT_BYTES]) -> Result<RandomizedNonceKey, Unopened> {
    let bytes = expand(key.expose(), salt, FOR_ROWS).ok_or(Unopened::Broken)?;
    RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| Unopened::Broken)
}

fn id(key: &[u8]) -> Result<KeyId, String> {
    let bytes = expand(key, &[], FOR_ID);
    let id = bytes.and_then(|bytes| bytes.first_chunk::<ID_BYTES>().copied());
    id.ok_or_else(|| "its id cannot be made".to_owned())
}

fn expand(key: &[u8], salt: &[u8], purpose: &[u8]) -> Option<[u8; KEY_BYTES]> {
    let mut bytes = [0; KEY_BYTES];
    let drawn = Salt::new(HKDF_SHA256, salt).extract(key);
    drawn.expand(&[purpose], HKDF_SHA256).ok()?.fill(&mut bytes).ok()?;
    Some(bytes)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "6f0d3c5b2a1e4f70819293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8";
    const B: &str = "q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng=";

    fn keys(text: &str) -> Keys {
        Keys::parse(text).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_row_only() {
        let ours = keys(A);
        let id = DeliveryId::from_bytes([7; 16]);
        let at = Timestamp::from_millis(5);
        let whose = Whose::attempt(id, "content", 1, at);
        let sealed = ours.seal(whose, b"a card's number".to_vec()).unwrap();
        assert!(is_sealed(&sealed) && !sealed.windows(4).any(|part| part == b"card"));
        assert_eq!(sealed.len(), 53 + 15);
        assert_eq!(*ours.open(whose, &sealed).unwrap(), *b"a card's number");
        assert_ne!(ours.seal(whose, b"a card's number".to_vec()).unwrap(), sealed);
        let others = [
            Whose::attempt(id, "content", 2, at),
            Whose::attempt(id, "words", 1, at),
            Whose::attempt(id, "content", 1, Timestamp::from_millis(6)),
            Whose::attempt(DeliveryId::from_bytes([8; 16]), "content", 1, at),
            Whose::event(EventId::from_bytes([7; 16])),
        ];
        for other in others {
            assert_eq!(ours.open(other, &sealed), Err(Unopened::Broken), "{other:?}");
        }
        for place in 1..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[place] ^= 1;
            let wanted = if place <= ID_BYTES { Unopened::NoKey } else { Unopened::Broken };
            assert_eq!(ours.open(whose, &flipped), Err(wanted), "byte {place}");
            assert!(ours.open(whose, &sealed[..place]).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let whose = Whose::event(EventId::from_bytes([1; 16]));
        let old = keys(A).seal(whose, b"old".to_vec()).unwrap();
        let both = keys(&format!("# the new one\n{B}\n\n{A}\n"));
        let new = both.seal(whose, b"new".to_vec()).unwrap();
        assert_eq!(*both.open(whose, &old).unwrap(), *b"old");
        assert_eq!(*keys(B).open(whose, &new).unwrap(), *b"new");
        assert_eq!(keys(B).open(whose, &old), Err(Unopened::NoKey));
        let none = Keys::default();
        assert_eq!(none.open(whose, &new), Err(Unopened::NoKey));
        assert_eq!(none.seal(whose, b"clear".to_vec()).unwrap(), b"clear");
        assert_eq!(*both.open(whose, b"clear").unwrap(), *b"clear");
        assert!(new.starts_with(&mark(&both.ids().next().unwrap())));
    }

    #[test]
    fn a_salt_serves_for_a_bounded_number_of_rows() {
        let ours = keys(A);
        let whose = Whose::event(EventId::from_bytes([1; 16]));
        let salt = |sealed: Vec<u8>| sealed[9..25].to_vec();
        let first = salt(ours.seal(whose, vec![]).unwrap());
        assert_eq!(salt(ours.seal(whose, vec![]).unwrap()), first);
        ours.0.present.lock().unwrap().rows = ROWS_OF_SALT_MAX;
        let second = salt(ours.seal(whose, vec![]).unwrap());
        assert_ne!(second, first);
        assert_eq!(salt(ours.seal(whose, vec![]).unwrap()), second);
        assert_ne!(salt(keys(A).seal(whose, vec![]).unwrap()), second);
    }

    #[test]
    fn a_file_that_holds_no_key_says_what_is_wanted_and_nothing_of_what_it_holds() {
        let rows = [
            ("", "it holds no key"),
            ("# nothing\n\n", "it holds no key"),
            ("correct horse battery staple", "line 1 is no key"),
            (&format!("{A}\n{A}0"), "line 2 is no key"),
            (A.get(2..).unwrap(), "line 1 is no key"),
            (&"00".repeat(32), "line 1 is not random"),
            (
                &(0..17).map(|n| format!("{n:064x}\n")).collect::<String>().replace(&"0".repeat(64), A),
                "more than 16",
            ),
        ];
        for (text, why) in rows {
            let words = Keys::parse(text).unwrap_err();
            assert!(words.contains(why), "{words}");
            assert!(!words.contains("horse") && !words.contains(A.get(2..20).unwrap()), "{words}");
        }
        assert_eq!(keys(&format!("{A}\n{A}")).ids().count(), 1);
        assert_eq!(format!("{:?}", keys(A)), format!("[{:?}]", shown(&keys(A).ids().next().unwrap())));
    }
}
