//! Numbers inside a path: indexes, which are whole and bounded, and numbers that are compared, which are any JSON number.

use super::error::Error;
use super::limits::INDEX_MAX;
use super::number;
use super::token::continues_name;

/// How many bytes the index at the start of `text` has.
///
/// # Errors
/// When it is not a whole number in its one spelling, or is too large.
pub(super) fn index(text: &str) -> Result<usize, Error> {
    let run = run(text);
    if let Ok(value) = run.parse::<i64>()
        && value.to_string() == run
        && (-INDEX_MAX..=INDEX_MAX).contains(&value)
    {
        return Ok(run.len());
    }
    let digits = run.strip_prefix('-').unwrap_or(run);
    let message = format!("`{run}` is not an index");
    Err(if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        Error::at(0, message)
            .help("an index is a whole number: `0` is the first, `-1` the last; other keys need quotes")
    } else if digits.starts_with('0') {
        let plain = digits.trim_start_matches('0');
        let plain = if plain.is_empty() { "0".to_owned() } else { run.replacen(digits, plain, 1) };
        Error::at(0, message).help(format!("write `{plain}`"))
    } else {
        Error::at(0, message).help(format!("an index lies between -{INDEX_MAX} and {INDEX_MAX}"))
    })
}

/// How many bytes the number at the start of `text` has.
///
/// # Errors
/// When it is not a number of the JSON grammar.
pub(super) fn literal(text: &str) -> Result<usize, Error> {
    let run = run(text);
    if number::parse_text(run).is_some() {
        return Ok(run.len());
    }
    Err(Error::at(0, format!("`{run}` is not a number"))
        .help("write it as JSON does: `10`, `-0.5`, `1e3`; text needs quotes"))
}

/// The characters that belong together for the eye: so `1.2.3` and `12ab` are one mistake, not a number and a rest.
fn run(text: &str) -> &str {
    let mut before = ' ';
    let end = text.find(|character: char| {
        let signed = matches!(character, '-' | '+') && matches!(before, ' ' | 'e' | 'E' | '-' | '+');
        before = character;
        !(signed || character == '.' || continues_name(character))
    });
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}
