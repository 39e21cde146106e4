//! The rows: each file of `services/` is one, and `build.rs` lists them.

use crate::effect::Says;

use super::table::{Body, Declared, Given, Held, Part, Piece, Request, Setting, Show};

include!(concat!(env!("OUT_DIR"), "/services.rs"));
