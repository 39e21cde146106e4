//! Whether coverage tells the truth: rules are edited at random, one place at a time, and whatever edit no test notices
//! has to be at a place that the coverage report names.

use std::collections::BTreeSet;

use doorbell::rehearse::{self, Coverage};
use doorbell::rule::{self, File, Set};
use doorbell::simulation;

const RULES: &str = include_str!("mutation/rules.yaml");
const TESTS: &str = include_str!("mutation/rules.test.yaml");
/// Where the edits come from; another number makes other edits.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
/// Edits that are tried.
const EDITS: usize = 240;

/// What can be done to a condition: its operator, its value, or all of it.
const SWAPS: &[(&str, &str)] = &[
    ("gt:", "gte:"),
    ("gt:", "lt:"),
    ("gte:", "gt:"),
    ("gte:", "lte:"),
    ("lt:", "lte:"),
    ("lt:", "gt:"),
    ("lte:", "lt:"),
    ("lte:", "gte:"),
    ("in:", "not_in:"),
    ("ne:", "eq:"),
    ("ends_with:", "starts_with:"),
    ("starts_with:", "ends_with:"),
    ("exists: true", "exists: false"),
    ("true", "false"),
    ("eur", "gbp"),
    ("de,", "at,"),
    ("fr]", "be]"),
    ("broken", "stolen"),
    ("lost", "stolen"),
    ("delivered", "returned"),
    ("@example.com", "@example.net"),
];

/// A small generator (xorshift), the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }
}

fn set(text: &str) -> Option<std::sync::Arc<Set>> {
    rule::load(&[File { name: "rules.yaml".to_owned(), text: text.to_owned() }]).set
}

/// Whether all cases pass, and what they have been through.
fn run(set: &Set) -> (bool, Coverage) {
    let tests = [File { name: "rules.test.yaml".to_owned(), text: TESTS.to_owned() }];
    let loaded = rehearse::load(&[], &tests, Some(set));
    assert!(loaded.problems.is_empty(), "{:#?}", loaded.problems);
    let mut coverage = Coverage::new(set);
    let nothing_is_read = |name: &str| Err(format!("no test reads `{name}`"));
    let outcomes: Vec<_> = loaded
        .cases
        .iter()
        .map(|case| rehearse::run(case, set, &nothing_is_read, &simulation::line, &mut coverage))
        .collect();
    (outcomes.iter().all(|outcome| outcome.complaints.is_empty()), coverage)
}

/// The line edited in one way that is possible there; `None` where nothing can be edited.
fn edited(line: &str, dice: &mut Dice) -> Option<String> {
    let trimmed = line.trim_start();
    let indent = " ".repeat(line.len() - trimmed.len());
    if trimmed.starts_with("- name: ") {
        return Some(format!("{line}\n{indent}  enabled: false"));
    }
    if let Some(text) = trimmed.strip_prefix("- log: ") {
        return Some(format!("{indent}- log: edited {text}"));
    }
    let (dash, condition) = trimmed.strip_prefix("- ").map_or(("", trimmed), |rest| ("- ", rest));
    if !condition.starts_with("$.") {
        return None;
    }
    let mut ways = vec![
        "$.never: { exists: true }".to_owned(),
        "$.always: { exists: false }".to_owned(),
        format!("not: {{ {condition} }}"),
    ];
    let swaps = SWAPS.iter().filter(|(from, _)| condition.contains(from));
    ways.extend(swaps.map(|(from, to)| condition.replacen(from, to, 1)));
    let digits: String = condition.chars().filter(char::is_ascii_digit).collect();
    if let Ok(number) = digits.parse::<i64>() {
        let others = [number - 1, number + 1, number * 10, -number];
        ways.extend(others.map(|other| condition.replacen(&digits, &other.to_string(), 1)));
    }
    let way = ways.swap_remove(dice.below(ways.len()));
    Some(format!("{indent}{dash}{way}"))
}

#[test]
fn what_no_test_notices_is_what_coverage_names() {
    let original = set(RULES).unwrap();
    let (passed, coverage) = run(&original);
    assert!(passed);
    let named: BTreeSet<usize> = coverage.gaps().iter().map(|gap| gap.line).collect();
    let lines: Vec<&str> = RULES.lines().collect();
    let mut dice = Dice(SEED);
    let (mut tried, mut noticed, mut survivors) = (0, 0, BTreeSet::new());
    while tried < EDITS {
        let place = dice.below(lines.len());
        let Some(line) = edited(lines[place], &mut dice) else { continue };
        let mut copy = lines.clone();
        copy[place] = &line;
        let text = copy.join("\n");
        let set = set(&text).unwrap_or_else(|| panic!("the edit makes no rules:\n{line}"));
        tried += 1;
        match run(&set).0 {
            false => noticed += 1,
            true => {
                assert!(
                    named.contains(&(place + 1)),
                    "no test notices, and coverage says nothing:\n{}\n{line}",
                    lines[place]
                );
                survivors.insert(place + 1);
            }
        }
    }
    assert!(noticed > EDITS / 3, "only {noticed} of {tried} were noticed");
    assert_eq!(survivors, named, "each place that coverage names lets some edit through");
}
