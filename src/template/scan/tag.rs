//! One tag: `{{ … }}`, `{{#… }}`, `{{else …}}`, `{{/… }}` or a comment.

use super::block::Blocks;
use super::token::{Token, Tokens, never_closed};
use super::{Plain, Word};
use crate::template::error::Error;

/// What is not used here: the signs behind `{{`, what to say, and what to do instead. The longest stand first.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "{",
        "`{{{ … }}}` is not used here",
        "nothing is escaped as HTML: write `{{ … }}`, or a blank between the braces",
    ),
    ("&", "`{{& … }}` is not used here", "nothing is escaped as HTML: write `{{ … }}`"),
    (">", "partials `{{> … }}` are not used here", "write the text in its place"),
    ("#>", "partial blocks `{{#> … }}` are not used here", "write the text in its place"),
    ("#*", "inline partials `{{#* … }}` are not used here", "write the text in its place"),
    ("*", "decorators `{{* … }}` are not used here", "leave it out"),
    ("!", "a comment begins with `{{!` and takes no `~`", "write `{{! … }}` or `{{!-- … --}}`"),
    ("#^", "`{{#^ … }}` is not used here", "write `{{#unless …}}`"),
    ("^", "`{{^ … }}` is not used here", "write `{{else}}`, or `{{#unless …}}`"),
];

/// Reads the tag that begins at `open` and returns its length.
pub(super) fn tag<'t>(
    text: &'t str,
    open: usize,
    plain: &mut Plain<'t>,
    blocks: &mut Blocks<'t>,
) -> Result<usize, Error> {
    let rest = text.get(open..).unwrap_or_default();
    if rest.starts_with("{{!") {
        let length = comment_length(rest).ok_or_else(|| never_closed(open))?;
        plain.text.push_str(rest.get(..length).unwrap_or_default());
        return Ok(length);
    }
    refuse(rest, open)?;
    plain.tags += 1;
    let start = if rest.starts_with("{{~") { "{{~" } else { "{{" };
    plain.text.push_str(start);
    let inside = rest.get(start.len()..).unwrap_or_default();
    let sign = inside.chars().next().filter(|sign| matches!(sign, '#' | '/'));
    let first = open + start.len() + usize::from(sign.is_some());
    let mut tag = Tag { tokens: Tokens::new(text, open, first), open, plain, blocks };
    let behind = match sign {
        Some('#') => tag.begin(),
        Some(_) => tag.close(),
        None => tag.expression(),
    }?;
    Ok(behind - open)
}

fn refuse(rest: &str, open: usize) -> Result<(), Error> {
    if rest.starts_with("{{{{") {
        let message = "raw blocks `{{{{ … }}}}` are not used here";
        return Err(Error::at(open, message).help("write `\\{{` for two braces in the text"));
    }
    let ignored = |letter: &char| !letter.is_whitespace() && *letter != '~';
    let signs: String = rest.chars().skip("{{".len()).filter(ignored).take(2).collect();
    match REFUSED.iter().find(|(sign, _, _)| signs.starts_with(sign) && signs != "{{") {
        Some((_, message, help)) => Err(Error::at(open, *message).help(*help)),
        None => Ok(()),
    }
}

/// A comment ends at `--}}` when it begins with `{{!--` and has such an end, else at `}}`.
fn comment_length(rest: &str) -> Option<usize> {
    let long =
        rest.strip_prefix("{{!--").and_then(|inside| inside.find("--}}")).map(|end| end + "{{!----}}".len());
    long.or_else(|| rest.find("}}").map(|end| end + "}}".len()))
}

struct Tag<'t, 'p> {
    tokens: Tokens<'t>,
    open: usize,
    plain: &'p mut Plain<'t>,
    blocks: &'p mut Blocks<'t>,
}

