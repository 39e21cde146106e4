//! `doorbell events` and `doorbell deliveries`: the history of a running doorbell, and a person's repairs.

use serde_json::Value;

use super::client::Admin;
use super::filter::{WantedDeliveries, WantedEvents};
use super::recorded::{self, Shape};
use super::{End, Output, follow, output};
use crate::telemetry::escape;

#[derive(clap::Subcommand, Debug)]
pub(super) enum Events {
    /// List events, newest first
    #[command(after_help = "Example:  doorbell events list --source github --type push --since 1h")]
    List(ListEvents),
    /// Show one event: its request, what matched, what is owed
    #[command(after_help = "Examples:
  doorbell events show evt_01KFEXAMPLE0000000000000AB
  doorbell events show evt_01KFEXAMPLE0000000000000AB --as test > rules/push.test.yaml
  doorbell events show evt_01KFEXAMPLE0000000000000AB --as http > fixtures/push.http")]
    Show(ShowEvent),
}

#[derive(clap::Subcommand, Debug)]
pub(super) enum Deliveries {
    /// List deliveries, newest first
    #[command(after_help = "Example:  doorbell deliveries list --state dead")]
    List(ListDeliveries),
    /// Show one delivery with its attempts: what was sent, what came back
    #[command(after_help = "Examples:
  doorbell deliveries show dlv_01KFEXAMPLE0000000000000AB
  doorbell deliveries show dlv_01KFEXAMPLE0000000000000AB --follow

What a command says is written down every 2 seconds while it runs. --follow ends with the delivery: with 0 when it was
delivered, else with 1. In json it prints one object a line.")]
    Show(ShowDelivery),
    /// Attempt a dead, doubtful or waiting delivery now
    #[command(after_help = "Example:  doorbell deliveries retry dlv_01KFEXAMPLE0000000000000AB")]
    Retry(Change),
    /// Give a delivery up that has not ended
    #[command(after_help = "Example:  doorbell deliveries drop dlv_01KFEXAMPLE0000000000000AB")]
    Drop(Change),
}

#[derive(clap::Args, Debug)]
pub(super) struct ListEvents {
    #[command(flatten)]
    admin: Admin,
    #[command(flatten)]
    wanted: WantedEvents,
    /// Older than this event: the cursor that a longer list ends with
    #[arg(long, value_name = "ID")]
    before: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(clap::Args, Debug)]
pub(super) struct ListDeliveries {
    #[command(flatten)]
    admin: Admin,
    #[command(flatten)]
    wanted: WantedDeliveries,
    /// Older than this delivery: the cursor that a longer list ends with
    #[arg(long, value_name = "ID")]
    before: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(clap::Args, Debug)]
pub(super) struct Show {
    /// The id, as a list shows it
    id: String,
    #[command(flatten)]
    admin: Admin,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(clap::Args, Debug)]
pub(super) struct ShowDelivery {
    #[command(flatten)]
    show: Show,
    /// Print what its command says as it comes, until the delivery ends
    #[arg(short, long)]
    follow: bool,
}

#[derive(clap::Args, Debug)]
pub(super) struct ShowEvent {
    #[command(flatten)]
    show: Show,
    /// In another shape: a test case, what tests and plans read, the request as it travelled
    #[arg(long = "as", value_enum, conflicts_with = "output")]
    shape: Option<Shape>,
}

#[derive(clap::Args, Debug)]
pub(super) struct Change {
    /// The id, as a list shows it
    id: String,
    #[command(flatten)]
    admin: Admin,
}

impl Events {
    pub(super) fn run(self) -> End {
        ended(match self {
            Self::List(list) => list.run(),
            Self::Show(show) => show.run(),
        })
    }
}

impl Deliveries {
    pub(super) fn run(self) -> End {
        ended(match self {
            Self::List(list) => list.run(),
            Self::Show(show) => return show.run(),
            Self::Retry(change) => change.run("retry", "will be attempted now"),
            Self::Drop(change) => change.run("drop", "is given up"),
        })
    }
}

pub(super) fn ended(result: Result<(), End>) -> End {
    result.map_or_else(|end| end, |()| End::Ok)
}

