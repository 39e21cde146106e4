//! Where the calls of functions stand in a path, and their last arguments.

use super::token::{Kind, Token};

/// A call of a function.
pub(super) struct Place<'t> {
    /// Byte offset of the function's name.
    pub(super) name: usize,
    /// Byte offset of the last argument, which is the pattern if the function takes one.
    pub(super) last: usize,
    /// The last argument as it is written, when it is one word.
    pub(super) word: &'t str,
}

/// The calls in the order of the text.
pub(super) fn places<'t>(text: &'t str, tokens: &[Token]) -> Vec<Place<'t>> {
    let calls = tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Function);
    calls.filter_map(|(number, call)| place(text, tokens, number, call)).collect()
}

fn place<'t>(text: &'t str, tokens: &[Token], number: usize, call: &Token) -> Option<Place<'t>> {
    let close = closing(tokens, number + 1);
    let inside = tokens.get(number + 2..close)?;
    let mut depth = 0_usize;
    let comma = inside.iter().rposition(|token| {
        match token.kind {
            Kind::Close | Kind::CloseRound => depth += 1,
            Kind::Open | Kind::OpenRound => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.kind == Kind::Comma
    });
    let last = inside.get(comma.map_or(0, |comma| comma + 1)..)?;
    let first = last.first()?;
    let word = if last.len() == 1 { text.get(first.start..first.end)? } else { "" };
    Some(Place { name: call.start, last: first.start, word })
}

/// Where the parenthesis that opens at `open` is closed.
pub(super) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::OpenRound => depth += 1,
            Kind::CloseRound => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return place;
        }
    }
    tokens.len()
}
