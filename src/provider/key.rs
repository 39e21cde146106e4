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

type Test = fn(&str) -> bool;

/// What makes a secret look as if something else had been pasted, or more than it.
const ODD: &[(Test, &str)] = &[
    (
        |text| text.trim() != text,
        "begins or ends with a blank or a line break: all of it is taken, so take that away if it is none of it",
    ),
    (
        |text| {
            ['"', '\'']
                .iter()
                .any(|quote| text.len() > 1 && text.starts_with(*quote) && text.ends_with(*quote))
        },
        "stands in quotes: all of it is taken, so take them away if they are none of it",
    ),
    (
        |text| ["sha256=", "sha1=", "v0=", "v1=", "v1,"].iter().any(|start| text.starts_with(start)),
        "looks like a signature: give what it is made with",
    ),
    (
        |text| text.starts_with("http://") || text.starts_with("https://"),
        "looks like a URL: give what stands behind it",
    ),
];

/// What looks wrong about a secret; a key in a PEM ends with a line break as it should.
pub(super) fn odd(secret: &Secret) -> Option<&'static str> {
    let text = secret.expose_text().filter(|text| !text.contains("-----BEGIN"))?;
    ODD.iter().find(|(is_odd, _)| is_odd(text)).map(|(_, words)| *words)
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
