//! Rules by one thing that each needs: where it is in an event, and what it is.

use super::Rank;
use super::table::Table;
use super::tree::Tree;
use crate::condition::Place;
use crate::event::Event;

/// Rules, sorted as far as it helps.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// Those that are looked at for each event.
    others: Box<[Rank]>,
    payload: Tree,
    texts: Vec<(Text, Table)>,
}

/// A text beside the payload.
#[derive(Debug, PartialEq, Eq)]
enum Text {
    Path,
    Event,
    Param(Box<str>),
}

impl Bucket {
    /// One with rules that are not sorted.
    pub(super) fn new(others: Vec<Rank>) -> Self {
        Self { others: others.into(), ..Self::default() }
    }

    /// Whether any rule is left out by looking something up.
    pub(super) fn is_sorted(&self) -> bool {
        !self.payload.is_empty() || !self.texts.is_empty()
    }

    /// The table of a place.
    pub(super) fn table(&mut self, place: Place<'_>) -> Option<&mut Table> {
        let text = match place {
            Place::Payload(steps) => return Some(self.payload.table(steps)),
            Place::Path => Text::Path,
            Place::Event => Text::Event,
            Place::Param(name) => Text::Param(name.into()),
        };
        match self.texts.iter().position(|(known, _)| *known == text) {
            Some(known) => self.texts.get_mut(known).map(|(_, table)| table),
            None => {
                self.texts.push((text, Table::default()));
                self.texts.last_mut().map(|(_, table)| table)
            }
        }
    }

    /// Adds the rules that may match.
    pub(super) fn collect(&self, event: &Event, found: &mut Vec<Rank>) {
        found.extend(&self.others);
        self.payload.collect(&event.payload, event, found);
        for (text, table) in &self.texts {
            if let Some(text) = text.of(event) {
                table.collect_text(text, event, found);
            }
        }
    }
}

impl Text {
    fn of<'e>(&self, event: &'e Event) -> Option<&'e str> {
        match self {
            Self::Path => Some(&event.request.path),
            Self::Event => Some(&event.kind),
            Self::Param(name) => event.request.param(name),
        }
    }
}
