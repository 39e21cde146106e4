//! YAML with places: every value knows where it stands, and what is wrong is found in one pass and told in our words.
//!
//! `serde_yaml` reads the text into values; `saphyr-parser` walks the same text once for places, duplicate keys,
//! tags and aliases. A text that the two read differently is refused.

mod decode;
mod flow;
mod inside;
mod node;
mod read;
mod spots;
mod suggest;
mod trap;
mod walk;

use std::sync::Arc;

use serde_yaml::Value;

pub use node::Node;
pub use suggest::{listed, near, nearest};

use crate::diagnostic::Diagnostic;
use crate::limit;
use spots::{Kind, Spots};

/// What a byte order mark is in UTF-8; some editors put one at the start.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// One YAML file: its text, its values and where each stands.
#[derive(Debug)]
pub struct Document {
    file: Arc<str>,
    text: String,
    /// The byte at which each line starts.
    lines: Vec<usize>,
    value: Value,
    spots: Spots,
}

impl Document {
    /// Reads one file. Spans count bytes of `text` as it was given, a byte order mark included.
    ///
    /// # Errors
    /// All that makes the text unreadable or untrustworthy: bad YAML, duplicate keys, tags, too many aliases, too
    /// deep, too large, several documents, none.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let file: Arc<str> = Arc::from(file);
        if text.len() > limit::RULES_FILE_MAX_BYTES {
            return Err(vec![too_large(&file, text.len())]);
        }
        let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let before = text.len() - body.len();
        let spots = walk::walk(&file, text, before)?;
        let mut value = read(&file, text, before)?;
        settle(&mut value, &spots, spots.root(), &file)?;
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(byte, _)| byte + 1)).collect();
        Ok(Self { file, text: text.to_owned(), lines, value, spots })
    }

    /// The outermost value.
    pub fn root(&self) -> Node<'_> {
        Node::root(self)
    }

    /// The file's name as it was given.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn too_large(file: &Arc<str>, bytes: usize) -> Diagnostic {
    let most = limit::RULES_FILE_MAX_BYTES / 1024;
    Diagnostic::error("E007", format!("the file has {} KiB; at most {most} KiB are read", bytes / 1024))
        .at(file, 0..0)
        .help("split it: a directory of rules files is read as one")
}

fn read(file: &Arc<str>, text: &str, before: usize) -> Result<Value, Vec<Diagnostic>> {
    let body = text.get(before..).unwrap_or_default();
    serde_yaml::from_str(body).map(|read::Read(value)| value).map_err(|why| {
        let offset = before + why.location().map_or(0, |place| place.index());
        vec![trap::explain(file, text, offset, &why.to_string())]
    })
}

/// Holds the two readings against each other, and makes every key a text.
fn settle(value: &mut Value, spots: &Spots, index: usize, file: &Arc<str>) -> Result<(), Vec<Diagnostic>> {
    let spot = spots.target(index);
    match (value, &spot.kind) {
        (Value::Mapping(map), Kind::Map(entries)) if map.len() == entries.len() => {
            for (inner, entry) in map.values_mut().zip(entries) {
                settle(inner, spots, entry.value, file)?;
            }
            if !map.keys().zip(entries).all(|(key, entry)| key.as_str() == Some(&entry.key)) {
                let old = std::mem::take(map);
                let keys = entries.iter().map(|entry| Value::String(entry.key.clone()));
                *map = keys.zip(old.into_iter().map(|(_, inner)| inner)).collect();
            }
            Ok(())
        }
        (Value::Sequence(list), Kind::List(items)) if list.len() == items.len() => {
            list.iter_mut().zip(items).try_for_each(|(inner, item)| settle(inner, spots, *item, file))
        }
        (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), Kind::Scalar { .. }) => Ok(()),
        _ => Err(vec![
            Diagnostic::error("E001", "this can be read in two ways")
                .at(file, spot.span.clone())
                .help("write it more simply, for instance with quotes or on lines of its own"),
        ]),
    }
}

#[cfg(test)]
mod tests;
