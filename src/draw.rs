//! Diagnostics as people read them: file, line, column, the line itself, a caret and the mend.

use std::collections::HashMap;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Place, Severity};

/// Columns of a drawn line; a longer source line is shown around its caret.
const WIDTH_MAX: usize = 140;
/// The one complaint whose place holds a secret, which is not drawn.
const SECRET_IN_CLEAR: &str = "E303";
/// Some editors put it at the start of a file; it is no column.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether a terminal's colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// With colours.
    Colour,
}

/// The texts of the files by name.
pub type Texts<'t> = HashMap<&'t str, &'t str>;

/// Draws all of them, a blank line between two.
pub fn diagnostics(list: &[Diagnostic], texts: &Texts<'_>, style: Style) -> String {
    list.iter().map(|one| diagnostic(one, texts, style)).collect::<Vec<_>>().join("\n")
}

/// Draws one, with a line break at its end.
pub fn diagnostic(one: &Diagnostic, texts: &Texts<'_>, style: Style) -> String {
    let level = match one.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = sound(&one.message);
    let mut group = Group::with_title(level.primary_title(message.as_str()).id(one.code));
    let pictures = pictures(one, texts);
    for picture in &pictures {
        group = match picture.slice.is_empty() {
            true => group.element(Origin::path(picture.file).line(1).char_column(1)),
            false => group.element(picture.snippet()),
        };
    }
    let help = one.help.as_deref().map(sound);
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    renderer.term_width(WIDTH_MAX).render(&[group]) + "\n"
}

/// Where it starts and ends: line, column and end column, from 1, in characters. One of several lines ends with its
/// first; one without a place is at the start.
pub fn positions(one: &Diagnostic, text: &str) -> (usize, usize, usize) {
    let Some(place) = &one.place else { return (1, 1, 1) };
    let span = first_line(text, &place.span);
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let letters = |text: &str| text.chars().filter(|letter| *letter != BYTE_ORDER_MARK).count();
    let column = letters(before.rsplit('\n').next().unwrap_or_default()) + 1;
    (line, column, column + letters(text.get(span).unwrap_or_default()))
}

/// What is to be marked, and the words beside it.
type Mark<'d> = (AnnotationKind, &'d Place, Option<String>);

/// The lines of one file that are drawn, and what is marked in them.
struct Picture<'d> {
    file: &'d str,
    slice: String,
    line: usize,
    marks: Vec<(AnnotationKind, Range<usize>, Option<String>)>,
}

impl Picture<'_> {
    fn snippet(&self) -> Snippet<'_, Annotation<'_>> {
        let marks =
            self.marks.iter().map(|(kind, span, label)| kind.span(span.clone()).label(label.as_deref()));
        Snippet::source(self.slice.as_str()).path(self.file).line_start(self.line).annotations(marks)
    }
}

impl Picture<'_> {
    /// Puts `*` for each byte that is marked.
    fn hide(&mut self) {
        let hidden = |byte: usize| self.marks.iter().any(|(_, span, _)| span.contains(&byte));
        let letters = self.slice.char_indices().map(|(byte, letter)| match hidden(byte) {
            true => "*".repeat(letter.len_utf8()),
            false => letter.to_string(),
        });
        self.slice = letters.collect();
    }
}

/// A picture for each file that it names, its own first.
fn pictures<'d>(one: &'d Diagnostic, texts: &Texts<'_>) -> Vec<Picture<'d>> {
    let own = one.place.iter().map(|place| (AnnotationKind::Primary, place, one.label.clone()));
    let also = one.also.iter().map(|(place, words)| (AnnotationKind::Context, place, Some(words.clone())));
    let mut files: Vec<(&str, Vec<Mark<'_>>)> = Vec::new();
    for mark in own.chain(also) {
        let file = mark.1.file.as_ref();
        match files.iter_mut().find(|(name, _)| *name == file) {
            Some((_, marks)) => marks.push(mark),
            None => files.push((file, vec![mark])),
        }
    }
    files
        .into_iter()
        .map(|(file, marks)| {
            let text = texts.get(file).copied().unwrap_or_default();
            let mut picture = picture(file, text, marks);
            if one.code == SECRET_IN_CLEAR {
                picture.hide();
            }
            picture
        })
        .collect()
}

/// Cuts the lines out that are touched, so that a long file is not read again for each complaint.
fn picture<'d>(file: &'d str, text: &str, marks: Vec<Mark<'_>>) -> Picture<'d> {
    let spans: Vec<_> = marks.iter().map(|(_, place, _)| first_line(text, &place.span)).collect();
    let first = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let last = spans.iter().map(|span| span.end).max().unwrap_or(0);
    let mut start = text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |byte| byte + 1);
    if start == 0 && text.starts_with(BYTE_ORDER_MARK) {
        start = BYTE_ORDER_MARK.len_utf8();
    }
    let end = text.get(last..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| last + length);
    let line = text.get(..start).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count() + 1;
    let slice = sound(text.get(start..end).unwrap_or_default());
    let marks = marks.into_iter().zip(spans).map(|((kind, _, label), span)| {
        (kind, span.start.saturating_sub(start)..span.end.saturating_sub(start), label.as_deref().map(sound))
    });
    Picture { file, slice, line, marks: marks.collect() }
}

