//! Paths of names and indexes alone, as nearly all are: read from their words, without the parser and many times faster.

use super::query::{Query, Start, Step};
use super::token::{Kind, Token};

/// The path that these words are; `None` when there is more to it than names and indexes, or a name has escapes.
pub(super) fn read(text: &str, tokens: &[Token]) -> Option<Query> {
    let (start, mut rest) = tokens.split_first()?;
    if start.kind != Kind::Root {
        return None;
    }
    let mut steps = Vec::with_capacity(rest.len() / 2);
    while !rest.is_empty() {
        let step = match rest {
            [dot, name, behind @ ..] if (dot.kind, name.kind) == (Kind::Dot, Kind::Member) => {
                rest = behind;
                Step::Name(written(text, *name)?.into())
            }
            [open, word, close, behind @ ..] if (open.kind, close.kind) == (Kind::Open, Kind::Close) => {
                rest = behind;
                picked(text, *word)?
            }
            _ => return None,
        };
        steps.push(step);
    }
    Some(Query { start: Start::Root, steps: steps.into(), segments: [].into() })
}

/// What a word in brackets picks.
fn picked(text: &str, word: Token) -> Option<Step> {
    let written = written(text, word)?;
    match word.kind {
        Kind::Index => written.parse().ok().map(Step::Index),
        Kind::Text if !written.contains('\\') => {
            written.get(1..written.len().checked_sub(1)?).map(|name| Step::Name(name.into()))
        }
        _ => None,
    }
}

fn written(text: &str, word: Token) -> Option<&str> {
    text.get(word.start..word.end)
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Path, scan};
    use super::*;

    #[test]
    fn reads_what_the_parser_reads() {
        for (text, is_simple) in [
            ("$", true),
            ("$.a", true),
            ("$.a.b_1.é", true),
            ("$['a']", true),
            ("$[\"it's\"]", true),
            ("$['']", true),
            ("$[0][-1].a['b c']", true),
            ("$ .a [ 0 ] [ 'x' ]", true),
            ("$['a\\u0062']", false),
            ("$['it\\'s']", false),
            ("$.*", false),
            ("$[*]", false),
            ("$..a", false),
            ("$[0,1]", false),
            ("$[0:1]", false),
            ("$[?@.a]", false),
            ("$.a[?@ == 1].b", false),
        ] {
            let tokens = scan::scan(text).unwrap();
            let query = read(text, &tokens);
            assert_eq!(query.is_some(), is_simple, "{text}");
            let Some(query) = query else { continue };
            let parsed = Path::parse_tokens(text, &tokens, Options::default()).unwrap();
            assert_eq!(*query.steps, *parsed.first_steps(), "{text}");
            assert!(query.is_singular() && parsed.is_singular(), "{text}");
        }
    }
}
