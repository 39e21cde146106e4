//! Reads a service's definition: the program's own, which are files of `services/`, and those of rules files.

use crate::diagnostic::{Diagnostic, Severity};
use crate::effect::Says;
use crate::settings;
use crate::yaml::{Node, listed, nearest};

use super::keys::MAX;
use super::read_request;
use super::table::{Declared, Given, Held, Setting};

const KEYS: &[&str] = &[
    "summary",
    "docs",
    "example",
    "connection",
    "settings",
    "exactly_one",
    "at_least_one",
    "first",
    "request",
    "answer",
];
const SETTING: &[&str] = &["kind", "about", "needed", "default", "one_of", "max", "cut", "only_with"];
const ANSWER: &[&str] = &["done", "fails", "why", "wait", "again", "until", "pause"];
/// What stands behind a setting of a connection.
const HELD: &[(&str, Held)] = &[
    ("text", Held::Text),
    ("secret", Held::Secret),
    ("url", Held::Url),
    ("text or secret", Held::TextOrSecret),
];
/// What stands behind a setting of an action.
const GIVEN: &[(&str, Given)] =
    &[("template", Given::Template), ("json", Given::Json), ("list", Given::List)];

/// Reads the definition of a verb; every complaint goes to `problems`, and with an error there is none.
pub(super) fn read(verb: &str, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Declared> {
    let before = problems.len();
    let reader = &mut Reader { problems };
    reader.map(node, KEYS)?;
    let connection = reader.needed(node, "connection")?;
    reader.map(&connection, &["example", "settings"])?;
    let held = reader.settings(&connection, HELD);
    let settings = reader.settings(node, GIVEN);
    for (name, entry) in node.get("settings").iter().flat_map(Node::entries) {
        if name == verb {
            reader
                .says(entry.key_error("E004", format!("a setting cannot be called `{name}` as the verb is")));
        }
    }
    let known: Vec<&str> = held
        .iter()
        .map(|setting| setting.name.as_str())
        .chain(settings.iter().map(|setting| setting.name.as_str()))
        .collect();
    let first = node.get("first").and_then(|node| read_request::first(&node, &known, reader));
    let taken: Vec<&str> =
        first.iter().flat_map(|first| &first.take).map(|(name, _)| name.as_str()).collect();
    let requests = reader.needed(node, "request").map_or_else(Vec::new, |node| {
        let all = if node.value().is_sequence() { node.items() } else { vec![node] };
        all.iter().filter_map(|one| read_request::request(one, &known, &taken, reader)).collect()
    });
    let names = |key: &str, reader: &mut Reader<'_>| {
        let Some(node) = node.get(key) else { return Vec::new() };
        reader.texts(&node).into_iter().filter(|name| known.contains(&name.as_str())).collect()
    };
    let declared = Declared {
        verb: verb.to_owned(),
        summary: reader.needed_text(node, "summary"),
        page: node.get("docs").and_then(|node| reader.text(&node)),
        example: node
            .get("example")
            .and_then(|node| reader.text(&node))
            .unwrap_or_default()
            .trim_end()
            .to_owned(),
        connection_example: connection
            .get("example")
            .and_then(|node| reader.text(&node))
            .unwrap_or_default()
            .trim_end()
            .to_owned(),
        exactly_one: names("exactly_one", reader),
        at_least_one: names("at_least_one", reader),
        says: node.get("answer").map_or_else(Says::default, |node| says(&node, reader)),
        held,
        settings,
        first,
        requests,
    };
    let sound = problems.iter().skip(before).all(|problem| problem.severity != Severity::Error);
    sound.then_some(declared)
}

