//! MD5 (RFC 1321): a name that a service gives to what it knows, never a proof of anything.

use md5::{Digest, Md5};

/// The digest in lower-case hexadecimal digits.
pub(super) fn hex(text: &str) -> String {
    crate::hex::hex(&Md5::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_1321() {
        for (text, wanted) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
            ("urist.mcvankab@freddiesjokes.com", "62eeb292278cc15f5817cb78f7790b08"),
        ] {
            assert_eq!(hex(text), wanted, "{text}");
        }
    }
}