impl ListEvents {
    fn run(self) -> Result<(), End> {
        let mut query = self.wanted.query();
        query.extend(self.before.map(|before| ("before", before)));
        query.push(("limit", self.limit.to_string()));
        let answer = self.admin.get("/api/events", &query)?;
        let names = ["ID", "RECEIVED", "SOURCE", "TYPE", "BYTES", "MATCHED", "DELIVERIES"];
        listed(&answer, "events", self.output, &names, |row| {
            let states = row.get("delivery_states").and_then(Value::as_object);
            let states = states.map_or_else(String::new, |map| {
                map.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
            });
            let matched = row.get("matched").and_then(Value::as_array).map_or(0, Vec::len).to_string();
            let mut cells = texts(row, &["id", "received_at", "source", "type", "body_bytes"]);
            let states = if conflict_with(row).is_some() { "id conflict".to_owned() } else { states };
            cells.extend([matched, states]);
            cells
        });
        Ok(())
    }
}

impl ListDeliveries {
    fn run(self) -> Result<(), End> {
        let mut query = self.wanted.query();
        query.extend(self.before.map(|before| ("before", before)));
        query.push(("limit", self.limit.to_string()));
        let answer = self.admin.get("/api/deliveries", &query)?;
        let names = ["ID", "ACCEPTED", "STATE", "ATTEMPTS", "VERB", "RULE", "LAST ERROR"];
        let keys = ["id", "accepted_at", "state", "attempts_made", "verb", "rule", "last_error"];
        listed(&answer, "deliveries", self.output, &names, |row| {
            let mut cells = texts(row, &keys);
            if let (Some(state), false) = (cells.get_mut(2), text(row, "replayed_at").is_empty()) {
                state.push_str(" (replay)");
            }
            cells
        });
        Ok(())
    }
}

impl Show {
    fn run(self, path: &str, lines: fn(&Value) -> Vec<String>) -> Result<(), End> {
        let answer = self.admin.get(&format!("{path}{}", self.id), &[])?;
        match self.output {
            Output::Human => lines(&answer).iter().for_each(|line| output::line(line)),
            Output::Json => output::json(&answer),
            Output::Jsonl => output::line(&answer.to_string()),
        }
        Ok(())
    }
}

impl ShowDelivery {
    fn run(self) -> End {
        let Self { show, follow } = self;
        match follow {
            true => follow::follow(&show.admin, &show.id, show.output).unwrap_or_else(|end| end),
            false => ended(show.run("/api/deliveries/", delivery_lines)),
        }
    }
}

impl ShowEvent {
    fn run(self) -> Result<(), End> {
        let Some(shape) = self.shape else { return self.show.run("/api/events/", event_lines) };
        let path = format!("/api/events/{}", self.show.id);
        let event = self.show.admin.get(&path, &[])?;
        match shape {
            Shape::Test => output::text(&recorded::case(&event)),
            Shape::Json => {
                let body = self.show.admin.bytes(&format!("{path}/body"))?;
                output::json(&recorded::with_body(event, body));
            }
            Shape::Curl => {
                let body = self.show.admin.bytes(&format!("{path}/body"))?;
                output::line(&recorded::curl(&event, body));
            }
            Shape::Http => {
                let body = self.show.admin.bytes(&format!("{path}/body"))?;
                output::bytes(&recorded::request(&event, &body));
            }
        }
        Ok(())
    }
}

impl Change {
    fn run(self, verb: &str, words: &str) -> Result<(), End> {
        self.admin.post(&format!("/api/deliveries/{}/{verb}", self.id))?;
        output::line(&format!("{} {words}", self.id));
        Ok(())
    }
}

pub(super) fn listed(
    answer: &Value,
    key: &str,
    shape: Output,
    names: &[&str],
    cells: impl Fn(&Value) -> Vec<String>,
) {
    let rows = answer.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    match shape {
        Output::Json => output::json(answer),
        Output::Jsonl => rows.iter().for_each(|row| output::line(&row.to_string())),
        Output::Human => {
            if rows.is_empty() {
                output::line(&format!("no {key}"));
            } else {
                output::table(names, &rows.iter().map(cells).collect::<Vec<_>>());
            }
            if let Some(next) = answer.get("next").and_then(Value::as_str) {
                output::line(&format!("more:  --before {next}"));
            }
        }
    }
}

