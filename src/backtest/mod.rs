//! Edited rules on recorded events: what would match, what would not any more, and which effects would be others.
//!
//! Two rule sets are held against each other once (`outline`): rules added, gone and changed. Then each event is routed
//! by both (`judge`), read anew where its source reads otherwise now (`source`); what differs is counted with a few samples (`tally`), so memory does not grow with the history.

mod judge;
mod outline;
mod source;
mod tally;

#[cfg(test)]
mod tests;

pub use judge::Comparison;
pub use outline::{Change, Kind, hex_short};
pub use source::{Kept, SourceChange};
pub use tally::{RuleTally, Sample, Samples, SourceTally, Tally};
