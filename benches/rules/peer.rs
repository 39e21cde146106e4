//! The same rules as one would write them over an evaluator of JSONPath: parsed once, asked one after the other.

use doorbell::event::Event;
use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::Value;

use super::events::KINDS;
use super::rules::asked;

/// One rule.
pub(crate) struct Query {
    source: &'static str,
    kind: &'static str,
    path: JpQuery,
    value: Value,
    above: Option<(JpQuery, f64)>,
}

/// So many of them.
pub(crate) fn queries(count: usize) -> Vec<Query> {
    (0..count)
        .map(|number| {
            let asked = asked(number);
            let kind = &KINDS[asked.kind];
            let parse = |path: &str| parse_json_path(path).unwrap();
            Query {
                source: kind.source,
                kind: kind.name,
                path: parse(kind.path),
                value: (kind.value)(asked.value),
                above: asked.above.map(|above| (parse(kind.ordered_path), above as f64)),
            }
        })
        .collect()
}

/// How many match.
pub(crate) fn matched(queries: &[Query], event: &Event) -> usize {
    queries.iter().filter(|query| query.matches(event)).count()
}

impl Query {
    fn matches(&self, event: &Event) -> bool {
        *self.source == *event.source
            && *self.kind == event.kind
            && any(&self.path, event, |found| *found == self.value)
            && self.above.as_ref().is_none_or(|(path, above)| {
                any(path, event, |found| found.as_f64().is_some_and(|number| number > *above))
            })
    }
}

fn any(path: &JpQuery, event: &Event, holds: impl Fn(&Value) -> bool) -> bool {
    let found = js_path_process(path, &event.payload).unwrap();
    found.into_iter().any(|found| holds(found.val()))
}
