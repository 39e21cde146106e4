//! Carries out a log effect: one line, whatever its text.

use super::shown::Shown;
use super::{Ticket, without_answer};
use crate::delivery::{Answer, Outcome};
use crate::effect::Log;
use crate::limit;
use crate::secret::Vault;

/// Writes the line.
pub(super) fn perform(effect: &Log, vault: &Vault, ticket: &Ticket) -> Outcome {
    let text = text(effect, vault);
    let Ticket { event, delivery, rule, .. } = ticket;
    let rule = escaped(rule);
    tracing::info!(target: "action", %event, %delivery, rule, "{text}");
    without_answer(Answer::Done, &text)
}

/// The line, without secrets.
pub(super) fn text(effect: &Log, vault: &Vault) -> String {
    escaped(&Shown::new(vault).text(&effect.text, limit::SENT_MAX_BYTES))
}

/// The text with all characters escaped that could end a line, move a cursor or turn the direction of reading.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let steers = letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if steers {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_one_line() {
        for (text, wanted) in [
            ("plain é 漢字 🔔", "plain é 漢字 🔔"),
            ("a\nb\r\tc", r"a\nb\r\tc"),
            ("a\u{1b}[31m\0\u{85}", r"a\u{1b}[31m\u{0}\u{85}"),
            ("a\u{2028}b\u{202e}c", r"a\u{2028}b\u{202e}c"),
        ] {
            assert_eq!(escaped(text), wanted);
        }
    }
}
