//! Names and letters of XML: what may stand in a document, and what a name is without its namespace's prefix.

/// What XML calls white space.
pub(super) const fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

/// Whether a letter may stand in a document at all: <https://www.w3.org/TR/xml/#charsets>.
pub(super) const fn is_legal(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The name without its prefix; `None` when it is no name.
pub(super) fn local(qualified: &str) -> Option<&str> {
    let local = match qualified.split_once(':') {
        Some((prefix, local)) if is_name(prefix) => local,
        Some(_) => return None,
        None => qualified,
    };
    is_name(local).then_some(local)
}

/// Whether this is a name without a prefix. Beyond ASCII all letters are taken.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(begins_name) && text.chars().all(continues_name)
}

fn begins_name(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii()
}

/// Whether a letter may stand in a name, if not at its beginning.
pub(super) fn continues_name(letter: char) -> bool {
    begins_name(letter) || letter.is_ascii_digit() || matches!(letter, '-' | '.')
}
