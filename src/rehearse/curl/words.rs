//! The words of one command as a POSIX shell takes a line apart; nothing is run and nothing is looked up.

use std::iter::Peekable;
use std::str::Chars;

/// Letters behind `\` in `$'…'` that stand for one byte.
const ESCAPES: &[(char, u8)] = &[
    ('n', b'\n'),
    ('r', b'\r'),
    ('t', b'\t'),
    ('a', 7),
    ('b', 8),
    ('e', 27),
    ('f', 12),
    ('v', 11),
    ('\\', b'\\'),
    ('\'', b'\''),
    ('"', b'"'),
    ('?', b'?'),
];
/// Letters behind `\` in `$'…'` that begin a number: its base, and the digits it has at the most.
const NUMBERS: &[(char, u32, usize)] = &[('x', 16, 2), ('u', 16, 4), ('U', 16, 8)];
/// What a variable is told to the user as.
const VARIABLE: &str = "a shell would put something of its own in the place of `$…`: write its value";

/// The words of the first command in a text; what stands behind a `|` is another command's. A word is bytes: a body need
/// not be text.
///
/// # Errors
/// In words, where a shell would do more than take words apart.
pub(super) fn words(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut reader = Reader { rest: text.chars().peekable(), words: Vec::new(), word: None };
    while let Some(letter) = reader.rest.next() {
        match letter {
            '|' => break,
            '\n' if reader.is_over() => break,
            '#' if reader.word.is_none() => reader.comment(),
            _ => reader.take(letter)?,
        }
    }
    reader.end_word();
    Ok(reader.words)
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    words: Vec<Vec<u8>>,
    /// The word that has begun; quotes begin one with nothing in it.
    word: Option<Vec<u8>>,
}

impl Reader<'_> {
    fn take(&mut self, letter: char) -> Result<(), String> {
        match letter {
            '\'' => self.single(),
            '"' => self.double(),
            '\\' => {
                match self.rest.next() {
                    None | Some('\n') => {}
                    Some('\r') if self.rest.peek() == Some(&'\n') => {
                        self.rest.next();
                    }
                    Some(letter) => self.push(letter),
                }
                Ok(())
            }
            '$' => match self.rest.peek() {
                Some('\'') => {
                    self.rest.next();
                    self.escaped()
                }
                Some('"') => Ok(()),
                Some(next) if begins_variable(*next) => Err(VARIABLE.to_owned()),
                _ => {
                    self.push('$');
                    Ok(())
                }
            },
            '`' => Err(VARIABLE.to_owned()),
            ';' | '&' | '<' | '>' | '(' | ')' => Err(format!(
                "`{letter}` stands outside quotes, where it ends the command for a shell: quote the text it is in"
            )),
            letter if letter.is_ascii_whitespace() => {
                self.end_word();
                Ok(())
            }
            letter => {
                self.push(letter);
                Ok(())
            }
        }
    }

    /// Up to the next `'`, as it stands.
    fn single(&mut self) -> Result<(), String> {
        self.begin();
        loop {
            match self.rest.next() {
                None => return Err(unended('\'')),
                Some('\'') => return Ok(()),
                Some(letter) => self.push(letter),
            }
        }
    }

    /// Up to the next `"`; a `\` counts before some letters only.
    fn double(&mut self) -> Result<(), String> {
        self.begin();
        loop {
            match self.rest.next() {
                None => return Err(unended('"')),
                Some('"') => return Ok(()),
                Some('`') => return Err(VARIABLE.to_owned()),
                Some('$') if self.rest.peek().is_some_and(|next| begins_variable(*next)) => {
                    return Err(VARIABLE.to_owned());
                }
                Some('\\') => match self.rest.next() {
                    None => return Err(unended('"')),
                    Some('\n') => {}
                    Some(letter @ ('"' | '\\' | '$' | '`')) => self.push(letter),
                    Some(letter) => {
                        self.push('\\');
                        self.push(letter);
                    }
                },
                Some(letter) => self.push(letter),
            }
        }
    }

    /// Up to the next `'` that no `\` stands before: `$'a\nb'`, as browsers write what is not plain.
    fn escaped(&mut self) -> Result<(), String> {
        self.begin();
        loop {
            match self.rest.next() {
                None => return Err(unended('\'')),
                Some('\'') => return Ok(()),
                Some('\\') => self.escape()?,
                Some(letter) => self.push(letter),
            }
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let letter = self.rest.next().ok_or_else(|| unended('\''))?;
        if let Some((_, byte)) = ESCAPES.iter().find(|(known, _)| *known == letter) {
            self.byte(*byte);
        } else if let Some((_, base, most)) = NUMBERS.iter().find(|(known, ..)| *known == letter) {
            let number = self.number(0, *base, *most);
            self.coded(number, letter == 'x')?;
        } else if let Some(digit) = letter.to_digit(8) {
            let number = self.number(digit, 8, 2);
            self.coded(number, true)?;
        } else {
            self.push('\\');
            self.push(letter);
        }
        Ok(())
    }

    fn number(&mut self, start: u32, base: u32, most: usize) -> u32 {
        let mut number = start;
        for _ in 0..most {
            let Some(digit) = self.rest.peek().and_then(|letter| letter.to_digit(base)) else { break };
            self.rest.next();
            number = number.saturating_mul(base).saturating_add(digit);
        }
        number
    }

    fn coded(&mut self, number: u32, is_byte: bool) -> Result<(), String> {
        let none = || format!("`\\` before {number} in quotes stands for no letter");
        if is_byte {
            self.byte(u8::try_from(number).map_err(|_| none())?);
        } else {
            self.push(char::from_u32(number).ok_or_else(none)?);
        }
        Ok(())
    }

    fn comment(&mut self) {
        while self.rest.next_if(|letter| *letter != '\n').is_some() {}
    }

    /// Whether a line's end ends the command.
    fn is_over(&self) -> bool {
        self.word.is_some() || !self.words.is_empty()
    }

    fn begin(&mut self) {
        self.word.get_or_insert_default();
    }

    fn push(&mut self, letter: char) {
        let word = self.word.get_or_insert_default();
        word.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn byte(&mut self, byte: u8) {
        self.word.get_or_insert_default().push(byte);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }
}

fn begins_variable(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '{' | '(' | '@' | '*' | '?' | '!')
}

