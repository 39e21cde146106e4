//! Which rules are worth a look for an event: those of its source and type, and of these those whose text the payload
//! holds. What cannot be told this way stands in the general lists.

use std::collections::HashMap;
use std::sync::Arc;

use super::rules::Rule;
use crate::event::Event;
use crate::path::Path;

/// Rules by source, then by event type, then by one text of the payload. Rules are told by their place in the set.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_source: HashMap<Arc<str>, Kinds>,
    any_source: Kinds,
}

#[derive(Debug, Default)]
struct Kinds {
    by_kind: HashMap<String, Bucket>,
    any_kind: Bucket,
}

#[derive(Debug, Default)]
struct Bucket {
    rules: Vec<usize>,
    by_text: Vec<Texts>,
}

/// Rules that all want one text at one path.
#[derive(Debug)]
struct Texts {
    path: Path,
    rules: HashMap<String, Vec<usize>>,
}

impl Index {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            if rule.from.is_empty() {
                index.any_source.add(place, rule);
            }
            for source in &rule.from {
                index.by_source.entry(Arc::clone(source)).or_default().add(place, rule);
            }
        }
        index
    }

    /// The rules that may match, in their order.
    pub(super) fn candidates(&self, event: &Event) -> Vec<usize> {
        let mut found = Vec::new();
        for kinds in self.by_source.get(&event.source).into_iter().chain([&self.any_source]) {
            for bucket in kinds.by_kind.get(&event.kind).into_iter().chain([&kinds.any_kind]) {
                bucket.collect(event, &mut found);
            }
        }
        found.sort_unstable();
        found
    }
}

impl Kinds {
    fn add(&mut self, place: usize, rule: &Rule) {
        let literals: Option<Vec<String>> = rule.events.iter().map(|glob| glob.literal()).collect();
        match literals.filter(|literals| !literals.is_empty()) {
            None => self.any_kind.add(place, rule),
            Some(mut literals) => {
                literals.sort_unstable();
                literals.dedup();
                for kind in literals {
                    self.by_kind.entry(kind).or_default().add(place, rule);
                }
            }
        }
    }
}

impl Bucket {
    fn add(&mut self, place: usize, rule: &Rule) {
        let equalities = rule.condition.iter().flat_map(|condition| condition.required_equalities());
        let Some((path, text)) = equalities.filter_map(|(path, value)| Some((path, value.as_str()?))).next()
        else {
            self.rules.push(place);
            return;
        };
        let known = self.by_text.iter().position(|texts| texts.path.text() == path.text());
        let texts = match known {
            Some(known) => self.by_text.get_mut(known),
            None => {
                self.by_text.push(Texts { path: path.clone(), rules: HashMap::new() });
                self.by_text.last_mut()
            }
        };
        if let Some(texts) = texts {
            texts.rules.entry(text.to_owned()).or_default().push(place);
        }
    }

    fn collect(&self, event: &Event, found: &mut Vec<usize>) {
        found.extend(&self.rules);
        for texts in &self.by_text {
            let text = texts.path.first(&event.payload);
            match text {
                Ok(text) => {
                    let rules = text.and_then(|text| texts.rules.get(text.as_str()?));
                    found.extend(rules.into_iter().flatten());
                }
                // Not known: the conditions themselves will tell.
                Err(_) => found.extend(texts.rules.values().flatten()),
            }
        }
    }
}
