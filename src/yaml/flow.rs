//! What stands in brackets is free of indentation: YAML's own rule wants even the last bracket deeper than its key, which
//! hardly anybody writes. The parser of the walk is that strict, so the line ends of such a value become blanks for it.

use std::iter::{Enumerate, Peekable};
use std::ops::Range;
use std::str::Chars;

/// Behind these a text begins, and a line end means nothing.
const OPENING: &[char] = &['{', '[', ',', ':', '?'];
/// Before these a line end means nothing.
const CLOSING: &[char] = &['}', ']', ','];
/// Behind these a text has ended.
const ENDED: &[char] = &['"', '\'', '}', ']'];

type Letters<'t> = Peekable<Enumerate<Chars<'t>>>;

/// The text with what stands in brackets on one line, letter for letter as long; of the first brackets that open between
/// two letters. Line ends inside of texts stay: there they mean something. `None` when nothing between the two changes.
pub(super) fn straighten(text: &str, between: &Range<usize>) -> Option<String> {
    let mut letters = text.chars().enumerate().peekable();
    let is_start = |(place, letter): &(usize, char)| *place >= between.start && matches!(letter, '{' | '[');
    while letters.next_if(|letter| !is_start(letter)).is_some() {}
    let blanks = blanks(letters);
    if blanks.first().is_none_or(|first| *first >= between.end) {
        return None;
    }
    let mut blanks = blanks.into_iter().peekable();
    let straight = text.chars().enumerate().map(|(place, letter)| match blanks.next_if_eq(&place) {
        Some(_) => ' ',
        None => letter,
    });
    Some(straight.collect())
}

/// The places of line ends and comments between the texts of the brackets that open here, in order.
fn blanks(mut letters: Letters<'_>) -> Vec<usize> {
    let (mut blanks, mut gap) = (Vec::new(), Vec::new());
    let (mut depth, mut last, mut is_apart) = (0_usize, ' ', false);
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\n' | '\r' => gap.push(place),
            ' ' | '\t' => {}
            '#' if is_apart => {
                gap.push(place);
                while let Some((place, _)) = letters.next_if(|(_, letter)| *letter != '\n') {
                    gap.push(place);
                }
            }
            _ => {
                if OPENING.contains(&last) || ENDED.contains(&last) || CLOSING.contains(&letter) {
                    blanks.append(&mut gap);
                }
                gap.clear();
                match letter {
                    '{' | '[' => depth += 1,
                    '}' | ']' => depth = depth.saturating_sub(1),
                    '"' | '\'' if OPENING.contains(&last) => skip_text(&mut letters, letter),
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                last = letter;
            }
        }
        is_apart = letter.is_whitespace();
    }
    blanks
}

/// Goes behind the quote that ends a text.
fn skip_text(letters: &mut Letters<'_>, quote: char) {
    while let Some((_, letter)) = letters.next() {
        if letter == '\\' && quote == '"' {
            letters.next();
        } else if letter == quote && (quote == '"' || letters.next_if(|(_, next)| *next == quote).is_none()) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_between_texts_become_blanks() {
        for (text, wanted) in [
            ("a: {\n b: \"3\"\n}\nc: 1", Some("a: {  b: \"3\" }\nc: 1")),
            ("a: [\r\n]\n", Some("a: [  ]\n")),
            ("a: { b: # é }\n 1 }\nc", Some("a: { b:        1 }\nc")),
            ("a: { b: x\n  y,\nc: 'it''s\n }' }", Some("a: { b: x\n  y, c: 'it''s\n }' }")),
            ("a: { b: \"\\\"\n\", c#: d\n}", Some("a: { b: \"\\\"\n\", c#: d }")),
            ("a: { b: 1 }\nc: {\n}", None),
            ("a: 1\n", None),
        ] {
            let straight = straighten(text, &(0..text.chars().count()));
            assert_eq!(straight.as_deref(), wanted, "{text:?}");
        }
        assert_eq!(straighten("a: { b: 1,\n c: 2 }", &(3..9)), None, "nothing between the two");
    }
}
