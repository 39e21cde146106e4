//! Secrets: values that never print, references to where they live, and the vault that joins the two.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What stands in place of a secret wherever one would be shown.
pub const REDACTED: &str = "[secret]";
/// A secret shorter than this (bytes) is not looked for in text: it would blacken half of every page.
const REDACT_MIN_BYTES: usize = 8;

/// Bytes that must not be shown. No `Display`; `Debug` prints `[secret]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// Takes the bytes in.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for a signature or a request. Whoever calls this must not log or keep them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text; `None` when they are not UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(REDACTED)
    }
}

/// Where a secret lives, as a rules file says it: `{ env: NAME }` or `{ file: PATH }`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretRef {
    /// An environment variable of the server.
    Env(String),
    /// A file; one trailing newline is not part of the secret.
    File(String),
}

impl fmt::Display for SecretRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(out, "env {name}"),
            Self::File(path) => write!(out, "file {path}"),
        }
    }
}

/// A setting that is either written down or a reference to a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Written in the rules file.
    Plain(String),
    /// Looked up in the vault at the moment of use.
    Secret(SecretRef),
}

/// A reference has no value: it was not set when the vault was filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret `{0}` is not set")]
pub struct Missing(pub SecretRef);

/// All secrets that the rules name, by reference. Filled once by whoever may read the environment and files.
#[derive(Clone, Default)]
pub struct Vault(BTreeMap<SecretRef, Secret>);

impl Vault {
    /// Puts one secret in, in place of an older one.
    pub fn insert(&mut self, reference: SecretRef, secret: Secret) {
        self.0.insert(reference, secret);
    }

    /// The secret behind a reference.
    ///
    /// # Errors
    /// When the vault holds no such secret.
    pub fn get(&self, reference: &SecretRef) -> Result<&Secret, Missing> {
        self.0.get(reference).ok_or_else(|| Missing(reference.clone()))
    }

    /// The text with every secret's value replaced by `[secret]`. Values under 8 bytes are left.
    pub fn redact(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for value in self.looked_for() {
            if shown.contains(value) {
                shown = shown.replace(value, REDACTED);
            }
        }
        shown
    }

    /// How many bytes at the end of a text that goes on may be the beginning of a secret: see `open_end`.
    pub fn open_end(&self, text: &[u8]) -> usize {
        open_end(text, &self.looked_for().map(str::as_bytes))
    }

    /// The values that are looked for in text.
    fn looked_for(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.values().filter_map(Secret::expose_text).filter(|value| value.len() >= REDACT_MIN_BYTES)
    }
}

/// How many bytes at the end of a text that goes on are not to be shown yet: what comes behind them may make one of these
/// values of them. What is left before them ends within none.
pub fn open_end<'v>(text: &[u8], values: &(impl Iterator<Item = &'v [u8]> + Clone)) -> usize {
    let begun = |value: &[u8]| {
        let lengths = (1..value.len().min(text.len().saturating_add(1))).rev();
        lengths.into_iter().find(|length| value.get(..*length).is_some_and(|part| text.ends_with(part)))
    };
    let mut end = text.len() - values.clone().filter_map(begun).max().unwrap_or(0);
    // A whole value that the end would cut goes with it.
    while let Some(earlier) = values.clone().filter_map(|value| cut(text, end, value)).min() {
        end = earlier;
    }
    text.len() - end
}

/// Where a value stands whole across this place of a text.
fn cut(text: &[u8], place: usize, value: &[u8]) -> Option<usize> {
    let first = (place + 1).saturating_sub(value.len());
    (first..place).find(|start| text.get(*start..).is_some_and(|rest| rest.starts_with(value)))
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        let secret = Secret::new(*b"whsec_very_secret");
        let mut vault = Vault::default();
        vault.insert(SecretRef::Env("X".into()), secret.clone());
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert!(!format!("{vault:?}").contains("whsec"));
        assert_eq!(vault.redact("Bearer whsec_very_secret!"), "Bearer [secret]!");
    }

    #[test]
    fn the_end_of_a_text_that_goes_on_may_be_half_a_secret() {
        // Values, the text so far, and what of it may be shown.
        let rows: &[(&[&str], &str, &str)] = &[
            (&["whsec_very_secret"], "", ""),
            (&["whsec_very_secret"], "step 1\n", "step 1\n"),
            (&["whsec_very_secret"], "key w", "key "),
            (&["whsec_very_secret"], "key whsec_very_secre", "key "),
            (&["whsec_very_secret"], "key whsec_very_secret", "key whsec_very_secret"),
            (&["whsec_very_secret"], "key whsec_very_secrets", "key whsec_very_secrets"),
            (&["whsec_very_secret"], "whsec", ""),
            // The end of one is the beginning of another, and the end of itself.
            (&["abcdefgh", "ghijklmn"], "1 abcdefgh", "1 "),
            (&["abababab"], "1 ababababab", "1 "),
            (&["abcdefgh", "abcdefghijkl"], "1 abcdefghij", "1 "),
            (&["abcdefgh", "abcdefghijkl"], "1 abcdefghijkl", "1 abcdefghijkl"),
            (&["pässword"], "1 p", "1 "),
        ];
        for (values, text, shown) in rows {
            let open = open_end(text.as_bytes(), &values.iter().map(|value| value.as_bytes()));
            assert_eq!(text.get(..text.len() - open), Some(*shown), "{values:?} {text}");
        }
        let mut vault = Vault::default();
        vault.insert(SecretRef::Env("X".into()), Secret::new(*b"whsec_very_secret"));
        vault.insert(SecretRef::Env("SHORT".into()), Secret::new(*b"short"));
        assert_eq!((vault.open_end(b"a whsec"), vault.open_end(b"a shor")), (5, 0), "short ones are left");
        // A letter that is cut in its middle belongs to what may be a secret.
        vault.insert(SecretRef::Env("Y".into()), Secret::new("pässword".as_bytes()));
        assert_eq!(vault.open_end("1 p\u{e4}".as_bytes().split_last().unwrap().1), 2);
    }
}
