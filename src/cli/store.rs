//! `doorbell store`: the file in which everything is kept: copied, checked, pruned, moved.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::client::Admin;
use super::serve::{duration, store_file};
use super::unlock::Unlock;
use super::{End, Output, block_on, output};
use crate::clock::{Clock, System};
use crate::config::Permissions;
use crate::store::seal::Keys;
use crate::store::sqlite::{self, Options, Sqlite};
use crate::store::{Error, Retention, Store as _};

#[derive(clap::Subcommand, Debug)]
pub(super) enum Store {
    /// Copy the store to a new file while it is served
    #[command(after_help = "Example:  doorbell store backup /backup/doorbell-2026-11-21.db

To restore one, stop doorbell, remove doorbell.db-wal and doorbell.db-shm, and put the copy in the place of doorbell.db.")]
    Backup(Backup),
    /// Read all of the store and say what is wrong with it; exit 1 when something is
    #[command(after_help = "Example:  doorbell store check --store sqlite:doorbell.db")]
    Check(Check),
    /// Remove ended events older than an age, now; what is still to be done is never removed
    #[command(after_help = "Example:  doorbell store prune --older-than 1d")]
    Prune(Prune),
    /// Write the store as JSON lines; of a damaged one, all that can be read
    #[command(after_help = "Example:  doorbell store export > doorbell.jsonl

It is the store as it is: nothing is redacted, so keep it as you keep the store. What is encrypted stays so, and needs no
key here.")]
    Export(Export),
    /// Make a new store of exported lines
    #[command(after_help = "Example:  doorbell store import doorbell.jsonl --store sqlite:new.db

With --encrypt-key-file all of the new store is encrypted with the first key, also what was in clear and what an older key
of the file had encrypted: so a store is encrypted afterwards, and so a key is done away with at once.")]
    Import(Import),
}

#[derive(clap::Args, Debug)]
pub(super) struct Where {
    /// Where events and deliveries are kept
    #[arg(long, env = "DOORBELL_STORE", default_value = "sqlite:doorbell.db", value_name = "URL")]
    store: String,
}

/// The keys of the store, for commands that have no rules.
#[derive(clap::Args, Debug)]
pub(super) struct KeyFile {
    #[command(flatten)]
    unlock: Unlock,
    /// Take a key file that everybody may read as it is
    #[arg(long, env = "DOORBELL_LOOSE_FILES")]
    loose_files: bool,
}

impl KeyFile {
    fn read(&self) -> Result<Keys, End> {
        self.unlock.keys(if self.loose_files { Permissions::Loose } else { Permissions::Strict })
    }
}

#[derive(clap::Args, Debug)]
pub(super) struct Backup {
    /// The new file
    file: PathBuf,
    #[command(flatten)]
    at: Where,
}

#[derive(clap::Args, Debug)]
pub(super) struct Check {
    #[command(flatten)]
    at: Where,
    #[command(flatten)]
    keys: KeyFile,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(clap::Args, Debug)]
pub(super) struct Prune {
    /// Older than this
    #[arg(long, default_value = "7d", value_name = "DURATION")]
    older_than: String,
    #[command(flatten)]
    at: Where,
    #[command(flatten)]
    keys: KeyFile,
    #[command(flatten)]
    admin: Admin,
}

#[derive(clap::Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    at: Where,
}

#[derive(clap::Args, Debug)]
pub(super) struct Import {
    /// The exported lines, or - for standard input
    file: String,
    #[command(flatten)]
    at: Where,
    #[command(flatten)]
    keys: KeyFile,
}

impl Store {
    pub(super) fn run(self) -> End {
        let ended = match self {
            Self::Backup(backup) => backup.run(),
            Self::Check(check) => check.run(),
            Self::Prune(prune) => prune.run(),
            Self::Export(export) => export.run(),
            Self::Import(import) => import.run(),
        };
        ended.unwrap_or_else(|end| end)
    }
}

impl Where {
    /// The file, when it is there.
    fn file(&self) -> Result<PathBuf, End> {
        let file = store_file(&self.store)?;
        if file.is_file() {
            return Ok(file);
        }
        Err(End::CouldNot(format!(
            "there is no store `{}`: name it with --store sqlite:FILE",
            file.display()
        )))
    }
}

fn could_not(error: impl std::fmt::Display) -> End {
    End::CouldNot(error.to_string())
}

