//! A text with parts of a request in it: `v0:{timestamp}:{body}`, `{header:X-GitHub-Event}`, or a JSONPath such as `$.kind`.

use crate::path::Path;

use super::part::{Part, Wrong};
use super::view::{Lack, View};

/// A compiled text. What it makes are bytes: a body need not be text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Needed(Part),
    /// `{header:X?}`: nothing when it is missing.
    Optional(Part),
}

impl Text {
    /// Reads a text; a JSONPath (`$.kind`) or one bare part (`header:X`) is that part alone.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let pieces = if text.starts_with('$') {
            vec![piece(&format!("json:{text}")).map_err(|mut wrong| {
                wrong.offset = wrong.offset.saturating_sub("json:".len());
                wrong
            })?]
        } else if Part::is_written_in(text) {
            vec![piece(text)?]
        } else {
            pieces(text)?
        };
        Ok(Self { pieces })
    }

    /// The parts it names, in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Needed(part) | Piece::Optional(part) => Some(part),
        })
    }

    /// Whether it names this part.
    pub(super) fn names(&self, wanted: &Part) -> bool {
        self.parts().any(|part| part == wanted)
    }

    /// The text itself, when nothing of a request is in it.
    pub(super) fn literal(&self) -> Option<String> {
        let literal =
            |piece: &Piece| if let Piece::Literal(text) = piece { Some(text.clone()) } else { None };
        self.pieces.iter().map(literal).collect()
    }

    /// The one part it consists of.
    pub(super) fn only_part(&self) -> Option<&Part> {
        match self.pieces.as_slice() {
            [Piece::Needed(part) | Piece::Optional(part)] => Some(part),
            _ => None,
        }
    }

    /// The JSONPath it consists of.
    pub(super) fn only_path(&self) -> Option<&Path> {
        match self.only_part() {
            Some(Part::Json(path)) => Some(path),
            _ => None,
        }
    }

    /// Gives its bytes piece by piece, so that a body is never copied.
    pub(super) fn each(&self, view: &View<'_>, take: &mut dyn FnMut(&[u8])) -> Result<(), Lack> {
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => take(text.as_bytes()),
                Piece::Needed(part) => take(&view.find(part)?),
                Piece::Optional(part) => match view.find(part) {
                    Ok(found) => take(&found),
                    Err(Lack::Missing(_)) => {}
                    Err(other) => return Err(other),
                },
            }
        }
        Ok(())
    }

    /// All its bytes.
    pub(super) fn fill(&self, view: &View<'_>) -> Result<Vec<u8>, Lack> {
        let mut all = Vec::new();
        self.each(view, &mut |bytes| all.extend_from_slice(bytes))?;
        Ok(all)
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, Wrong> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let offset = text.len() - after.len();
        let Some((inside, behind)) = after.split_once('}') else {
            return Err(Wrong::new(offset - 1, format!("`{text}` has a `{{` without its `}}`")));
        };
        push(&mut found, before);
        found.push(piece(inside).map_err(|wrong| wrong.behind(offset))?);
        rest = behind;
    }
    push(&mut found, rest);
    Ok(found)
}

fn push(found: &mut Vec<Piece>, literal: &str) {
    if !literal.is_empty() {
        found.push(Piece::Literal(literal.to_owned()));
    }
}

fn piece(text: &str) -> Result<Piece, Wrong> {
    match text.strip_suffix('?') {
        Some(optional) => Part::parse(optional).map(Piece::Optional),
        None => Part::parse(text).map(Piece::Needed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_a_part_and_a_text() {
        for (text, parts) in [
            ("$.kind", vec!["payload field $.kind"]),
            ("$.kind?", vec!["payload field $.kind"]),
            ("header:X", vec!["header x"]),
            ("push", vec![]),
            ("v0:{timestamp}:{body}", vec!["timestamp", "body"]),
            ("{json:$.a.b}.{header:X?}", vec!["payload field $.a.b", "header x"]),
        ] {
            let compiled = Text::parse(text).unwrap();
            assert_eq!(compiled.parts().map(ToString::to_string).collect::<Vec<_>>(), parts, "{text}");
        }
    }

    #[test]
    fn points_at_the_byte() {
        for (text, offset) in
            [("$.a[", 3), ("a{body", 1), ("{bdy}", 1), ("é{header:}", 3), ("{json:$.a[*]}", 6)]
        {
            assert_eq!(Text::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }
}
