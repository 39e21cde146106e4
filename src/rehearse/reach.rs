//! What would make a rule match an event: a few values put in place of others, and the proof that it then holds. An edit is
//! only told when the edited event was judged and passes.

use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::edit::put;
use crate::condition::{Condition, Leaf, Part, Proof};
use crate::event::Event;
use crate::path::Path;
use crate::rule::{Explained, Verdict};

/// Values that are changed at the most: a rule that wants more is no near miss.
const CHANGES_MAX: usize = 6;

/// What would make a rule match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// The event type it would have to have.
    pub kind: Option<String>,
    /// Values that would have to stand elsewhere: a JSONPath, or `headers.NAME`, and the value.
    pub values: Vec<(String, Value)>,
}

/// What would make the rule match; `None` when it does match, when something else is in its way, or when no small change
/// is known.
pub fn reach(explained: &Explained<'_>, event: &Event) -> Option<Reach> {
    if explained.verdict != Verdict::Unmatched || !explained.from.is_held() || !explained.path.is_held() {
        return None;
    }
    let mut reach = Reach::default();
    let mut edited = event.clone();
    if !explained.event.is_held() {
        let kind = explained.rule.events.iter().map(|glob| glob.text()).find(|text| is_plain(text))?;
        edited.kind = kind.to_owned();
        reach.kind = Some(kind.to_owned());
    }
    match &explained.rule.condition {
        Some(condition) => walk(condition, edited, reach),
        None => Some(reach),
    }
}

/// Whether a glob stands for itself.
fn is_plain(glob: &str) -> bool {
    !glob.contains(['*', '?', '\\'])
}

/// Changes one value after the other until the condition holds.
fn walk(condition: &Condition, mut edited: Event, mut reach: Reach) -> Option<Reach> {
    for _ in 0..=CHANGES_MAX {
        let proof = condition.prove(&edited);
        if proof.holds() {
            return Some(reach);
        }
        let (subject, value) = next(&proof, true)?;
        apply(&mut edited, &subject, &value)?;
        reach.values.retain(|(known, _)| *known != subject);
        reach.values.push((subject, value));
    }
    None
}

/// The next change on the way to what is wanted.
fn next(proof: &Proof, wanted: bool) -> Option<(String, Value)> {
    if proof.holds() == wanted {
        return None;
    }
    match &proof.part {
        Part::Test(leaf) => Some((leaf.subject.clone(), value(leaf, wanted)?)),
        Part::Not(parts) => parts.iter().find_map(|part| next(part, !wanted)),
        Part::All(parts) | Part::Any(parts) => parts.iter().find_map(|part| next(part, wanted)),
    }
}

/// A value that passes a test, or one that does not.
fn value(leaf: &Leaf, wanted: bool) -> Option<Value> {
    let right: Value = serde_json::from_str(&leaf.wanted).ok()?;
    let first = |list: &Value| list.get(0).cloned();
    match (leaf.operator, wanted) {
        ("eq" | "ieq" | "gte" | "lte" | "starts_with" | "ends_with" | "contains", true) => Some(right),
        ("in" | "between", true) => first(&right),
        ("gt", true) => beyond(&right, 1),
        ("lt", true) => beyond(&right, -1),
        ("exists", true) => (right == Value::Bool(true)).then_some(Value::Bool(true)),
        ("eq" | "in", false) | ("ne" | "not_in", true) => Some(Value::Null),
        ("ne", false) => Some(right),
        ("not_in", false) => first(&right),
        ("glob", true) => Some(Value::from(right.as_str()?.replace('*', "x"))),
        _ => None,
    }
}

/// The next number.
fn beyond(number: &Value, step: i64) -> Option<Value> {
    match number.as_i64() {
        Some(whole) => whole.checked_add(step).map(Value::from),
        None => number.as_f64().map(|part| Value::from(part + if step < 0 { -1.0 } else { 1.0 })),
    }
}

fn apply(event: &mut Event, subject: &str, value: &Value) -> Option<()> {
    if subject.starts_with('$') {
        let path = Path::parse(subject).ok().filter(Path::is_singular)?;
        return put(&mut event.payload, &path, value.clone()).ok();
    }
    let name = HeaderName::try_from(subject.strip_prefix("headers.")?).ok()?;
    event.request.headers.insert(name, HeaderValue::from_str(value.as_str()?).ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Request;
    use crate::id::EventId;
    use crate::rule::{self, File};
    use crate::time::Timestamp;

    /// A rule's lines, a payload, and what would make it match; nothing where that is not known.
    const ROWS: &[(&str, &str, &str)] = &[
        ("if: { $.a: x }", r#"{"a":"y"}"#, r#"{"$.a":"x"}"#),
        ("if: { $.a: x }", r#"{"a":"x"}"#, ""),
        ("if: { $.a: { gt: 1, lt: 9 } }", r#"{"a":20}"#, r#"{"$.a":8}"#),
        ("if: { $.a: { gt: 1.5 } }", r#"{"a":"2"}"#, r#"{"$.a":2.5}"#),
        ("if: { $.a: [x, y], $.b: { exists: true } }", "{}", r#"{"$.a":"x","$.b":true}"#),
        ("if: { any: [{ $.a: { matches: '^v' } }, { $.b: 2 }] }", "{}", r#"{"$.b":2}"#),
        ("if: { not: { $.a: x } }", r#"{"a":"x"}"#, r#"{"$.a":null}"#),
        ("if: { $.a: { ne: x } }", r#"{"a":"x"}"#, r#"{"$.a":null}"#),
        ("if: { headers.x-a: b, $.c: { starts_with: v } }", "{}", r#"{"$.c":"v","headers.x-a":"b"}"#),
        ("if: { $.a: { matches: '^v' } }", "{}", ""),
        ("if: { '$.a[*].b': 1 }", "{}", ""),
        ("if: { $.a: 1, $.b: 1, $.c: 1, $.d: 1, $.e: 1, $.f: 1, $.g: 1 }", "{}", ""),
        ("event: 'other.*'", "{}", ""),
        ("enabled: false", "{}", ""),
    ];

    #[test]
    fn a_near_miss_says_what_would_do() {
        for (lines, payload, wanted) in ROWS {
            let text = format!(
                "sources: {{ s: {{ verify: none }} }}\nrules:\n  - name: r\n    {lines}\n    do: [{{ log: hi }}]\n"
            );
            let set = rule::load(&[File { name: "r.yaml".to_owned(), text }]).set.expect(lines);
            let mut request = Request::local(http::Method::POST, "/s", Timestamp::default());
            request.headers.insert("content-type", HeaderValue::from_static("application/json"));
            request.body = payload.as_bytes().to_vec().into();
            let id = EventId::from_bytes([1; 16]);
            let event = set.sources[0].suppose(request, id, Some("push".to_owned())).unwrap().remove(0);
            let reach = reach(&set.explain(&event)[0], &event);
            let found = reach.map(|reach| json!(reach.values.into_iter().collect::<serde_json::Map<_, _>>()));
            assert_eq!(
                found.map(|found| found.to_string()).unwrap_or_default(),
                *wanted,
                "{lines} {payload}"
            );
        }
    }
}
