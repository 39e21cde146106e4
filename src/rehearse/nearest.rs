//! Why no rule matched: the rules that came nearest, each with what it wanted and what it got.

use crate::condition::Verdict as Tested;
use crate::rule::{Explained, Held, Verdict};

/// Rules that are told about.
const RULES_MAX: usize = 3;
/// Tests of one rule that are told about.
const TESTS_MAX: usize = 4;

/// Sentences about the rules that listen to the event and did not match, nearest first; each starts with the rule's name.
pub(super) fn why(explained: &[Explained<'_>]) -> Vec<String> {
    let mut missed: Vec<(usize, &Explained<'_>)> = explained
        .iter()
        .filter(|one| !one.is_matched() && one.from.is_held())
        .map(|one| (failures(one).len(), one))
        .collect();
    missed.sort_by_key(|(count, _)| *count);
    missed.into_iter().take(RULES_MAX).map(|(_, one)| sentence(one)).collect()
}

fn sentence(one: &Explained<'_>) -> String {
    let name = &one.rule.name;
    let why = match &one.verdict {
        Verdict::Disabled => "`enabled` is false".to_owned(),
        Verdict::Stopped { by } => format!("`{by}` stops before it"),
        Verdict::NotNeeded => "it is a fallback, and another rule matched".to_owned(),
        Verdict::Unknown => "its conditions took too many steps".to_owned(),
        Verdict::Matched | Verdict::Unmatched => {
            let mut failures = failures(one);
            failures.truncate(TESTS_MAX);
            failures.join("; ")
        }
    };
    format!("`{name}` did not match: {why}   {}:{}", one.rule.file, line(one))
}

/// The line of what failed first, else of the rule.
fn line(one: &Explained<'_>) -> usize {
    let leaves = one.proof.iter().flat_map(|proof| proof.leaves());
    let failed = leaves.filter(|(verdict, _)| *verdict != Tested::Held).map(|(_, leaf)| leaf.line).next();
    failed.filter(|_| one.path.is_held() && one.event.is_held()).unwrap_or(one.rule.line)
}

fn failures(one: &Explained<'_>) -> Vec<String> {
    let asked =
        [("path", &one.path), ("event", &one.event)].into_iter().filter_map(|(key, held)| match held {
            Held::No { wanted, got } if got.is_empty() => Some(format!("{key} is missing, wanted {wanted}")),
            Held::No { wanted, got } => Some(format!("{key} is {got}, wanted {wanted}")),
            _ => None,
        });
    let leaves = one.proof.iter().filter(|proof| !proof.holds()).flat_map(|proof| proof.leaves());
    let tests = leaves.filter(|(verdict, _)| *verdict != Tested::Held).map(|(_, leaf)| {
        let got = leaf.got.as_deref().unwrap_or("nothing");
        format!("{} is {got}, wanted {} {}", leaf.subject, leaf.operator, leaf.wanted)
    });
    asked.chain(tests).collect()
}
