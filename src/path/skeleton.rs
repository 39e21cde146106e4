//! The text that the parser gets: the same path in its plainest form, without spaces, every name in brackets, every
//! compared number replaced by its place in a list.
//!
//! So the parser's own reading of spaces and numbers does not matter: it lets spaces stand inside names and reads numbers
//! as floats, ours keep every digit.

use serde_json::Number;

use super::number;
use super::token::{Kind, Token};

/// A path in the form that the parser gets.
pub(super) struct Skeleton {
    /// The text to parse.
    pub(super) text: String,
    /// The numbers that were replaced: the parser sees `0`, `1`, `2`, … in their places.
    pub(super) numbers: Vec<Number>,
    /// Where in `text` each token starts.
    starts: Vec<usize>,
}

impl Skeleton {
    pub(super) fn new(source: &str, tokens: &[Token]) -> Self {
        let mut skeleton =
            Self { text: String::with_capacity(source.len()), numbers: Vec::new(), starts: Vec::new() };
        for (place, token) in tokens.iter().enumerate() {
            skeleton.starts.push(skeleton.text.len());
            let next = tokens.get(place + 1).map(|next| next.kind);
            let word = source.get(token.start..token.end).unwrap_or_default();
            skeleton.add(token.kind, word, next);
        }
        skeleton
    }

    /// Which token the parser was at; the number of tokens when it was at the end.
    pub(super) fn token_at(&self, offset: usize) -> usize {
        if offset >= self.text.len() {
            return self.starts.len();
        }
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    fn add(&mut self, kind: Kind, word: &str, next: Option<Kind>) {
        match kind {
            Kind::Dot if next == Some(Kind::Member) => {}
            Kind::Member => self.text.extend(["['", word, "']"]),
            Kind::Number => {
                self.text.push_str(&self.numbers.len().to_string());
                self.numbers.extend(number::parse_text(word));
            }
            _ => self.text.push_str(word),
        }
    }
}
