//! One walk over the parser's events: it puts every value in its place and finds what is refused.

mod build;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::spots::{Kind, Spot, Spots, Style};
use super::{flow, trap};
use crate::diagnostic::{Diagnostic, Place};
use crate::limit;

/// So many keys of a map are looked through one by one; most maps have no more.
const FEW_KEYS: usize = 16;
/// Bytes that are walked once more, over all times that something in brackets was straightened.
const AGAIN_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Walks the text behind its first `before` bytes (a byte order mark). Spans count from the start of `text`.
pub(super) fn walk(file: &Arc<str>, text: &str, before: usize) -> Result<Spots, Vec<Diagnostic>> {
    let mut body = Cow::Borrowed(text.get(before..).unwrap_or_default());
    let mut again = AGAIN_MAX_BYTES / body.len().max(1);
    loop {
        let mut walk = Walk::new(file, text, before);
        let crooked = walk.run(&body).filter(|_| again > 0);
        let Some(straight) = crooked.and_then(|between| flow::straighten(&body, &between)) else {
            return walk.end();
        };
        body = Cow::Owned(straight);
        again -= 1;
    }
}

/// A list or map whose end has not come yet.
struct Open {
    index: usize,
    start: usize,
    /// It stands where a key should.
    is_key: bool,
    /// The key whose value comes next.
    key: Option<(String, Range<usize>)>,
    /// Its keys behind the first few, and where they stand.
    seen: HashMap<String, Range<usize>>,
}

struct Walk<'t> {
    file: &'t Arc<str>,
    text: &'t str,
    before: usize,
    /// Byte of each character; empty when each character is one byte.
    bytes: Vec<usize>,
    all: Vec<Spot>,
    open: Vec<Open>,
    root: Option<usize>,
    anchors: HashMap<usize, usize>,
    names: HashSet<String>,
    aliases: usize,
    documents: usize,
    stop: bool,
    problems: Vec<Diagnostic>,
}

impl<'t> Walk<'t> {
    fn new(file: &'t Arc<str>, text: &'t str, before: usize) -> Self {
        let body = text.get(before..).unwrap_or_default();
        let bytes =
            if body.is_ascii() { Vec::new() } else { body.char_indices().map(|(byte, _)| byte).collect() };
        Self {
            file,
            text,
            before,
            bytes,
            all: Vec::new(),
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            names: HashSet::new(),
            aliases: 0,
            documents: 0,
            stop: false,
            problems: Vec::new(),
        }
    }

    /// Goes through the text. Where its indentation could not be read: the letters up to there, from the brackets on that
    /// it may stand in.
    fn run(&mut self, body: &str) -> Option<Range<usize>> {
        let mut behind = 0;
        for event in Parser::new_from_str(body) {
            match event {
                Ok((event, span)) => {
                    behind = span.end.index();
                    self.event(event, span);
                }
                Err(why) => {
                    let stopped = why.marker().index();
                    self.give_up(trap::explain(self.file, self.text, self.byte(stopped), why.info()));
                    let from = self.brackets().unwrap_or(behind);
                    return why.info().contains("invalid indentation").then_some(from..stopped);
                }
            }
            if self.stop {
                break;
            }
        }
        None
    }

    /// The letter at which the outermost brackets open that are open now.
    fn brackets(&self) -> Option<usize> {
        let start = self.open.iter().find(|open| self.is_in_brackets(open))?.start;
        Some(self.text.get(self.before..start)?.chars().count())
    }

    fn is_in_brackets(&self, open: &Open) -> bool {
        // A list of lines starts where its first item does.
        let first = self.all.get(open.index).and_then(|spot| match &spot.kind {
            Kind::List(items) => self.all.get(*items.first()?),
            _ => None,
        });
        first.is_none_or(|first| first.span.start != open.start)
            && self.text.get(open.start..).is_some_and(|written| written.starts_with(['{', '[']))
    }

    fn byte(&self, character: usize) -> usize {
        let byte = if self.bytes.is_empty() {
            self.before + character
        } else {
            self.bytes.get(character).map_or(self.text.len(), |byte| self.before + byte)
        };
        byte.min(self.text.len())
    }

    /// Its bytes. What comes in brackets or quotes is handed over with the spaces behind it.
    fn span(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        let end = self.byte(span.end.index()).max(start);
        let written = self.text.get(start..end).unwrap_or_default();
        start..start + written.trim_end().len()
    }

    /// The text cannot be read on; what was said about the same place before is said better now.
    fn give_up(&mut self, found: Diagnostic) {
        let start = |one: &Diagnostic| one.place.as_ref().map(|place| place.span.start);
        self.problems.retain(|earlier| start(earlier) != start(&found));
        self.problems.push(found);
        self.stop = true;
    }