/// A span that stays on its first line and inside the text.
fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = span.start.min(text.len());
    let marked = text.get(start..span.end.clamp(start, text.len())).unwrap_or_default();
    let line = marked.lines().next().unwrap_or_default().trim_end();
    start..start + line.len()
}

/// The text with as many bytes, but nothing in it that could move a terminal's cursor or turn its text around.
pub fn sound(text: &str) -> String {
    let replaced = |letter: char| match letter {
        '\n' | '\t' => letter,
        _ if letter.is_ascii_control() => '?',
        '\u{80}'..='\u{9f}' => '¿',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => '\u{fffd}',
        _ => letter,
    };
    text.chars().map(replaced).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const TEXT: &str = "\u{feff}é: 1\n  - $.a: > 10000\n    b: \"x\u{1b}[2J\u{202e}y\"\n    secret: hunter2hunter2 # no\n\n\n\nlast: {\n  a: 1 }\n";

    fn place(words: &str) -> Place {
        let start = TEXT.find(words).unwrap();
        Place { file: Arc::from("rules/a.yaml"), span: start..start + words.len() }
    }

    fn drawn(one: &Diagnostic) -> String {
        let long = "x".repeat(300) + "BAD" + &"y".repeat(300);
        let texts = Texts::from([("rules/a.yaml", TEXT), ("b.yaml", "x: 1\n"), ("long.yaml", long.as_str())]);
        diagnostic(one, &texts, Style::Plain)
    }

    #[test]
    fn a_complaint_shows_its_line_a_caret_and_the_mend() {
        let at = |code, words| {
            let place = place(words);
            Diagnostic::error(code, "a `message`").at(&place.file, place.span)
        };
        for (one, wanted, position) in [
            (
                at("E102", "> ").label("this").help("do that"),
                "error[E102]: a `message`\n --> rules/a.yaml:2:10\n  |\n2 |   - $.a: > 10000\n  |          ^ this\n  |\n  = help: do that\n",
                (2, 10, 11),
            ),
            (
                at("E001", "é"),
                "error[E001]: a `message`\n --> rules/a.yaml:1:1\n  |\n1 | é: 1\n  | ^\n",
                (1, 1, 2),
            ),
            (
                at("E001", "\"x\u{1b}[2J\u{202e}y\""),
                "error[E001]: a `message`\n --> rules/a.yaml:3:8\n  |\n3 |     b: \"x?[2J\u{fffd}y\"\n  |        ^^^^^^^^^\n",
                (3, 8, 17),
            ),
            (
                at("E303", "hunter2hunter2"),
                "error[E303]: a `message`\n --> rules/a.yaml:4:13\n  |\n4 |     secret: ************** # no\n  |             ^^^^^^^^^^^^^^\n",
                (4, 13, 27),
            ),
            (
                at("E001", "{\n  a: 1 }"),
                "error[E001]: a `message`\n --> rules/a.yaml:8:7\n  |\n8 | last: {\n  |       ^\n",
                (8, 7, 8),
            ),
        ] {
            assert_eq!(drawn(&one), wanted, "\n{}", drawn(&one));
            assert_eq!(positions(&one, TEXT), position, "{wanted}");
        }
    }

    #[test]
    fn other_places_are_drawn_too() {
        let one = Diagnostic::warning("W301", "twice")
            .at(&Arc::from("rules/a.yaml"), place("last").span)
            .also(place("é"), "first")
            .also(Place { file: Arc::from("b.yaml"), span: 0..1 }, "and here");
        assert_eq!(
            drawn(&one),
            "warning[W301]: twice\n --> rules/a.yaml:8:1\n  |\n1 | é: 1\n  | - first\n...\n8 | last: {\n  | ^^^^\n  |\n ::: b.yaml:1:1\n  |\n1 | x: 1\n  | - and here\n"
        );
    }

    #[test]
    fn a_complaint_about_no_line_is_drawn_without_one() {
        let one = Diagnostic::error("E008", "no file\u{1b}").help("write one");
        assert_eq!(drawn(&one), "error[E008]: no file?\n |\n = help: write one\n");
        let one = one.at(&Arc::from("none.yaml"), 0..0);
        assert_eq!(drawn(&one), "error[E008]: no file?\n--> none.yaml:1:1\n = help: write one\n");
    }

    #[test]
    fn a_long_line_is_cut_and_colours_are_chosen() {
        let one = Diagnostic::error("E001", "long").at(&Arc::from("long.yaml"), 300..303);
        assert!(drawn(&one).lines().all(|line| line.chars().count() <= WIDTH_MAX + 10));
        assert!(drawn(&one).contains("BAD") && !drawn(&one).contains('\u{1b}'));
        assert!(diagnostics(&[one], &Texts::new(), Style::Colour).contains('\u{1b}'));
    }
}
