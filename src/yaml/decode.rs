//! Typed reading of a value with every complaint at its place, not only the first: each complaint of serde is told
//! in our words, what it is about is taken out, and the rest is read again.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;
use serde_yaml::value::{Tag, TaggedValue};

use super::{Node, listed, nearest};
use crate::diagnostic::Diagnostic;

/// Complaints about one value; past it the rest waits for the next run.
const COMPLAINTS_MAX: usize = 100;
/// Keys that start so are the user's own.
const OWN: &str = "x-";

/// serde's words for what it wants, and ours.
const WANTED: &[(&str, &str)] = &[
    ("a string", "a text"),
    ("string", "a text"),
    ("a boolean", "`true` or `false`"),
    ("bool", "`true` or `false`"),
    ("a sequence", "a list"),
    ("sequence", "a list"),
    ("a map", "a map"),
    ("map", "a map"),
    ("struct ", "a map"),
    ("a character", "one letter"),
    ("unit", "nothing"),
    ("nonzero ", "a whole number from 1"),
    ("u", "a whole number, not negative"),
    ("i", "a whole number"),
    ("f", "a number"),
];

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Item(usize),
}

impl<'d> Node<'d> {
    /// Reads it as a `T`, whose structs should `deny_unknown_fields`. Unknown keys that start with `x-` are ignored.
    /// A key of this map with nothing behind it is a complaint even where the key may be left out; a value that may be
    /// `null` is therefore read from its node.
    ///
    /// Whatever is wrong goes to `problems`. What was wrong is left out of the result, so that the caller can go on
    /// to look for more; `None` when nothing is left to read.
    pub fn decode<T: DeserializeOwned>(&self, problems: &mut Vec<Diagnostic>) -> Option<T> {
        self.decode_where(|_| true, problems)
    }

    /// The same over only these keys of the map; the others are the caller's.
    pub fn decode_keys<T: DeserializeOwned>(
        &self,
        keys: &[&str],
        problems: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        self.decode_where(|key| keys.contains(&key), problems)
    }

    fn decode_where<T: DeserializeOwned>(
        &self,
        wanted: impl Fn(&str) -> bool,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let value = match self.value() {
            Value::Mapping(map) => {
                let kept = map.iter().filter(|(key, _)| key.as_str().is_some_and(&wanted));
                let full = |value: &Value| if value.is_null() { nothing() } else { value.clone() };
                Value::Mapping(kept.map(|(key, value)| (key.clone(), full(value))).collect())
            }
            other => other.clone(),
        };
        Decoding { node: self, value, removed: Vec::new() }.run(problems)
    }

    /// Whether its key is one of the user's own, which nobody reads: `x-…`.
    pub fn is_own(&self) -> bool {
        self.key().is_some_and(|key| key.starts_with(OWN))
    }
}

/// A null that serde does not take for a key that was left out: `channel: #sales` must not read as no channel.
fn nothing() -> Value {
    Value::Tagged(Box::new(TaggedValue { tag: Tag::new("nothing"), value: Value::Null }))
}

struct Decoding<'n, 'd> {
    node: &'n Node<'d>,
    /// What is still to be read.
    value: Value,
    /// What was taken out, by its steps in the file.
    removed: Vec<Vec<Step>>,
}

