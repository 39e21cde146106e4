//! `doorbell explain`: why each rule matched an event or did not, near misses first.

use serde_json::Value;

use super::client::Admin;
use super::{End, Output, Rules, output, proof, request};
use crate::clock::{Clock, System, random};
use crate::config::{self, Secrets};
use crate::event::Request;
use crate::id::EventId;
use crate::provider::Source;
use crate::rule::Set;
use crate::view;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell explain evt_01KFEXAMPLE0000000000000AB
  doorbell explain payload.json --source stripe --event payment_intent.succeeded rules/
  doorbell explain request.http --expect 'CI on push to main'
  curl … | doorbell explain - --source github --header 'X-GitHub-Event: push'

An event's name asks the running doorbell; a file is judged by the rules here, taken for genuine. Of a batch each item
is told.")]
pub(super) struct Explain {
    /// The name of an event, a JSON payload, a raw request (*.http), or - for a payload on standard input
    #[arg(value_name = "EVENT|FILE|-")]
    what: String,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    admin: Admin,
    /// The source it comes to (default: by the request's path, or the only one)
    #[arg(long)]
    source: Option<String>,
    /// The event type, where the payload does not say it
    #[arg(long, value_name = "TYPE")]
    event: Option<String>,
    /// A header of the request: 'Name: value'; may be given many times
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Only this rule
    #[arg(long)]
    rule: Option<String>,
    /// Rules of other sources in full too
    #[arg(long)]
    all: bool,
    /// Exit 1 unless this rule matches, or `nothing` does
    #[arg(long, value_name = "RULE|nothing")]
    expect: Option<String>,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl Explain {
    pub(super) fn run(self) -> End {
        self.explain().unwrap_or_else(|end| end)
    }

    fn explain(&self) -> Result<End, End> {
        let mut answers = if self.what.starts_with(EventId::PREFIX) {
            vec![self.admin.get(&format!("/api/events/{}/explain", self.what), &[])?]
        } else {
            self.here()?
        };
        for answer in &mut answers {
            self.only_rule(answer)?;
        }
        self.show(&answers);
        Ok(self.as_expected(&answers))
    }

    fn only_rule(&self, answer: &mut Value) -> Result<(), End> {
        if let (Some(name), Some(rules)) = (&self.rule, answer.get_mut("rules").and_then(Value::as_array_mut))
        {
            rules.retain(|rule| rule.get("name").and_then(Value::as_str) == Some(name));
            if rules.is_empty() {
                return Err(End::Usage(format!("no rule is called `{name}`")));
            }
        }
        Ok(())
    }

    fn show(&self, answers: &[Value]) {
        match (self.output, answers) {
            (Output::Human, []) => output::line("an empty batch: there is no event in it"),
            (Output::Human, _) => {
                for (number, answer) in answers.iter().enumerate() {
                    if number > 0 {
                        output::line("");
                    }
                    proof::lines(answer, self.all).iter().for_each(|line| output::line(line));
                }
            }
            (Output::Json, [answer]) => output::json(answer),
            (Output::Json, _) => output::json(&view::batch(answers)),
            (Output::Jsonl, _) => answers.iter().for_each(|answer| output::line(&answer.to_string())),
        }
    }

    /// The answers by the rules here: one, or one for each item of a batch.
    fn here(&self) -> Result<Vec<Value>, End> {
        let loaded = config::load(&self.rules.paths, self.rules.permissions(), Secrets::AsFound)
            .map_err(|error| End::CouldNot(error.to_string()))?;
        let live = loaded
            .live
            .ok_or_else(|| End::CouldNot("the rules are wrong: doorbell check says what".to_owned()))?;
        let now = System.now();
        let bytes = request::bytes(&self.what)?;
        let (source, mut request) = if self.what.ends_with(".http") {
            let request = request::raw(&bytes, now)?;
            (self.source(&live.set, Some(&request))?, request)
        } else {
            let source = self.source(&live.set, None)?;
            (source, request::payload(&bytes, source, &self.headers, now)?)
        };
        request.params = source.pattern().matches(&request.path).unwrap_or_default();
        let id = EventId::new(now.millis(), random());
        let events = source
            .suppose(request, id, self.event.clone())
            .map_err(|refusal| End::CouldNot(format!("the body cannot be read: {}", refusal.cause)))?;
        Ok(events.iter().map(|event| view::explained(event, &live.set.explain(event))).collect())
    }

    fn source<'set>(&self, set: &'set Set, request: Option<&Request>) -> Result<&'set Source, End> {
        let mut sources = set.sources.iter();
        let found = match (&self.source, request) {
            (Some(name), _) => sources.find(|source| *source.name == **name),
            (None, Some(request)) => sources
                .find(|source| !source.is_internal() && source.pattern().matches(&request.path).is_some()),
            (None, None) => sources.next().filter(|_| sources.next().is_none()),
        };
        found.ok_or_else(|| match &self.source {
            Some(name) => End::Usage(format!("no source is called `{name}`")),
            None => End::Usage("which source does it come to? name it with --source".to_owned()),
        })
    }

    /// In a batch a rule is expected to match any of the items, and `nothing` to match none.
    fn as_expected(&self, answers: &[Value]) -> End {
        let Some(expected) = &self.expect else { return End::Ok };
        let rules = answers.iter().filter_map(|answer| answer.get("rules")?.as_array()).flatten();
        let mut matched = rules.filter(|rule| rule.get("matched") == Some(&Value::Bool(true)));
        let so = match expected.as_str() {
            "nothing" => matched.next().is_none(),
            name => matched.any(|rule| rule.get("name").and_then(Value::as_str) == Some(name)),
        };
        if so { End::Ok } else { End::No }
    }
}
