//! Verbs that are data: each file of `services/` says which settings there are, which request they make, and what an
//! answer means. Nothing of a service is known here.

mod account;
mod compile;
mod post;
pub(super) mod rows;
mod table;
mod values;
mod write;

pub(super) use account::{Account, account};
pub(super) use compile::compile;
