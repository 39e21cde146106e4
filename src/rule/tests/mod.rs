//! The rule set as a whole: every complaint drawn, the laws of routing, and what a set keeps.

mod broken;
mod kept;
mod laws;
mod owed;
pub(super) mod stage;
