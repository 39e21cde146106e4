//! Mistakes that show in single words of a path, and what to write instead.

use super::error::Error;
use super::function;
use super::quoted;
use super::token::{Kind, Token, starts_name};

/// The longest mended path that is shown whole, in bytes.
const SHOWN_BYTES_MAX: usize = 100;

/// Words that other languages use inside filters, and what they are called here.
const FOREIGN_WORDS: &[(&str, &str)] = &[
    ("and", "&&"),
    ("AND", "&&"),
    ("or", "||"),
    ("OR", "||"),
    ("not", "!"),
    ("NOT", "!"),
    ("True", "true"),
    ("TRUE", "true"),
    ("False", "false"),
    ("FALSE", "false"),
    ("None", "null"),
    ("NULL", "null"),
    ("nil", "null"),
];

/// Signs that other languages use inside filters: how they start, and the help.
const FOREIGN_SIGNS: &[(&str, &str)] = &[
    ("=~", "patterns are functions: `search(@.name, 'pattern')`, or `match` for the whole text"),
    ("=", "write `==`"),
    ("&", "write `&&`"),
    ("|", "write `||`"),
    ("~", "patterns are functions: `search(@.name, 'pattern')`, or `match` for the whole text"),
    ("/", "patterns are functions: `search(@.name, 'pattern')`, or `match` for the whole text"),
    ("{{", "a path stands alone, without `{{ }}`"),
    ("}}", "a path stands alone, without `{{ }}`"),
    ("{", "an object cannot be written in a path"),
    ("+", "a path does no arithmetic"),
    ("%", "a path does no arithmetic"),
    ("`", "text stands between `'` or `\"`"),
];

/// The text does not start with `$`.
pub(super) fn start(text: &str) -> Error {
    let wrong = |message: &str| Error::at(0, message);
    match text.chars().next() {
        None => wrong("the path is empty").help("`$` is the whole payload, `$.ref` one field of it"),
        Some(' ' | '\t' | '\n' | '\r') => wrong("a space stands before the path").help("remove it"),
        Some('@') => wrong("`@` is the item a filter looks at, so a path cannot start with it")
            .help(write_with(text, 0..1, "$")),
        Some('.' | '[') => wrong("`$` is missing at the start").help(write_with(text, 0..0, "$")),
        Some('{') => wrong("a path starts with `$`").help("write the path alone, without `{{ }}`"),
        Some(first) if starts_name(first) => {
            wrong("`$` is missing at the start").help(write_with(text, 0..0, "$."))
        }
        Some(_) => wrong("a path starts with `$`").help("`$` is the whole payload, `$.ref` one field of it"),
    }
}

/// The bare name before `at` is followed by something that a bare name cannot hold.
pub(super) fn key_goes_on(text: &str, at: usize, dot: Option<Token>, tokens: &[Token]) -> Option<Error> {
    let next = rest(text, at).chars().next()?;
    if ends_key(next) && next != '(' {
        return None;
    }
    let member = tokens.last()?;
    if next == '(' {
        let name = text.get(member.start..member.end)?;
        let message = format!("`{name}(` cannot stand behind a dot");
        let help = if function::is_known(name) {
            format!("functions enclose a path inside a filter, as in `[?{name}(@.items) > 2]`")
        } else {
            format!("for a field write `{}`", bracketed(name))
        };
        return Some(Error::at(at, message).help(help));
    }
    let message = format!("`{}` cannot stand in a bare name", next.escape_debug());
    if next == '?' {
        let help = "a missing value finds nothing anyway, so leave `?` out; a filter is written `[?…]`";
        return Some(Error::at(at, message).help(help));
    }
    Some(Error::at(at, message).help(quote_key(text, dot?, member.start)))
}

