//! Reads I-Regexp (RFC 9485), strictly, and writes the same pattern in the words of the `regex` crate: `.` is everything
//! but line ends, and no sign of that crate's own slips through.

use std::iter::Peekable;
use std::str::CharIndices;

use super::error::Error;
use super::limits::{PATTERN_NESTING_MAX, REPETITIONS_MAX};

/// Escapes of other dialects, and what I-Regexp has for them.
const FOREIGN_ESCAPES: &[(char, &str)] = &[
    ('d', "write `[0-9]`, or `\\\\p{Nd}` for the digits of all scripts"),
    ('D', "write `[^0-9]`"),
    ('w', "write `[A-Za-z0-9_]`, or `[\\\\p{L}\\\\p{N}_]` for all scripts"),
    ('W', "write `[^A-Za-z0-9_]`"),
    ('s', "write `[ \\\\t\\\\r\\\\n]`"),
    ('S', "write `[^ \\\\t\\\\r\\\\n]`"),
    ('b', "there are no word boundaries here"),
    ('A', "write `^`"),
    ('z', "write `$`"),
    ('Z', "write `$`"),
];

/// The categories of Unicode: the letter of each, and the letters that may follow it.
const CATEGORIES: &[(&str, &str)] = &[
    ("L", "lmotu"),
    ("M", "cen"),
    ("N", "dlo"),
    ("P", "cdefios"),
    ("Z", "lps"),
    ("S", "ckmo"),
    ("C", "cfno"),
];

/// The pattern in the words of the `regex` crate.
///
/// # Errors
/// When it is not an I-Regexp; the offset counts inside the pattern.
pub(super) fn translate(pattern: &str) -> Result<String, Error> {
    let mut reader =
        Reader { pattern, characters: pattern.char_indices().peekable(), written: String::new() };
    reader.alternatives()?;
    Ok(reader.written)
}

struct Reader<'p> {
    pattern: &'p str,
    characters: Peekable<CharIndices<'p>>,
    written: String,
}