fn unended(quote: char) -> String {
    format!("a `{quote}` has no other that ends it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_as_a_shell_does() {
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            ("a  b\tc", &["a", "b", "c"]),
            ("a \\\n  b\nc d", &["a", "b"]),
            ("\n\n# note\na", &["a"]),
            ("a \\\r\n b", &["a", "b"]),
            ("a'b c'd", &["ab cd"]),
            ("'' \"\"", &["", ""]),
            (r"'it'\''s'", &["it's"]),
            (r#""a \"b\" \\ \$ \n""#, &[r#"a "b" \ $ \n"#]),
            (r"a\ b \'", &["a b", "'"]),
            (r"$'a\n\'\x41\u00e9\101\q'", &["a\n'AéA\\q"]),
            ("$.a 5$ \"$.b $\"", &["$.a", "5$", "$.b $"]),
            ("a | b", &["a"]),
            ("é'ü'", &["éü"]),
        ];
        for (text, wanted) in rows {
            let found = words(text).unwrap();
            let found: Vec<&str> = found.iter().map(|word| std::str::from_utf8(word).unwrap()).collect();
            assert_eq!(found, *wanted, "{text}");
        }
        assert_eq!(words(r"$'\xff'").unwrap(), [[0xff]]);
    }

    #[test]
    fn what_only_a_shell_could_do_is_refused() {
        for (text, wanted) in [
            ("'a", "a `'` has no other"),
            ("\"a", "a `\"` has no other"),
            ("$'a", "a `'` has no other"),
            ("\"$HOME\"", "write its value"),
            ("a $(date)", "write its value"),
            ("a `date`", "write its value"),
            ("a http://b/?c=1&d=2", "`&` stands outside quotes"),
            ("a > b", "`>` stands outside quotes"),
            (r"$'\777'", "stands for no letter"),
            (r"$'\ud800'", "stands for no letter"),
        ] {
            let why = words(text).unwrap_err();
            assert!(why.contains(wanted), "{text}: {why}");
        }
    }
}
