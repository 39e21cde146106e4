//! What a YAML parser stumbles over, told in our words: each trap with the mend that a person needs.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;

/// What a parser's complaint holds, what we say, and the mend.
const COMPLAINTS: &[(&str, &str, &str)] = &[
    ("unknown anchor", "a `*` at the start of a value names an alias", "quote the text: \"*…\""),
    (
        "mapping values are not allowed",
        "a `key: value` where none can stand",
        "align it with its neighbours, or quote a text that holds `: `",
    ),
    (
        "block sequence entries",
        "a `- item` on the line of its key",
        "start the list on the next line, or write `[a, b]`",
    ),
    (
        "expected '-' indicator",
        "this line stands at no level that began above it",
        "align it with its neighbours",
    ),
    (
        "did not find expected key",
        "this line stands at no level that began above it",
        "align it with its neighbours",
    ),
    (
        "invalid indentation",
        "this line stands at no level that began above it",
        "align it with its neighbours",
    ),
    ("tab", "a tab where spaces are wanted", "indent with spaces"),
    ("trailing content", "more text behind a closing quote", "put all of the text into the quotes"),
    ("illegal placement of ':'", "a list in `[ ]` is not closed, or lacks a comma", "write `[a, b]`"),
    ("flow sequence", "a list in `[ ]` is not closed, or lacks a comma", "write `[a, b]`"),
    ("flow mapping", "a map in `{ }` is not closed, or lacks a comma", "write `{ a: 1, b: 2 }`"),
    ("unexpected end", "a quote or bracket is not closed", "close it"),
    (
        "expected node content",
        "a value is missing, or a quote or bracket is not closed",
        "write it, or close it",
    ),
    ("simple key", "a line that is neither `key: value` nor `- item`", "add `:` and a space behind the key"),
    (
        "expected ':'",
        "a line that is neither `key: value` nor `- item`",
        "add `:` and a space behind the key",
    ),
    (
        "escape",
        "an unknown escape in a text with double quotes",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    ("recursion limit", "too many levels of nesting", "a rules file needs no more than a dozen"),
];
/// Letters that no plain value may start with.
const RESERVED: &[char] = &['@', '`', '%', '&', '*'];

/// Explains why a text cannot be read; `offset` is the byte where the parser stopped.
pub(super) fn explain(file: &Arc<str>, text: &str, offset: usize, why: &str) -> Diagnostic {
    lines_before(text, offset)
        .take(2)
        .find_map(|line| known_trap(file, text, line))
        .unwrap_or_else(|| plain(file, text, offset, why))
}

/// The line of a byte and the lines before it that are not blank, nearest first.
fn lines_before(text: &str, offset: usize) -> impl Iterator<Item = Range<usize>> {
    let mut end =
        text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| offset + length);
    let mut done = false;
    std::iter::from_fn(move || {
        while !done {
            let start = text.get(..end)?.rfind('\n').map_or(0, |byte| byte + 1);
            let line = start..end;
            done = start == 0;
            end = start.saturating_sub(1);
            if !text.get(line.clone())?.trim().is_empty() {
                return Some(line);
            }
        }
        None
    })
}

fn plain(file: &Arc<str>, text: &str, offset: usize, why: &str) -> Diagnostic {
    let offset = offset.min(text.trim_end().len());
    let length = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let row = COMPLAINTS.iter().find(|(words, ..)| why.contains(words));
    let (message, help) =
        row.map_or(("this is not YAML", None), |(_, message, help)| (*message, Some(*help)));
    let code = if why.contains("recursion limit") { "E007" } else { "E001" };
    let found = Diagnostic::error(code, message).at(file, offset..offset + length);
    match help {
        Some(help) => found.help(help),
        None => found.label(why.split(" at ").next().unwrap_or(why)),
    }
}

/// The trap in a line, when it is one that we know.
fn known_trap(file: &Arc<str>, text: &str, line: Range<usize>) -> Option<Diagnostic> {
    let words = text.get(line.clone())?;
    let (key, at) = value_start(words)?;
    let value = words.get(at..)?.trim_end();
    let start = line.start + at;
    if let Some(inside) = bare_template(value) {
        let end = value.rfind("}}").map_or(value.len(), |byte| byte + 2).max(inside);
        return Some(template(file, start + inside..start + end, start, value));
    }
    if let Some(found) = operator(file, start, key, value) {
        return Some(found);
    }
    if value.starts_with(RESERVED) {
        let letter = value.chars().next()?;
        let shown = if letter == '`' { "a backtick".to_owned() } else { format!("`{letter}`") };
        let found = Diagnostic::error("E001", format!("a value cannot start with {shown}"));
        return Some(found.at(file, start..start + letter.len_utf8()).help(format!("quote it: \"{value}\"")));
    }
    if let Some(colon) = value.find(": ").filter(|_| !value.starts_with(['"', '\'', '{', '[', '|'])) {
        let found =
            Diagnostic::error("E001", "a second `: ` on one line").at(file, start + colon..start + colon + 1);
        return Some(found.help(format!("quote the text: {key}: \"{}\"", value.replace('"', "\\\""))));
    }
    None
}

