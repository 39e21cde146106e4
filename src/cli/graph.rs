//! Sources, rules and where they send, as a picture in three languages.

use crate::rule::{Rule, RuleAction, Set};
use crate::telemetry::escape;

/// How the destination of an emitted event begins; behind it stands the source that it comes back from.
const EMIT: &str = "emit ";
/// What a rule without `from` and `path` listens to.
const ANY: &str = "any source";

/// One way of an event: from a source by a type through a rule.
pub(super) struct Edge {
    source: String,
    events: String,
    rule: String,
    is_enabled: bool,
    destinations: Vec<String>,
}

/// All ways, in the order of the sources, then of the rules.
pub(super) fn edges(set: &Set) -> Vec<Edge> {
    let names = set.sources.iter().map(|source| (source.name.to_string(), source.path().unwrap_or_default()));
    let mut edges = Vec::new();
    for (name, path) in names.chain([(ANY.to_owned(), "")]) {
        edges.extend(
            set.rules.iter().filter(|rule| comes_from(rule, &name, path, set)).map(|rule| edge(&name, rule)),
        );
    }
    edges
}

fn comes_from(rule: &Rule, name: &str, path: &str, set: &Set) -> bool {
    let by_path = |path: &str| rule.path.as_ref().is_some_and(|pattern| pattern.text() == path);
    match rule.from.as_slice() {
        [] if name == ANY => !set.sources.iter().any(|source| by_path(source.pattern().text())),
        [] => by_path(path),
        from => from.iter().any(|known| **known == *name),
    }
}

fn edge(source: &str, rule: &Rule) -> Edge {
    let events: Vec<&str> = rule.events.iter().map(|glob| glob.text()).collect();
    let mut destinations = destinations(rule);
    destinations.dedup();
    Edge {
        source: source.to_owned(),
        events: if events.is_empty() { "*".to_owned() } else { events.join(", ") },
        rule: rule.name.to_string(),
        is_enabled: rule.enabled,
        destinations,
    }
}

/// What a rule listens to: sources, a path, or both.
pub(super) fn listens(rule: &Rule) -> String {
    let from: Vec<&str> = rule.from.iter().map(|name| &**name).collect();
    let path = rule.path.as_ref().map(|pattern| pattern.text());
    match (from.is_empty(), path) {
        (true, None) => ANY.to_owned(),
        (true, Some(path)) => path.to_owned(),
        (false, None) => from.join(", "),
        (false, Some(path)) => format!("{} {path}", from.join(", ")),
    }
}

/// Where its actions go: a verb, and its connection or the source of what it emits.
pub(super) fn destinations(rule: &Rule) -> Vec<String> {
    let one = |action: &RuleAction| match (&action.connection, action.action.emits()) {
        (Some(connection), _) => format!("{} {connection}", action.verb.name),
        (None, Some(source)) => format!("{EMIT}{}", source.name),
        (None, None) => action.verb.name.to_owned(),
    };
    rule.actions.iter().map(one).collect()
}

/// Lines to read.
pub(super) fn text(edges: &[Edge]) -> String {
    let mut out = String::new();
    let mut source = None;
    for edge in edges {
        if source != Some(&edge.source) {
            source = Some(&edge.source);
            out.push_str(&format!("{}\n", edge.source));
        }
        let off = if edge.is_enabled { "" } else { " (off)" };
        out.push_str(&format!(
            "  {}  ->  {}{off}  ->  {}\n",
            edge.events,
            edge.rule,
            edge.destinations.join(", ")
        ));
    }
    escape_lines(&out)
}

fn escape_lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", escape(line))).collect()
}

/// Graphviz.
pub(super) fn dot(edges: &[Edge]) -> String {
    let mut out = "digraph doorbell {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
    for line in lines(
        edges,
        &|id, name, kind| {
            let style = match kind {
                Kind::Source => "shape=cds",
                Kind::Rule => "style=rounded",
                Kind::Off => "style=\"rounded,dashed\"",
                Kind::Destination => "shape=ellipse",
            };
            format!("{id} [label={}, {style}];", quoted(name))
        },
        &|from, to, label| match label {
            "" => format!("{from} -> {to};"),
            label => format!("{from} -> {to} [label={}];", quoted(label)),
        },
    ) {
        out.push_str(&format!("  {line}\n"));
    }
    out + "}\n"
}

/// Mermaid.
pub(super) fn mermaid(edges: &[Edge]) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for line in lines(
        edges,
        &|id, name, kind| {
            let name = entities(name);
            match kind {
                Kind::Source => format!("{id}[/\"{name}\"/]"),
                Kind::Rule => format!("{id}(\"{name}\")"),
                Kind::Off => format!("{id}(\"{name} (off)\")"),
                Kind::Destination => format!("{id}[[\"{name}\"]]"),
            }
        },
        &|from, to, label| match label {
            "" => format!("{from} --> {to}"),
            label => format!("{from} -->|\"{}\"| {to}", entities(label)),
        },
    ) {
        out.push_str(&format!("  {line}\n"));
    }
    out
}

/// What a node stands for.
#[derive(Clone, Copy)]
enum Kind {
    Source,
    Rule,
    Off,
    Destination,
}

/// Nodes, each where it is first met, and the ways between them; none is said twice.
fn lines(
    edges: &[Edge],
    node: &dyn Fn(&str, &str, Kind) -> String,
    way: &dyn Fn(&str, &str, &str) -> String,
) -> Vec<String> {
    let mut names: Vec<(char, String)> = Vec::new();
    let mut out: Vec<String> = Vec::new();
    for edge in edges {
        let rule = if edge.is_enabled { Kind::Rule } else { Kind::Off };
        let sources: Vec<String> = edge.destinations.iter().map(|name| emitted(name)).collect();
        let ends = edge.destinations.iter().zip(&sources).map(|(name, source)| match source.is_empty() {
            true => ('d', name, Kind::Destination),
            false => ('s', source, Kind::Source),
        });
        let mut ids = Vec::new();
        for (letter, name, kind) in
            [('s', &edge.source, Kind::Source), ('r', &edge.rule, rule)].into_iter().chain(ends)
        {
            let place =
                names.iter().position(|known| *known == (letter, name.clone())).unwrap_or_else(|| {
                    names.push((letter, name.clone()));
                    out.push(node(&format!("{letter}{}", names.len() - 1), name, kind));
                    names.len() - 1
                });
            ids.push(format!("{letter}{place}"));
        }
        let [source, rule, ends @ ..] = ids.as_slice() else { continue };
        let ways =
            [way(source, rule, &edge.events)].into_iter().chain(ends.iter().map(|end| way(rule, end, "")));
        for line in ways {
            if !out.contains(&line) {
                out.push(line);
            }
        }
    }
    out
}

/// The source of what a destination emits; empty where it emits nothing.
fn emitted(destination: &str) -> String {
    destination.strip_prefix(EMIT).unwrap_or_default().to_owned()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}

/// Letters that mean something in a label stand as entities.
fn entities(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '"' | '<' | '>' | '&' | '#' | '|' | '`' => out.push_str(&format!("#{};", u32::from(letter))),
            '\n' => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
