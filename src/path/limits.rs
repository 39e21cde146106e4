//! How large a path may be and how much work it may do.

/// The longest text of a path, in bytes: far above what a person writes, low enough for a parser that backtracks.
pub(super) const TEXT_BYTES_MAX: usize = 4096;

/// How deep brackets and parentheses may nest: the parser and the evaluator recurse once for each.
pub(super) const NESTING_MAX: usize = 32;

/// How many function calls may stand inside one another: the parser tries a broken call three times at each level.
pub(super) const CALLS_MAX: usize = 6;

/// The largest whole number that every JSON implementation keeps exactly (RFC 7493, section 2.2).
pub(super) const INDEX_MAX: i64 = 9_007_199_254_740_991;

/// How much work one evaluation may do, in [`Steps`](super::Steps): a few milliseconds to some tens of them.
pub(super) const STEPS_MAX: u64 = 1_000_000;

/// How deep the evaluator may recurse, filters in filters included: 64 levels of payload need at most a few hundred.
pub(super) const DEPTH_MAX: usize = 512;

/// How many bytes of text are compared or counted for the price of one step.
pub(super) const TEXT_BYTES_PER_STEP: usize = 256;

/// How many bytes of text are searched for a pattern for the price of one step.
pub(super) const SEARCHED_BYTES_PER_STEP: usize = 16;

/// How large a compiled pattern may become, in bytes: stops repetitions of repetitions.
pub(super) const PATTERN_BYTES_MAX: usize = 1 << 20;

/// How deep groups may nest in a pattern.
pub(super) const PATTERN_NESTING_MAX: usize = 32;

/// How often a pattern may repeat a part of itself by count.
pub(super) const REPETITIONS_MAX: u32 = 1000;
