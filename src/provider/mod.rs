//! Where webhooks come from and how each is proved genuine, before anything in it is believed.
//!
//! A provider is data (`presets/`), written in a small language that a user may write as well: where the signature
//! stands (`signature`), what is signed (`text`, `part`), how old it may be (`age`) and what the secret is (`key`).
//! `compile` turns a rules file's source into a [`Source`], [`Source::arm`] joins it with its secrets, and
//! [`Armed::receive`] turns a request into an event or refuses it. [`Source::sign`] is the inverse, for trying rules out.

mod age;
mod allow;
mod basic;
mod batch;
mod body;
mod compile;
mod decode;
mod digest;
mod encoding;
mod events;
mod examined;
mod example;
mod fetched;
mod fields;
mod filter;
mod handshake;
mod hash;
mod hmac;
mod jwks;
mod jwt;
mod jwt_claims;
mod key;
mod marks;
mod message;
mod params;
mod part;
mod portrait;
mod preset;
mod profile;
mod proof;
mod public_key;
mod read_handshake;
mod read_jwt;
mod read_message;
mod read_respond;
mod read_scheme;
mod read_when;
mod receive;
mod reference;
mod refusal;
mod scheme;
mod sender_key;
mod sends;
mod sig;
mod sign;
mod signature;
mod source;
mod suppose;
mod suspect;
mod text;
mod token;
mod url;
mod view;
mod way;
mod when;
mod words;

#[cfg(test)]
mod tests;

pub use body::form;
pub use examined::{Examined, Looked};
pub use fetched::{Fetched, Wanted};
pub use params::Param;
pub use portrait::{Portrait, Question};
pub use preset::{About, PRESETS, Preset};
pub use profile::FORMATS;
pub use proof::Proof;
pub use public_key::Algorithm;
pub use receive::{Armed, Around, Received};
pub use reference::{SchemeKind, scheme_kinds, source_keys};
pub use refusal::Refusal;
pub use sender_key::{Pen, SenderKey, pem};
pub use sends::Sent;
pub use sign::{Signed, Unsigned};
pub use source::Source;
pub use way::Way;
