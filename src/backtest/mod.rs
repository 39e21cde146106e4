//! Edited rules on recorded events: what would match, what would not any more, and which effects would be others.
//!
//! Two rule sets are held against each other once (`outline`): rules added, gone and changed. Then each event is routed
//! by both (`judge`); what differs is counted with a few samples (`tally`), so memory does not grow with the history.

mod judge;
mod outline;
mod tally;

#[cfg(test)]
mod tests;

pub use judge::Comparison;
pub use outline::{Change, Kind, hex_short};
pub use tally::{RuleTally, Sample, Samples, Tally};
