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

    /// What it captures of a path as sent (captures decoded); `None` when the path does not match.
    pub fn matches(&self, path: &str) -> Option<Vec<(String, String)>> {
        let found = self.router.at(path).ok()?;
        let decoded = |value: &str| percent_decode_str(value).decode_utf8_lossy().into_owned();
        Some(found.params.iter().map(|(name, value)| (name.to_owned(), decoded(value))).collect())
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
    fn bad_patterns_say_the_mend() {
        for pattern in ["github", "/a b", "/a?x", "/{a", "/{*rest}/x", "/{}"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
