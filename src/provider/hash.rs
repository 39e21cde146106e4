//! The digests a sender may use, with and without a key.

use aws_lc_rs::{digest, hmac};

/// Which digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// The names a scheme uses.
pub(super) const HASHES: &[(&str, Hash)] =
    &[("sha256", Hash::Sha256), ("sha512", Hash::Sha512), ("sha1", Hash::Sha1)];

impl Hash {
    /// As a scheme names it.
    pub(super) fn name(self) -> &'static str {
        HASHES.iter().find(|(_, hash)| *hash == self).map_or("", |(name, _)| name)
    }

    /// With a key (RFC 2104).
    pub(super) fn keyed(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    /// Without one.
    pub(super) fn plain(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        }
    }

    /// The digest of these bytes.
    pub(super) fn of(self, bytes: &[u8]) -> digest::Digest {
        digest::digest(self.plain(), bytes)
    }
}
