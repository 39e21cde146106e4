//! What stands on the right side of an operator, as an editor has to know it.

/// The right side of an operator. Where a path may stand, it is `{ path: $.other }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any value, or a path.
    Value,
    /// Any value, a list of which one suffices, or a path.
    Several,
    /// A list of values, or a path.
    List,
    /// A number, a text, or a path.
    Ordered,
    /// Two of them.
    Pair,
    /// A text, or a list of which one suffices.
    Texts,
    /// A text, a path, or a list of which one suffices.
    TextsOrPaths,
    /// `true` or `false`.
    Truth,
    /// The name of a JSON type, or a list of them.
    Types,
    /// What a value is read as.
    Cast,
    /// A time as text, or a path.
    Time,
    /// A number, a list of them, or operators on a number.
    Amount,
    /// What stands behind a path: a value, a list, or operators.
    Tests,
}