/// The key of a line and the byte where its value starts; of `- item` the item.
fn value_start(line: &str) -> Option<(&str, usize)> {
    let indent = line.len() - line.trim_start().len();
    let dashes = line.get(indent..)?.bytes().take_while(|byte| matches!(byte, b'-' | b' ')).count();
    let body = line.get(indent + dashes..)?;
    let colon = body.find(": ").filter(|_| !body.starts_with(['"', '\'', '{', '[']));
    let (key, at) = match colon {
        Some(colon) => (body.get(..colon)?, indent + dashes + colon + 1),
        None => ("", indent + dashes),
    };
    let rest = line.get(at..)?;
    Some((key, at + rest.len() - rest.trim_start().len()))
}

/// The key whose `:` ends a piece of a line; empty when there is none.
fn key_before(piece: &str) -> &str {
    let Some(piece) = piece.trim_end().strip_suffix(':') else { return "" };
    let key = piece.rsplit(['{', ',']).next().unwrap_or(piece);
    key.trim_start_matches(['-', ' '])
}

/// Where a `{{` stands that no quotes protect.
fn bare_template(value: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (byte, letter) in value.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '#') if before == ' ' => return None,
            (None, '{') if before == '{' => return Some(byte - 1),
            _ => {}
        }
        before = letter;
    }
    None
}

/// `value` starts at byte `start` of the file; the template in it is `span`.
fn template(file: &Arc<str>, span: Range<usize>, start: usize, value: &str) -> Diagnostic {
    let found = Diagnostic::error("E001", "a template without quotes: YAML reads `{` as the start of a map");
    let is_text = !value.starts_with(['[', '{']) || value.starts_with("{{");
    let text = if is_text { Some(value) } else { value.get(span.start - start..span.end - start) };
    let help = if let Some(text) = text.filter(|text| !text.contains('"')) {
        format!("quote the text that holds the template: \"{text}\"")
    } else {
        "quote the text that holds the template, with '…' when \"…\" stands in it".to_owned()
    };
    found.at(file, span).help(help)
}

/// `> 100` and its like: YAML reads a block of text, or a tag.
fn operator(file: &Arc<str>, start: usize, key: &str, value: &str) -> Option<Diagnostic> {
    let (sign, name) = [(">=", "gte"), ("<=", "lte"), (">", "gt"), ("<", "lt"), ("!=", "ne")]
        .into_iter()
        .find(|(sign, _)| value.starts_with(sign))?;
    let other = value.get(sign.len()..)?.split([',', '}', ']']).next()?.split(" #").next()?.trim();
    if other.is_empty() || other.starts_with(['-', '+', '#']) && name == "gt" {
        return None;
    }
    let first = sign.chars().next()?;
    let key = if key.is_empty() { "$.field" } else { key };
    Some(
        Diagnostic::error("E102", format!("a value cannot start with `{first}`"))
            .at(file, start..start + sign.len())
            .help(format!("operators are keys: `{key}: {{ {name}: {other} }}`; a text needs quotes")),
    )
}

/// A tag: `!= main` is one, and so is `!secret`.
pub(super) fn tag(file: &Arc<str>, text: &str, start: usize, word: &str) -> Diagnostic {
    let line = lines_before(text, start).next().unwrap_or(start..start);
    let words = text.get(line.clone()).unwrap_or_default();
    let key = key_before(words.get(..start - line.start).unwrap_or_default());
    let value = text.get(start..line.end).unwrap_or_default().trim_end();
    operator(file, start, key, value).unwrap_or_else(|| {
        Diagnostic::error("E006", format!("`{word}` is a YAML tag; tags are not used here"))
            .at(file, start..start + word.len())
            .help("leave it out; a text that starts with `!` needs quotes")
    })
}

/// A list or map in place of a key; `text: {{ $.x }}` is one.
pub(super) fn key_is_no_text(file: &Arc<str>, text: &str, around: usize, key: Range<usize>) -> Diagnostic {
    let shown = text.get(around..).unwrap_or_default();
    if shown.starts_with("{{") {
        let end =
            text.get(key.end..).and_then(|rest| rest.find('}')).map_or(key.end, |byte| key.end + byte + 1);
        return template(file, around..end, around, text.get(around..end).unwrap_or_default());
    }
    Diagnostic::error("E004", "a key must be a text").at(file, key).help("quote it when it is one")
}

/// A block text with nothing in it: `> 5` on one line reads as one.
pub(super) fn empty_block(file: &Arc<str>, text: &str, start: usize) -> Diagnostic {
    let line = lines_before(text, start).next().unwrap_or(start..start);
    let key = key_before(text.get(line.start..start).unwrap_or_default());
    let value = text.get(start..line.end).unwrap_or_default().trim_end();
    operator(file, start, key, value).unwrap_or_else(|| {
        Diagnostic::error("E001", "a block of text with no lines")
            .at(file, start..start + 1)
            .help("indent the lines of the text more than its key, or write \"\"")
    })
}
