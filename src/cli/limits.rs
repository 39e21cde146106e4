//! `doorbell limits`: the limits that `serve` may be given, and the flag that gives them.

use serde_json::{Value, json};

use super::{End, Output, output};
use crate::bounds::{LIMITS, Limits as Values, Row};

/// Limits that are set.
#[derive(clap::Args, Debug)]
pub(super) struct Given {
    /// Sets a limit that `doorbell limits` lists; may be said again for another, in the variable behind a comma
    #[arg(long = "limit", env = "DOORBELL_LIMIT", value_delimiter = ',', value_name = "NAME=VALUE")]
    limits: Vec<String>,
}

impl Given {
    /// All limits, those that are not set at their defaults. A variable that is empty sets none.
    pub(super) fn read(&self) -> Result<Values, End> {
        let texts = self.limits.iter().map(String::as_str).filter(|text| !text.is_empty());
        Values::read(texts).map_err(|why| End::Usage(format!("--limit: {why}")))
    }
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell limits
  doorbell limits -o json
  doorbell serve rules/ --limit backlog=200000 --limit body-time=30s
  DOORBELL_LIMIT=connections-per-address=256,bad-signatures=100/s doorbell limits")]
pub(super) struct Limits {
    #[command(flatten)]
    given: Given,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl Limits {
    pub(super) fn run(&self) -> End {
        let values = match self.given.read() {
            Ok(values) => values,
            Err(end) => return end,
        };
        let rows = LIMITS.iter().map(|row| told(row, &values));
        match self.output {
            Output::Human => drawn(&values),
            Output::Json => {
                output::json(&json!({ "format_version": 1, "limits": rows.collect::<Vec<_>>() }));
            }
            Output::Jsonl => rows.for_each(|row| output::line(&row.to_string())),
        }
        End::Ok
    }
}

fn drawn(values: &Values) {
    let cells = |row: &Row| {
        let (lowest, highest) = row.bounds;
        let texts = [row.name, &row.value(values), &row.default(), lowest, highest, row.about];
        texts.map(str::to_owned).to_vec()
    };
    let rows: Vec<Vec<String>> = LIMITS.iter().map(cells).collect();
    output::table(&["LIMIT", "VALUE", "DEFAULT", "LOWEST", "HIGHEST", "WHAT IT BOUNDS"], &rows);
}

fn told(row: &Row, values: &Values) -> Value {
    let (lowest, highest) = row.bounds;
    json!({
        "name": row.name,
        "kind": row.kind(),
        "value": row.value(values),
        "default": row.default(),
        "lowest": lowest,
        "highest": highest,
        "about": row.about,
    })
}
