//! `doorbell tail`: what happens in a running doorbell, line by line.

use serde_json::Value;

use super::client::Admin;
use super::{End, Output, output};
use crate::telemetry::escape;

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:  doorbell tail --source github")]
pub(super) struct Tail {
    /// Webhooks of this source only
    #[arg(long)]
    source: Option<String>,
    /// What this rule matches and does only
    #[arg(long, conflicts_with = "source")]
    rule: Option<String>,
    /// End after so many lines
    #[arg(short = 'n', long, value_name = "LINES")]
    lines: Option<usize>,
    #[command(flatten)]
    admin: Admin,
    /// The shape of what is printed; json is one object a line
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl Tail {
    pub(super) fn run(self) -> End {
        let parts = [("source", &self.source), ("rule", &self.rule)];
        let query: Vec<(&str, String)> =
            parts.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
        let mut left = self.lines.unwrap_or(usize::MAX);
        let mut name = String::new();
        let told = |line: &str| {
            if line == ": watching" {
                output::note("watching");
            } else if let Some(event) = line.strip_prefix("event: ") {
                event.clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                let data = serde_json::from_str(data).unwrap_or_default();
                self.print(&name, &data);
                left = left.saturating_sub(1);
            }
            left > 0
        };
        match self.admin.lines("/api/stream", &query, told) {
            Ok(true) => End::Ok,
            Ok(false) => End::CouldNot("the doorbell has ended".to_owned()),
            Err(end) => end,
        }
    }

    fn print(&self, name: &str, data: &Value) {
        match self.output {
            Output::Human => output::line(&escape(&line(name, data))),
            Output::Json | Output::Jsonl => {
                let mut data = data.clone();
                if let Some(map) = data.as_object_mut() {
                    map.insert("happened".to_owned(), name.into());
                }
                output::line(&data.to_string());
            }
        }
    }
}

/// What happened, for people.
fn line(name: &str, data: &Value) -> String {
    let text = |key: &str| match data.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    // The time of day is enough for whoever looks on.
    let at = text("at")
        .split_once('T')
        .map(|(_, time)| time.chars().take(8).collect::<String>())
        .unwrap_or_default();
    match name {
        "event" => {
            let matched: Vec<&str> = data
                .get("matched")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let rules = if matched.is_empty() { "no rule".to_owned() } else { matched.join(", ") };
            let outcome = text("outcome");
            let came = if outcome == "accepted" { rules } else { outcome };
            format!("{at}  --> {}  {}  {}  {came}", text("source"), text("type"), text("event"))
        }
        "refused" => {
            format!("{at}  -x- {}  {}  {}  {}", text("source"), text("status"), text("id"), text("cause"))
        }
        "attempt" => format!(
            "{at}  <-- {}  {}  {}  {}  attempt {}  {} ms  {}",
            text("state"),
            text("words"),
            text("verb"),
            text("rule"),
            text("attempt"),
            text("took_ms"),
            text("event")
        ),
        _ => format!("{} things were missed: this terminal is too slow", text("count")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_what_happened() {
        let at = "2026-11-21T14:33:02.114Z";
        let rows = [
            (
                "event",
                json!({ "at": at, "source": "github", "type": "push", "event": "evt_1", "outcome": "accepted", "matched": ["CI", "log"] }),
                "14:33:02  --> github  push  evt_1  CI, log",
            ),
            (
                "event",
                json!({ "at": at, "source": "github", "type": "", "event": "evt_1", "outcome": "duplicate", "matched": [] }),
                "14:33:02  --> github    evt_1  duplicate",
            ),
            (
                "refused",
                json!({ "at": at, "id": "rej_1", "source": "stripe", "status": 401, "cause": "too old" }),
                "14:33:02  -x- stripe  401  rej_1  too old",
            ),
            (
                "attempt",
                json!({ "at": at, "state": "due", "words": "status 503", "verb": "http", "rule": "CI", "attempt": 2, "took_ms": 12, "event": "evt_1" }),
                "14:33:02  <-- due  status 503  http  CI  attempt 2  12 ms  evt_1",
            ),
            ("missed", json!({ "count": 7 }), "7 things were missed: this terminal is too slow"),
        ];
        for (name, data, wanted) in rows {
            assert_eq!(line(name, &data), wanted);
        }
    }
}
