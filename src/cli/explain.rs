//! `doorbell explain`: why each rule matched an event or did not, near misses first.

use serde_json::{Value, json};

use super::client::Admin;
use super::given::{self, Form, Given};
use super::{End, Output, Rules, output, proof, refused, request, verify};
use crate::clock::{Clock, System, random};
use crate::config::{self, Secrets};
use crate::event::{Event, Request};
use crate::id::{EventId, RejectionId};
use crate::live::Live;
use crate::provider::{Around, Received, Refusal, Source};
use crate::time::Timestamp;
use crate::view;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell explain evt_01KFEXAMPLE0000000000000AB
  doorbell explain payload.json --source stripe --event payment_intent.succeeded rules/
  doorbell explain request.http --expect 'CI on push to main'
  doorbell explain copied-curl.txt
  doorbell explain rej_01KFEXAMPLE0000000000000AB
  curl … | doorbell explain - --source github --header 'X-GitHub-Event: push'

The name of an event or of a refusal asks the running doorbell; a file is judged by the rules here. A payload is taken
for genuine. Of a request it is said how it was proved or why it would be refused, and which part of it stood where; rules
are asked as if it were genuine. Of a batch each item is told.
Exit codes:  0 done · 1 not as --expect says · 2 wrong usage · 3 could not run")]
pub(super) struct Explain {
    /// The name of an event or of a refusal, a payload, a raw request, a curl command, or - for standard input
    #[arg(value_name = "EVENT|REJECTION|FILE|-")]
    what: String,
    /// What the file is (default: as its name and its first line tell)
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Option<Form>,
    /// The moment of judging a signature, as signatures age (default: now)
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
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
        if self.what.starts_with(RejectionId::PREFIX) {
            return self.refusal();
        }
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

    /// A refusal that the running doorbell keeps.
    fn refusal(&self) -> Result<End, End> {
        let answer = self.admin.get(&format!("/api/rejections/{}/explain", self.what), &[])?;
        match self.output {
            Output::Human => refused::kept(&answer).iter().for_each(|line| output::line(line)),
            Output::Json => output::json(&answer),
            Output::Jsonl => output::line(&answer.to_string()),
        }
        Ok(self.as_expected(&[]))
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
        let now = self.at.as_deref().map_or_else(|| Ok(System.now()), verify::moment)?;
        match given::read(&self.what, self.form, now)? {
            Given::Payload(bytes) => {
                let source = self.source(&live, None)?;
                let request = request::payload(&bytes, source, &self.headers, now)?;
                let events = self.supposed(source, request, now)?;
                Ok(explained(&live, &events, None))
            }
            Given::Request(mut request) => {
                request::add_headers(&mut request.headers, &self.headers)?;
                self.judged(&live, *request, now)
            }
        }
    }

    /// What the source would make of a request, and the rules of what is in it.
    fn judged(&self, live: &Live, mut request: Request, now: Timestamp) -> Result<Vec<Value>, End> {
        let source = self.source(live, Some(&request))?;
        request.params = source.pattern().matches(&request.path).unwrap_or_default();
        let Some(armed) = live.sources.iter().find(|armed| armed.source().name == source.name) else {
            let events = self.supposed(source, request, now)?;
            let words = "not verified here: a secret of its source is not set";
            return Ok(explained(live, &events, Some(&unproven(words))));
        };
        let id = EventId::new(now.millis(), random());
        let refusal = match armed.receive(request.clone(), id, &Around::at(now)) {
            Ok(Received::Event { event, .. }) if self.event.is_none() => {
                return Ok(explained(live, &[*event], None));
            }
            Ok(Received::Batch { events, .. }) if self.event.is_none() => {
                return Ok(explained(live, &events, None));
            }
            Ok(Received::Event { .. } | Received::Batch { .. }) => None,
            Ok(Received::NeedsKey { wanted, .. }) => {
                let words = format!("not verified here: only the key at `{}` can tell", wanted.url);
                Some(unproven(&words))
            }
            Ok(Received::Answer(_) | Received::Confirm { .. } | Received::Secret { .. }) => {
                return Err(End::CouldNot(
                    "the sender asks about the address itself: it is answered, and no rule is asked"
                        .to_owned(),
                ));
            }
            Err(refusal) => Some(refused_here(live, refusal)),
        };
        match (self.supposed(source, request, now), refusal) {
            (Ok(events), refusal) => Ok(explained(live, &events, refusal.as_ref())),
            (Err(End::CouldNot(why)), Some(refusal)) => Ok(vec![unread(source, &refusal, &why)]),
            (Err(end), _) => Err(end),
        }
    }

    /// The events in a request that is taken for genuine.
    fn supposed(&self, source: &Source, mut request: Request, now: Timestamp) -> Result<Vec<Event>, End> {
        request.params = source.pattern().matches(&request.path).unwrap_or_default();
        let id = EventId::new(now.millis(), random());
        source
            .suppose(request, id, self.event.clone())
            .map_err(|refusal| End::CouldNot(format!("the body cannot be read: {}", refusal.cause)))
    }

    fn source<'live>(&self, live: &'live Live, request: Option<&Request>) -> Result<&'live Source, End> {
        let mut sources = live.set.sources.iter();
        let found = match (&self.source, request) {
            (Some(name), _) => sources.find(|source| *source.name == **name),
            (None, Some(request)) => sources.find(|source| source.pattern().matches(&request.path).is_some()),
            (None, None) => sources.next().filter(|_| sources.next().is_none()),
        };
        found.ok_or_else(|| match (&self.source, request) {
            (Some(name), _) => End::Usage(format!("no source is called `{name}`")),
            (None, Some(request)) => {
                End::Usage(format!("no source listens on `{}`: name one with --source", request.path))
            }
            (None, None) => End::Usage("which source does it come to? name it with --source".to_owned()),
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

/// One answer for each event; what speaks against the request stands beside it.
fn explained(live: &Live, events: &[Event], against: Option<&Value>) -> Vec<Value> {
    let one = |event: &Event| {
        let mut answer = view::explained(event, &live.set.explain(event));
        if let (Some(map), Some(against)) = (answer.as_object_mut(), against) {
            map.insert("refused".to_owned(), against.clone());
        }
        answer
    };
    events.iter().map(one).collect()
}

/// Of a request that is refused and cannot be read, only why.
fn unread(source: &Source, refusal: &Value, why: &str) -> Value {
    let event = json!({ "source": &*source.name, "unreadable": why });
    json!({ "format_version": 1, "event": event, "refused": refusal, "rules": [] })
}

/// What cannot be told here; no refusal.
fn unproven(words: &str) -> Value {
    json!({ "status": null, "cause": words, "examined": null })
}

fn refused_here(live: &Live, refusal: Refusal) -> Value {
    json!({
        "status": refusal.status,
        "cause": live.vault.redact(&refusal.cause),
        "examined": refusal.examined.map(|examined| examined.redacted(live.redaction())),
    })
}
