//! `doorbell reload`: a running doorbell reads its rules again, and says what came of it.

use super::client::Admin;
use super::{End, output};

#[derive(clap::Args, Debug)]
#[command(after_help = "Example:
  doorbell check rules/ && doorbell reload

Changed files are read again by themselves; this waits for it and says what came of it. Rules that are wrong
change nothing: the running ones go on serving, and the exit code is 1.")]
pub(super) struct Reload {
    #[command(flatten)]
    admin: Admin,
}

impl Reload {
    pub(super) fn run(self) -> End {
        match self.admin.post("/api/reload") {
            Ok(answer) => {
                let words = answer.get("rules").and_then(serde_json::Value::as_str).unwrap_or("done");
                output::line(words.trim_end());
                End::Ok
            }
            Err(end) => end,
        }
    }
}
