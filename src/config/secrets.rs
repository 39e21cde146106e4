//! Secrets by their references: read from the environment and from files, judged before the first event needs them.

use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;

use super::{Permissions, Secrets};
use crate::diagnostic::{Diagnostic, Severity};
use crate::provider::Armed;
use crate::rule::Set;
use crate::secret::{Secret, SecretRef, Vault};

/// Bytes of a secret's file; a key or a certificate is far smaller.
const FILE_MAX_BYTES: u64 = 64 * 1024;
/// The bit of a file's mode by which everybody may read it.
const OTHERS_READ: u32 = 0o004;

/// Why a reference has no value.
enum Unset {
    /// It is not there.
    Missing(String),
    /// It is there, and wrong.
    Wrong(String),
}

/// Fills a vault with all secrets that the rules name; what is missing or wrong is said at its place.
pub(super) fn look_up(
    set: &Set,
    permissions: Permissions,
    wanted: Secrets,
    problems: &mut Vec<Diagnostic>,
) -> Vault {
    let mut vault = Vault::default();
    for (reference, place) in set.secrets() {
        match value(&reference, permissions) {
            Ok(secret) => vault.insert(reference, secret),
            Err(unset) => {
                let (severity, message) = match unset {
                    Unset::Missing(message) if wanted == Secrets::AsFound => (Severity::Warning, message),
                    Unset::Missing(message) | Unset::Wrong(message) => (Severity::Error, message),
                };
                let mut problem = Diagnostic::error("E304", message).help(mend(&reference));
                problem.severity = severity;
                if severity == Severity::Warning {
                    problem.code = "W306";
                }
                problem.place = Some(place);
                problems.push(problem);
            }
        }
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
            Ok(ready) => armed.push(ready),
            Err(_) if unset => {}
            Err(complaints) => {
                problems.extend(complaints.into_iter().map(|complaint| Diagnostic::error("E304", complaint)));
            }
        }
    }
    armed
}

fn value(reference: &SecretRef, permissions: Permissions) -> Result<Secret, Unset> {
    let secret = match reference {
        SecretRef::Env(name) => std::env::var(name)
            .map_err(|why| match why {
                std::env::VarError::NotPresent => {
                    Unset::Missing(format!("the environment variable `{name}` is not set"))
                }
                std::env::VarError::NotUnicode(_) => {
                    Unset::Wrong(format!("the environment variable `{name}` is not UTF-8"))
                }
            })?
            .into_bytes(),
        SecretRef::File(path) => from_file(path, permissions)?,
    };
    if secret.iter().all(u8::is_ascii_whitespace) {
        return Err(Unset::Wrong(format!("the secret `{reference}` is blank")));
    }
    Ok(Secret::new(secret))
}

fn from_file(path: &str, permissions: Permissions) -> Result<Vec<u8>, Unset> {
    let missing =
        |why: std::io::Error| Unset::Missing(format!("the secret file `{path}` cannot be read: {why}"));
    let file = fs::File::open(path).map_err(missing)?;
    let metadata = file.metadata().map_err(missing)?;
    if metadata.mode() & OTHERS_READ != 0 && permissions == Permissions::Strict {
        return Err(Unset::Wrong(format!("everybody may read the secret file `{path}`")));
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
