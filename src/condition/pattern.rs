//! Regular expressions of the rules file, compiled when it is read; the syntax is that of the `regex` crate.

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;

/// Bytes a compiled pattern may take: stops repetitions of repetitions.
const COMPILED_MAX_BYTES: usize = 1 << 20;
/// How deep groups may nest.
const NESTING_MAX: u32 = 64;

/// What is wrong with a pattern, and the bytes of it that are wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

/// What people write who know another dialect: the words of the refusal, and the mend.
const HELP: &[(&str, &str)] = &[
    ("look-around", "say what must not match in a test of its own: `not: { matches: … }`"),
    ("backreferences", "name the alternatives: `(a|b)`"),
    ("repetition operator missing", "for the character itself write `\\` before it"),
    ("unclosed group", "for the character itself write `\\(`"),
    ("unopened group", "for the character itself write `\\)`"),
    ("unclosed character class", "for the character itself write `\\[`"),
];

/// Compiles a pattern that is searched for anywhere in a text.
pub(super) fn compile(pattern: &str) -> Result<Regex, Error> {
    check(pattern)?;
    RegexBuilder::new(pattern).size_limit(COMPILED_MAX_BYTES).nest_limit(NESTING_MAX).build().map_err(|_| {
        Error {
            offset: 0,
            length: pattern.len(),
            message: "the pattern grows too large".to_owned(),
            help: Some("repeat less: `{1,1000}` inside another repetition multiplies"),
        }
    })
}

fn check(pattern: &str) -> Result<(), Error> {
    let (span, message) = match ParserBuilder::new().nest_limit(NESTING_MAX).build().parse(pattern) {
        Ok(_) => return Ok(()),
        Err(regex_syntax::Error::Parse(why)) => (Some(*why.span()), why.kind().to_string()),
        Err(regex_syntax::Error::Translate(why)) => (Some(*why.span()), why.kind().to_string()),
        Err(why) => (None, why.to_string()),
    };
    let (offset, end) = span.map_or((0, pattern.len()), |span| (span.start.offset, span.end.offset));
    let help = HELP.iter().find(|(words, _)| message.contains(words)).map(|(_, help)| *help);
    Err(Error { offset, length: end.saturating_sub(offset), message, help })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_a_pattern_breaks() {
        for (pattern, offset, word) in [
            ("v[0-9", 1, "unclosed character class"),
            ("a(b", 1, "unclosed group"),
            ("ab)", 2, "unopened group"),
            ("é*+(", 4, "unclosed group"),
            ("*a", 0, "repetition operator missing"),
            ("a(?!b)", 1, "look-around"),
            (r"(a)\1", 3, "backreferences"),
            (r"\p{Nope}", 0, "Unicode property"),
            ("((a{1,100}){1,100}){1,100}", 0, "too large"),
        ] {
            let error = compile(pattern).unwrap_err();
            assert_eq!(error.offset, offset, "{pattern}: {}", error.message);
            assert!(error.message.contains(word), "{pattern}: {}", error.message);
        }
        assert!(compile(&"(".repeat(1000)).is_err());
        assert!(compile(r"^v\d+\.\d+$").unwrap().is_match("v1.20"));
    }
}
