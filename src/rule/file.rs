//! One rules file, checked by itself: its top, its sources, connections and rules.

use std::sync::Arc;

use serde_json::json;

use super::File;
use super::actions;
use super::checked::{Checked, CheckedRule, Declared};
use super::concurrency::{self, Concurrency};
use super::debounce::{self, Debounced};
use super::include;
use super::raw::{self, PLAIN_KEYS, RULE_KEYS, TOP_KEYS};
use super::rules::Rule;
use super::throttle;
use crate::action::{self, Connection, Verbs};
use crate::condition::Condition;
use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::glob::Glob;
use crate::path::Path;
use crate::provider::Source;
use crate::route::Pattern;
use crate::settings::{self, names};
use crate::yaml::{Document, Node};

/// The one version of rules files that is read.
pub const VERSION: u64 = 1;
/// What marks a template.
const TEMPLATE: &str = "{{";

/// The key of the services that a file defines.
const SERVICES: &str = "services";

/// The verbs that files define under `services`, whichever file they are used in. What else is wrong with a file is told
/// when it is checked.
pub(super) fn verbs(files: &[File], problems: &mut Vec<Diagnostic>) -> Verbs {
    let mut verbs = Verbs::default();
    for file in files.iter().filter(|file| file.text.contains(SERVICES)) {
        let Ok(document) = Document::parse(&file.name, &file.text) else { continue };
        if let Some(node) = document.root().get(SERVICES) {
            action::services(&node, &mut verbs, problems);
        }
    }
    verbs
}

/// Checks a file and puts what it holds behind what is checked already.
pub(super) fn check(file: &File, verbs: &Verbs, checked: &mut Checked, problems: &mut Vec<Diagnostic>) {
    let document = match Document::parse(&file.name, &file.text) {
        Ok(document) => document,
        Err(found) => {
            problems.extend(found);
            checked.is_whole = false;
            return;
        }
    };
    let root = document.root();
    if !root.value().is_mapping() {
        let help = "a rules file is a map with `sources:`, `connections:` and `rules:`";
        problems.push(root.unwanted("a map").help(help));
        checked.is_whole = false;
        return;
    }
    for (key, node) in root.entries() {
        match key {
            "version" => version(&node, problems),
            "include" => include::check(&node, problems),
            "defaults" => checked.defaults.read(&node, problems),
            "redact" => checked.redact.extend(redact(&node, problems)),
            "sources" => checked.sources.extend(declared(&node, Source::compile, problems)),
            SERVICES => {}
            "connections" => {
                let compile = |name: &str, node: &Node<'_>, problems: &mut Vec<Diagnostic>| {
                    Connection::compile(name, node, verbs, problems)
                };
                checked.connections.extend(declared(&node, compile, problems));
            }
            "rules" => checked.rules.extend(rules(&node, verbs, problems)),
            "tests" => tests(&node, problems),
            _ => strange(&node, &names(TOP_KEYS), problems),
        }
    }
}

fn version(node: &Node<'_>, problems: &mut Vec<Diagnostic>) {
    if node.value().as_u64() != Some(VERSION) {
        let found =
            node.error("E004", format!("`{}` is not a version of rules files that is known", node.raw()));
        problems.push(found.help(format!("write `version: {VERSION}`, or leave it out")));
    }
}

/// Paths whose finds are shown nowhere.
fn redact(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Path> {
    let one = |item: &Node<'_>| {
        let text = settings::text(item, &mut *problems)?;
        let path = Path::parse(text).map_err(|why| {
            let help = why.help.unwrap_or_else(|| "write a path: `redact: [$.card.number]`".to_owned());
            problems.push(item.error_inside(why.offset, 1, "E101", why.message).help(help));
        });
        path.ok()
    };
    settings::one_or_many(node).iter().filter_map(one).collect()
}

/// A key that means nothing here.
fn strange(node: &Node<'_>, known: &[&str], problems: &mut Vec<Diagnostic>) {
    if !node.is_own() {
        problems.push(node.unknown_key(known));
    }
}

