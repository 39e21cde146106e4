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
        for secret in self.0.values() {
            if let Some(value) = secret.expose_text()
                && value.len() >= REDACT_MIN_BYTES
                && shown.contains(value)
            {
                shown = shown.replace(value, REDACTED);
            }
        }
        shown
    }
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
}
