//! The words inside one tag: paths and names, literals, brackets.

use serde_json::Value;

use super::Word;
use crate::path::number;
use crate::template::error::Error;

/// One token and where it begins.
#[derive(Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A path, a name or a literal.
    Word(Word<'t>),
    /// `(`
    Open(usize),
    /// `)`
    Close(usize),
    /// The names between the bars of `as |item index|`.
    Names(usize, Vec<Word<'t>>),
    /// `}}` or `~}}`, and the offset behind it.
    End {
        /// Whether it takes the blanks behind it away.
        trims: bool,
        behind: usize,
    },
}

/// Reads tokens from one place of a template on.
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    /// Where the tag began, for the complaint that it never ends.
    tag: usize,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str, tag: usize, at: usize) -> Self {
        Self { text, at, tag }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Result<Token<'t>, Error> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        let (offset, rest) = (self.at, self.rest());
        for (end, trims) in [("}}", false), ("~}}", true)] {
            if rest.starts_with(end) {
                return Ok(Token::End { trims, behind: offset + end.len() });
            }
        }
        match rest.chars().next() {
            None => Err(never_closed(self.tag)),
            Some('(') => Ok(Token::Open(self.skip(1))),
            Some(')') => Ok(Token::Close(self.skip(1))),
            Some(quote @ ('"' | '\'')) => self.quoted(offset, quote).map(Token::Word),
            Some('|') => Err(pipe(offset)),
            Some('=') => Err(equals(offset)),
            Some(stray @ ('{' | '}' | '[' | '~')) => Err(stray_letter(offset, stray, self.tag)),
            Some(_) => self.word(),
        }
    }

    fn skip(&mut self, bytes: usize) -> usize {
        let before = self.at;
        self.at += bytes;
        before
    }

    /// A name, a path, a number, `true`, `false`, `null`, or `as |…|`.
    fn word(&mut self) -> Result<Token<'t>, Error> {
        let offset = self.at;
        let length = word_length(self.rest()).map_err(|bracket| {
            Error::at(offset + bracket, "`[` without its `]`").help("write `[0]` or `['name']`")
        })?;
        self.at += length;
        let text = self.text.get(offset..self.at).unwrap_or_default();
        if text == "as" && self.rest().trim_start().starts_with('|') {
            return self.names(offset);
        }
        let literal = literal(text).map_err(|()| {
            Error::at(offset, format!("`{text}` is neither a number nor a name"))
                .help("put a text in quotes; a path begins with `$`")
        })?;
        Ok(Token::Word(Word { offset, text, literal }))
    }

    fn names(&mut self, offset: usize) -> Result<Token<'t>, Error> {
        let help = "write `{{#each $.items as |item|}}` or `as |item index|`";
        let wrong = |at: usize| Error::at(at, "`as` wants one or two names between bars").help(help);
        let (before, inside) = self.rest().split_once('|').ok_or_else(|| wrong(offset))?;
        let (inside, _) = inside.split_once('|').ok_or_else(|| wrong(offset))?;
        let start = self.at + before.len() + 1;
        self.at = start + inside.len() + 1;
        let mut names = Vec::new();
        for name in inside.split_ascii_whitespace() {
            let place = start + name.as_ptr().addr().saturating_sub(inside.as_ptr().addr());
            if !name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
                || literal(name) != Ok(None)
            {
                return Err(wrong(place));
            }
            names.push(Word { offset: place, text: name, literal: None });
        }
        if matches!(names.len(), 1 | 2) { Ok(Token::Names(offset, names)) } else { Err(wrong(offset)) }
    }

    /// A text in quotes; escapes are those of JSON, in single quotes also `\'`.
    fn quoted(&mut self, offset: usize, quote: char) -> Result<Word<'t>, Error> {
        let length = quoted_length(self.rest()).ok_or_else(|| {
            Error::at(offset, format!("a text that never ends: there is no second `{quote}`"))
                .help("a quote inside a text is written `\\\"` or `\\'`")
        })?;
        self.at += length;
        let text = self.text.get(offset..self.at).unwrap_or_default();
        let value = unquote(text).ok_or_else(|| {
            Error::at(offset, format!("{text} is not a text: a `\\` in it means nothing"))
                .help("write `\\\\` for a backslash, `\\n` for a line break")
        })?;
        Ok(Word { offset, text, literal: Some(Value::String(value)) })
    }
}

pub(super) fn never_closed(tag: usize) -> Error {
    Error::at(tag, "`{{` without its `}}`").help("close the tag, or write `\\{{` for two braces in the text")
}

fn pipe(offset: usize) -> Error {
    Error::at(offset, "`|` is not used here").help("a helper stands first: `{{ upper $.name }}`")
}

fn equals(offset: usize) -> Error {
    Error::at(offset, "`=` is not used here").help("to compare, write `(eq $.a \"b\")`")
}

fn stray_letter(offset: usize, letter: char, tag: usize) -> Error {
    match letter {
        '{' => never_closed(tag),
        '[' => Error::at(offset, "`[` cannot begin a value").help("write `$['name']` for a name with spaces"),
        _ => Error::at(offset, format!("`{letter}` is not used here")).help("a tag ends with `}}`"),
    }
}

/// The bytes of a word: up to a blank or a sign that ends it, but brackets are taken whole. `Err` is where one is left open.
fn word_length(rest: &str) -> Result<usize, usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut quote = None;
    let mut escaped = false;
    for (offset, letter) in rest.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(mark), _) if mark == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if !open.is_empty() => quote = Some(letter),
            (None, '[') => open.push(offset),
            (None, ']') if open.pop().is_some() => {}
            (None, _) if open.is_empty() && ends_word(letter) => return Ok(offset),
            (None, _) => {}
        }
    }
    open.first().map_or(Ok(rest.len()), |bracket| Err(*bracket))
}

fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '(' | ')' | '|' | '=' | '"' | '\'' | '{' | '}' | '~')
}

/// The bytes of a text in quotes, both quotes counted.
fn quoted_length(rest: &str) -> Option<usize> {
    let mut letters = rest.char_indices();
    let (_, quote) = letters.next()?;
    let mut escaped = false;
    for (offset, letter) in letters {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return Some(offset + letter.len_utf8()),
            _ => {}
        }
    }
    None
}

fn unquote(text: &str) -> Option<String> {
    let Some(inside) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) else {
        return plain(text);
    };
    let mut json = String::from("\"");
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next()? {
                '\'' => json.push('\''),
                other => json.extend(['\\', other]),
            },
            '"' => json.push_str("\\\""),
            other => json.push(other),
        }
    }
    json.push('"');
    plain(&json)
}

/// A JSON text; line breaks and tabs may stand in it as they are, since a template can have several lines.
fn plain(json: &str) -> Option<String> {
    let json = json.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    serde_json::from_str(&json).ok()
}

/// `Ok(None)` for a name or a path, `Err` for what begins like a number and is none.
fn literal(text: &str) -> Result<Option<Value>, ()> {
    match text {
        "true" => Ok(Some(Value::Bool(true))),
        "false" => Ok(Some(Value::Bool(false))),
        "null" => Ok(Some(Value::Null)),
        _ if text.trim_start_matches('-').starts_with(|letter: char| letter.is_ascii_digit()) => {
            number::parse_text(text).map(|number| Some(Value::Number(number))).ok_or(())
        }
        _ => Ok(None),
    }
}
