//! Sources that are others now: which of their keys differ, and events read anew as the edited source would.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::outline::short;
use crate::event::Event;
use crate::rule::Set;

/// Keys that decide how the body of a genuine request is read, and what event it is.
const READING: &[&str] = &["verify", "event", "id", "format", "batch", "path"];
/// Keys that decide whether a request is taken at all, which no recorded event can tell.
const PROVING: &[&str] =
    &["verify", "secret", "public_url", "allow_from", "methods", "body_max", "rate", "dedupe"];
/// Changes of one source that are told.
const WORDS_MAX: usize = 6;

/// What became of a source that is another, or gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceChange {
    /// Its name.
    pub name: String,
    /// What it says otherwise.
    pub words: Vec<String>,
    /// It is not there any more: its webhooks reach no rule.
    pub is_gone: bool,
    /// It may read the same request otherwise.
    pub reads_otherwise: bool,
    /// It may take requests that were refused, or refuse some that were taken: that is not judged.
    pub proves_otherwise: bool,
    /// It hands out batches, or did: what came as one request is not put together again.
    pub is_batch: bool,
}

/// How the body of an event was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Byte for byte, with its headers: another source can read it anew.
    Raw,
    /// As a payload only.
    Payload,
}

/// The sources that say something else now; those that are gone come last.
pub(super) fn changes(
    (old, new): (&Set, &Set),
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> Vec<SourceChange> {
    let both = after.iter().filter_map(|(name, now)| Some((name, before.get(name)?, now)));
    let changed = both.filter(|(_, was, now)| was != now);
    let changed = changed.map(|(name, was, now)| change((old, new), name, was, now));
    changed.chain(before.keys().filter(|name| !after.contains_key(*name)).map(|name| gone(name))).collect()
}

fn gone(name: &str) -> SourceChange {
    SourceChange {
        name: name.to_owned(),
        words: vec!["gone: its webhooks would reach no rule".to_owned()],
        is_gone: true,
        reads_otherwise: false,
        proves_otherwise: false,
        is_batch: false,
    }
}

fn change((old, new): (&Set, &Set), name: &str, was: &Value, now: &Value) -> SourceChange {
    let nothing = Value::Null;
    let keys: BTreeSet<&String> =
        [was, now].iter().filter_map(|map| map.as_object()).flat_map(|map| map.keys()).collect();
    let differing: Vec<&String> = keys.into_iter().filter(|key| was.get(key) != now.get(key)).collect();
    let words = differing.iter().take(WORDS_MAX).map(|key| {
        let of = |map: &Value| short(map.get(key.as_str()).unwrap_or(&nothing));
        format!("{key}  {} -> {}", of(was), of(now))
    });
    let any = |known: &[&str]| differing.iter().any(|key| known.contains(&key.as_str()));
    let is_batch =
        [old, new].iter().any(|set| set.source(name).is_some_and(|source| source.batch_path().is_some()));
    SourceChange {
        name: name.to_owned(),
        words: words.collect(),
        is_gone: false,
        reads_otherwise: any(READING),
        proves_otherwise: any(PROVING),
        is_batch,
    }
}

/// An event as the edited source reads it; the error is why it cannot.
pub(super) fn read_anew(set: &Set, event: &Event) -> Result<Option<Event>, String> {
    let Some(source) = set.source(&event.source) else { return Ok(None) };
    let mut request = event.request.clone();
    let Some(params) = source.pattern().matches(&request.path) else {
        return Err(format!("no source listens on `{}` any more", request.path));
    };
    request.params = params;
    let events = source.suppose(request, event.id, None).map_err(|refusal| refusal.cause)?;
    Ok(events.into_iter().next())
}
