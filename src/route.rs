//! Path patterns as axum reads them: `/sensors/{site}` captures one segment, `/files/{*rest}` all that follows.

use std::fmt;

use matchit::Router;
use percent_encoding::percent_decode_str;

/// A pattern that cannot be read; the message names the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The byte of the pattern where it breaks.
    pub offset: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

/// A compiled path pattern.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    router: Router<()>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it does not start with `/`, or its braces are not as axum wants them.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if !text.starts_with('/') {
            return Err(Error { offset: 0, message: format!("the path `{text}` must start with `/`") });
        }
        if let Some(offset) = text.find(['?', '#', ' ']) {
            return Err(Error {
                offset,
                message: format!("the path `{text}` may not hold `?`, `#` or spaces"),
            });
        }
        let mut router = Router::new();
        router.insert(text, ()).map_err(|why| Error {
            offset: text.find('{').unwrap_or(0),
            message: format!("`{text}` is not a path pattern ({why}): write `/a/{{name}}` or `/a/{{*rest}}`"),
        })?;
        Ok(Self { text: text.to_owned(), router })
    }

    /// The pattern as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it captures nothing, so that it is a plain path.
    pub fn is_literal(&self) -> bool {
        !self.text.contains(['{', '}'])
    }

    /// Whether no router can hold both.
    pub fn conflicts(&self, other: &Self) -> bool {
        let mut router = Router::new();
        router.insert(self.text(), ()).is_ok() && router.insert(other.text(), ()).is_err()
    }

    /// Whether some path may match both, told by their segments: a segment with a capture may be any.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (mut ours, mut theirs) = (self.text.split('/'), other.text.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(one), Some(two)) if one.starts_with("{*") || two.starts_with("{*") => return true,
                (Some(one), Some(two)) if one == two || one.contains('{') || two.contains('{') => {}
                _ => return false,
            }
        }
    }

    /// What it captures of a path as sent (captures decoded); `None` when the path does not match.
    pub fn matches(&self, path: &str) -> Option<Vec<(String, String)>> {
        let found = self.router.at(path).ok()?;
        let decoded = |value: &str| percent_decode_str(value).decode_utf8_lossy().into_owned();
        Some(found.params.iter().map(|(name, value)| (name.to_owned(), decoded(value))).collect())
    }
}

/// Patterns that one router can hold side by side.
#[derive(Default)]
pub struct Table {
    router: Router<()>,
    patterns: Vec<Pattern>,
}

impl Table {
    /// Puts a pattern in.
    ///
    /// # Errors
    /// With the place (from 0, in the order of putting in) of the pattern that is already there for some path of this
    /// one in a way that leaves none of the two the more specific.
    pub fn insert(&mut self, pattern: &Pattern) -> Result<(), usize> {
        let refused = self.router.insert(pattern.text(), ()).is_err();
        let other = self.patterns.iter().position(|known| refused && known.conflicts(pattern));
        self.patterns.push(pattern.clone());
        other.map_or(Ok(()), Err)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pattern({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_axum_does() {
        for (pattern, path, wanted) in [
            ("/github", "/github", Some(vec![])),
            ("/github", "/github/", None),
            ("/github", "/%67ithub", None),
            ("/s/{site}", "/s/berlin", Some(vec![("site", "berlin")])),
            ("/s/{site}", "/s/a%2Fb", Some(vec![("site", "a/b")])),
            ("/s/{site}", "/s/", None),
            ("/s/{site}/x", "/s/a/x", Some(vec![("site", "a")])),
            ("/f/{*rest}", "/f/a/b", Some(vec![("rest", "a/b")])),
        ] {
            let got = Pattern::parse(pattern).unwrap().matches(path);
            let wanted = wanted
                .map(|list| list.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<Vec<_>>());
            assert_eq!(got, wanted, "{pattern} {path}");
        }
    }

    #[test]
    fn knows_which_patterns_meet() {
        for (one, two, conflict, overlap) in [
            ("/a", "/a", true, true),
            ("/a", "/b", false, false),
            ("/a", "/a/b", false, false),
            ("/{x}", "/{y}", true, true),
            ("/{x}", "/a", false, true),
            ("/a/{x}", "/{y}/b", false, true),
            ("/f/{*rest}", "/f/a/b", false, true),
            ("/f/{*rest}", "/f/{x}", true, true),
            ("/s/{x}/y", "/s/{x}/z", false, false),
        ] {
            let (one, two) = (Pattern::parse(one).unwrap(), Pattern::parse(two).unwrap());
            let mut table = Table::default();
            assert_eq!(table.insert(&one), Ok(()));
            assert_eq!(table.insert(&two), if conflict { Err(0) } else { Ok(()) }, "{one:?} {two:?}");
            assert_eq!(one.overlaps(&two), overlap, "{one:?} {two:?}");
        }
    }

    #[test]
    fn bad_patterns_say_the_mend() {
        for pattern in ["github", "/a b", "/a?x", "/{a", "/{*rest}/x", "/{}"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
