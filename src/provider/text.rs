//! A text with parts of a request in it: `v0:{timestamp}:{body}`, `{header:X-GitHub-Event}`, or a JSONPath such as `$.kind`.

use std::borrow::Cow;

use crate::path::Path;
use crate::yaml::listed;

use super::filter::{FILTERS, Filter};
use super::part::{Part, Wrong};
use super::view::{Lack, View};

/// A compiled text. What it makes are bytes: a body need not be text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pieces: Vec<Piece>,
}

/// What stands there always, or a part of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Literal(String),
    Slot(Slot),
}

/// `{json:$.id}`, `{header:X?}` (nothing when it is missing), `{body|crc32}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) part: Part,
    optional: bool,
    pub(super) filters: Vec<Filter>,
}

/// What fills a text: the request, and what differs from one try to the next.
#[derive(Clone, Copy)]
pub(super) struct Fill<'a> {
    pub(super) view: &'a View<'a>,
    /// In place of the URL of the view.
    pub(super) url: Option<&'a str>,
    pub(super) secret: Option<&'a [u8]>,
    /// What stands where the sender wrote the moment of signing.
    pub(super) stamp: Option<&'a [u8]>,
}

impl<'a> Fill<'a> {
    /// The request as it is.
    pub(super) fn of(view: &'a View<'a>) -> Self {
        Self { view, url: None, secret: None, stamp: None }
    }

    /// The bytes of a part.
    pub(super) fn find(&self, part: &Part) -> Result<Cow<'a, [u8]>, Lack> {
        let given = match part {
            Part::Url => self.url.map(str::as_bytes),
            Part::Secret => self.secret,
            Part::Timestamp => self.stamp,
            _ => None,
        };
        given.map_or_else(|| self.view.find(part), |bytes| Ok(Cow::Borrowed(bytes)))
    }
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

    /// What it consists of, in order.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The parts it names, in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.slots().map(|slot| &slot.part)
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

    /// Each part it names, and whether anything is done to it.
    pub(super) fn named(&self) -> impl Iterator<Item = (&Part, bool)> {
        self.slots().map(|slot| (&slot.part, !slot.filters.is_empty()))
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Slot(slot) => Some(slot),
        })
    }

    /// The one part it consists of.
    pub(super) fn only_part(&self) -> Option<&Part> {
        match self.pieces.as_slice() {
            [Piece::Slot(Slot { part, filters, .. })] if filters.is_empty() => Some(part),
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
    pub(super) fn each(&self, fill: &Fill<'_>, take: &mut dyn FnMut(&[u8])) -> Result<(), Lack> {
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => take(text.as_bytes()),
                Piece::Slot(slot) => match slot.value(fill) {
                    Ok(found) => take(&found),
                    Err(Lack::Missing(_)) if slot.optional => {}
                    Err(other) => return Err(other),
                },
            }
        }
        Ok(())
    }

    /// All its bytes for one try.
    pub(super) fn bytes(&self, fill: &Fill<'_>) -> Result<Vec<u8>, Lack> {
        let mut all = Vec::new();
        self.each(fill, &mut |bytes| all.extend_from_slice(bytes))?;
        Ok(all)
    }

    /// All its bytes.
    pub(super) fn fill(&self, view: &View<'_>) -> Result<Vec<u8>, Lack> {
        self.bytes(&Fill::of(view))
    }
}

impl Slot {
    fn value<'a>(&self, fill: &Fill<'a>) -> Result<Cow<'a, [u8]>, Lack> {
        let found = fill.find(&self.part)?;
        self.filters.iter().try_fold(found, |bytes, filter| filter.apply(&bytes, fill.view).map(Cow::Owned))
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
    let (written, filters) = filters(text)?;
    let (part, optional) = match written.strip_suffix('?') {
        Some(optional) => (Part::parse(optional)?, true),
        None => (Part::parse(written)?, false),
    };
    let reads_a_form = filters.first() == Some(&Filter::SortedPairs);
    if (part == Part::Pairs) != reads_a_form {
        return Err(Wrong::new(0, format!("`{text}`: `form` and `sorted_pairs` belong together"))
            .help("write {form|sorted_pairs}"));
    }
    Ok(Piece::Slot(Slot { part, optional, filters }))
}

/// A part and what is done to it. A `|` inside a JSONPath is part of the path.
fn filters(text: &str) -> Result<(&str, Vec<Filter>), Wrong> {
    let mut rest = text;
    let mut found = Vec::new();
    while let Some((before, name)) = rest.rsplit_once('|') {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            break;
        }
        let Some((_, filter)) = FILTERS.iter().find(|(known, _)| *known == name) else {
            let known = listed(FILTERS.iter().map(|(name, _)| *name));
            return Err(Wrong::new(
                before.len() + 1,
                format!("`{name}` is nothing that can be done to a part"),
            )
            .help(format!("it is one of {known}")));
        };
        found.insert(0, *filter);
        rest = before;
    }
    Ok((rest, found))
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
            ("{body|crc32}|{form|sorted_pairs}", vec!["body", "form"]),
            ("{json:$['a|b']|sha256|hex}", vec!["payload field $['a|b']"]),
        ] {
            let compiled = Text::parse(text).unwrap();
            assert_eq!(compiled.parts().map(ToString::to_string).collect::<Vec<_>>(), parts, "{text}");
        }
    }

    #[test]
    fn points_at_the_byte() {
        for (text, offset) in [
            ("$.a[", 3),
            ("a{body", 1),
            ("{bdy}", 1),
            ("é{header:}", 3),
            ("{json:$.a[*]}", 6),
            ("{body|crc}", 6),
            ("{form}", 1),
        ] {
            assert_eq!(Text::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }
}
