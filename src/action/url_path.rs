//! A path behind a base: values enter as encoded segments, and nothing in it can climb, break out or begin a query.

use std::ops::Range;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::diagnostic::Diagnostic;
use crate::template::{Escape, Scope, Template};
use crate::yaml::Node;

use super::{Failure, field, mask};

/// What is encoded of a path as it was written; values are encoded before. `%` stays: it begins what is encoded.
const WRITTEN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A path with templates. A value enters as one segment, neither empty nor climbing: the template sees to it.
#[derive(Debug)]
pub(super) struct UrlPath(Template);

impl UrlPath {
    /// Reads the text of a node as a path.
    pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let text = field::scalar(node, problems)?;
        Self::part(node, 0, text, problems)
    }

    /// Reads a part of a node's text, from byte `offset` on.
    pub(super) fn part(
        node: &Node<'_>,
        offset: usize,
        text: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        if let Some((place, message, help)) = refused(&mask::masked(text)) {
            problems.push(node.error_inside(offset + place.start, place.len(), "E221", message).help(help));
            return None;
        }
        field::part(node, offset, text, Escape::UrlSegment, problems).map(Self)
    }

    /// The path for an event, percent-encoded.
    pub(super) fn fill(&self, scope: &Scope<'_>) -> Result<String, Failure> {
        Ok(utf8_percent_encode(&self.0.text(scope)?, WRITTEN).to_string())
    }
}

/// What may not be written in a path.
fn refused(written: &str) -> Option<(Range<usize>, String, &'static str)> {
    if let Some(at) = written.find(['?', '#']) {
        return Some((
            at..written.len(),
            "a path ends before `?` and `#`".to_owned(),
            "put parameters under `query`:  query: { page: \"2\" }",
        ));
    }
    if let Some(at) = written.find('\\') {
        return Some((at..at + 1, "a path has no `\\`".to_owned(), "segments are parted by `/`"));
    }
    let segment = written.split('/').find(|segment| climbs(segment))?;
    let at =
        written.split('/').take_while(|other| !climbs(other)).map(|other| other.len() + 1).sum::<usize>();
    Some((
        at..at + segment.len(),
        format!("a path has no segment `{segment}`"),
        "write the path that is meant",
    ))
}

/// Whether a URL parser takes the segment for `.` or `..`.
fn climbs(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}
