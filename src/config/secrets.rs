//! Secrets by their references: read from the environment and from files, judged before the first event needs them.

use std::env::VarError;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;

use super::{Permissions, Secrets, Surroundings, owner};
use crate::diagnostic::Diagnostic;
use crate::provider::{Armed, Source};
use crate::rule::Set;
use crate::secret::{Secret, SecretRef, Vault};

/// Bytes of a secret's file; a key or a certificate is far smaller.
const FILE_MAX_BYTES: u64 = 64 * 1024;
/// The bit of a file's mode by which everybody may read it.
const OTHERS_READ: u32 = 0o004;

/// Why a reference has no value.
pub(super) enum Unset {
    /// It is not there.
    Missing(String),
    /// It is there, and wrong.
    Wrong(String),
}

impl Unset {
    /// In words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Missing(words) | Self::Wrong(words) => words,
        }
    }
}

/// Fills a vault with all secrets that the rules name; what is missing or wrong is said at its place.
pub(super) fn look_up(set: &Set, surroundings: Surroundings<'_>, problems: &mut Vec<Diagnostic>) -> Vault {
    let mut vault = Vault::default();
    for (reference, place) in set.secrets() {
        let found = match value(&reference, surroundings) {
            Ok(secret) => {
                vault.insert(reference, secret);
                continue;
            }
            Err(Unset::Missing(message)) if surroundings.secrets == Secrets::AsFound => {
                Diagnostic::warning("W306", message)
            }
            Err(Unset::Missing(message)) => Diagnostic::error("E310", message),
            Err(Unset::Wrong(message)) => Diagnostic::error("E311", message),
        };
        problems.push(found.at(&place.file, place.span).help(mend(&reference)));
    }
    vault
}

/// Makes every source ready with its keys.
pub(super) fn arm(set: &Set, vault: &Vault, wanted: Secrets, problems: &mut Vec<Diagnostic>) -> Vec<Armed> {
    let mut armed = Vec::new();
    for source in &set.sources {
        // What is not set was said already.
        let unset = source.secrets().iter().any(|reference| vault.get(reference).is_err());
        if unset && wanted == Secrets::AsFound {
            continue;
        }
        match source.arm(vault) {
            Ok(ready) => {
                armed.push(ready);
                let weak = source.weak_secrets(vault).into_iter();
                let odd = source.odd_secrets(vault).into_iter();
                problems.extend(
                    weak.chain(odd).map(|words| at_secret(set, source, Diagnostic::warning("W307", words))),
                );
            }
            Err(_) if unset => {}
            Err(complaints) => {
                let unfit = complaints.into_iter();
                problems.extend(unfit.map(|words| at_secret(set, source, Diagnostic::error("E311", words))));
            }
        }
    }
    armed
}

/// A complaint about a source's secrets, where they stand.
fn at_secret(set: &Set, source: &Source, problem: Diagnostic) -> Diagnostic {
    let secrets = set.secrets();
    let named = secrets.iter().find(|(reference, _)| source.secrets().contains(reference));
    let problem = match problem.message.contains("short") {
        true => problem.help("a long one of chance:  openssl rand -hex 32"),
        false => problem.help("paste it exactly as the sender shows it"),
    };
    match named {
        Some((_, place)) => problem.at(&place.file, place.span.clone()),
        None => problem,
    }
}

fn value(reference: &SecretRef, surroundings: Surroundings<'_>) -> Result<Secret, Unset> {
    let secret = match reference {
        SecretRef::Env(name) => (surroundings.variable)(name)
            .map_err(|why| match why {
                VarError::NotPresent => {
                    Unset::Missing(format!("the environment variable `{name}` is not set"))
                }
                VarError::NotUnicode(_) => {
                    Unset::Wrong(format!("the environment variable `{name}` is not UTF-8"))
                }
            })?
            .into_bytes(),
        SecretRef::File(path) => from_file(path, surroundings.permissions)?,
    };
    if secret.iter().all(u8::is_ascii_whitespace) {
        return Err(Unset::Wrong(format!("the secret `{reference}` is blank")));
    }
    Ok(Secret::new(secret))
}

pub(super) fn from_file(path: &str, permissions: Permissions) -> Result<Vec<u8>, Unset> {
    let missing =
        |why: std::io::Error| Unset::Missing(format!("the secret file `{path}` cannot be read: {why}"));
    let file = fs::File::open(path).map_err(missing)?;
    let metadata = file.metadata().map_err(missing)?;
    if metadata.mode() & OTHERS_READ != 0 && permissions == Permissions::Strict {
        return Err(Unset::Wrong(format!("everybody may read the secret file `{path}`")));
    }
    if !owner::is_ours(&metadata) && permissions == Permissions::Strict {
        return Err(Unset::Wrong(format!("the secret file `{path}` is another user's")));
    }
    let mut bytes = Vec::new();
    file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(missing)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_MAX_BYTES {
        return Err(Unset::Wrong(format!("the secret file `{path}` is larger than {FILE_MAX_BYTES} bytes")));
    }
    // Editors and `echo` end a file with one newline, which nobody means.
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(bytes)
}

fn mend(reference: &SecretRef) -> String {
    match reference {
        SecretRef::Env(name) => format!("set it before starting:  export {name}=…"),
        SecretRef::File(path) => format!(
            "put the secret into `{path}`, readable by doorbell's user only (chmod 600), or start with --loose-files"
        ),
    }
}
