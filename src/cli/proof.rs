//! A proof as people read it: each rule, what it wanted and what it got, near misses first.

use serde_json::Value;

use crate::telemetry::escape;

/// The lines of a whole answer. Rules of other sources are told in one line unless `all`.
pub(super) fn lines(answer: &Value, all: bool) -> Vec<String> {
    let mut rules: Vec<&Value> =
        answer.get("rules").and_then(Value::as_array).into_iter().flatten().collect();
    let matched = rules.iter().filter(|rule| is_matched(rule)).count();
    rules.sort_by_key(|rule| (!is_matched(rule), is_foreign(rule), failed(rule)));
    let event = answer.get("event").unwrap_or(&Value::Null);
    let mut lines = vec![
        format!("{}  {}  {}", text(event, "id"), text(event, "source"), text(event, "type")),
        format!("  verified   {}", text(event, "verified")),
        format!("  matched    {matched} of {} rules", rules.len()),
    ];
    for rule in rules {
        lines.push(String::new());
        lines.extend(one(rule, all));
    }
    lines
}

fn one(rule: &Value, all: bool) -> Vec<String> {
    let place = format!("{}:{}", text(rule, "file"), text(rule, "line"));
    let parts = leaves(rule.get("proof"));
    let asked = ["from", "path", "event"].map(|key| (key, rule.get(key)));
    let held = asked
        .iter()
        .filter_map(|(_, part)| part.and_then(|part| part.get("held")))
        .chain(parts.iter().map(|leaf| leaf.0));
    let verdicts: Vec<bool> = held.map(|held| held == &Value::Bool(true) || held == "held").collect();
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
    lines.extend(parts.iter().map(|(verdict, leaf)| test(verdict, leaf)));
    lines
}

fn test(verdict: &Value, leaf: &Value) -> String {
    let mark = match verdict.as_str() {
        Some("held") => "✓",
        Some("failed") => "✗",
        _ => "?",
    };
    let got = leaf.get("got").and_then(Value::as_str).map_or("nothing".to_owned(), escape);
    let (subject, operator, wanted) = (text(leaf, "subject"), text(leaf, "operator"), text(leaf, "wanted"));
    let reason = leaf
        .get("reason")
        .and_then(Value::as_str)
        .map_or_else(String::new, |why| format!("   {}", escape(why)));
    format!(
        "    {mark} if      {subject:<32} {got}  {operator}  {wanted}   line {}{reason}",
        text(leaf, "line")
    )
}

/// The tests of a proof in the order of the file, each with its verdict.
fn leaves(proof: Option<&Value>) -> Vec<(&Value, &Value)> {
    let Some(proof) = proof.filter(|proof| proof.is_object()) else { return Vec::new() };
    if let (Some(verdict), Some(leaf)) = (proof.get("verdict"), proof.get("test")) {
        return vec![(verdict, leaf)];
    }
    let parts = ["all", "any", "not"].iter().filter_map(|key| proof.get(*key)?.as_array()).flatten();
    parts.flat_map(|part| leaves(Some(part))).collect()
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
    asked + leaves(rule.get("proof")).iter().filter(|(verdict, _)| *verdict != "held").count()
}

fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => escape(text),
        Some(other) => other.to_string(),
    }
}