pub(super) fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

pub(super) fn texts(value: &Value, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| text(value, key)).collect()
}

fn list<'value>(value: &'value Value, key: &str) -> &'value [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The event whose id came again with another body.
fn conflict_with(event: &Value) -> Option<String> {
    Some(text(event, "conflict_with")).filter(|id| !id.is_empty())
}

fn event_lines(event: &Value) -> Vec<String> {
    let mut lines = vec![
        texts(event, &["id", "source", "type", "received_at"]).join("  "),
        format!("  verified   {}", escape(&text(event, "verified"))),
        format!(
            "  request    {} {} from {}",
            text(event, "method"),
            escape(&text(event, "path")),
            text(event, "peer")
        ),
    ];
    for header in list(event, "headers") {
        let part = |index: usize| header.get(index).and_then(Value::as_str).map(escape).unwrap_or_default();
        lines.push(format!("             {}: {}", part(0), part(1)));
    }
    let matched: Vec<&str> = list(event, "matched").iter().filter_map(Value::as_str).collect();
    let matched = if matched.is_empty() { "no rule".to_owned() } else { matched.join(", ") };
    lines.push(format!("  matched    {matched}"));
    if let Some(first) = conflict_with(event) {
        lines.push(format!(
            "  conflict   {first} has the same id and another body: nothing was done for this one"
        ));
        lines.push(format!("             let it go on:  doorbell replay {}", text(event, "id")));
    }
    for delivery in list(event, "deliveries") {
        let replayed = text(delivery, "replayed_at");
        let replayed = if replayed.is_empty() { "" } else { "  (a replay)" };
        let parts = texts(delivery, &["id", "state", "verb", "rule", "last_error"]).join("  ");
        lines.push(format!("  delivery   {}{replayed}", escape(parts.trim_end())));
    }
    let payload =
        event.get("payload").map(|payload| serde_json::to_string_pretty(payload).unwrap_or_default());
    lines.push("  payload".to_owned());
    lines.extend(payload.unwrap_or_default().lines().map(|line| format!("    {}", escape(line))));
    lines
}

fn delivery_lines(delivery: &Value) -> Vec<String> {
    let is_in_doubt = text(delivery, "state") == "in_doubt";
    let mut lines = vec![
        escape(&texts(delivery, &["id", "state", "verb", "rule"]).join("  ")),
        format!("  event      {}", text(delivery, "event")),
        format!("  accepted   {}", text(delivery, "accepted_at")),
    ];
    for (name, key) in [
        ("replayed", "replayed_at"),
        ("due", "due_at"),
        (if is_in_doubt { "stopped" } else { "finished" }, "finished_at"),
        ("reason", "reason"),
        ("last error", "last_error"),
    ] {
        let value = text(delivery, key);
        if !value.is_empty() {
            lines.push(format!("  {name:<10} {}", escape(&value)));
        }
    }
    if is_in_doubt {
        let id = text(delivery, "id");
        lines.push(format!("  to decide  did it happen? if not:  doorbell deliveries retry {id}"));
        lines.push(format!("             if so, or if it matters no more:  doorbell deliveries drop {id}"));
    }
    for attempt in list(delivery, "attempts") {
        let number = text(attempt, "number");
        let parts = texts(attempt, &["started_at", "words"]).join("  ");
        lines.push(format!("  attempt {number}  {}  {} ms", escape(&parts), text(attempt, "took_ms")));
        lines.extend(quoted(attempt, &[("sent", "sent"), ("got", "got_head"), ("", "got_body")]));
    }
    if let Some(running) = delivery.get("running").filter(|running| running.is_object()) {
        let (number, at) = (text(running, "number"), text(running, "at"));
        lines.push(format!("  attempt {number}  {}  runs; as of {at}", text(running, "started_at")));
        lines.extend(quoted(running, &[("sent", "sent"), ("got", "output")]));
    }
    lines
}

/// Long texts, line by line behind their names.
fn quoted(value: &Value, parts: &[(&str, &str)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, key) in parts {
        for (index, line) in text(value, key).lines().enumerate() {
            let name = if index == 0 { name } else { "" };
            lines.push(format!("    {name:<5} {}", escape(line)));
        }
    }
    lines
}
