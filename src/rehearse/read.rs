//! Cases out of files: each key at its place, every complaint, and names held against the rules.

use std::time::Duration;

use serde_json::{Map, Value};

use super::expect::{Answer, Expect, Item, NOTHING};
use super::keys::{ANSWER_KEYS, CASE_KEYS, EXPECTED_FILE, STEP_KEYS, TEST_FILE_KEYS};
use super::read_send::{object, send};
use super::{Case, Loaded, Step};
use crate::action::VERBS;
use crate::diagnostic::{Diagnostic, Place};
use crate::rule::{File, Set, VERSION};
use crate::settings::{self, Key, names};
use crate::time::Timestamp;
use crate::yaml::{Document, Node, listed, nearest};

/// 2026-01-01T00:00:00Z: the moment of a case that says none.
const NOW_MS: i64 = 1_767_225_600_000;
/// Names beyond this many are not listed in a mend.
const LISTED_MAX: usize = 12;

/// The cases of a rules file; what else is in it is the loader's.
pub(super) fn rules_file(file: &File, loaded: &mut Loaded) {
    // Most files have none, and reading costs.
    if !file.text.contains("tests") {
        return;
    }
    if let Ok(document) = Document::parse(&file.name, &file.text)
        && let Some(tests) = document.root().get("tests")
    {
        cases(&tests, loaded);
    }
}

/// The cases of a test file, which holds nothing else.
pub(super) fn test_file(file: &File, loaded: &mut Loaded) {
    let document = match Document::parse(&file.name, &file.text) {
        Ok(document) => document,
        Err(found) => return loaded.problems.extend(found),
    };
    let root = document.root();
    if !root.value().is_mapping() {
        let help = "a test file is a map with `tests:`";
        return loaded.problems.push(root.unwanted("a map").help(help));
    }
    known(&root, TEST_FILE_KEYS, &mut loaded.problems);
    if let Some(version) = root.get("version")
        && version.value().as_u64() != Some(VERSION)
    {
        loaded.problems.push(version.unwanted(&format!("the version {VERSION}")));
    }
    match root.get("tests") {
        Some(tests) if tests.value().is_sequence() => cases(&tests, loaded),
        Some(tests) => loaded.problems.push(tests.unwanted("a list")),
        None => loaded
            .problems
            .push(root.error("E005", "`tests` is missing here").help("write `tests:` and a list of cases")),
    }
}

fn cases(node: &Node<'_>, loaded: &mut Loaded) {
    // What is no map is said by the loader of rules files; in test files nobody else looks.
    for item in node.items() {
        if item.value().is_mapping() {
            let found = case(&item, &mut loaded.problems);
            loaded.cases.extend(found);
        } else if node.file().contains(".test.") {
            loaded.problems.push(item.unwanted("a map").help("write `- name: …`, `send: …` and `expect: …`"));
        }
    }
}

/// Complains about keys that are none, and about those that are missing.
pub(super) fn known(node: &Node<'_>, keys: &[Key], problems: &mut Vec<Diagnostic>) {
    let known = names(keys);
    for (key, entry) in node.entries() {
        if !known.contains(&key) && !entry.is_own() {
            problems.push(entry.unknown_key(&known));
        }
    }
    for key in keys.iter().filter(|key| key.is_needed && node.get(key.name).is_none()) {
        let found = node.error("E005", format!("`{}` is missing here", key.name));
        problems.push(found.help(key.about));
    }
}

