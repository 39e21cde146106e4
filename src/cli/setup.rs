//! `doorbell setup`: wait for the secret that a sender hands out itself, and print it for you to keep.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::Admin;
use super::{End, Output, output};
use crate::limit;
use crate::unit;

/// Between two looks at whether it came.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:
  doorbell setup asana --for 10m

Asana and Notion make the secret themselves, and send it to the address once. A running doorbell takes it only while this
command waits, shows it here, and forgets it: put it where the source's `secret` says, and reload.
Exit codes:  0 it came · 1 it did not come in time")]
pub(super) struct Setup {
    /// The source, as the rules name it
    source: String,
    /// For how long to wait, at most an hour
    #[arg(long = "for", value_name = "DURATION", default_value = "10m")]
    wait: String,
    #[command(flatten)]
    admin: Admin,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl Setup {
    pub(super) fn run(self) -> End {
        self.wait().unwrap_or_else(|end| end)
    }

    fn wait(&self) -> Result<End, End> {
        let wait = unit::duration(&self.wait).map_err(|why| End::Usage(format!("--for: {why}")))?;
        let path = format!("/api/sources/{}/setup", self.source);
        self.admin.post_with(&path, &[("for", self.wait.clone())])?;
        output::note(&format!("waiting for the sender of `{}`: make its webhook now", self.source));
        let until = Instant::now() + wait.min(limit::SETUP_FOR_MAX);
        while Instant::now() < until {
            let seen = self.admin.get(&path, &[])?;
            if let Some(secret) = seen.get("secret").and_then(Value::as_str) {
                self.show(secret);
                self.admin.delete(&path)?;
                return Ok(End::Ok);
            }
            std::thread::sleep(LOOK_EVERY);
        }
        output::note("it did not come in time");
        Ok(End::No)
    }

    fn show(&self, secret: &str) {
        match self.output {
            Output::Human => output::line(&crate::telemetry::escape(secret)),
            Output::Json | Output::Jsonl => {
                output::json(&json!({ "format_version": 1, "source": self.source, "secret": secret }));
            }
        }
    }
}
