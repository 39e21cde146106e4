//! What is wrong with a body, and where.

use std::fmt;

use crate::limit;

/// A place in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// From 1 on.
    pub line: usize,
    /// Bytes before it in the body, a byte order mark not counted.
    pub byte: usize,
}

/// Why a body was refused: always the sender's doing, answered with 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Bytes that are no text, raw or percent-encoded.
    #[error("the body is not UTF-8: byte {byte} begins no character")]
    NotUtf8 {
        /// The offset of the first such byte.
        byte: usize,
    },
    /// No body at all, or only blanks.
    #[error("the body is empty; JSON was expected")]
    Empty,
    /// Not JSON, in the words of the parser.
    #[error("the body is not JSON: {words} at {at}")]
    NotJson {
        /// What the parser says.
        words: String,
        /// Where it stopped.
        at: At,
    },
    /// Not XML, or not XML that we read.
    #[error("the body is not XML: {words} at {at}")]
    NotXml {
        /// What is wrong.
        words: String,
        /// Where.
        at: At,
    },
    /// A document type could define entities, whose text is nowhere to be seen or without end.
    #[error("the body has a document type (<!DOCTYPE …>), which is not read, at {0}")]
    Doctype(At),
    /// An entity that is none of the five of XML.
    #[error("the entity `&{name};` is not known at {at}; only amp, lt, gt, quot, apos and numbers are")]
    Entity {
        /// Its name, shortened.
        name: String,
        /// Where.
        at: At,
    },
    /// Not made of parts as its content type says.
    #[error("the body is not multipart/form-data: {what} at {at}")]
    NotMultipart {
        /// What is wrong.
        what: &'static str,
        /// Where.
        at: At,
    },
    /// More fields and files than we keep.
    #[error("the body has more than {max} parts at {0}", max = limit::PARTS_MAX)]
    TooManyParts(At),
    /// What is wrong with one field, its places counted within it.
    #[error("in the field `{name}`: {error}")]
    Part {
        /// Its name, shortened.
        name: String,
        /// What is wrong.
        #[source]
        error: Box<Error>,
    },
    /// Not a CloudEvent, or none of the version that is read.
    #[error("the request is not a CloudEvent: {what}")]
    CloudEvent {
        /// What is wrong.
        what: String,
    },
    /// Lists and objects inside one another.
    #[error("the body is nested deeper than {max} levels at {0}", max = limit::JSON_DEPTH_MAX)]
    TooDeep(At),
    /// More values than we keep.
    #[error("the body has more than {max} values at {0}", max = limit::JSON_NODES_MAX)]
    TooMany(At),
    /// One text that is too long.
    #[error("a text in the body is longer than {max} bytes at {0}", max = limit::JSON_TEXT_MAX_BYTES)]
    TextTooLong(At),
    /// One object has one key twice: readers would not agree on which one counts.
    #[error("an object has the key `{key}` twice at {at}")]
    DuplicateKey {
        /// The key, shortened.
        key: String,
        /// The second one.
        at: At,
    },
    /// A key that would make an object look like a number.
    #[error("`{key}` cannot be a key, at {0}", key = super::NUMBER_KEY)]
    ReservedKey(At),
    /// The field of the form that should hold the JSON is missing, or there are several.
    #[error("the form should have the field `{field}` once, it has it {count} times")]
    Field {
        /// Its name.
        field: String,
        /// How often it is there.
        count: usize,
    },
    /// `a=1&a[b]=2`: one field cannot be two kinds of thing.
    #[error("the form's field `{field}` is used both as a text and as a map or list, at {at}")]
    Mixed {
        /// Its name, shortened.
        field: String,
        /// The field that does not fit.
        at: At,
    },
}

impl Error {
    /// The kind of trouble in two or three words, for a list of refusals.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NotUtf8 { .. } => "body not UTF-8",
            Self::Empty => "body empty",
            Self::NotJson { .. } => "body not JSON",
            Self::NotXml { .. } => "body not XML",
            Self::Doctype(_) => "document type",
            Self::Entity { .. } => "unknown entity",
            Self::NotMultipart { .. } => "body not multipart",
            Self::TooManyParts(_) => "too many parts",
            Self::Part { error, .. } => error.reason(),
            Self::CloudEvent { .. } => "not a CloudEvent",
            Self::TooDeep(_) => "body too deep",
            Self::TooMany(_) => "too many values",
            Self::TextTooLong(_) => "text too long",
            Self::DuplicateKey { .. } => "duplicate key",
            Self::ReservedKey(_) => "reserved key",
            Self::Field { .. } => "form field missing",
            Self::Mixed { .. } => "form fields conflict",
        }
    }
}

impl At {
    /// The first byte.
    pub(super) const fn start() -> Self {
        Self { line: 1, byte: 0 }
    }

    /// The place so many bytes behind the start of `text`.
    pub(super) fn byte(text: &str, byte: usize) -> Self {
        Self::in_bytes(text.as_bytes(), byte)
    }

    /// The same in a body that need not be text.
    pub(super) fn in_bytes(body: &[u8], byte: usize) -> Self {
        let line = 1 + body.iter().take(byte).filter(|letter| **letter == b'\n').count();
        Self { line, byte }
    }

    /// The place that `serde_json` calls by line and column, both from 1 on (column 0 is the line break before).
    pub(super) fn line(text: &str, line: usize, column: usize) -> Self {
        let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        Self { line, byte: before + column.saturating_sub(1) }
    }
}

impl fmt::Display for At {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, byte {}", self.line, self.byte)
    }
}

/// A sentence of a parser with a sender's text in it: not too long, and no control character.
pub(super) fn tame(sentence: &str) -> String {
    let letters = sentence.chars().take(160);
    letters.map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// Enough of a sender's text to find it, and no control character that could forge a line of our log.
pub(super) fn shorten(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}