/// The entries of `sources` or `connections`.
fn declared<T>(
    node: &Node<'_>,
    compile: impl Fn(&str, &Node<'_>, &mut Vec<Diagnostic>) -> Option<T>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Declared<T>> {
    if !node.value().is_mapping() && !node.is_null() {
        problems.push(node.unwanted("a map of names"));
    }
    let entries = node.entries().into_iter().filter(|(_, entry)| !entry.is_own());
    let declare = |(name, entry): (&str, Node<'_>)| {
        let place = Place { file: Arc::clone(entry.file()), span: entry.key_span() };
        Declared {
            name: Arc::from(name),
            secret_place: entry.get("secret").map_or_else(|| place.clone(), |secret| secret.place()),
            place,
            thing: compile(name, &entry, problems),
        }
    };
    entries.map(declare).collect()
}

/// Test cases are kept in the file's text and read by whoever runs them.
fn tests(node: &Node<'_>, problems: &mut Vec<Diagnostic>) {
    if !node.value().is_sequence() {
        problems.push(node.unwanted("a list"));
    }
    for item in node.items() {
        if !item.value().is_mapping() {
            problems.push(item.unwanted("a map").help("write `- name: …`, `send: …` and `expect: …`"));
        }
    }
}

fn rules(node: &Node<'_>, verbs: &Verbs, problems: &mut Vec<Diagnostic>) -> Vec<CheckedRule> {
    if !node.value().is_sequence() && !node.is_null() {
        problems.push(node.unwanted("a list").help("start each rule with `- name: …`"));
    }
    node.items().iter().map(|item| rule(item, verbs, problems)).collect()
}

fn rule(node: &Node<'_>, verbs: &Verbs, problems: &mut Vec<Diagnostic>) -> CheckedRule {
    let before = problems.len();
    let plain: Option<raw::Rule> = node.decode_keys(PLAIN_KEYS, problems);
    let known = names(RULE_KEYS);
    for (_, entry) in node.entries().iter().filter(|(key, _)| !known.contains(key)) {
        strange(entry, &known, problems);
    }
    if !node.value().is_mapping() {
        return CheckedRule {
            name: None,
            place: node.place(),
            from: Vec::new(),
            events: Vec::new(),
            actions: Vec::new(),
            asked: Box::default(),
            rule: None,
        };
    }
    let name =
        node.get("name").and_then(|entry| Some((Arc::<str>::from(named(&entry, problems)?), entry.place())));
    let from = node.get("from").map_or_else(Vec::new, |entry| sources(&entry, problems));
    let path = node.get("path").and_then(|entry| pattern(&entry, problems));
    let events = node.get("event").map_or_else(Vec::new, |entry| events(&entry, problems));
    let condition = node.get("if").and_then(|entry| Condition::compile(&entry, problems));
    let order_by = node.get("order_by").and_then(|entry| action::key(&entry, problems));
    let concurrency = concurrency(node, problems);
    let debounce = debounce(node, problems);
    let throttle = node.get("throttle").and_then(|entry| throttle::compile(&entry, problems));
    let actions = actions::read(node, &start(node), verbs, problems);
    let is_sound = problems.iter().skip(before).all(|one| one.severity != Severity::Error);
    let rule = plain.filter(|_| is_sound).map(|plain| Rule {
        name: Arc::from(plain.name),
        description: plain.description,
        enabled: plain.enabled,
        shadow: plain.shadow,
        from: from.iter().map(|(name, _)| Arc::clone(name)).collect(),
        path: path.map(Box::new),
        events: events.iter().map(|(glob, _)| glob.clone()).collect(),
        condition,
        actions: Vec::new(),
        stop: plain.stop && !plain.shadow,
        fallback: plain.fallback,
        order_by: order_by.map(Box::new),
        concurrency: concurrency.map(Box::new),
        debounce: debounce.map(Box::new),
        throttle: throttle.map(Box::new),
        file: Arc::clone(node.file()),
        line: node.line(),
    });
    let asked = node.get("if").map(|entry| asked(&entry)).unwrap_or_default();
    CheckedRule { name, place: start(node), from, events, actions, asked, rule }
}

/// The lines of an `if`, each with its key and value as one text.
fn asked(node: &Node<'_>) -> Box<[Box<str>]> {
    let line = |(key, line): &(&str, Node<'_>)| json!([key, line.json()]).to_string().into();
    node.entries().iter().map(line).collect()
}

/// Where a rule is pointed at: its name, else its first line.
fn start(node: &Node<'_>) -> Place {
    let span = node.get("name").map_or_else(|| node.span(), |name| name.span());
    Place { file: Arc::clone(node.file()), span }
}

fn named<'d>(node: &Node<'d>, problems: &mut Vec<Diagnostic>) -> Option<&'d str> {
    let name = node.text()?;
    if name.trim().is_empty() {
        problems.push(
            node.error("E004", "a rule without a name")
                .help("its name stands in logs, proofs and the history"),
        );
        return None;
    }
    literal(node, problems)
}

