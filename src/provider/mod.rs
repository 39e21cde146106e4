//! Where webhooks come from and how each is proved genuine, before anything in it is believed.
//!
//! A provider is data (`presets/`), written in a small language that a user may write as well: where the signature
//! stands (`signature`), what is signed (`text`, `part`), how old it may be (`age`) and what the secret is (`key`).
//! `compile` turns a rules file's source into a [`Source`], [`Source::arm`] joins it with its secrets, and
//! [`Armed::receive`] turns a request into an event or refuses it. [`Source::sign`] is the inverse, for trying rules out.

mod age;
mod basic;
mod compile;
mod decode;
mod encoding;
mod fields;
mod handshake;
mod hmac;
mod key;
mod known;
mod part;
mod preset;
mod profile;
mod read_handshake;
mod read_respond;
mod read_scheme;
mod receive;
mod refusal;
mod scheme;
mod sign;
mod signature;
mod source;
mod text;
mod token;
mod view;

#[cfg(test)]
mod tests;

pub use known::Known;
pub use preset::{About, PRESETS, Preset};
pub use receive::{Armed, Received};
pub use refusal::Refusal;
pub use sign::{Signed, Unsigned};
pub use source::Source;
