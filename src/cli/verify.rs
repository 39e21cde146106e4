//! `doorbell verify`: judge a raw request offline, as a source would, at a given time, with the reason in words.

use serde_json::json;

use super::{End, Output, Rules, output, refused, request};
use crate::app::texts_of;
use crate::clock::{Clock, System, random};
use crate::config::{self, Secrets};
use crate::diagnostic::{Diagnostic, Severity};
use crate::draw::{self, Style};
use crate::event::{Event, Request};
use crate::id::EventId;
use crate::live::Live;
use crate::provider::{Armed, Around, Received};
use crate::time::Timestamp;

/// Items of a batch whose types are told.
const KINDS_SHOWN: usize = 10;

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:
  doorbell verify request.http --source stripe --at 2026-11-21T14:33:02Z rules/

FILE holds the start line, the headers, a blank line and the exact bytes of the body.
Exit codes:  0 genuine · 1 not")]
pub(super) struct Verify {
    /// A raw HTTP request, or - for standard input
    file: String,
    #[command(flatten)]
    rules: Rules,
    /// The source that judges (default: the one whose path it is)
    #[arg(long)]
    source: Option<String>,
    /// The moment of judging, as signatures age (default: now)
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl Verify {
    pub(super) fn run(self) -> End {
        self.judge().unwrap_or_else(|end| end)
    }

    fn judge(&self) -> Result<End, End> {
        let now = match &self.at {
            Some(text) => moment(text)?,
            None => System.now(),
        };
        let live = live(&self.rules)?;
        let mut request = request::raw(&request::bytes(&self.file)?, now)?;
        let armed = armed(&live, self.source.as_deref(), &mut request)?;
        let id = EventId::new(now.millis(), random());
        let mut examined = None;
        let (genuine, words) = match armed.receive(request, id, &Around::at(now)) {
            Ok(Received::Event { event, .. }) if event.kind.is_empty() => {
                (true, format!("{}, no event type", event.verified))
            }
            Ok(Received::Event { event, .. }) => (true, format!("{}, type `{}`", event.verified, event.kind)),
            Ok(Received::Batch { events, .. }) => (true, batch(&events)),
            Ok(Received::Answer(answer)) => {
                (true, format!("a question of the sender, answered {}", answer.status))
            }
            Ok(Received::Confirm { url, answer }) => {
                let status = answer.status;
                (true, format!("a question of the sender, answered {status} once `{url}` was opened"))
            }
            Ok(Received::Secret { .. }) => (true, "a secret that the sender hands out".to_owned()),
            Ok(Received::NeedsKey { wanted, .. }) => {
                let url = wanted.url;
                (
                    false,
                    format!("only the key at `{url}` can tell: save it, and name it as the source's secret"),
                )
            }
            Err(refusal) => {
                let words = refusal.to_string();
                examined = refusal.examined.map(|found| found.redacted(live.redaction()));
                (false, words)
            }
        };
        let examined = json!(examined);
        let words = live.vault.redact(&words);
        let name = &*armed.source().name;
        match self.output {
            Output::Human => {
                let mark = if genuine { "✓ genuine" } else { "✗ refused" };
                output::line(&format!("{mark}  {name}  {}", crate::telemetry::escape(&words)));
                refused::examined(Some(&examined)).iter().for_each(|line| output::line(line));
            }
            Output::Json | Output::Jsonl => {
                output::json(&json!({
                    "format_version": 1,
                    "valid": genuine,
                    "source": name,
                    "reason": words,
                    "examined": examined,
                }));
            }
        }
        Ok(if genuine { End::Ok } else { End::No })
    }
}

/// The moment of `--at`.
pub(super) fn moment(text: &str) -> Result<Timestamp, End> {
    Timestamp::parse(text)
        .ok_or_else(|| End::Usage(format!("--at: `{text}` is not a time: write 2026-11-21T14:33:02Z")))
}

/// How a batch was proven, and the types of its first items.
fn batch(events: &[Event]) -> String {
    let Some(first) = events.first() else { return "an empty batch".to_owned() };
    let kinds = events.iter().take(KINDS_SHOWN).map(|event| format!("`{}`", event.kind));
    let more = if events.len() > KINDS_SHOWN { ", …" } else { "" };
    let proof = first.verified.split("; item ").next().unwrap_or_default();
    format!("{proof}, a batch of {}: {}{more}", events.len(), kinds.collect::<Vec<_>>().join(", "))
}

/// The rules with their secrets, all of which are needed.
fn live(rules: &Rules) -> Result<std::sync::Arc<Live>, End> {
    let loaded = config::load(&rules.paths, rules.permissions(), Secrets::Needed)
        .map_err(|error| End::CouldNot(error.to_string()))?;
    loaded.live.ok_or_else(|| {
        let errors = loaded.problems.iter().filter(|problem| problem.severity == Severity::Error);
        let errors: Vec<Diagnostic> = errors.cloned().collect();
        let drawn = draw::diagnostics(&errors, &texts_of(&loaded.files), Style::Plain);
        End::CouldNot(format!("the rules are wrong, or a secret is not set\n{}", drawn.trim_end()))
    })
}

/// The source of this name, else the one whose path it is; what its pattern captures goes into the request.
fn armed<'live>(live: &'live Live, name: Option<&str>, request: &mut Request) -> Result<&'live Armed, End> {
    let found = live.sources.iter().find(|armed| match name {
        Some(name) => &*armed.source().name == name,
        None => !armed.source().is_internal() && armed.source().pattern().matches(&request.path).is_some(),
    });
    let armed = found.ok_or_else(|| match name {
        Some(name) => End::Usage(format!("no source is called `{name}`")),
        None => End::Usage(format!("no source listens on `{}`: name one with --source", request.path)),
    })?;
    request.params = armed.source().pattern().matches(&request.path).unwrap_or_default();
    Ok(armed)
}
