//! Where each value of a YAML text stands.

use std::ops::Range;

/// One value: where it stands and what is in it.
#[derive(Debug)]
pub(super) struct Spot {
    /// From its first byte to just behind its last; anchors are not part of it.
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
    /// Values in it once aliases are followed, itself included.
    pub(super) weight: u64,
    /// Levels below it once aliases are followed.
    pub(super) height: usize,
}

impl Spot {
    /// What it holds when it is a map.
    pub(super) fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }
}

#[derive(Debug)]
pub(super) enum Kind {
    Scalar {
        style: Style,
        /// The text once quotes, escapes and folding are undone.
        text: String,
    },
    List(Vec<usize>),
    Map(Vec<Entry>),
    Alias(usize),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

impl Style {
    /// Bytes up to the closing quote; the parser counts in the blanks and comments behind it.
    pub(super) fn length(self, written: &str) -> usize {
        let mut letters = written.char_indices().skip(1).peekable();
        while let Some((byte, letter)) = letters.next() {
            match (self, letter) {
                (Self::Double, '\\') => drop(letters.next()),
                (Self::Single, '\'') if letters.next_if(|(_, next)| *next == '\'').is_some() => {}
                (Self::Double, '"') | (Self::Single, '\'') => return byte + 1,
                _ => {}
            }
        }
        written.len()
    }
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) value: usize,
}

/// All values of a text; they name each other by index.
#[derive(Debug)]
pub(super) struct Spots {
    pub(super) all: Vec<Spot>,
    pub(super) root: usize,
}

/// What stands for an index that is not there; there is none.
static NOWHERE: Spot = Spot {
    span: 0..0,
    kind: Kind::Scalar { style: Style::Plain, text: String::new() },
    weight: 1,
    height: 0,
};

impl Spots {
    pub(super) fn root(&self) -> usize {
        self.root
    }

    pub(super) fn spot(&self, index: usize) -> &Spot {
        self.all.get(index).unwrap_or(&NOWHERE)
    }

    /// The value itself, or what an alias stands for.
    pub(super) fn target(&self, index: usize) -> &Spot {
        match self.spot(index) {
            Spot { kind: Kind::Alias(target), .. } => self.spot(*target),
            spot => spot,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_ends_with_its_quote() {
        for (style, written, wanted) in [
            (Style::Single, "'a' # it's", "'a'"),
            (Style::Single, "'it''s'  ", "'it''s'"),
            (Style::Single, "''\n", "''"),
            (Style::Double, r#""a\"b\\" # "x""#, r#""a\"b\\""#),
            (Style::Plain, "it's \"x\"", "it's \"x\""),
        ] {
            assert_eq!(written.get(..style.length(written)), Some(wanted), "{written}");
        }
    }
}
