//! `base64` and `sha256`.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Inputs;
use crate::hex::hex;
use crate::template::error::Failure;

pub(super) fn base64<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    inputs.made(STANDARD.encode(inputs.text(0)?.as_bytes()))
}

pub(super) fn sha256<'a>(inputs: &Inputs<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let hash = digest(&SHA256, inputs.text(0)?.as_bytes());
    inputs.made(hex(hash.as_ref()))
}