impl Reader<'_> {
    fn alternatives(&mut self) -> Result<(), Error> {
        let mut groups = Vec::new();
        let mut repeatable = false;
        while let Some((at, character)) = self.characters.next() {
            let repeats = matches!(character, '*' | '+' | '?' | '{');
            if repeats && !repeatable {
                return Err(nothing_to_repeat(self.pattern, at, character));
            }
            repeatable = !repeats && !matches!(character, '(' | '|' | '^' | '$');
            match character {
                '*' | '+' | '?' => self.written.push(character),
                '{' => self.repetition(at)?,
                '(' if groups.len() == PATTERN_NESTING_MAX => {
                    return Err(Error::at(at, "groups nest too deep"));
                }
                '(' => {
                    groups.push(at);
                    self.written.push_str("(?:");
                }
                ')' if groups.pop().is_none() => {
                    return Err(Error::at(at, "`)` closes nothing").help("for the character write `\\\\)`"));
                }
                ')' | '|' => self.written.push(character),
                '^' => self.written.push_str(r"\A"),
                '$' => self.written.push_str(r"\z"),
                '.' => self.written.push_str(r"[^\n\r]"),
                '\\' => self.escape(at)?,
                '[' => self.class(at)?,
                ']' | '}' => return Err(unescaped(at, character)),
                plain => self.plain(plain),
            }
        }
        match groups.last() {
            Some(open) => {
                Err(Error::at(*open, "`(` is never closed").help("for the character write `\\\\(`"))
            }
            None => Ok(()),
        }
    }

    fn plain(&mut self, character: char) {
        if character.is_ascii() && !character.is_ascii_alphanumeric() {
            self.written.push_str(&format!(r"\x{{{:x}}}", u32::from(character)));
        } else {
            self.written.push(character);
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, at: usize) -> Result<(), Error> {
        let Some((_, character)) = self.characters.next() else {
            return Err(
                Error::at(at, "the pattern ends inside an escape").help("for a backslash write `\\\\\\\\`")
            );
        };
        match character {
            'n' | 'r' | 't' => self.written.extend(['\\', character]),
            '(' | ')' | '*' | '+' | '-' | '.' | '?' | '[' | '\\' | ']' | '^' | '{' | '|' | '}' => {
                self.plain(character);
            }
            'p' | 'P' => return self.category(at, character),
            '$' => return Err(Error::at(at, "`\\$` is not an escape of I-Regexp").help("write `[$]`")),
            other => {
                let error =
                    Error::at(at, format!("`\\{}` is not an escape of I-Regexp", other.escape_debug()));
                let row = FOREIGN_ESCAPES.iter().find(|(escape, _)| *escape == other);
                return Err(error.help(row.map_or("write the character alone", |(_, help)| help)));
            }
        }
        Ok(())
    }

    /// `\p{Lu}`: one or two letters in braces.
    fn category(&mut self, at: usize, letter: char) -> Result<(), Error> {
        let text = self.pattern.get(at + 2..).unwrap_or_default();
        let name = text.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
        let Some(name) = name.filter(|name| is_category(name)) else {
            let help = format!(
                "a category is one or two letters, as in `\\\\{letter}{{L}}` or `\\\\{letter}{{Nd}}`"
            );
            return Err(Error::at(at, format!("`\\{letter}` names no category")).help(help));
        };
        self.written.push_str(&format!(r"\{letter}{{{name}}}"));
        self.characters.by_ref().nth(name.len() + 1);
        Ok(())
    }

    /// `{2}`, `{2,}` or `{2,4}`, behind its opening brace.
    fn repetition(&mut self, at: usize) -> Result<(), Error> {
        let text = self.pattern.get(at + 1..).unwrap_or_default();
        let bounds = text.split_once('}').map(|(bounds, _)| bounds);
        let Some(bounds) = bounds.filter(|bounds| is_repetition(bounds)) else {
            let help = "write `{2}`, `{2,}` or `{2,4}`, at most 1000; for the character write `\\\\{`";
            return Err(Error::at(at, "`{` starts no repetition").help(help));
        };
        self.written.push_str(&format!("{{{bounds}}}"));
        self.characters.by_ref().nth(bounds.len());
        Ok(())
    }

    /// `[…]`, behind its opening bracket.
    fn class(&mut self, open: usize) -> Result<(), Error> {
        self.written.push('[');
        if self.characters.next_if(|(_, next)| *next == '^').is_some() {
            self.written.push('^');
        }
        let mut before = Member::Start;
        while let Some((at, character)) = self.characters.next() {
            before = match character {
                ']' if before == Member::Start => return Err(Error::at(open, "`[]` holds no character")),
                ']' => {
                    self.written.push(']');
                    return Ok(());
                }
                '-' => self.dash(at, before)?,
                '[' => return Err(unescaped(at, character)),
                '\\' => {
                    let is_category = matches!(self.characters.peek(), Some((_, 'p' | 'P')));
                    self.escape(at)?;
                    if is_category { Member::Whole } else { before.with_character() }
                }
                plain => {
                    self.plain(plain);
                    before.with_character()
                }
            };
        }
        Err(Error::at(open, "`[` is never closed").help("for the character write `\\\\[`"))
    }

    /// A `-` inside `[…]`: itself at either end, a range between two characters.
    fn dash(&mut self, at: usize, before: Member) -> Result<Member, Error> {
        let ends = matches!(self.characters.peek(), Some((_, ']')));
        if before == Member::Start || ends {
            self.plain('-');
            return Ok(Member::Whole);
        }
        let goes_on = !matches!(self.pattern.get(at + 1..), Some(rest) if rest.starts_with(['-', '['])
            || rest.starts_with("\\p") || rest.starts_with("\\P"));
        if before != Member::Character || !goes_on {
            return Err(
                Error::at(at, "`-` stands between no two characters").help("for the character write `\\\\-`")
            );
        }
        self.written.push('-');
        Ok(Member::Range)
    }
}

/// What stands before a place inside `[…]`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Start,
    /// A character that may start a range.
    Character,
    /// The `-` of a range.
    Range,
    /// Something that cannot start a range.
    Whole,
}

impl Member {
    fn with_character(self) -> Self {
        if self == Self::Range { Self::Whole } else { Self::Character }
    }
}

fn is_category(name: &str) -> bool {
    CATEGORIES.iter().any(|(letter, more)| match name.strip_prefix(letter) {
        Some("") => true,
        Some(rest) => rest.len() == 1 && more.contains(rest),
        None => false,
    })
}

/// Whether the text between braces counts repetitions: `2`, `2,`, `2,4`, within bounds and not backwards.
fn is_repetition(bounds: &str) -> bool {
    let (least, most) = bounds.split_once(',').unwrap_or((bounds, bounds));
    let count =
        |digits: &str| digits.parse().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()));
    let most = if most.is_empty() { Some(REPETITIONS_MAX) } else { count(most) };
    matches!((count(least), most), (Some(least), Some(most)) if least <= most && most <= REPETITIONS_MAX)
}

fn nothing_to_repeat(pattern: &str, at: usize, character: char) -> Error {
    let before = pattern.get(..at).unwrap_or_default();
    if character == '?' && before.ends_with('(') {
        return Error::at(at, "`(?` starts nothing here").help("write `(` alone: groups have no options");
    }
    if before.ends_with(['*', '+', '?', '}']) && !before.ends_with("\\}") {
        return Error::at(at, format!("`{character}` repeats a repetition"))
            .help("there are no lazy or possessive repetitions; write one sign");
    }
    Error::at(at, format!("`{character}` repeats nothing"))
        .help(format!("for the character write `\\\\{character}`"))
}

fn unescaped(at: usize, character: char) -> Error {
    Error::at(at, format!("`{character}` stands alone"))
        .help(format!("for the character write `\\\\{character}`"))
}
