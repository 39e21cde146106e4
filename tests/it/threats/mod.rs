//! What a stranger or a bad day tries on the running program, class by class, and what must happen.

pub(crate) mod admin;
mod front;
mod load;
mod logs;
mod payloads;
mod signatures;
mod supply;
mod templates;
