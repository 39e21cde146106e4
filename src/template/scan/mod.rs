//! The first look at a template, before the parser sees it: finds every tag, bounds nesting, refuses what has no place here,
//! and puts a plain word (`w0`, `w1`, …) where a path, a helper or a literal stands.
//!
//! So the parser never meets a JSONPath, which it cannot read, nor a depth it would not survive, and every complaint
//! points into the text as the user wrote it.

mod block;
mod tag;
mod token;

use serde_json::Value;

use super::error::Error;
use crate::limit;
use block::Blocks;

/// A template's text, made plain.
#[derive(Debug)]
pub(super) struct Plain<'t> {
    /// What the parser reads.
    pub(super) text: String,
    /// What `w0`, `w1`, … stand for.
    pub(super) words: Vec<Word<'t>>,
    /// Whether there is any tag at all; without one, `text` is still what is meant once `\{{` is undone.
    pub(super) tags: usize,
}

/// One word of a tag.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word<'t> {
    /// Where it begins in the user's text.
    pub(super) offset: usize,
    /// The word as it was written.
    pub(super) text: &'t str,
    /// Its value, when it is a literal.
    pub(super) literal: Option<Value>,
}

/// Looks through a template.
pub(super) fn scan(text: &str) -> Result<Plain<'_>, Error> {
    if text.len() > limit::TEMPLATE_MAX_BYTES {
        let message = format!("a template longer than {} bytes", limit::TEMPLATE_MAX_BYTES);
        return Err(Error::at(0, message).help("send a file or the payload itself instead"));
    }
    let mut plain = Plain { text: String::with_capacity(text.len()), words: Vec::new(), tags: 0 };
    let mut blocks = Blocks::default();
    let (mut at, mut pieces) = (0, 0_usize);
    while let Some((literal, rest)) = text.get(at..).and_then(|rest| rest.split_at_checked(rest.find("{{")?))
    {
        plain.text.push_str(literal);
        let open = at + literal.len();
        pieces += 1;
        if pieces > limit::TEMPLATE_TAGS_MAX {
            let message = format!("a template with more than {} tags", limit::TEMPLATE_TAGS_MAX);
            return Err(Error::at(open, message).help("make it shorter: `{{#each …}}` repeats a text"));
        }
        at = open
            + match backslashes(literal) {
                1 => escaped(rest, &mut plain.text),
                _ => tag::tag(text, open, &mut plain, &mut blocks)?,
            };
    }
    plain.text.push_str(text.get(at..).unwrap_or_default());
    blocks.end()?;
    Ok(plain)
}

fn backslashes(literal: &str) -> usize {
    literal.bytes().rev().take_while(|byte| *byte == b'\\').count()
}

/// `\{{` is no tag but two braces; the parser takes the backslash away. Returns how many bytes were taken.
fn escaped(rest: &str, out: &mut String) -> usize {
    let braces = if rest.starts_with("{{{{") { "{{{{" } else { "{{" };
    out.push_str(braces);
    braces.len()
}