impl<'d> Decoding<'_, 'd> {
    fn run<T: DeserializeOwned>(mut self, problems: &mut Vec<Diagnostic>) -> Option<T> {
        for _ in 0..COMPLAINTS_MAX {
            match serde_path_to_error::deserialize(&self.value) {
                Ok(done) => return Some(done),
                Err(why) => {
                    let steps = steps(why.path());
                    let message = why.inner().to_string();
                    if !self.repair(&steps, &message, problems) {
                        return None;
                    }
                }
            }
        }
        None
    }

    /// Tells one complaint and takes its cause out; whether there is something left to read.
    fn repair(&mut self, steps: &[Step], message: &str, problems: &mut Vec<Diagnostic>) -> bool {
        let message = own_words(message);
        let mut steps = steps.to_vec();
        if let Some(field) = quoted(message, "unknown field") {
            if steps.last() != Some(&Step::Key(field.to_owned())) {
                steps.push(Step::Key(field.to_owned()));
            }
            if !field.starts_with(OWN) {
                let entry = self.locate(&self.original(&steps));
                let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
                problems.push(entry.unknown_key(&known));
            }
        } else if let Some(field) = quoted(message, "missing field") {
            let owner = self.original(&steps);
            let mut missing = owner.clone();
            missing.push(Step::Key(field.to_owned()));
            if !self.removed.contains(&missing) {
                problems.push(absent(&self.locate(&owner), field));
            }
        } else {
            problems.push(wrong(&self.locate(&self.original(&steps)), message));
        }
        self.remove(&steps)
    }

    /// The same steps counted in the file, where what was taken out of lists is still there.
    fn original(&self, steps: &[Step]) -> Vec<Step> {
        let mut path: Vec<Step> = Vec::new();
        for step in steps {
            let step = match step {
                Step::Key(key) => Step::Key(key.clone()),
                Step::Item(index) => Step::Item(self.uncount(&path, *index)),
            };
            path.push(step);
        }
        path
    }

    fn uncount(&self, list: &[Step], index: usize) -> usize {
        let mut gone: Vec<usize> = Vec::new();
        for path in &self.removed {
            if let Some((Step::Item(item), before)) = path.split_last()
                && before == list
            {
                gone.push(*item);
            }
        }
        gone.sort_unstable();
        gone.into_iter().fold(index, |index, item| if item <= index { index + 1 } else { index })
    }

    /// The value at these steps, or the nearest one above it.
    fn locate(&self, steps: &[Step]) -> Node<'d> {
        let mut node = self.node.clone();
        for step in steps {
            let inner = match step {
                Step::Key(key) => node.get(key),
                Step::Item(index) => node.items().into_iter().nth(*index),
            };
            match inner {
                Some(inner) => node = inner,
                None => break,
            }
        }
        node
    }

    fn remove(&mut self, steps: &[Step]) -> bool {
        let path = self.original(steps);
        let Some((last, before)) = steps.split_last() else { return false };
        let mut owner = Some(&mut self.value);
        for step in before {
            owner = owner.and_then(|value| match step {
                Step::Key(key) => value.get_mut(key.as_str()),
                Step::Item(index) => value.get_mut(*index),
            });
        }
        let done = match (owner, last) {
            (Some(Value::Mapping(map)), Step::Key(key)) => map.shift_remove(key.as_str()).is_some(),
            (Some(Value::Sequence(list)), Step::Item(index)) if *index < list.len() => {
                list.remove(*index);
                true
            }
            _ => false,
        };
        self.removed.push(path);
        done
    }
}

fn steps(path: &serde_path_to_error::Path) -> Vec<Step> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(Step::Item(*index)),
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// serde_yaml puts its own path before the message.
fn own_words(message: &str) -> &str {
    const STARTS: &[&str] = &[
        "unknown field",
        "missing field",
        "invalid type",
        "invalid value",
        "invalid length",
        "unknown variant",
    ];
    let start = STARTS.iter().filter_map(|start| message.find(start)).min().unwrap_or(0);
    message.get(start..).unwrap_or(message)
}

/// The first word in backticks of a message that starts so.
fn quoted<'m>(message: &'m str, start: &str) -> Option<&'m str> {
    message.strip_prefix(start)?.split('`').nth(1)
}

fn absent(owner: &Node<'_>, field: &str) -> Diagnostic {
    owner.key_error("E005", format!("`{field}` is missing here")).help(format!("write `{field}: …`"))
}

fn wrong(node: &Node<'_>, message: &str) -> Diagnostic {
    if let Some(word) = quoted(message, "unknown variant") {
        let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        let end = nearest(word, known.iter().copied())
            .map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
        return node
            .error("E004", format!("`{word}` is not a value here{end}"))
            .help(format!("the values here are {}", listed(known)));
    }
    match message.rsplit_once(", expected ").filter(|_| message.starts_with("invalid ")) {
        Some((_, wanted)) => {
            let row = WANTED.iter().find(|(theirs, _)| wanted == *theirs || is_kind(wanted, theirs));
            node.unwanted(row.map_or(wanted, |(_, ours)| ours))
        }
        None => node.error("E004", message),
    }
}

/// `struct X`, `u32`, `i64`, `f64`, `nonzero u8`: a known start and the rest does not matter.
fn is_kind(wanted: &str, theirs: &str) -> bool {
    wanted.strip_prefix(theirs).is_some_and(|rest| {
        theirs.ends_with(' ') || theirs.len() == 1 && (rest == "size" || rest.parse::<u8>().is_ok())
    })
}
