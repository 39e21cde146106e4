//! `doorbell replay`: recorded events done anew by a running doorbell.

use std::io::{self, IsTerminal as _};

use serde_json::{Map, Value, json};

use super::client::Admin;
use super::filter::{Parts, WantedEvents};
use super::{End, Output, output};

/// Events of one call.
const PAGE_EVENTS: usize = 100;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell replay evt_01KFEXAMPLE0000000000000AB --dry-run
  doorbell replay --status dead --dead --since 6h
  doorbell replay --source stripe --since 2026-11-21T08:00:00Z --rules then --rate 5/s

What is made has ids of its own, is marked `replayed` in the history, and says so in its `Idempotency-Key`.")]
pub(super) struct Replay {
    /// One event, by its id
    id: Option<String>,
    #[command(flatten)]
    wanted: WantedEvents,
    /// All events that are kept, when no filter is given
    #[arg(long)]
    all: bool,
    /// Only what died, and has not been done since
    #[arg(long)]
    dead: bool,
    /// By which rules
    #[arg(long, value_enum, default_value_t)]
    rules: Rules,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// How fast it becomes due
    #[arg(long, default_value = "10/s", value_name = "RATE")]
    rate: String,
    #[command(flatten)]
    admin: Admin,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// By which rules.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Rules {
    /// Those in force
    #[default]
    Today,
    /// Those that were in force when the event came
    Then,
}

/// What all calls gave.
#[derive(Default)]
struct Gathered {
    events: u64,
    deliveries: Vec<Value>,
    skipped: Vec<Value>,
}

impl Replay {
    pub(super) fn run(self) -> End {
        let done = match &self.id {
            Some(id) => self.one(id),
            None => self.many(),
        };
        match done {
            Ok(gathered) => self.print(&gathered),
            Err(end) => end,
        }
    }

    fn one(&self, id: &str) -> Result<Gathered, End> {
        if !self.wanted.query().is_empty() || self.all {
            return Err(End::Usage("one event is named already: leave the filters out".to_owned()));
        }
        let mut gathered = Gathered::default();
        gathered.take(&self.admin.post_with(&format!("/api/events/{id}/replay"), &self.how())?);
        Ok(gathered)
    }

    /// Call after call, until the filter has no more events.
    fn many(&self) -> Result<Gathered, End> {
        let which = self.wanted.query();
        if which.is_empty() && !self.all {
            let why = "name an event, or say which ones: --source, --type, --status, --rule, --since, --until, --text; --all for all";
            return Err(End::Usage(why.to_owned()));
        }
        let mut gathered = Gathered::default();
        let mut query: Parts = [which, self.how(), vec![("limit", PAGE_EVENTS.to_string())]].concat();
        loop {
            let answer = self.admin.post_with("/api/replay", &query)?;
            gathered.take(&answer);
            // The next call goes on behind these events, at the same pace, and not beyond the moment of the first call.
            for (name, key) in [("after", "next"), ("begin", "begin"), ("until", "until")] {
                let Some(value) = answer.get(key).and_then(Value::as_str) else {
                    return Ok(gathered);
                };
                query.retain(|(known, _)| *known != name);
                query.push((name, value.to_owned()));
            }
            if io::stderr().is_terminal() {
                output::note(&format!(
                    "{} events, {} deliveries",
                    gathered.events,
                    gathered.deliveries.len()
                ));
            }
        }
    }

    fn how(&self) -> Parts {
        let rules = match self.rules {
            Rules::Today => "today",
            Rules::Then => "then",
        };
        vec![
            ("rules", rules.to_owned()),
            ("dead", self.dead.to_string()),
            ("dry_run", self.dry_run.to_string()),
            ("rate", self.rate.clone()),
        ]
    }

    fn print(&self, gathered: &Gathered) -> End {
        let Gathered { events, deliveries, skipped } = gathered;
        match self.output {
            Output::Json => output::json(&json!({
                "format_version": 1,
                "dry_run": self.dry_run,
                "events": events,
                "deliveries": deliveries,
                "skipped": skipped,
            })),
            Output::Jsonl => deliveries.iter().for_each(|delivery| output::line(&delivery.to_string())),
            Output::Human => self.print_for_people(gathered),
        }
        if deliveries.is_empty() { End::No } else { End::Ok }
    }

    fn print_for_people(&self, gathered: &Gathered) {
        let Gathered { events, deliveries, skipped } = gathered;
        if !deliveries.is_empty() {
            let rows: Vec<Vec<String>> = deliveries.iter().map(cells).collect();
            let id = if self.dry_run { "WOULD BE" } else { "ID" };
            output::table(&[id, "EVENT", "VERB", "RULE", "DESTINATION", "DUE"], &rows);
        }
        for one in skipped {
            let part = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
            output::line(&format!("{}  nothing: {}", part("event"), part("why")));
        }
        let verb = if self.dry_run { "would be made" } else { "made" };
        output::line(&format!("{} deliveries {verb} of {events} events", deliveries.len()));
    }
}

impl Gathered {
    fn take(&mut self, answer: &Value) {
        let list = |key: &str| answer.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        self.events += answer.get("events").and_then(Value::as_u64).unwrap_or(0);
        self.deliveries.extend(list("deliveries"));
        self.skipped.extend(list("skipped"));
    }
}

fn cells(delivery: &Value) -> Vec<String> {
    let empty = Map::new();
    let delivery = delivery.as_object().unwrap_or(&empty);
    let text = |key: &str| delivery.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let due = delivery.get("error").and_then(Value::as_str).map_or_else(|| text("due_at"), str::to_owned);
    vec![text("id"), text("event"), text("verb"), text("rule"), text("destination"), due]
}
