//! Cuts the text of a path into words, strictly: everything that is wrong with single words or with brackets is found
//! here, and nothing of unbounded depth reaches the parser.

use super::brackets::Brackets;
use super::error::Error;
use super::limits::TEXT_BYTES_MAX;
use super::mend;
use super::token::{Kind, SIGNS, Token, continues_name, starts_name};
use super::{numeral, quoted};

/// The words of `text`.
pub(super) fn scan(text: &str) -> Result<Vec<Token>, Error> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Error::at(
            0,
            format!("a path of {} bytes is too long: {TEXT_BYTES_MAX} is the most", text.len()),
        ));
    }
    if !text.starts_with('$') {
        return Err(mend::start(text));
    }
    let mut scanner = Scanner { text, at: 0, tokens: Vec::new(), brackets: Brackets::default() };
    while let Some(next) = scanner.rest().chars().next() {
        scanner.word(next)?;
    }
    scanner.end()?;
    Ok(scanner.tokens)
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    brackets: Brackets,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn last(&self) -> Option<Token> {
        self.tokens.last().copied()
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token { kind, start: self.at, end: self.at + length });
        self.at += length;
    }

    fn word(&mut self, next: char) -> Result<(), Error> {
        match next {
            ' ' | '\t' | '\n' | '\r' => self.at += 1,
            '\'' | '"' => {
                let length = quoted::length(self.rest()).map_err(|error| self.moved(error))?;
                self.push(Kind::Text, length);
            }
            '-' | '0'..='9' => return self.number(),
            next if starts_name(next) => return self.name(),
            _ => return self.sign(),
        }
        Ok(())
    }

    /// An error of a part of the text, with its place in the whole.
    fn moved(&self, error: Error) -> Error {
        Error { offset: error.offset + self.at, ..error }
    }

    fn number(&mut self) -> Result<(), Error> {
        if let Some(last) = self.last().filter(|last| matches!(last.kind, Kind::Number | Kind::Index)) {
            return Err(mend::two_numbers(self.at, last));
        }
        let kind = if self.brackets.in_filter() { Kind::Number } else { Kind::Index };
        let length = match kind {
            Kind::Number => numeral::literal(self.rest()),
            _ => numeral::index(self.rest()),
        };
        let length = length.map_err(|error| self.moved(error))?;
        self.push(kind, length);
        Ok(())
    }

    /// A name that does not stand behind a dot: a function or one of three values.
    fn name(&mut self) -> Result<(), Error> {
        let length = name_length(self.rest());
        let (name, behind) = self.rest().split_at_checked(length).unwrap_or_default();
        let kind = match name {
            _ if behind.starts_with('(') => Kind::Function,
            "true" | "false" | "null" => Kind::Word,
            _ => {
                return Err(mend::bare_word(
                    self.text,
                    self.at,
                    name,
                    &self.tokens,
                    self.brackets.in_filter(),
                ));
            }
        };
        if kind == Kind::Function && !super::function::is_known(name) {
            return Err(mend::unknown_function(self.at, name));
        }
        self.push(kind, length);
        Ok(())
    }

    fn sign(&mut self) -> Result<(), Error> {
        let Some((sign, kind)) = SIGNS.iter().find(|(sign, _)| self.rest().starts_with(sign)) else {
            return Err(mend::stray(self.text, self.at, &self.tokens, self.brackets.in_filter()));
        };
        let selects = self.last().is_some_and(|last| matches!(last.kind, Kind::Open | Kind::Comma));
        if *kind == Kind::OpenRound && selects && !self.brackets.in_filter() {
            return Err(mend::script(self.at));
        }
        self.brackets.see(*kind, self.at, self.last().is_some_and(|last| last.kind == Kind::Function))?;
        self.push(*kind, sign.len());
        match kind {
            Kind::Dot | Kind::Descend => self.member(),
            _ => Ok(()),
        }
    }

    /// What stands behind a dot: a bare name, `*`, or a bracket behind two dots.
    fn member(&mut self) -> Result<(), Error> {
        match self.rest().chars().next() {
            Some(next) if starts_name(next) => {
                let length = name_length(self.rest());
                let dot = self.last();
                self.push(Kind::Member, length);
                mend::key_goes_on(self.text, self.at, dot, &self.tokens).map_or(Ok(()), Err)
            }
            Some('*') => Ok(()),
            Some('[') if self.last().is_some_and(|last| last.kind == Kind::Descend) => Ok(()),
            _ => Err(mend::behind_dot(self.text, self.at, &self.tokens)),
        }
    }

    fn end(&self) -> Result<(), Error> {
        self.brackets.end()?;
        let words_end = self.last().map_or(0, |last| last.end);
        if words_end < self.text.len() {
            return Err(Error::at(words_end, "a space follows the path").help("remove it"));
        }
        Ok(())
    }
}

/// How many bytes the bare name at the start of `text` has.
fn name_length(text: &str) -> usize {
    text.find(|character| !continues_name(character)).unwrap_or(text.len())
}
