//! Values as people are shown them: JSON on one line, cut short.

use std::io;

use serde_json::Value;

use super::seen::Seen;

/// Characters of a value that are shown.
const SHOWN_MAX_CHARS: usize = 120;
/// Bytes that are written before the cut: no character has more than four.
const WRITTEN_MAX_BYTES: usize = SHOWN_MAX_CHARS * 4 + 4;
/// What stands in place of a value that may be a secret.
pub(super) const HIDDEN: &str = "[hidden]";

pub(super) fn seen(seen: Seen<'_>) -> String {
    match seen {
        Seen::Json(json) => value(json),
        Seen::Text(text) => quoted(text),
        Seen::Moment(moment) => moment.to_string(),
    }
}

pub(super) fn value(value: &Value) -> String {
    written(|out| serde_json::to_writer(out, value))
}

fn quoted(text: &str) -> String {
    written(|out| serde_json::to_writer(out, text))
}

/// A text cut short, control characters made visible.
pub(super) fn short(text: &str) -> String {
    let mut shown = String::new();
    let mut letters = text.chars();
    for letter in letters.by_ref().take(SHOWN_MAX_CHARS) {
        if is_invisible(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, and those that turn the direction of text around them.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn written(write: impl FnOnce(&mut Bounded) -> serde_json::Result<()>) -> String {
    let mut out = Bounded(Vec::new());
    // The error says only that the bound was reached.
    let whole = write(&mut out).is_ok();
    let mut text = String::from_utf8_lossy(&out.0).into_owned();
    if !whole {
        // The bound may have split a character; far behind what is shown.
        text.push('…');
    }
    short(&text)
}

struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = WRITTEN_MAX_BYTES.saturating_sub(self.0.len());
        self.0.extend(bytes.iter().take(room));
        if bytes.len() > room { Err(io::ErrorKind::WriteZero.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_json_on_one_short_line() {
        for (json, shown) in [
            ("null", "null".to_owned()),
            (r#"{"a": [1.0, "x"]}"#, r#"{"a":[1.0,"x"]}"#.to_owned()),
            (r#""a\nb\u202e""#, r#""a\nb\u{202e}""#.to_owned()),
        ] {
            assert_eq!(value(&json.parse().unwrap()), shown);
        }
    }

    #[test]
    fn cuts_what_is_long_between_characters() {
        for letter in ["a", "é", "€", "🦀"] {
            let shown = value(&Value::String(letter.repeat(5000)));
            assert_eq!(shown, format!("\"{}…", letter.repeat(SHOWN_MAX_CHARS - 1)));
            assert_eq!(shown.chars().count(), SHOWN_MAX_CHARS + 1);
        }
        let short = "é".repeat(SHOWN_MAX_CHARS - 2);
        assert_eq!(value(&Value::String(short.clone())), format!("\"{short}\""));
    }
}