    fn problem(&mut self, span: Range<usize>, code: &'static str, message: &str, help: &str) {
        self.problems.push(Diagnostic::error(code, message).at(self.file, span).help(help));
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        let span = self.span(span);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let help = "keep one document in each file: no `---` between parts";
                    self.problem(span, "E008", "the file holds several YAML documents", help);
                    self.stop = true;
                }
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                let start = self.properties(&span, anchor, tag.is_some());
                self.scalar(text, style, start.min(span.end)..span.end, anchor);
            }
            Event::SequenceStart(anchor, tag) => {
                let start = self.properties(&span, anchor, tag.is_some());
                self.opened(Kind::List(Vec::new()), start..span.end.max(start), anchor);
            }
            Event::MappingStart(anchor, tag) => {
                let start = self.properties(&span, anchor, tag.is_some());
                self.opened(Kind::Map(Vec::new()), start..span.end.max(start), anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => self.closed(span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }

    /// Looks at the tag and anchor before a value and gives where the value itself starts.
    fn properties(&mut self, span: &Range<usize>, anchor: usize, tagged: bool) -> usize {
        if anchor == 0 && !tagged {
            return span.start;
        }
        let mut start = span.start;
        while let Some(rest) = self.text.get(start..)
            && rest.starts_with(['!', '&'])
        {
            let word = rest.split(char::is_whitespace).next().unwrap_or_default();
            if word.starts_with('!') {
                self.problems.push(trap::tag(self.file, self.text, start, word));
            } else if !self.names.insert(word.to_owned()) {
                let message = format!("the anchor `{word}` is given twice");
                self.problem(
                    start..start + word.len(),
                    "E006",
                    &message,
                    "give each anchor a name of its own",
                );
            }
            let behind = rest.get(word.len()..).unwrap_or_default();
            start += word.len() + (behind.len() - behind.trim_start().len());
        }
        start
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) {
        self.aliases += 1;
        if self.aliases > limit::RULES_ALIASES_MAX {
            let message = format!("more than {} aliases in one file", limit::RULES_ALIASES_MAX);
            self.problem(span, "E006", &message, "write some of them out");
            self.stop = true;
            return;
        }
        let target = self.anchors.get(&anchor).copied();
        let is_open = target.is_none_or(|target| self.open.iter().any(|open| open.index == target));
        let Some(target) = target.filter(|_| !is_open) else {
            self.problem(span, "E006", "this alias stands for no value that ended before it", "write it out");
            self.stop = true;
            return;
        };
        // An alias of an alias cannot be written, so the target is never one.
        let (weight, height) = self.all.get(target).map_or((1, 0), |spot| (spot.weight, spot.height));
        if self.at_key() {
            self.problem(span.clone(), "E006", "an alias in place of a key", "write the key out");
            self.set_key(String::new(), span);
            return;
        }
        self.add(Spot { span, kind: Kind::Alias(target), weight, height });
    }

    fn scalar(&mut self, text: Cow<'_, str>, style: ScalarStyle, span: Range<usize>, anchor: usize) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let written = self.text.get(span.clone()).unwrap_or_default();
        let span = span.start..span.start + style.length(written);
        if self.at_key() {
            return self.key(text.into_owned(), style, span);
        }
        let span = match style {
            Style::Plain if text.is_empty() => self.nothing(span),
            Style::Literal | Style::Folded => self.block(span, text.is_empty()),
            _ => span,
        };
        let kind = Kind::Scalar { style, text: text.into_owned() };
        let index = self.add(Spot { span, kind, weight: 1, height: 0 });
        self.anchor(anchor, index);
    }

    /// A block of text stands from its first letter to its last; one without letters is a trap.
    fn block(&mut self, span: Range<usize>, is_empty: bool) -> Range<usize> {
        if is_empty {
            let start = self.text.get(..span.start).and_then(|before| before.rfind(['|', '>']));
            self.problems.push(trap::empty_block(self.file, self.text, start.unwrap_or(span.start)));
            return span;
        }
        let written = self.text.get(span.clone()).unwrap_or_default();
        let head = match written.find('\n') {
            // Behind an anchor the parser counts the line of the sign too.
            Some(line) if written.starts_with(['|', '>']) => line,
            _ => 0,
        };
        let body = written.get(head..).unwrap_or_default();
        let start = span.start + written.len() - body.trim_start().len();
        start.min(span.end)..span.start + written.trim_end().len()
    }

    /// A value that is not there is shown at its key.
    fn nothing(&self, span: Range<usize>) -> Range<usize> {
        self.open.last().and_then(|open| open.key.as_ref()).map_or(span, |(_, key_span)| key_span.clone())
    }

    fn key(&mut self, key: String, style: Style, span: Range<usize>) {
        if style == Style::Plain && matches!(key.as_str(), "" | "~" | "null") {
            self.problem(
                span.clone(),
                "E004",
                "a key is missing before `:`",
                "write a key, or quote the text",
            );
        } else if style == Style::Plain && key == "<<" {
            let help = "write the keys out, or give a whole value an anchor and use its alias";
            self.problem(span.clone(), "E006", "`<<` does not merge maps here", help);
        } else if let Some(first) = self.seen(&key).cloned() {
            let first = Place { file: Arc::clone(self.file), span: first };
            self.problems.push(
                Diagnostic::error("E002", format!("the key `{key}` stands twice in one map"))
                    .at(self.file, span.clone())
                    .help("keep one of the two, or put both values under one key")
                    .also(first, "the first is here"),
            );
        }
        self.set_key(key, span);
    }

    fn set_key(&mut self, key: String, span: Range<usize>) {
        if let Some(open) = self.open.last_mut() {
            let known = self.all.get(open.index).map_or(0, |spot| spot.entries().len());
            if known >= FEW_KEYS {
                open.seen.entry(key.clone()).or_insert_with(|| span.clone());
            }
            open.key = Some((key, span));
        }
    }

    /// Where the innermost open map has this key already.
    fn seen(&self, key: &str) -> Option<&Range<usize>> {
        let open = self.open.last()?;
        let mut few = self.all.get(open.index)?.entries().iter().take(FEW_KEYS);
        let early = few.find(|entry| entry.key == key).map(|entry| &entry.key_span);
        early.or_else(|| open.seen.get(key))
    }

    /// Keeps what an anchor stands for; `0` is none.
    fn anchor(&mut self, anchor: usize, index: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
    }

    /// Whether what comes next is a key.
    fn at_key(&self) -> bool {
        self.open.last().is_some_and(|open| {
            open.key.is_none() && matches!(self.all.get(open.index), Some(Spot { kind: Kind::Map(_), .. }))
        })
    }
}