/// What is read by, with all complaints.
pub(super) struct Reader<'p> {
    pub(super) problems: &'p mut Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(super) fn says(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Takes a value for a map that has no other keys than these.
    pub(super) fn map(&mut self, node: &Node<'_>, keys: &[&str]) -> Option<()> {
        if !node.value().is_mapping() {
            self.says(node.unwanted("a map").help(format!("it has {}", listed(keys.iter().copied()))));
            return None;
        }
        for (key, entry) in node.entries() {
            if !keys.contains(&key) && !entry.is_own() {
                self.says(entry.unknown_key(keys));
            }
        }
        Some(())
    }

    pub(super) fn needed<'d>(&mut self, node: &Node<'d>, key: &str) -> Option<Node<'d>> {
        let found = node.get(key);
        if found.is_none() {
            self.says(node.key_error("E005", format!("`{key}` is missing")));
        }
        found
    }

    pub(super) fn needed_text(&mut self, node: &Node<'_>, key: &str) -> String {
        self.needed(node, key).and_then(|node| self.text(&node)).unwrap_or_default()
    }

    pub(super) fn text(&mut self, node: &Node<'_>) -> Option<String> {
        match (node.text(), node.value().is_number() || node.value().is_bool()) {
            (Some(text), _) => Some(text.to_owned()),
            (None, true) => Some(node.raw().to_owned()),
            (None, false) => {
                self.says(node.unwanted("a text"));
                None
            }
        }
    }

    pub(super) fn texts(&mut self, node: &Node<'_>) -> Vec<String> {
        if !node.value().is_sequence() {
            self.says(node.unwanted("a list of texts"));
            return Vec::new();
        }
        node.items().iter().filter_map(|item| self.text(item)).collect()
    }

    pub(super) fn truth(&mut self, node: Option<&Node<'_>>) -> bool {
        let Some(node) = node else { return false };
        settings::truth(node, self.problems).unwrap_or_default()
    }

    fn count(&mut self, node: &Node<'_>) -> Option<usize> {
        let most = u32::try_from(MAX).unwrap_or(u32::MAX);
        let count = settings::count(node, 1, most, self.problems)?;
        usize::try_from(count).ok()
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node<'_>, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let all = || words.iter().map(|(word, _)| *word);
            let near =
                nearest(&text, all()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let problem = node.error("E004", format!("it cannot be `{text}`{near}"));
            self.says(problem.help(format!("it is one of {}", listed(all()))));
        }
        found
    }

    fn settings<K: Copy>(&mut self, node: &Node<'_>, kinds: &[(&str, K)]) -> Vec<Setting<K>> {
        let Some(node) = node.get("settings") else { return Vec::new() };
        if !node.value().is_mapping() {
            self.says(node.unwanted("a map of names to settings"));
            return Vec::new();
        }
        node.entries().iter().filter_map(|(name, entry)| self.setting(name, entry, kinds)).collect()
    }

    fn setting<K: Copy>(&mut self, name: &str, node: &Node<'_>, kinds: &[(&str, K)]) -> Option<Setting<K>> {
        self.map(node, SETTING)?;
        let is_name = name.starts_with(|letter: char| letter.is_ascii_lowercase())
            && name
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
        let is_taken = super::super::OPTIONS.iter().chain(super::super::CONNECTION_OPTIONS);
        if !is_name || is_taken.map(|key| key.name).any(|taken| taken == name) {
            let problem = node.key_error("E004", format!("a setting cannot be called `{name}`"));
            self.says(
                problem.help("its name is of small letters, digits and `_`, and none that every action has"),
            );
            return None;
        }
        let usual = kinds.first().map(|(_, kind)| *kind);
        let kind = node.get("kind").map_or(usual, |node| self.word(&node, kinds))?;
        let only_with = node.get("only_with").and_then(|node| {
            let (other, words) = node.entries().into_iter().next()?;
            Some((other.to_owned(), self.texts(&words)))
        });
        Some(Setting {
            name: name.to_owned(),
            kind,
            about: self.needed_text(node, "about"),
            needed: self.truth(node.get("needed").as_ref()),
            default: node.get("default").and_then(|node| self.text(&node)),
            one_of: node.get("one_of").map_or_else(Vec::new, |node| self.texts(&node)),
            max: node.get("max").and_then(|node| self.count(&node)),
            cut: self.truth(node.get("cut").as_ref()),
            only_with,
        })
    }
}

/// What an answer says of itself.
fn says(node: &Node<'_>, reader: &mut Reader<'_>) -> Says {
    if reader.map(node, ANSWER).is_none() {
        return Says::default();
    }
    let done = node.get("done").and_then(|node| {
        let (pointer, value) = node.entries().into_iter().next()?;
        Some((pointer.to_owned(), value.json()))
    });
    Says {
        done,
        fails: node.get("fails").and_then(|node| reader.text(&node)),
        why: node.get("why").map_or_else(Vec::new, |node| reader.texts(&node)),
        wait: node.get("wait").and_then(|node| reader.text(&node)),
        again: node.get("again").map_or_else(Vec::new, |node| again(&node, reader)),
        until: node.get("until").and_then(|node| until(&node, reader)),
        pause: node.get("pause").and_then(|node| settings::duration(&node, reader.problems)),
    }
}

/// Pointers and the words there.
fn again(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<(String, Vec<String>)> {
    if !node.value().is_mapping() {
        reader.says(node.unwanted("a map of pointers to lists of words"));
        return Vec::new();
    }
    node.entries().into_iter().map(|(pointer, words)| (pointer.to_owned(), reader.texts(&words))).collect()
}

/// Two names of headers.
fn until(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<(String, String)> {
    let names = reader.texts(node);
    if let [left, moment] = names.as_slice() {
        return Some((left.clone(), moment.clone()));
    }
    reader.says(node.unwanted("a list of two headers"));
    None
}
