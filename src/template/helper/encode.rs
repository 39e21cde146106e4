//! `base64` and `sha256`.

use std::borrow::Cow;
use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Inputs;
use crate::template::error::Failure;

pub(super) fn base64<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    inputs.made(STANDARD.encode(inputs.text(0)?.as_bytes()))
}

pub(super) fn sha256<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let hash = digest(&SHA256, inputs.text(0)?.as_bytes());
    let hexadecimal = hash.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    inputs.made(hexadecimal)
}