impl Backup {
    fn run(self) -> Result<End, End> {
        let from = self.at.file()?;
        let shows = io::stderr().is_terminal();
        let told = |done: u64, all: u64| {
            if shows {
                let _ = write!(io::stderr(), "\r{} %", done * 100 / all.max(1));
            }
        };
        let bytes = sqlite::backup(&from, &self.file, told).map_err(could_not)?;
        if shows {
            let _ = write!(io::stderr(), "\r");
        }
        output::line(&format!("{}  {bytes} bytes, whole and checked", self.file.display()));
        Ok(End::Ok)
    }
}

impl Check {
    fn run(self) -> Result<End, End> {
        let found = sqlite::check(&self.at.file()?, &self.keys.read()?).map_err(could_not)?;
        let answer = json!({
            "format_version": 1, "events": found.events, "sealed": found.sealed, "live": found.live, "wrong": found.wrong,
        });
        match self.output {
            Output::Human => {
                found.wrong.iter().for_each(|wrong| output::line(&crate::telemetry::escape(wrong)));
                let verdict = if found.wrong.is_empty() { "sound" } else { "damaged" };
                output::line(&format!("{verdict}: {} events, {} live deliveries", found.events, found.live));
                if found.sealed > 0 {
                    let clear = found.events.saturating_sub(found.sealed);
                    output::line(&format!("encrypted: {} events; in clear: {clear}", found.sealed));
                }
            }
            Output::Json => output::json(&answer),
            Output::Jsonl => output::line(&answer.to_string()),
        }
        Ok(if found.wrong.is_empty() { End::Ok } else { End::No })
    }
}

impl Prune {
    /// The store itself when nobody serves it; otherwise whoever does is asked.
    fn run(self) -> Result<End, End> {
        let age = duration("--older-than", &self.older_than)?;
        let now = System.now();
        let options = Options { keys: self.keys.read()?, ..Options::default() };
        let rows = match Sqlite::open(&self.at.file()?, options, now) {
            Ok(store) => {
                let before = now.minus(age);
                block_on(prune(&store, Retention { ended_before: before, dead_before: before }))?
                    .map_err(could_not)?
            }
            Err(Error::Locked { .. }) => self.ask()?,
            Err(error) => return Err(could_not(error)),
        };
        output::line(&format!(
            "{rows} rows removed; their room is written to again, the file does not shrink"
        ));
        Ok(End::Ok)
    }

    fn ask(&self) -> Result<u64, End> {
        let mut rows = 0;
        loop {
            let answer = self.admin.post_with("/api/prune", &[("older_than", self.older_than.clone())])?;
            rows += answer.get("rows").and_then(Value::as_u64).unwrap_or(0);
            if answer.get("more").and_then(Value::as_bool) != Some(true) {
                return Ok(rows);
            }
        }
    }
}

async fn prune(store: &Sqlite, retention: Retention) -> Result<u64, Error> {
    let mut all = 0;
    loop {
        match store.prune(retention).await? {
            0 => break,
            rows => all += u64::try_from(rows).unwrap_or(0),
        }
    }
    store.close().await?;
    Ok(all)
}

impl Export {
    fn run(self) -> Result<End, End> {
        let mut out = BufWriter::new(io::stdout().lock());
        let done = sqlite::export(&self.at.file()?, &mut out).map_err(could_not)?;
        for why in &done.unreadable {
            let _ = writeln!(io::stderr(), "not all could be read of {why}");
        }
        Ok(if done.unreadable.is_empty() { End::Ok } else { End::No })
    }
}

impl Import {
    fn run(self) -> Result<End, End> {
        let to = store_file(&self.at.store)?;
        let rows = import(&self.file, &to, &self.keys.read()?)?;
        output::line(&format!("{}  {rows} rows", to.display()));
        Ok(End::Ok)
    }
}

fn import(file: &str, to: &Path, keys: &Keys) -> Result<u64, End> {
    let mut lines: Box<dyn BufRead> = match file {
        "-" => Box::new(BufReader::new(io::stdin())),
        file => Box::new(BufReader::new(
            File::open(file).map_err(|why| End::CouldNot(format!("cannot read `{file}`: {why}")))?,
        )),
    };
    sqlite::import(&mut lines, to, keys).map(|done| done.rows).map_err(could_not)
}
