//! A proof as people read it: each rule, what it wanted and what it got, near misses first.

use serde_json::Value;

use super::refused;
use crate::telemetry::escape;

/// The lines of a whole answer. Rules of other sources are told in one line unless `all`.
pub(super) fn lines(answer: &Value, all: bool) -> Vec<String> {
    let mut rules: Vec<&Value> =
        answer.get("rules").and_then(Value::as_array).into_iter().flatten().collect();
    let matched = rules.iter().filter(|rule| is_matched(rule)).count();
    rules.sort_by_key(|rule| (!is_matched(rule), is_foreign(rule), failed(rule)));
    let event = answer.get("event").unwrap_or(&Value::Null);
    let head = format!("{}  {}  {}", text(event, "id"), text(event, "source"), text(event, "type"));
    let mut lines = vec![head.trim().to_owned()];
    lines.extend(verified(event, answer.get("refused")));
    if let Some(why) = event.get("unreadable").and_then(Value::as_str) {
        lines.push(format!("  rules      none is asked: {}", escape(why)));
        return lines;
    }
    lines.push(format!("  matched    {matched} of {} rules", rules.len()));
    if let Some(first) = event.get("conflict_with").and_then(Value::as_str) {
        lines.push(format!(
            "  conflict   {first} has the same id and another body: no rule was run for this one"
        ));
    }
    for rule in rules {
        lines.push(String::new());
        lines.extend(one(rule, all));
    }
    lines
}

/// How it was proved genuine, or why it would be refused.
fn verified(event: &Value, refused: Option<&Value>) -> Vec<String> {
    let Some(refused) = refused else { return vec![format!("  verified   {}", text(event, "verified"))] };
    let words = match text(refused, "status").as_str() {
        "" => text(refused, "cause"),
        status => format!("no: {status} {}; what follows is as if it were genuine", text(refused, "cause")),
    };
    let mut lines = vec![format!("  verified   {words}")];
    lines.extend(refused::examined(refused.get("examined")));
    lines
}

fn one(rule: &Value, all: bool) -> Vec<String> {
    let place = format!("{}:{}", text(rule, "file"), text(rule, "line"));
    let mut parts = Vec::new();
    tests(rule.get("proof"), ("if", true), &mut parts);
    let asked = ["from", "path", "event"].map(|key| (key, rule.get(key)));
    let held = asked
        .iter()
        .filter_map(|(_, part)| part.and_then(|part| part.get("held")?.as_bool()))
        .chain(parts.iter().map(|test| test.is_held == Some(true)));
    let verdicts: Vec<bool> = held.collect();
    let count = verdicts.iter().filter(|held| **held).count();
    let mark = if is_matched(rule) { "✓" } else { "✗" };
    let mut lines =
        vec![format!("{mark} {:<48} {place}     {count} of {} held", text(rule, "name"), verdicts.len())];
    let verdict = text(rule, "verdict");
    if !["matched", "unmatched"].contains(&verdict.as_str()) {
        lines.push(format!("    {verdict}"));
    }
    for (key, part) in asked {
        let Some(part) = part.filter(|part| part.is_object()) else { continue };
        let (wanted, got) = (text(part, "wanted"), text(part, "got"));
        if part.get("held") == Some(&Value::Bool(true)) {
            lines.push(format!("    ✓ {key:<7} {wanted}"));
        } else {
            let got = if got.is_empty() { "nothing".to_owned() } else { got };
            lines.push(format!("    ✗ {key:<7} {got}  is not  {wanted}"));
            if key == "from" && !all {
                lines.push("      (rest not looked at; --all looks)".to_owned());
                return lines;
            }
        }
    }
    lines.extend(parts.iter().map(line));
    lines.extend(would(rule.get("would_match_with")));
    lines
}

/// What would make it match.
fn would(with: Option<&Value>) -> Option<String> {
    let with = with.filter(|with| with.is_object())?;
    let event = with.get("event").and_then(Value::as_str).map(|kind| format!("event = {kind}"));
    let set = with.get("set").and_then(Value::as_object).into_iter().flatten();
    let all: Vec<String> =
        event.into_iter().chain(set.map(|(place, value)| format!("{place} = {value}"))).collect();
    Some(format!("    would match with  {}", escape(&all.join(", "))))
}

fn line(test: &Test<'_>) -> String {
    let Test { key, is_held, leaf } = test;
    let mark = match is_held {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "?",
    };
    let got = leaf.get("got").and_then(Value::as_str).map_or("nothing".to_owned(), escape);
    let (subject, operator, wanted) = (text(leaf, "subject"), text(leaf, "operator"), text(leaf, "wanted"));
    let reason = leaf
        .get("reason")
        .and_then(Value::as_str)
        .map_or_else(String::new, |why| format!("   {}", escape(why)));
    format!(
        "    {mark} {key:<7} {subject:<32} {got}  {operator}  {wanted}   line {}{reason}",
        text(leaf, "line")
    )
}

/// One test of a proof.
struct Test<'p> {
    /// `if`, or the group it stands in.
    key: &'static str,
    /// Whether it is as the rule wants it; `None` when that is not known.
    is_held: Option<bool>,
    leaf: &'p Value,
}

/// The tests of a proof in the order of the file.
fn tests<'p>(proof: Option<&'p Value>, (key, wanted): (&'static str, bool), all: &mut Vec<Test<'p>>) {
    let Some(proof) = proof.filter(|proof| proof.is_object()) else { return };
    if let Some(leaf) = proof.get("test") {
        let is_held = match proof.get("verdict").and_then(Value::as_str) {
            Some("held") => Some(wanted),
            Some("failed") => Some(!wanted),
            _ => None,
        };
        return all.push(Test { key, is_held, leaf });
    }
    for (name, label, wanted) in [("all", key, wanted), ("any", "any", wanted), ("not", "not", !wanted)] {
        let parts = proof.get(name).and_then(Value::as_array).into_iter().flatten();
        parts.for_each(|part| tests(Some(part), (label, wanted), all));
    }
}

fn is_matched(rule: &Value) -> bool {
    rule.get("matched") == Some(&Value::Bool(true))
}

/// Whether it listens to another source.
fn is_foreign(rule: &Value) -> bool {
    rule.get("from").and_then(|from| from.get("held")) == Some(&Value::Bool(false))
}

fn failed(rule: &Value) -> usize {
    let asked = ["path", "event"].iter().filter_map(|key| rule.get(*key)?.get("held"));
    let asked = asked.filter(|held| **held == Value::Bool(false)).count();
    let mut parts = Vec::new();
    tests(rule.get("proof"), ("if", true), &mut parts);
    asked + parts.iter().filter(|test| test.is_held != Some(true)).count()
}

fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => escape(text),
        Some(other) => other.to_string(),
    }
}