/// Behind `.` or `..` stands nothing that could be a name; the dots are the last of `tokens`.
pub(super) fn behind_dot(text: &str, at: usize, tokens: &[Token]) -> Error {
    let Some((dot, before)) = tokens.split_last() else { return Error::at(at, "a name is missing") };
    let sign = text.get(dot.start..dot.end).unwrap_or_default();
    let Some(next) = rest(text, at).chars().next() else {
        let help = "name what to look for, as in `.name`, `..name`, `..*`";
        return Error::at(at, format!("the path ends behind `{sign}`")).help(help);
    };
    if next.is_ascii_digit() && before.last().is_some_and(|last| last.kind == Kind::Compare) {
        return Error::at(dot.start, "a number starts with a digit").help(write_with(
            text,
            dot.start..dot.start,
            "0",
        ));
    }
    let shown = next.escape_debug();
    match next {
        ' ' | '\t' | '\n' | '\r' => {
            Error::at(at, format!("a space stands behind `{sign}`")).help("remove it")
        }
        '.' => Error::at(at, "three dots mean nothing").help("write `..` to look at all depths"),
        '[' => Error::at(at, "`.` and `[` both start a step").help(write_with(text, dot.start..at, "")),
        '\'' | '"' => Error::at(at, "a name in quotes stands in brackets").help(bracket_text(text, *dot, at)),
        _ if ends_key(next) => Error::at(at, format!("a name is missing between `{sign}` and `{shown}`")),
        _ if next.is_ascii_digit() || next == '-' => {
            Error::at(at, format!("a bare name cannot start with `{shown}`"))
                .help(index_or_key(text, *dot, at))
        }
        _ => Error::at(at, format!("`{shown}` cannot stand in a bare name")).help(quote_key(text, *dot, at)),
    }
}

/// A name that is no function and no value, and has no dot before it.
pub(super) fn bare_word(text: &str, at: usize, name: &str, tokens: &[Token], in_filter: bool) -> Error {
    let behind = rest(text, at + name.len());
    if name.starts_with(['“', '”', '‘', '’', '„', '«', '»']) {
        return Error::at(at, "these quotes are typographic").help("text stands between `'` or `\"`");
    }
    if function::is_known(name) && behind.trim_start().starts_with('(') {
        let space = at + name.len();
        return Error::at(space, format!("a space stands between `{name}` and `(`")).help("remove it");
    }
    if in_filter { word_in_filter(at, name, tokens.last()) } else { word_outside(text, at, name, tokens) }
}

/// A name before `(` that is no function.
pub(super) fn unknown_function(at: usize, name: &str) -> Error {
    Error::at(at, format!("`{name}` is not a function")).help(format!("there are {}", function::names()))
}

/// A parenthesis right behind `[` or `,`.
pub(super) fn script(at: usize) -> Error {
    Error::at(at, "a script in brackets is not part of a path")
        .help("count from the end with `[-1]`, filter with `[?…]`")
}

/// Two numbers with nothing but space between them.
pub(super) fn two_numbers(at: usize, last: Token) -> Error {
    match last.kind {
        Kind::Index => Error::at(at, "two indexes stand side by side").help("write `,` between them"),
        _ => Error::at(at, "two numbers stand side by side").help("a path does no arithmetic"),
    }
}

/// A character that starts no word of a path.
pub(super) fn stray(text: &str, at: usize, tokens: &[Token], in_filter: bool) -> Error {
    let rest = rest(text, at);
    let shown = rest.chars().next().unwrap_or(' ').escape_debug();
    let error = Error::at(at, format!("`{shown}` means nothing here"));
    if rest.starts_with('=') && tokens.last().is_some_and(|last| last.kind == Kind::Compare && last.end == at)
    {
        return error.help("write `==` or `!=`, with no third sign");
    }
    if !in_filter && rest.starts_with(['=', '&', '|', '~']) {
        return error.help("tests stand in a filter: `[?@.name == 'value']`");
    }
    match FOREIGN_SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        Some((_, help)) => error.help(*help),
        None => error,
    }
}

