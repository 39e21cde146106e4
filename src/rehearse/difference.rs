//! What is not as expected, and how it is told: expected and got under each other, the letters that differ marked.

use serde_json::Value;

use super::came::Came;
use super::expect::{Item, Unequal};
use super::shown::{FAILURE, Shown};

/// Letters of one value that are shown.
const VALUE_MAX: usize = 300;

/// One thing that is not as expected.
#[derive(Clone, Debug, PartialEq)]
pub enum Complaint {
    /// The webhook cannot be made, or what is expected cannot be read.
    Unsendable {
        /// Where it stands.
        line: usize,
        /// Why.
        why: String,
    },
    /// Something expected did not come.
    Missing {
        /// Where it is expected.
        line: usize,
        /// What was expected, in words.
        wanted: String,
        /// What came nearest, in words, and what of it is another.
        nearest: Option<(String, Vec<Unequal>)>,
        /// Why it did not come.
        why: Vec<String>,
    },
    /// Something came that nobody expected.
    Unexpected {
        /// Where everything is expected that may come.
        line: usize,
        /// What came, in words.
        got: String,
    },
    /// The sender is answered otherwise.
    Answer {
        /// Where the answer is expected.
        line: usize,
        /// What of it is another.
        unequal: Vec<Unequal>,
        /// Why.
        why: Vec<String>,
    },
}

/// Holds all that came against all that is expected. Answers to the sender need not be expected.
pub(super) fn compare(items: &[Item], came: &Came, line: usize, complaints: &mut Vec<Complaint>) {
    let mut left: Vec<&Shown> = came.effects.iter().collect();
    let mut rules: Vec<&String> = came.matched.iter().collect();
    let mut missing = Vec::new();
    for item in items.iter().filter(|item| !item.is_whole_rule()) {
        match left.iter().position(|shown| item.unequal(shown).is_empty()) {
            Some(index) => {
                let shown = left.remove(index);
                rules.retain(|rule| **rule != shown.rule);
            }
            None => missing.push(item),
        }
    }
    for item in items.iter().filter(|item| item.is_whole_rule()) {
        let name = item.rule_name().unwrap_or_default();
        if !came.matched.iter().any(|rule| rule == name) {
            missing.push(item);
            continue;
        }
        rules.retain(|rule| *rule != name);
        let of_rule = left.iter().filter(|shown| shown.rule == name);
        complaints.extend(of_rule.filter(|shown| shown.failure().is_some()).map(|shown| {
            Complaint::Missing {
                line: item.line,
                wanted: words(item),
                nearest: failed(shown),
                why: Vec::new(),
            }
        }));
        left.retain(|shown| shown.rule != name);
    }
    for item in missing {
        complaints.push(lacking(item, &mut left, &mut rules, came));
    }
    rest(&left, &rules, line, complaints);
}

fn failed(shown: &Shown) -> Option<(String, Vec<Unequal>)> {
    let got = shown.failure().map(Value::from);
    let unequal = Unequal { key: FAILURE.to_owned(), wanted: Value::Null, got };
    Some((head(shown), vec![unequal]))
}

/// What came and nobody expected: effects, and rules that matched and want nothing done.
fn rest(left: &[&Shown], rules: &[&String], line: usize, complaints: &mut Vec<Complaint>) {
    for shown in left.iter().filter(|shown| shown.verb != "respond") {
        complaints.push(Complaint::Unexpected { line, got: whole(shown) });
    }
    for rule in
        rules.iter().filter(|rule| left.iter().all(|shown| shown.rule != ***rule || shown.verb == "respond"))
    {
        complaints.push(Complaint::Unexpected { line, got: format!("rule `{rule}` matches") });
    }
}

/// The complaint about an item that nothing fits; what comes nearest is taken for its place.
fn lacking(item: &Item, left: &mut Vec<&Shown>, rules: &mut Vec<&String>, came: &Came) -> Complaint {
    let distance = |shown: &&Shown| {
        let unequal = item.unequal(shown);
        let is_near =
            item.fields.contains_key(shown.verb) || item.rule_name().is_some_and(|name| name == shown.rule);
        (is_near && unequal.len() <= item.fields.len()).then_some(unequal.len())
    };
    let nearest = left
        .iter()
        .enumerate()
        .filter_map(|(index, shown)| Some((distance(shown)?, index)))
        .min()
        .map(|(_, index)| left.remove(index));
    if let Some(shown) = nearest {
        rules.retain(|rule| **rule != shown.rule);
    }
    let why = if nearest.is_some() { Vec::new() } else { reasons(item, came) };
    let wanted = nearest.map_or_else(|| words(item), |shown| named(item, shown));
    let nearest = nearest.map(|shown| (head(shown), beside_verb(item.unequal(shown), shown.verb)));
    Complaint::Missing { line: item.line, wanted, nearest, why }
}

/// What is expected, by its verb and where it goes; as much of that as the item says.
fn named(item: &Item, shown: &Shown) -> String {
    let own = item.fields.get(shown.verb);
    own.map_or_else(|| head(shown), |value| format!("{} {}", shown.verb, bare(value)))
}

/// The fields beside the verb's own, which stands in front of them.
fn beside_verb(unequal: Vec<Unequal>, verb: &str) -> Vec<Unequal> {
    unequal.into_iter().filter(|one| one.key != verb).collect()
}

/// What is known of the rule, where it is named and told about; else of all.
fn reasons(item: &Item, came: &Came) -> Vec<String> {
    let start = item.rule_name().map(|name| format!("`{name}`"));
    let own: Vec<String> = came
        .why
        .iter()
        .filter(|why| start.as_ref().is_some_and(|start| why.starts_with(start)))
        .cloned()
        .collect();
    if own.is_empty() { came.why.clone() } else { own }
}

