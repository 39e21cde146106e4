//! Verbs that are data: each definition says which settings there are, which request they make, and what an answer means.
//! Nothing of a service is known here. The program's own stand in `services/`, a file each; rules files have more of them.

mod account;
mod compile;
mod keys;
mod md5;
mod own;
mod post;
mod read;
mod read_request;
mod rows;
mod table;
mod values;
mod write;

pub(super) use account::{Account, account};
pub(super) use compile::compile;
pub use keys::SERVICE_KEYS;
pub use own::services;
pub(super) use rows::rows;
pub(super) use table::Declared;
