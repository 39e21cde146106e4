//! The keys that a store is sealed with, from their file.

use std::path::Path;

use super::{Permissions, secrets};
use crate::store::seal::Keys;

/// Reads the keys of a store, one a line; the first seals.
///
/// # Errors
/// In words for a person, never with what stands in the file: it cannot be read, everybody may read it, or it holds no key.
pub fn keys(path: &Path, permissions: Permissions) -> Result<Keys, String> {
    let name = path.display().to_string();
    let bytes = secrets::from_file(&name, permissions).map_err(|unset| {
        let mend =
            "make one with `(umask 077; openssl rand -hex 32 > FILE)`, readable by doorbell's user only";
        format!("--encrypt-key-file: {}: {mend}", unset.words())
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("the key file `{name}` is not text"))?;
    Keys::parse(text).map_err(|why| format!("the key file `{name}` cannot be used: {why}"))
}
