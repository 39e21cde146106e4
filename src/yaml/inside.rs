//! From a byte of a decoded text back to the byte of the file where it is written.

use std::ops::Range;

use super::spots::Style;

/// A scalar as it is written.
pub(super) struct Written<'s> {
    pub(super) style: Style,
    pub(super) source: &'s str,
    /// How far its first line is indented.
    pub(super) indent: usize,
}

/// Where `length` bytes from `offset` of a decoded text stand in the scalar as it is written. `None` when the text
/// is folded over lines, so that no single stretch is theirs.
pub(super) fn find(written: &Written<'_>, text: &str, offset: usize, length: usize) -> Option<Range<usize>> {
    let start = position(written, text, offset)?;
    let end = match length {
        0 => start,
        _ => position(written, text, offset + length)?,
    };
    Some(start..end.max(start))
}

fn position(written: &Written<'_>, text: &str, offset: usize) -> Option<usize> {
    let source = written.source;
    match written.style {
        Style::Plain => (source == text).then_some(offset.min(source.len())),
        Style::Single | Style::Double => quoted(written.style, source, offset),
        Style::Literal => literal(source, text, offset, written.indent),
        Style::Folded => None,
    }
}

/// Walks a quoted text of one line, an escape at a time.
fn quoted(style: Style, source: &str, offset: usize) -> Option<usize> {
    if source.contains('\n') {
        return None;
    }
    let mut decoded = 0;
    let mut byte = 1;
    while decoded < offset {
        let rest = source.get(byte..)?;
        let (written, meant) = unit(style, rest)?;
        byte += written;
        decoded += meant;
    }
    Some(byte)
}

/// How many bytes the next letter takes as written and as meant.
fn unit(style: Style, rest: &str) -> Option<(usize, usize)> {
    let letter = rest.chars().next()?;
    match (style, letter) {
        (Style::Single, '\'') => rest.starts_with("''").then_some((2, 1)),
        (Style::Double, '"') => None,
        (Style::Double, '\\') => escape(rest.get(1..)?),
        _ => Some((letter.len_utf8(), letter.len_utf8())),
    }
}

fn escape(rest: &str) -> Option<(usize, usize)> {
    let letter = rest.chars().next()?;
    let digits = match letter {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        // The escapes of one letter that stand for more than one byte: NEL, no-break space, line and paragraph separator.
        'N' | '_' => return Some((2, 2)),
        'L' | 'P' => return Some((2, 3)),
        _ => return Some((1 + letter.len_utf8(), 1)),
    };
    let code = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
    Some((2 + digits, char::from_u32(code)?.len_utf8()))
}

/// A `|` text, which starts at its first letter: line by line, the indent of the first line left out.
fn literal(source: &str, text: &str, offset: usize, indent: usize) -> Option<usize> {
    let blank = text.len() - text.trim_start_matches('\n').len();
    let before = text.get(blank..offset)?;
    let row = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |byte| byte + 1);
    let mut byte = 0;
    for _ in 0..row {
        byte += source.get(byte..)?.find('\n')? + 1;
    }
    let indent = if row == 0 { 0 } else { indent };
    Some((byte + indent + column).min(source.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_place_behind_escapes_and_indents() {
        for (style, source, text, offset, length, wanted) in [
            (Style::Plain, "$.a[?", "$.a[?", 3, 1, Some("[")),
            (Style::Plain, "a\n  b", "a b", 2, 1, None),
            (Style::Single, "'it''s $.x'", "it's $.x", 5, 3, Some("$.x")),
            (Style::Double, r#""a\tb\u00e9c""#, "a\tb\u{e9}c", 5, 1, Some("c")),
            (Style::Double, r#""é{{ x }}""#, "é{{ x }}", 2, 7, Some("{{ x }}")),
            (Style::Literal, "one\n    two {{ x }}", "one\ntwo {{ x }}\n", 8, 7, Some("{{ x }}")),
            (Style::Folded, ">\n  a\n  b\n", "a b\n", 2, 1, None),
        ] {
            let got = find(&Written { style, source, indent: 4 }, text, offset, length)
                .and_then(|span| source.get(span));
            assert_eq!(got, wanted, "{source}");
        }
    }
}