fn word_in_filter(at: usize, name: &str, last: Option<&Token>) -> Error {
    let error = Error::at(at, format!("`{name}` is not known in a filter"));
    if let Some((_, here)) = FOREIGN_WORDS.iter().find(|(foreign, _)| *foreign == name) {
        return error.help(format!("write `{here}`"));
    }
    match last.map(|last| last.kind) {
        Some(Kind::Compare) => {
            error.help(format!("write `'{name}'` for text, `@.{name}` for a field of the item"))
        }
        Some(Kind::Question | Kind::And | Kind::Or | Kind::Not | Kind::OpenRound | Kind::Comma) => {
            error.help(format!("write `@.{name}` for a field of the item"))
        }
        _ => error
            .help("the operators are `== != < <= > >= && || !`; for patterns there are `match` and `search`"),
    }
}

fn word_outside(text: &str, at: usize, name: &str, tokens: &[Token]) -> Error {
    let error = |message: String| Error::at(at, message);
    match tokens {
        [.., Token { kind: Kind::Open | Kind::Comma, .. }] => {
            let key = rest(text, at).split([']', ',']).next().unwrap_or(name).trim_end();
            error(format!("the key `{key}` needs quotes")).help(write_with(
                text,
                at..at + key.len(),
                &in_quotes(key),
            ))
        }
        [.., dot, Token { kind: Kind::Member, start, .. }] => error(format!(
            "`{name}` cannot stand behind a space"
        ))
        .help(format!("if it belongs to the name: {}", quote_key_to(text, *dot, *start, at + name.len()))),
        [.., Token { kind: Kind::Colon, .. }] => {
            error(format!("`{name}` is not a whole number")).help("write `[start:end]` or `[start:end:step]`")
        }
        [.., last] if last.end == at => {
            error(format!("`.` is missing before `{name}`")).help(write_with(text, at..at, "."))
        }
        _ => error(format!("`{name}` cannot stand here")),
    }
}

fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// Whether a writer who goes on behind a bare name with this character means something new, not more of the name.
fn ends_key(next: char) -> bool {
    matches!(
        next,
        ' ' | '\t' | '\n' | '\r' | '.' | '[' | ']' | '(' | ')' | ',' | '=' | '<' | '>' | '!' | '&' | '|'
    )
}

/// The help that quotes the key which starts at `from`, behind `dot`.
fn quote_key(text: &str, dot: Token, from: usize) -> String {
    let to = from + rest(text, from).find(ends_key).unwrap_or(rest(text, from).len());
    quote_key_to(text, dot, from, to)
}

fn quote_key_to(text: &str, dot: Token, from: usize, to: usize) -> String {
    let key = text.get(from..to).unwrap_or_default();
    let start = if dot.kind == Kind::Dot { dot.start } else { from };
    write_with(text, start..to, &bracketed(key))
}

fn index_or_key(text: &str, dot: Token, at: usize) -> String {
    let key = rest(text, at).split(ends_key).next().unwrap_or_default();
    let start = if dot.kind == Kind::Dot { dot.start } else { at };
    match key.parse::<i64>() {
        Ok(index) if index.to_string() == key => write_with(text, start..at + key.len(), &format!("[{key}]")),
        _ => quote_key(text, dot, at),
    }
}

fn bracket_text(text: &str, dot: Token, at: usize) -> String {
    let length = quoted::length(rest(text, at)).unwrap_or(rest(text, at).len());
    let start = if dot.kind == Kind::Dot { dot.start } else { at };
    let quoted = text.get(at..at + length).unwrap_or_default();
    write_with(text, start..at + length, &format!("[{quoted}]"))
}

fn bracketed(key: &str) -> String {
    format!("[{}]", in_quotes(key))
}

fn in_quotes(key: &str) -> String {
    format!("'{}'", key.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The help that shows the path with one place replaced, or only the replacement when the path is long.
fn write_with(text: &str, place: std::ops::Range<usize>, replacement: &str) -> String {
    let before = text.get(..place.start).unwrap_or_default();
    let after = text.get(place.end..).unwrap_or_default();
    if text.len() + replacement.len() > SHOWN_BYTES_MAX {
        return format!("write `{replacement}` there");
    }
    format!("write `{before}{replacement}{after}`")
}