fn case(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Case> {
    let before = problems.len();
    known(node, CASE_KEYS, problems);
    let name = node.get("name").and_then(|name| words(&name, problems));
    let now = node.get("now").and_then(|now| moment(&now, problems));
    let steps = match (node.get("send"), node.get("steps")) {
        (Some(_), None) => vec![step(node, problems)],
        (None, Some(steps)) => several(node, &steps, problems),
        (Some(_), Some(steps)) => {
            let found = steps.key_error("E004", "`send` and `steps`: a case has one of them");
            problems.push(found.help("put the first webhook into `steps` too"));
            Vec::new()
        }
        (None, None) => {
            let found = node.error("E005", "this case sends nothing: `send` is missing");
            problems.push(found.help("write  send: { to: SOURCE, event: TYPE }"));
            Vec::new()
        }
    };
    let start = node.get("name").map_or_else(|| node.span(), |name| name.span());
    (problems.len() == before).then(|| Case {
        name: name.unwrap_or_default(),
        place: Place { file: node.file().clone(), span: start },
        line: node.line(),
        now: now.unwrap_or(Timestamp::from_millis(NOW_MS)),
        steps,
    })
}

/// A name: a text that says something, and no template.
pub(super) fn words(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let text = settings::text(node, problems)?;
    if text.trim().is_empty() {
        problems.push(node.error("E004", "a case without a name").help("say what has to be so"));
    }
    if text.contains("{{") {
        problems.push(node.error("E212", "a template in `name`, where none is filled"));
    }
    Some(text.to_owned())
}

fn moment(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Timestamp> {
    let text = settings::text(node, problems)?;
    let moment = Timestamp::parse(text);
    if moment.is_none() {
        let found = node.error("E004", format!("`{text}` is not a time"));
        problems.push(found.help("write it as 2026-11-21T14:33:02Z"));
    }
    moment
}

fn several(case: &Node<'_>, steps: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Step> {
    for key in ["results", "expect", "answer"] {
        if let Some(entry) = case.get(key) {
            let found = entry.key_error("E004", format!("`{key}` beside `steps`"));
            problems.push(found.help("say it in the step that it is about"));
        }
    }
    if !steps.value().is_sequence() || steps.items().is_empty() {
        problems.push(steps.unwanted("a list of webhooks"));
    }
    let mut found: Vec<Step> = Vec::new();
    for item in steps.items() {
        if !item.value().is_mapping() {
            problems.push(item.unwanted("a map").help("write `- at: 5m`, `send: …` and `expect: …`"));
            continue;
        }
        known(&item, STEP_KEYS, problems);
        let next = step(&item, problems);
        if found.last().is_some_and(|last| next.at < last.at) {
            let at = item.get("at").unwrap_or_else(|| item.clone());
            let help = "`at` counts from the start of the case; put the steps in order";
            problems.push(at.error("E004", "this comes before the step above it").help(help));
        }
        found.push(next);
    }
    found
}

fn step(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Step {
    Step {
        line: node.get("send").map_or_else(|| node.line(), |send| send.line()),
        at: node.get("at").and_then(|at| settings::duration(&at, problems)).unwrap_or(Duration::ZERO),
        send: node.get("send").and_then(|entry| send(&entry, problems)).unwrap_or_default(),
        takes: node
            .get("takes")
            .and_then(|takes| settings::duration(&takes, problems))
            .unwrap_or(Duration::ZERO),
        results: node.get("results").map(|results| Value::Object(object(&results, problems))),
        expect: node.get("expect").and_then(|entry| expect(&entry, problems)),
        answer: node.get("answer").and_then(|entry| answer(&entry, problems)),
    }
}

fn expect(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Expect> {
    let help =
        "write `nothing`, or a list of rules' names and of actions such as `{ slack: chat, text: hi }`";
    if node.text() == Some(NOTHING) {
        return Some(Expect::Nothing);
    }
    if node.value().is_mapping() {
        known(node, EXPECTED_FILE, problems);
        let file = node.get("file")?;
        return Some(Expect::File(settings::text(&file, problems)?.to_owned(), file.place()));
    }
    if !node.value().is_sequence() {
        problems.push(node.unwanted("`nothing` or a list").help(help));
        return None;
    }
    Some(Expect::Items(node.items().iter().filter_map(|item| expected(item, problems)).collect()))
}

fn expected(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Item> {
    let line = node.line();
    if node.value().is_string() {
        let rule = (node.text()?.to_owned(), node.place());
        return Some(Item { rule: Some(rule), fields: Map::new(), line });
    }
    if !node.value().is_mapping() {
        problems.push(node.unwanted("the name of a rule or a map"));
        return None;
    }
    let rule = node.get("rule");
    let rule = rule.and_then(|rule| Some((settings::text(&rule, problems)?.to_owned(), rule.place())));
    let mut fields = object(node, problems);
    fields.remove("rule");
    fields.retain(|key, _| !key.starts_with("x-"));
    let verbs: Vec<&str> =
        VERBS.iter().map(|verb| verb.name).filter(|name| fields.contains_key(*name)).collect();
    if verbs.len() > 1 {
        let found = node.error("E211", format!("{} in one item", listed(verbs)));
        problems.push(found.help("an item is one action: write a list of them"));
    } else if verbs.is_empty() && rule.is_none() {
        let all = VERBS.iter().map(|verb| verb.name);
        let found = node.error("E211", "this names neither a rule nor an action");
        problems.push(found.help(format!("say `rule`, or one of {}", listed(all))));
    }
    Some(Item { rule, fields, line })
}

fn answer(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Answer> {
    if !node.value().is_mapping() {
        problems.push(node.unwanted("a map").help("write  answer: { status: 202 }"));
        return None;
    }
    known(node, ANSWER_KEYS, problems);
    let status = node.get("status").and_then(|status| settings::count(&status, 200, 599, problems));
    Some(Answer {
        line: node.line(),
        status: status.and_then(|status| u16::try_from(status).ok()),
        json: node.get("json").map(|json| json.json()),
        text: node.get("text").and_then(|text| settings::text(&text, problems).map(str::to_owned)),
        headers: node.get("headers").map(|headers| object(&headers, problems)).unwrap_or_default(),
    })
}

/// Holds the sources and rules that cases name against those that are there.
pub(super) fn links(set: &Set, loaded: &mut Loaded) {
    let Loaded { cases, problems } = loaded;
    for step in cases.iter().flat_map(|case| &case.steps) {
        if let Some((name, place)) = &step.send.to
            && set.source(name).is_none()
        {
            let known: Vec<&str> = set.sources.iter().map(|source| &*source.name).collect();
            problems.push(unknown("E402", "source", (name, place), &known));
        }
        let Some(Expect::Items(items)) = &step.expect else { continue };
        for item in items {
            if let Some((name, place)) = &item.rule
                && set.rule(name).is_none()
            {
                let known: Vec<&str> = set.rules.iter().map(|rule| &*rule.name).collect();
                problems.push(unknown("E407", "rule", (name, place), &known));
            }
        }
    }
}

fn unknown(code: &'static str, kind: &str, (name, place): (&str, &Place), known: &[&str]) -> Diagnostic {
    let message = match nearest(name, known.iter().copied()) {
        Some(meant) => format!("there is no {kind} `{name}`; did you mean `{meant}`?"),
        None => format!("there is no {kind} `{name}`"),
    };
    let help = match known {
        [] => format!("declare a {kind}, or test another file"),
        _ if known.len() > LISTED_MAX => format!("name a {kind} that is there"),
        _ => format!("the {kind}s are {}", listed(known.iter().copied())),
    };
    Diagnostic::error(code, message).at(&place.file, place.span.clone()).help(help)
}
