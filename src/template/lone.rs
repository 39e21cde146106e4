//! Templates of texts and words that stand alone, as nearly all are: taken apart without the parser, many times faster.

/// A piece of such a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Copied as it is.
    Text(&'t str),
    /// A tag that is this word and nothing else, by its number.
    Word(usize),
}

/// The pieces of a plain text; `None` when there is more to it: blocks, arguments, comments, escapes, blanks to take away.
pub(super) fn pieces(plain: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = plain;
    while let Some((text, behind)) = rest.split_once("{{") {
        let (tag, after) = behind.split_once("}}")?;
        let word = tag.trim().strip_prefix('w')?.parse().ok()?;
        pieces.extend([Piece::Text(text), Piece::Word(word)]);
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces.iter().all(Piece::is_simple).then_some(pieces)
}

impl Piece<'_> {
    /// Whether it means the same to every reader: nothing in it is near to being a sign.
    fn is_simple(&self) -> bool {
        match self {
            Self::Text(text) => !text.contains('\\') && !text.contains("}}") && !text.starts_with('}'),
            Self::Word(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_apart_what_is_simple() {
        let (text, word) = (Piece::Text, Piece::Word);
        for (plain, wanted) in [
            ("{{ w0 }}", Some(vec![text(""), word(0), text("")])),
            ("a {{w0}} b\n {{  w1  }}", Some(vec![text("a "), word(0), text(" b\n "), word(1), text("")])),
            ("a } { b {{w12}}", Some(vec![text("a } { b "), word(12), text("")])),
            ("{{ w0 w1 }}", None),
            ("{{ (w0 w1) }}", None),
            ("{{~ w0 }}", None),
            ("{{ w0 ~}}", None),
            ("a {{! no }} b", None),
            ("{{#w0 w1}}b{{/w0}}", None),
            ("{{ w0 }}{{else}}", None),
            ("{{ w0 }}} b", None),
            ("{{ w0 }} }}", None),
            ("{{{ w0 }}}", None),
            ("\\{{ w0 }}", None),
            ("a\\b {{ w0 }}", None),
            ("{{ w0", None),
        ] {
            assert_eq!(pieces(plain), wanted, "{plain}");
        }
    }
}