/// An item in words: its verb and all that is asked.
fn words(item: &Item) -> String {
    let verb = crate::action::VERBS.iter().map(|verb| verb.name).find(|name| item.fields.contains_key(*name));
    let first = verb.and_then(|verb| Some(format!("{verb} {}", bare(item.fields.get(verb)?))));
    let rule = item.rule_name().map(|name| format!("rule `{name}`"));
    let rest = item.fields.iter().filter(|(key, _)| Some(key.as_str()) != verb);
    let rest = rest.map(|(key, value)| format!("{key}: {}", value_text(value)));
    first.or(rule).into_iter().chain(rest).collect::<Vec<_>>().join("  ")
}

/// An effect by its verb and where it goes.
fn head(shown: &Shown) -> String {
    match shown.fields.get(shown.verb) {
        Some(value) => format!("{} {}", shown.verb, bare(value)),
        None => format!("{} of rule `{}`", shown.verb, shown.rule),
    }
}

fn whole(shown: &Shown) -> String {
    const LONG: &[&str] = &["stdin", "url", "method", "path", "content_type"];
    let rest = shown.fields.iter().filter(|(key, _)| **key != *shown.verb && !LONG.contains(&key.as_str()));
    let rest = rest.map(|(key, value)| format!("{key}: {}", value_text(value)));
    let rule = format!("(rule `{}`)", shown.rule);
    [head(shown)].into_iter().chain(rest).chain([rule]).collect::<Vec<_>>().join("  ")
}

/// Where something goes, without quotes when it is a text.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value_text(value), |text| cut(text.to_owned()))
}

fn value_text(value: &Value) -> String {
    cut(value.to_string())
}

fn cut(text: String) -> String {
    match text.char_indices().nth(VALUE_MAX) {
        Some((byte, _)) => format!("{}…", text.get(..byte).unwrap_or_default()),
        None => text,
    }
}

impl Complaint {
    /// The line of the test file it is about.
    pub fn line(&self) -> usize {
        match self {
            Self::Unsendable { line, .. }
            | Self::Missing { line, .. }
            | Self::Unexpected { line, .. }
            | Self::Answer { line, .. } => *line,
        }
    }

    /// What was expected, in words.
    pub fn expected(&self) -> String {
        match self {
            Self::Unsendable { .. } => "a webhook that can be sent".to_owned(),
            Self::Missing { nearest: Some((_, unequal)), wanted, .. } => {
                fields(wanted, unequal, |one| Some(&one.wanted))
            }
            Self::Missing { wanted, .. } => wanted.clone(),
            Self::Unexpected { .. } => "nothing".to_owned(),
            Self::Answer { unequal, .. } => fields("answer", unequal, |one| Some(&one.wanted)),
        }
    }

    /// What came, in words.
    pub fn got(&self) -> String {
        match self {
            Self::Unsendable { why, .. } => why.clone(),
            Self::Missing { nearest: None, .. } => "nothing".to_owned(),
            Self::Missing { nearest: Some((head, unequal)), .. } => {
                fields(head, unequal, |one| one.got.as_ref())
            }
            Self::Unexpected { got, .. } => got.clone(),
            Self::Answer { unequal, .. } => fields("answer", unequal, |one| one.got.as_ref()),
        }
    }

    /// Why, as far as it is known.
    pub fn why(&self) -> &[String] {
        match self {
            Self::Missing { why, .. } | Self::Answer { why, .. } => why,
            Self::Unsendable { .. } | Self::Unexpected { .. } => &[],
        }
    }

    /// It as people read it: expected and got, what differs marked, and why.
    pub fn lines(&self) -> Vec<String> {
        let (expected, got) = (self.expected(), self.got());
        let mut lines = vec![format!("expected  {expected}"), format!("got       {got}")];
        if let Some(marks) = marks(&expected, &got).filter(|_| self.is_near()) {
            lines.push(format!("          {marks}"));
        }
        lines.extend(self.why().iter().map(|why| format!("because   {why}")));
        lines
    }

    fn is_near(&self) -> bool {
        match self {
            Self::Missing { nearest: Some((_, unequal)), .. } => unequal.iter().all(|one| one.key != FAILURE),
            Self::Answer { .. } => true,
            _ => false,
        }
    }
}

fn fields<'u>(head: &str, unequal: &'u [Unequal], side: impl Fn(&'u Unequal) -> Option<&'u Value>) -> String {
    let part = |one: &'u Unequal| {
        let value = side(one).map_or_else(|| "nothing".to_owned(), value_text);
        format!("{}: {value}", one.key)
    };
    // That nothing fails goes without saying.
    let said = unequal.iter().filter(|one| one.key != FAILURE || !side(one).is_none_or(Value::is_null));
    [head.to_owned()].into_iter().chain(said.map(part)).collect::<Vec<_>>().join("  ")
}

/// Waves under the letters of `got` that are not as in `expected`; `None` when that is all of it.
fn marks(expected: &str, got: &str) -> Option<String> {
    let (wanted, there): (Vec<char>, Vec<char>) = (expected.chars().collect(), got.chars().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&char, &char)>| pairs.take_while(|(a, b)| a == b).count();
    let start = same(&mut wanted.iter().zip(&there));
    let rest = wanted.len().min(there.len()) - start;
    let end = same(&mut wanted.iter().rev().zip(there.iter().rev())).min(rest);
    let length = there.len() - start - end;
    (start > 0 && length > 0).then(|| format!("{}{}", " ".repeat(start), "~".repeat(length)))
}
