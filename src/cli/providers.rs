//! `doorbell providers`: the senders known by name, and all that is known of each.

use serde_json::json;

use super::{End, Output, output, portrait};
use crate::draw::Style;
use crate::provider::{PRESETS, Portrait, Preset};
use crate::yaml::{listed, near};

/// Names that are offered for one that is not known.
const OFFERED_MAX: usize = 3;

#[derive(clap::Subcommand, Debug)]
pub(super) enum Providers {
    /// List the providers that doorbell knows by name
    #[command(after_help = "Examples:
  doorbell providers list
  doorbell providers list -o json")]
    List(List),
    /// Show one: what it verifies, what to paste where, retries, handshakes, event types, a rule to start from
    #[command(after_help = "Examples:
  doorbell providers show stripe
  doorbell providers show github -o json")]
    Show(Show),
}

#[derive(clap::Args, Debug)]
pub(super) struct List {
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(clap::Args, Debug)]
pub(super) struct Show {
    /// What stands behind `verify:`, such as stripe
    name: String,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl Providers {
    pub(super) fn run(self, style: Style) -> End {
        match self {
            Self::List(list) => list.run(style),
            Self::Show(show) => show.run(style),
        }
    }
}

impl List {
    fn run(&self, style: Style) -> End {
        let all: Result<Vec<Portrait>, End> = PRESETS.iter().map(portrayed).collect();
        let all = match all {
            Ok(all) => all,
            Err(end) => return end,
        };
        let rows: Vec<_> = all
            .iter()
            .map(|one| {
                json!({
                    "name": one.name,
                    "provider": one.provider,
                    "sends": one.sends,
                    "proof": portrait::proof(one),
                    "docs": one.docs,
                })
            })
            .collect();
        match self.output {
            Output::Human => output::text(&portrait::list(&all, style)),
            Output::Json => output::json(&json!({ "format_version": 1, "providers": rows })),
            Output::Jsonl => rows.iter().for_each(|row| output::line(&row.to_string())),
        }
        End::Ok
    }
}

impl Show {
    fn run(&self, style: Style) -> End {
        let Some(preset) = Preset::find(&self.name) else {
            return End::Usage(unknown(&self.name));
        };
        let one = match portrayed(preset) {
            Ok(one) => one,
            Err(end) => return end,
        };
        if self.output == Output::Human {
            output::text(&portrait::draw(&one, style));
            return End::Ok;
        }
        let mut document = match serde_json::to_value(&one) {
            Ok(document) => document,
            Err(why) => return End::CouldNot(why.to_string()),
        };
        if let Some(map) = document.as_object_mut() {
            map.insert("format_version".to_owned(), json!(1));
        }
        match self.output {
            Output::Jsonl => output::line(&document.to_string()),
            _ => output::json(&document),
        }
        End::Ok
    }
}

fn portrayed(preset: &Preset) -> Result<Portrait, End> {
    preset.portrait().map_err(|problems| End::CouldNot(format!("the preset is broken: {problems:?}")))
}

/// That no provider has this name, and which were perhaps meant: like it, or with it in their own.
pub(super) fn unknown(name: &str) -> String {
    let word = name.to_lowercase();
    let holds = |preset: &&Preset| {
        word.len() > 2 && (preset.id.contains(&word) || preset.name.to_lowercase().contains(&word))
    };
    let mut meant: Vec<&str> = PRESETS.iter().filter(holds).map(|preset| preset.id).collect();
    if meant.is_empty() {
        meant = near(name, PRESETS.iter().map(|preset| preset.id), OFFERED_MAX);
    }
    meant.truncate(OFFERED_MAX);
    let hint = match meant.as_slice() {
        [] => ".".to_owned(),
        meant => format!("; did you mean {}?", listed(meant.iter().copied()).replace(", ", " or ")),
    };
    format!("`{name}` is not a provider that doorbell knows{hint} All are named by: doorbell providers list")
}
