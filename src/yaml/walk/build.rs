//! The values of one walk as they come: lists and maps opened and closed, each value where the innermost of them wants
//! it, and what aliases make of its weight.

use std::collections::HashMap;
use std::ops::Range;

use super::{Open, Walk};
use crate::diagnostic::Diagnostic;
use crate::limit;
use crate::yaml::spots::{Entry, Kind, Spot, Spots, Style};
use crate::yaml::trap;

impl Walk<'_> {
    pub(super) fn opened(&mut self, kind: Kind, span: Range<usize>, anchor: usize) {
        let is_key = self.at_key();
        let start = span.start;
        let index = self.all.len();
        let spot = Spot { span, kind, weight: 1, height: 0 };
        if is_key {
            self.all.push(spot);
        } else {
            self.add(spot);
        }
        self.anchor(anchor, index);
        self.open.push(Open { index, start, is_key, key: None, seen: HashMap::new() });
        if self.open.len() > limit::RULES_DEPTH_MAX {
            let message = format!("more than {} levels of nesting", limit::RULES_DEPTH_MAX);
            self.problem(start..start + 1, "E007", &message, "a rules file needs no more than a dozen");
            self.stop = true;
        }
    }

    pub(super) fn closed(&mut self, span: Range<usize>) {
        let Some(open) = self.open.pop() else { return };
        let end = self.end_of(&open, &span);
        if let Some(spot) = self.all.get_mut(open.index) {
            spot.span = open.start.min(end)..end;
        }
        if open.is_key {
            let around = self.open.last().map_or(open.start, |outer| outer.start);
            self.problems.push(trap::key_is_no_text(self.file, self.text, around, open.start..end));
            return self.set_key(format!("?{}", open.start), open.start..end);
        }
        let (weight, height) = self.all.get(open.index).map_or((1, 0), |spot| (spot.weight, spot.height));
        self.weigh(weight, height, &(open.start..end));
    }

    /// A flow value ends with its bracket; a block ends where its last value does, not at the next token.
    fn end_of(&self, open: &Open, close: &Range<usize>) -> usize {
        if self.text.get(close.clone()).is_some_and(|text| text.starts_with([']', '}'])) {
            return close.start + 1;
        }
        let last = self.all.get(open.index).and_then(|spot| match &spot.kind {
            Kind::List(items) => items.last().copied(),
            Kind::Map(entries) => entries.last().map(|entry| entry.value),
            _ => None,
        });
        match last.and_then(|last| self.all.get(last)) {
            Some(last) => last.span.end,
            None => close.end,
        }
    }

    /// Puts a value where the innermost open list or map wants it.
    pub(super) fn add(&mut self, spot: Spot) -> usize {
        let index = self.all.len();
        let (weight, height, span) = (spot.weight, spot.height, spot.span.clone());
        let is_open = matches!(spot.kind, Kind::List(_) | Kind::Map(_));
        self.all.push(spot);
        match self.open.last_mut() {
            None => self.root = self.root.or(Some(index)),
            Some(open) => {
                let key = open.key.take();
                match (self.all.get_mut(open.index).map(|outer| &mut outer.kind), key) {
                    (Some(Kind::List(items)), _) => items.push(index),
                    (Some(Kind::Map(entries)), Some((key, key_span))) => {
                        entries.push(Entry { key, key_span, value: index });
                    }
                    _ => {}
                }
            }
        }
        if !is_open {
            self.weigh(weight, height, &span);
        }
        index
    }

    /// Adds the weight of an ended value to the one around it and refuses what aliases blow up.
    fn weigh(&mut self, weight: u64, height: usize, span: &Range<usize>) {
        let depth = self.open.len();
        let Some(outer) = self.open.last().and_then(|open| self.all.get_mut(open.index)) else { return };
        outer.weight = outer.weight.saturating_add(weight);
        outer.height = outer.height.max(height + 1);
        if outer.weight > limit::RULES_VALUES_MAX {
            let message = format!("more than {} values once aliases are followed", limit::RULES_VALUES_MAX);
            self.problem(span.clone(), "E006", &message, "aliases of aliases multiply: write some out");
            self.stop = true;
        } else if depth + height > limit::RULES_DEPTH_MAX {
            let message =
                format!("more than {} levels of nesting once aliases are followed", limit::RULES_DEPTH_MAX);
            self.problem(span.clone(), "E007", &message, "aliases of aliases nest: write some out");
            self.stop = true;
        }
    }

    pub(super) fn end(mut self) -> Result<Spots, Vec<Diagnostic>> {
        if self.problems.is_empty() && self.is_empty() {
            let help = "a rules file starts with `sources:`, `connections:` or `rules:`";
            self.problem(0..0, "E008", "the file is empty", help);
        }
        match self.root {
            Some(root) if self.problems.is_empty() => Ok(Spots { all: self.all, root }),
            _ => Err(self.problems),
        }
    }

    fn is_empty(&self) -> bool {
        match self.root.and_then(|root| self.all.get(root)) {
            None => true,
            Some(Spot { kind: Kind::Scalar { style: Style::Plain, text }, .. }) => {
                matches!(text.as_str(), "" | "~" | "null")
            }
            Some(_) => false,
        }
    }
}
