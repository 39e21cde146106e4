//! The ways to values: `$.a[0]`, and what stands behind any other name. All are walked as JSONPaths.

use super::error::Error;
use crate::path::Path;

/// The way into the payload; `None` for all of it.
pub(super) fn payload(text: &str, offset: usize) -> Result<Option<Path>, Error> {
    if text == "$" {
        return Ok(None);
    }
    let path = Path::parse(text).map_err(|error| Error {
        offset: offset + error.offset,
        message: error.message,
        help: error.help,
        code: "E101",
    })?;
    Ok(Some(path))
}

/// How many `../` stand before a name; `..` alone is the value of the block around.
pub(super) fn climb(text: &str) -> (usize, &str) {
    let (mut up, mut rest) = (0, text);
    while let Some(inner) = rest.strip_prefix("../") {
        (up, rest) = (up + 1, inner);
    }
    if rest == ".." { (up + 1, "this") } else { (up, rest) }
}

/// The first name of a way, and what is behind it.
pub(super) fn first(text: &str) -> (&str, &str) {
    text.split_at_checked(text.find(['.', '[']).unwrap_or(text.len())).unwrap_or((text, ""))
}

/// The way from a name on, part of `text`. Names may have hyphens here, as ids of actions do, so they are quoted for the
/// parser of paths.
pub(super) fn relative(text: &str, rest: &str, offset: usize) -> Result<Option<Path>, Error> {
    if rest.is_empty() {
        return Ok(None);
    }
    let wrong = |help: String| Error::at(offset, format!("`{text}` is not a way to a value")).help(help);
    let mut path = String::from("$");
    let mut left = rest;
    while !left.is_empty() {
        // `.name`, `[…]`, or `.[…]` as other templates write it.
        let name = left.strip_prefix('.');
        let step = name.unwrap_or(left);
        let end =
            if step.starts_with('[') { bracket(step) } else { step.find(['.', '[']).unwrap_or(step.len()) };
        let (step, after) = step.split_at_checked(end).unwrap_or((step, ""));
        if step.starts_with('[') {
            path.push_str(step);
        } else if name.is_some() && !step.is_empty() {
            path.push_str(&quoted(step));
        } else {
            return Err(wrong("write `.name` or `[0]` for each step".to_owned()));
        }
        left = after;
    }
    Path::parse(&path).map(Some).map_err(|error| wrong(error.to_string()))
}

/// The end of the bracket that begins a text; quotes are passed over.
fn bracket(text: &str) -> usize {
    let (mut quote, mut escaped, mut depth) = (None, false, 0_usize);
    for (offset, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(mark), _) if mark == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[') => depth += 1,
            (None, ']') if depth <= 1 => return offset + 1,
            (None, ']') => depth -= 1,
            (None, _) => {}
        }
    }
    text.len()
}

fn quoted(name: &str) -> String {
    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The one name behind `headers`, `query` and `params`: these are flat, so it is taken as it is, dots and all. `Some(None)`
/// when nothing stands there, `None` when it is no name.
pub(super) fn member(rest: &str) -> Option<Option<String>> {
    if rest.is_empty() {
        return Some(None);
    }
    let quoted =
        |quote: char| rest.strip_prefix('[')?.strip_suffix(']')?.strip_prefix(quote)?.strip_suffix(quote);
    let name = rest.strip_prefix('.').or_else(|| quoted('\'')).or_else(|| quoted('"'))?;
    (!name.is_empty() && !name.contains(['[', ']'])).then(|| Some(name.to_owned()))
}