/// A text that is no template.
fn literal<'d>(node: &Node<'d>, problems: &mut Vec<Diagnostic>) -> Option<&'d str> {
    let text = settings::text(node, problems)?;
    if let Some(offset) = text.find(TEMPLATE) {
        let key = node.key().map_or_else(String::new, |key| format!(" in `{key}`"));
        let found = node.error_inside(
            offset,
            text.len() - offset,
            "E212",
            format!("a template{key}, where none is filled"),
        );
        problems.push(found.help("templates stand in the fields of actions; conditions belong under `if`"));
        return None;
    }
    Some(text)
}

fn sources(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(Arc<str>, Place)> {
    let items = filled(node, problems);
    let mut found: Vec<(Arc<str>, Place)> = Vec::with_capacity(items.len());
    for item in items {
        if let Some(name) = literal(&item, problems)
            && !found.iter().any(|(known, _)| **known == *name)
        {
            found.push((Arc::from(name), item.place()));
        }
    }
    found
}

/// The one value or the values of a list, of which there must be one.
fn filled<'d>(node: &Node<'d>, problems: &mut Vec<Diagnostic>) -> Vec<Node<'d>> {
    let items = settings::one_or_many(node);
    if items.is_empty() {
        let key = node.key().unwrap_or_default();
        let found = node.error("E004", format!("`{key}` is an empty list, which nothing can match"));
        problems.push(found.help("leave it out to match any"));
    }
    items
}

fn pattern(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Pattern> {
    let text = literal(node, problems)?;
    Pattern::parse(text)
        .map_err(|why| problems.push(node.error_inside(why.offset, 1, "E305", why.message)))
        .ok()
}

fn events(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<(Glob, Place)> {
    let items = filled(node, problems);
    let mut found: Vec<(Glob, Place)> = Vec::with_capacity(items.len());
    for item in items {
        if let Some(text) = literal(&item, problems) {
            let glob = Glob::new(text);
            if !found.iter().any(|(known, _)| *known == glob) {
                found.push((glob, item.place()));
            }
        }
    }
    found
}

fn concurrency(rule: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Concurrency> {
    let node = rule.get("concurrency")?;
    if rule.get("order_by").is_some() {
        let found = node.key_error("E004", "`order_by` and `concurrency` in one rule");
        problems
            .push(found.help(
                "`concurrency` with `limit: 1` and `on_conflict: queue` keeps the order of events too",
            ));
    }
    concurrency::compile(&node, problems)
}

fn debounce(rule: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Debounced> {
    let node = rule.get("debounce")?;
    for other in ["order_by", "concurrency"] {
        if rule.get(other).is_some() {
            let found = node.key_error("E004", format!("`debounce` and `{other}` in one rule"));
            problems.push(
                found.help("only the last of several events is left: there is none beside it to wait for"),
            );
        }
    }
    debounce::compile(&node, problems)
}
