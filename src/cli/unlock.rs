//! The one flag by which every command that opens a store is given its keys.

use std::path::PathBuf;

use super::End;
use crate::config::{self, Permissions};
use crate::store::seal::Keys;

/// The keys of a store.
#[derive(clap::Args, Debug)]
pub(super) struct Unlock {
    /// Keys with which what the store holds of payloads is encrypted, one a line: the first encrypts, all decrypt
    #[arg(long, env = "DOORBELL_ENCRYPT_KEY_FILE", value_name = "FILE")]
    encrypt_key_file: Option<PathBuf>,
}

impl Unlock {
    /// Reads them; none when no file is named.
    pub(super) fn keys(&self, permissions: Permissions) -> Result<Keys, End> {
        let file = self.encrypt_key_file.as_ref();
        let keys = file.map(|file| config::keys(file, permissions)).transpose();
        Ok(keys.map_err(End::CouldNot)?.unwrap_or_default())
    }
}
