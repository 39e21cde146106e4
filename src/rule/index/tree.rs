//! Places of a payload as a tree of steps, so that each is looked up once, and none below a place that is not there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Rank;
use super::table::Table;
use crate::event::Event;
use crate::path::{self, Step};

/// A place, and the places below it.
#[derive(Debug, Default)]
pub(super) struct Tree {
    table: Option<Box<Table>>,
    names: BTreeMap<Box<str>, Tree>,
    indexes: BTreeMap<i64, Tree>,
}

impl Tree {
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_none() && self.names.is_empty() && self.indexes.is_empty()
    }

    /// The table at the end of these steps.
    pub(super) fn table(&mut self, steps: &[Step]) -> &mut Table {
        let place = steps.iter().fold(self, |tree, step| match step {
            Step::Name(name) => tree.names.entry(name.clone()).or_default(),
            Step::Index(index) => tree.indexes.entry(*index).or_default(),
        });
        place.table.get_or_insert_default()
    }

    /// Adds the rules that the value at this place, and what is in it, leads to.
    pub(super) fn collect(&self, value: &Value, event: &Event, found: &mut Vec<Rank>) {
        if let Some(table) = &self.table {
            table.collect(value, event, found);
        }
        match value {
            Value::Object(members) => self.collect_members(members, event, found),
            Value::Array(items) => self.collect_items(items, event, found),
            _ => {}
        }
    }

    /// Goes through what is fewer: the names that are asked for, or those that are there.
    fn collect_members(&self, members: &Map<String, Value>, event: &Event, found: &mut Vec<Rank>) {
        if self.names.len() <= members.len() {
            for (name, tree) in &self.names {
                if let Some(value) = members.get(&**name) {
                    tree.collect(value, event, found);
                }
            }
            return;
        }
        for (name, value) in members {
            if let Some(tree) = self.names.get(&**name) {
                tree.collect(value, event, found);
            }
        }
    }

    fn collect_items(&self, items: &[Value], event: &Event, found: &mut Vec<Rank>) {
        // Each element has two indexes: from the start and from the end.
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        for (index, tree) in self.indexes.range(-length..length) {
            if let Some(value) = path::element(items, *index) {
                tree.collect(value, event, found);
            }
        }
    }
}