impl<'t> Tag<'t, '_> {
    /// Puts the stand-in of a word; returns its index.
    fn put(&mut self, word: Word<'t>) -> usize {
        let index = self.plain.words.len();
        self.plain.text.push_str(&format!("w{index} "));
        self.plain.words.push(word);
        index
    }

    /// The first word of a tag, a name or a path.
    fn head(&mut self) -> Result<Word<'t>, Error> {
        let (offset, message) = match self.tokens.next()? {
            Token::Word(Word { literal: Some(_), offset, text }) => (offset, format!("{text} is a literal")),
            Token::Word(word) => return Ok(word),
            Token::End { .. } => (self.open, "an empty tag".to_owned()),
            Token::Open(offset) => (offset, "a tag cannot begin with `(`".to_owned()),
            Token::Close(offset) => (offset, "`)` without its `(`".to_owned()),
            Token::Names(offset, _) => (offset, "a tag cannot begin with `as`".to_owned()),
        };
        Err(Error::at(offset, message)
            .help("a tag begins with a path or a helper: `{{ $.name }}`, `{{ upper $.name }}`"))
    }

    /// `{{#if …}}`
    fn begin(&mut self) -> Result<usize, Error> {
        self.plain.text.push('#');
        let head = self.head()?;
        self.blocks.begin(self.open, head.text, self.plain.words.len())?;
        self.put(head);
        self.arguments(true)
    }

    /// `{{/if}}`
    fn close(&mut self) -> Result<usize, Error> {
        let head = self.head()?;
        let word = self.blocks.close(self.open, head.text)?;
        self.plain.text.push_str(&format!("/w{word}"));
        self.end()
    }

    /// `{{ … }}`, `{{else}}` or `{{else if …}}`
    fn expression(&mut self) -> Result<usize, Error> {
        let head = self.head()?;
        if head.text != "else" {
            self.put(head);
            return self.arguments(false);
        }
        self.plain.text.push_str("else ");
        match self.tokens.next()? {
            Token::End { trims, behind } => {
                self.blocks.part(self.open, false)?;
                Ok(self.finish(trims, behind))
            }
            Token::Word(word) if word.literal.is_none() => {
                self.blocks.part(self.open, true)?;
                self.put(word);
                self.arguments(true)
            }
            _ => Err(Error::at(head.offset, "`else` is followed by nothing or by a block")
                .help("write `{{else}}` or `{{else if …}}`")),
        }
    }

    /// The words behind the first one, brackets paired.
    fn arguments(&mut self, block: bool) -> Result<usize, Error> {
        let mut open: Vec<usize> = Vec::new();
        loop {
            match self.tokens.next()? {
                Token::Word(word) => {
                    self.put(word);
                }
                Token::Open(offset) => {
                    open.push(offset);
                    self.blocks.room(offset, open.len())?;
                    let head = self.head()?;
                    self.plain.text.push('(');
                    self.put(head);
                }
                Token::Close(offset) => {
                    open.pop().ok_or_else(|| Error::at(offset, "`)` without its `(`"))?;
                    self.plain.text.push_str(") ");
                }
                Token::Names(_, names) if block && open.is_empty() => {
                    self.plain.text.push_str("as |");
                    for name in names {
                        self.put(name);
                    }
                    self.plain.text.push('|');
                    return self.end();
                }
                Token::Names(offset, _) => {
                    return Err(Error::at(offset, "`as |…|` names what a block gives")
                        .help("write it last in `{{#each …}}` or `{{#with …}}`"));
                }
                Token::End { trims, behind } => match open.pop() {
                    Some(offset) => return Err(Error::at(offset, "`(` without its `)`")),
                    None => return Ok(self.finish(trims, behind)),
                },
            }
        }
    }

    /// Nothing but the end of the tag.
    fn end(&mut self) -> Result<usize, Error> {
        let Token::End { trims, behind } = self.tokens.next()? else {
            return Err(Error::at(self.open, "the tag should end after its name").help("close it with `}}`"));
        };
        Ok(self.finish(trims, behind))
    }

    fn finish(&mut self, trims: bool, behind: usize) -> usize {
        self.plain.text.push_str(if trims { "~}}" } else { "}}" });
        behind
    }
}
