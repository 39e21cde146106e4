//! Globs for event types and texts: `*` stands for any run of characters, `?` for one, `\` takes the next as it is.

use std::fmt;
use std::sync::Arc;

/// A compiled glob; a clone shares everything with the original. It matches whole texts, in time bounded by text times
/// pattern.
#[derive(Clone, PartialEq, Eq)]
pub struct Glob(Arc<Read>);

#[derive(PartialEq, Eq)]
struct Read {
    text: Box<str>,
    /// Empty when every letter of the text stands for itself.
    parts: Box<[Part]>,
}

/// Letters that stand for more than themselves.
const SIGNS: [char; 3] = ['*', '?', '\\'];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Char(char),
    One,
    Run,
}

impl Glob {
    /// Reads a glob; every text is one.
    pub fn new(text: &str) -> Self {
        let parts = if text.contains(SIGNS) { parts(text) } else { Vec::new() };
        Self(Arc::new(Read { text: text.into(), parts: parts.into() }))
    }

    /// The glob as it was written.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The one text it matches, when it has no wildcard.
    pub fn literal(&self) -> Option<String> {
        if self.is_plain() {
            return Some(self.text().to_owned());
        }
        self.0
            .parts
            .iter()
            .map(|part| if let Part::Char(letter) = part { Some(*letter) } else { None })
            .collect()
    }

    fn is_plain(&self) -> bool {
        self.0.parts.is_empty()
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        if self.is_plain() {
            return *self.0.text == *text;
        }
        let mut rest = text.chars();
        let mut part = 0;
        // Where to go on when a run has to swallow one character more.
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let before = rest.clone();
            match (self.0.parts.get(part), rest.next()) {
                (Some(Part::Run), _) => {
                    rest = before.clone();
                    part += 1;
                    retry = Some((part, before));
                    continue;
                }
                (Some(Part::One), Some(_)) => part += 1,
                (Some(Part::Char(wanted)), Some(got)) if *wanted == got => part += 1,
                (None, None) => return true,
                _ => {
                    let Some((after, mut longer)) = retry.take() else { return false };
                    if longer.next().is_none() {
                        return false;
                    }
                    rest = longer.clone();
                    part = after;
                    retry = Some((after, longer));
                }
            }
        }
    }
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut chars = text.chars();
    while let Some(letter) = chars.next() {
        match letter {
            '*' if parts.last() == Some(&Part::Run) => {}
            '*' => parts.push(Part::Run),
            '?' => parts.push(Part::One),
            '\\' => parts.push(Part::Char(chars.next().unwrap_or('\\'))),
            plain => parts.push(Part::Char(plain)),
        }
    }
    parts
}

impl fmt::Debug for Glob {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Glob({:?})", self.0.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_whole_texts() {
        for (glob, text, wanted) in [
            ("push", "push", true),
            ("push", "pushed", false),
            ("", "", true),
            ("*", "", true),
            ("humidity.*", "humidity.high", true),
            ("humidity.*", "humidity", false),
            ("*.succeeded", "payment_intent.succeeded", true),
            ("a*b*c", "axxbyybzzc", true),
            ("a*b*c", "axxbyyb", false),
            ("?ush", "push", true),
            ("?ush", "ush", false),
            (r"\*", "*", true),
            (r"\*", "x", false),
            ("**é*", "caféé", true),
        ] {
            assert_eq!(Glob::new(glob).matches(text), wanted, "{glob} {text}");
        }
    }

    #[test]
    fn a_hostile_text_takes_bounded_time() {
        let glob = Glob::new(&"*a".repeat(50));
        assert!(!glob.matches(&"a".repeat(40)));
        assert!(!Glob::new("*a*a*a*a*b").matches(&"a".repeat(20_000)));
    }

    #[test]
    fn knows_its_literal() {
        assert_eq!(Glob::new(r"a\*").literal(), Some("a*".to_owned()));
        assert_eq!(Glob::new("a*").literal(), None);
    }
}
