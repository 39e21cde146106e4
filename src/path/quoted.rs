//! Text in quotes inside a path: where it ends and which escapes it may use (RFC 9535, section 2.3.1.1).

use super::error::Error;

/// How many bytes the quoted text at the start of `text` has, quotes included; `text` starts with a quote.
///
/// # Errors
/// When the text is not closed, or holds a control character or an escape that does not exist.
pub(super) fn length(text: &str) -> Result<usize, Error> {
    let mut characters = text.char_indices();
    let quote = characters.next().map_or('\'', |(_, quote)| quote);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                let escape = text.get(at..).unwrap_or_default();
                let length = escape_length(escape, quote).map_err(|error| Error { offset: at, ..error })?;
                skip_to(&mut characters, at + length);
            }
            '\0'..='\u{1f}' => return Err(control(at, character)),
            _ if character == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err(Error::at(0, format!("the quote `{quote}` is never closed"))
        .help(format!("write `{quote}` where the text ends")))
}

/// Where in quoted text the byte stands that has the offset `meant` in what the text means.
pub(super) fn written_offset(text: &str, meant: usize) -> usize {
    let (mut at, mut passed) = (1, 0);
    while passed < meant {
        let rest = text.get(at..).unwrap_or_default();
        let (written, means) = match rest.chars().next() {
            Some('\\') => escape_lengths(rest),
            Some(character) => (character.len_utf8(), character.len_utf8()),
            None => return at,
        };
        at += written;
        passed += means;
    }
    at
}

/// How many bytes the escape has, and how many the character it stands for.
fn escape_lengths(escape: &str) -> (usize, usize) {
    if !escape.starts_with("\\u") {
        return (2, 1);
    }
    match hexadecimal(escape) {
        Some(0xD800..=0xDBFF) => (12, 4),
        code => (6, code.and_then(char::from_u32).map_or(1, char::len_utf8)),
    }
}

fn skip_to(characters: &mut std::str::CharIndices<'_>, end: usize) {
    while characters.offset() < end && characters.next().is_some() {}
}

fn control(at: usize, character: char) -> Error {
    let escape = match character {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        other => format!("\\u{:04x}", u32::from(other)),
    };
    Error::at(at, "a control character stands in quoted text").help(format!("write `{escape}`"))
}

/// How many bytes the escape has; `escape` starts with a backslash.
fn escape_length(escape: &str, quote: char) -> Result<usize, Error> {
    match escape.chars().nth(1) {
        Some('b' | 'f' | 'n' | 'r' | 't' | '/' | '\\') => Ok(2),
        Some(next) if next == quote => Ok(2),
        Some('u') => unicode_length(escape),
        Some(next @ ('\'' | '"')) => Err(Error::at(0, format!("`\\{next}` is not needed between `{quote}`"))
            .help(format!("write `{next}`"))),
        Some(next) => {
            let message = format!("`\\{}` is not an escape", next.escape_debug());
            Err(Error::at(0, message).help(format!("for a backslash write `\\\\{}`", next.escape_debug())))
        }
        None => Err(Error::at(0, "the path ends inside an escape")),
    }
}

/// `\uXXXX`, or two of them for a character that needs a surrogate pair.
fn unicode_length(escape: &str) -> Result<usize, Error> {
    let wanted = "write four hexadecimal digits, as in `\\u00e9`";
    match hexadecimal(escape) {
        None => Err(Error::at(0, "`\\u` is not complete").help(wanted)),
        Some(0xDC00..=0xDFFF) => Err(lone_surrogate()),
        Some(0xD800..=0xDBFF) => match escape.get(6..).and_then(hexadecimal) {
            Some(0xDC00..=0xDFFF) => Ok(12),
            _ => Err(lone_surrogate()),
        },
        Some(_) => Ok(6),
    }
}

fn lone_surrogate() -> Error {
    Error::at(0, "half of a surrogate pair stands alone")
        .help("write both halves, as in `\\ud83d\\ude00`, or the character itself")
}

fn hexadecimal(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}
