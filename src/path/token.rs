//! The words of a path: what the scanner hands on.

/// One word of a path and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Byte offset of the first byte.
    pub(super) start: usize,
    /// Byte offset behind the last byte.
    pub(super) end: usize,
}

/// What a word of a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `$`
    Root,
    /// `@`
    Current,
    /// `.`
    Dot,
    /// `..`
    Descend,
    /// `*`
    Star,
    /// `[`
    Open,
    /// `]`
    Close,
    /// `(`
    OpenRound,
    /// `)`
    CloseRound,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `?`
    Question,
    /// `!`
    Not,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `==` and its kin
    Compare,
    /// a bare name behind a dot
    Member,
    /// the name of a function
    Function,
    /// `true`, `false`, `null`
    Word,
    /// text in quotes
    Text,
    /// a number that is compared
    Number,
    /// a number that picks an element
    Index,
}

impl Kind {
    /// Whether the word is a value written out.
    pub(super) fn is_literal(self) -> bool {
        matches!(self, Self::Word | Self::Text | Self::Number)
    }
}

/// The signs, longer ones before those they start with.
pub(super) const SIGNS: &[(&str, Kind)] = &[
    ("&&", Kind::And),
    ("||", Kind::Or),
    ("==", Kind::Compare),
    ("!=", Kind::Compare),
    ("<=", Kind::Compare),
    (">=", Kind::Compare),
    ("<", Kind::Compare),
    (">", Kind::Compare),
    ("!", Kind::Not),
    ("$", Kind::Root),
    ("@", Kind::Current),
    ("..", Kind::Descend),
    (".", Kind::Dot),
    ("*", Kind::Star),
    ("[", Kind::Open),
    ("]", Kind::Close),
    ("(", Kind::OpenRound),
    (")", Kind::CloseRound),
    (",", Kind::Comma),
    (":", Kind::Colon),
    ("?", Kind::Question),
];

/// Whether a bare name may start with the character (RFC 9535, section 2.5.1.1).
pub(super) fn starts_name(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

/// Whether a bare name may go on with the character.
pub(super) fn continues_name(character: char) -> bool {
    starts_name(character) || character.is_ascii_digit()
}
