//! From a secret as it is kept to the bytes of a key, refusing what protects nothing.

use crate::limit::SECRET_MIN_BYTES;
use crate::secret::Secret;

use super::encoding::Encoding;
use super::scheme::Named;

/// How a secret is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) encoding: Encoding,
    /// The first of these that is there is taken off its front, such as `whsec_`.
    pub(super) strip: Vec<String>,
}

impl Default for Form {
    fn default() -> Self {
        Self { encoding: Encoding::Utf8, strip: Vec::new() }
    }
}

impl Form {
    /// The bytes of a key.
    pub(super) fn decode(&self, secret: &Secret) -> Result<Vec<u8>, String> {
        let written = secret.expose();
        let bare = self.strip.iter().find_map(|start| written.strip_prefix(start.as_bytes()));
        let bare = bare.unwrap_or(written);
        if bare.trim_ascii().is_empty() {
            return Err("is blank".to_owned());
        }
        let wrong = || {
            let strip = self.strip.first().map(|start| format!(" behind `{start}`")).unwrap_or_default();
            format!("is not {}{strip}: paste it exactly as the sender shows it", self.encoding.name())
        };
        self.encoding.secret(bare).ok_or_else(wrong)
    }
}

/// The keys of all secrets, each long enough.
pub(super) fn all(form: &Form, secrets: &[Named<'_>]) -> Result<Vec<Vec<u8>>, Vec<String>> {
    let keys = secrets.iter().map(|(reference, secret)| {
        form.decode(secret)
            .and_then(|key| match key.len() {
                short if short < SECRET_MIN_BYTES => Err(format!(
                    "is too short: {short} bytes, at least {SECRET_MIN_BYTES} are needed (make one: openssl rand -hex 32)"
                )),
                _ => Ok(key),
            })
            .map_err(|why| format!("the secret `{reference}` {why}"))
    });
    collect(keys)
}

/// All values, or all complaints.
pub(super) fn collect<T>(results: impl Iterator<Item = Result<T, String>>) -> Result<Vec<T>, Vec<String>> {
    let mut values = Vec::new();
    let mut complaints = Vec::new();
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(complaint) => complaints.push(complaint),
        }
    }
    if complaints.is_empty() { Ok(values) } else { Err(complaints) }
}
