//! `doorbell rules`: what rules there are, and how events come from sources through rules to where they go.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{End, Output, Rules, graph, load, output};
use crate::rule::{Rule, Set};

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// List the rules, in the order in which they are looked at
    #[command(after_help = "Example:  doorbell rules list rules/ -o json")]
    List(List),
    /// Draw sources, rules and where they send
    #[command(after_help = "Examples:
  doorbell rules graph
  doorbell rules graph rules/ -o dot | dot -Tsvg > rules.svg
  doorbell rules graph rules/ -o mermaid")]
    Graph(Graph),
}

#[derive(clap::Args, Debug)]
pub(super) struct List {
    #[command(flatten)]
    rules: Rules,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(clap::Args, Debug)]
pub(super) struct Graph {
    #[command(flatten)]
    rules: Rules,
    /// The language of the drawing
    #[arg(short, long, value_enum, default_value_t)]
    output: Drawing,
}

/// The language of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
enum Drawing {
    /// Lines to read
    #[default]
    Text,
    /// Graphviz
    Dot,
    /// Mermaid, as many wikis and forges draw it
    Mermaid,
}

impl Command {
    pub(super) fn run(self) -> End {
        let ended = match self {
            Self::List(list) => list.run(),
            Self::Graph(graph) => graph.run(),
        };
        ended.map_or_else(|end| end, |()| End::Ok)
    }
}

impl Graph {
    fn run(&self) -> Result<(), End> {
        let set = load::set(&self.rules.paths, self.rules.permissions())?;
        let edges = graph::edges(&set);
        output::text(&match self.output {
            Drawing::Text => graph::text(&edges),
            Drawing::Dot => graph::dot(&edges),
            Drawing::Mermaid => graph::mermaid(&edges),
        });
        Ok(())
    }
}

impl List {
    fn run(&self) -> Result<(), End> {
        let set = load::set(&self.rules.paths, self.rules.permissions())?;
        match self.output {
            Output::Human => table(&set),
            Output::Json => {
                let rules: Vec<Value> = set.rules.iter().map(row).collect();
                output::json(&json!({ "format_version": 1, "rules": rules }));
            }
            Output::Jsonl => set.rules.iter().for_each(|rule| output::line(&row(rule).to_string())),
        }
        Ok(())
    }
}

fn table(set: &Set) {
    let names = ["RULE", "FROM", "EVENT", "DOES", "PLACE"];
    let cells = |rule: &Rule| {
        let mut name = rule.name.to_string();
        for (is_so, word) in [(!rule.enabled, "off"), (rule.stop, "stops"), (rule.fallback, "fallback")] {
            if is_so {
                name.push_str(&format!(" ({word})"));
            }
        }
        let does: Vec<String> = graph::destinations(rule);
        let events: Vec<&str> = rule.events.iter().map(|glob| glob.text()).collect();
        vec![
            name,
            graph::listens(rule),
            events.join(", "),
            does.join(", "),
            format!("{}:{}", rule.file, rule.line),
        ]
    };
    match set.rules.as_slice() {
        [] => output::line("no rules"),
        rules => output::table(&names, &rules.iter().map(cells).collect::<Vec<_>>()),
    }
}

fn row(rule: &Rule) -> Value {
    let actions: Vec<Value> = rule
        .actions
        .iter()
        .map(|action| {
            json!({
                "verb": action.verb.name,
                "id": action.id,
                "connection": action.connection.as_deref(),
                "on_failure": action.is_on_failure,
                "line": action.line,
            })
        })
        .collect();
    json!({
        "name": &*rule.name,
        "description": rule.description,
        "enabled": rule.enabled,
        "stop": rule.stop,
        "fallback": rule.fallback,
        "from": rule.from.iter().map(|name| &**name).collect::<Vec<_>>(),
        "path": rule.path.as_ref().map(|pattern| pattern.text()),
        "events": rule.events.iter().map(|glob| glob.text()).collect::<Vec<_>>(),
        "has_conditions": rule.condition.is_some(),
        "actions": actions,
        "file": &*rule.file,
        "line": rule.line,
    })
}
