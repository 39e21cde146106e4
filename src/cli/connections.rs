//! `doorbell connections`: how the connections of a running doorbell stand, and a person's pause and resume.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::client::Admin;
use super::history::{ended, listed, text, texts};
use super::{End, Output, output};

#[derive(clap::Subcommand, Debug)]
pub(super) enum Connections {
    /// List connections: what each may do at once, its circuit breaker, and whether it is paused
    #[command(after_help = "Example:  doorbell connections list")]
    List(List),
    /// Let nothing go through a connection until it is resumed; what is owed waits
    #[command(after_help = "Example:  doorbell connections pause erp --reason 'they are moving'")]
    Pause(Pause),
    /// Try a connection of the rules: its name, its addresses, TLS, and whether anybody answers
    #[command(after_help = "Example:
  doorbell connections test erp rules/

One HEAD without body and credentials is sent; private addresses are refused as they are for deliveries.
Exit codes:  0 it can be reached · 1 it cannot")]
    Test(super::reach::Test),
    /// Let a paused connection go on
    #[command(after_help = "Example:  doorbell connections resume erp")]
    Resume(Resume),
}

#[derive(clap::Args, Debug)]
pub(super) struct List {
    #[command(flatten)]
    admin: Admin,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(clap::Args, Debug)]
pub(super) struct Pause {
    /// The name of the connection, as the rules have it
    name: String,
    /// Why, for whoever looks later
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    admin: Admin,
}

#[derive(clap::Args, Debug)]
pub(super) struct Resume {
    /// The name of the connection, as the rules have it
    name: String,
    #[command(flatten)]
    admin: Admin,
}

impl Connections {
    pub(super) fn run(self) -> End {
        ended(match self {
            Self::List(list) => list.run(),
            Self::Pause(pause) => pause.run(),
            Self::Test(test) => return test.run(),
            Self::Resume(resume) => resume.run(),
        })
    }
}

impl List {
    fn run(self) -> Result<(), End> {
        let answer = self.admin.get("/api/connections", &[])?;
        let names = ["NAME", "VERB", "CONCURRENCY", "RATE", "BREAKER", "PAUSED"];
        listed(&answer, "connections", self.output, &names, |row| {
            let mut cells = texts(row, &["name", "verb", "concurrency", "rate", "breaker"]);
            cells.push(paused(row));
            cells
        });
        Ok(())
    }
}

/// Since when, and why.
fn paused(row: &Value) -> String {
    match row.get("paused") {
        Some(pause) if !pause.is_null() => {
            texts(pause, &["since", "reason"]).join("  ").trim_end().to_owned()
        }
        _ => String::new(),
    }
}

impl Pause {
    fn run(self) -> Result<(), End> {
        let query: Vec<(&str, String)> = self.reason.map(|reason| ("reason", reason)).into_iter().collect();
        let answer = self.admin.post_with(&path(&self.name, "pause"), &query)?;
        output::line(&format!("{} is {}", self.name, already(&answer, "paused")));
        Ok(())
    }
}

impl Resume {
    fn run(self) -> Result<(), End> {
        let answer = self.admin.post(&path(&self.name, "resume"))?;
        output::line(&format!(
            "{} goes on{}",
            self.name,
            if is_new(&answer) { "" } else { "; it was not paused" }
        ));
        Ok(())
    }
}

fn path(name: &str, verb: &str) -> String {
    format!("/api/connections/{}/{verb}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

fn is_new(answer: &Value) -> bool {
    text(answer, "changed") == "true"
}

fn already(answer: &Value, word: &str) -> String {
    if is_new(answer) { format!("{word}: what is owed waits") } else { format!("{word} already") }
}
