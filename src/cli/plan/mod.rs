//! `doorbell plan`: what edited rules would do otherwise with the events that came; nothing is sent and nothing is run.

mod feed;
mod human;
mod json;
mod markdown;
mod work;

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;

use super::serve::store_file;
use super::unlock::Unlock;
use super::{End, Rules, load, output};
use crate::backtest::{Change, Comparison, Kind, RuleTally, Tally, hex_short};
use crate::clock::{Clock, System};
use crate::rule::Set;
use crate::store::sqlite::Archive;
use crate::time::Timestamp;
use crate::unit;
use feed::Feed;

/// The exit code of `--detailed-exitcode` when something would change.
const CHANGED: u8 = 4;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell plan rules/ --since 7d
  doorbell plan rules/ --store sqlite:/var/lib/doorbell/doorbell.db --detailed-exitcode
  doorbell plan rules/ --against old-rules/ --events recorded.jsonl -o markdown

The store is only read, also beside a running doorbell. Where a source reads otherwise now, its events are read anew from
the bytes that came; whether they would be proved genuine is not judged. Events of a FILE are judged as recorded. FILE holds what `doorbell events show ID --as json` prints, one after the other.
Exit codes:  0 done · 1 the rules are wrong · 2 wrong usage · 3 could not run · 4 with --detailed-exitcode: something
would change")]
pub(super) struct Plan {
    #[command(flatten)]
    rules: Rules,
    /// Events not before: a time, or a duration before now such as 7d (default: all that are kept)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Events of this file, or - for standard input, in place of the store's
    #[arg(long, value_name = "FILE", conflicts_with = "since")]
    events: Option<PathBuf>,
    /// The rules to compare with: files or directories (default: those that the store's doorbell took into force last)
    #[arg(long, value_name = "PATH")]
    against: Vec<PathBuf>,
    /// The store with the events and the rules in force
    #[arg(long, env = "DOORBELL_STORE", default_value = "sqlite:doorbell.db", value_name = "URL")]
    store: String,
    #[command(flatten)]
    unlock: Unlock,
    /// So many events are named for each difference
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    show: usize,
    /// Exit with 4 when any event would be routed otherwise or cause other effects
    #[arg(long)]
    detailed_exitcode: bool,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Form,
}

/// The shape of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Human,
    /// One JSON document
    Json,
    /// A table for a comment under a change
    Markdown,
}

/// All that there is to tell.
struct Report<'r> {
    comparison: &'r Comparison,
    tally: &'r Tally,
    /// The rules as the user named them.
    rules: String,
    /// What they are compared with.
    against: String,
    /// The first letters of both digests.
    digests: [String; 2],
}

impl Plan {
    pub(super) fn run(self) -> End {
        self.plan().unwrap_or_else(|end| end)
    }

    fn plan(&self) -> Result<End, End> {
        let new = load::set(&self.rules.paths, self.rules.permissions())?;
        let old = self.old()?;
        let comparison = Comparison::new(Arc::clone(&old), Arc::clone(&new), self.show);
        let tally = work::judge(&comparison, self.feed(&old, &new)?)?;
        let report = Report {
            comparison: &comparison,
            tally: &tally,
            rules: named(&self.rules.paths, "the rules here"),
            against: named(&self.against, "the running rules"),
            digests: [hex_short(&old.digest), hex_short(&new.digest)],
        };
        match self.output {
            Form::Human => output::text(&human::write(&report)),
            Form::Json => output::json(&json::write(&report)),
            Form::Markdown => output::text(&markdown::write(&report)),
        }
        Ok(if self.detailed_exitcode && tally.is_changed() { End::Code(CHANGED) } else { End::Ok })
    }

    /// The rules to compare with.
    fn old(&self) -> Result<Arc<Set>, End> {
        if !self.against.is_empty() {
            return load::set(&self.against, self.rules.permissions());
        }
        let text = self.archive()?.revision().map_err(|error| End::CouldNot(error.to_string()))?;
        let name = "name the files they were made of with --against";
        let text = text.ok_or_else(|| End::CouldNot(format!("the store knows no rules: {name}")))?;
        Set::from_text(&text).ok_or_else(|| {
            End::CouldNot(format!("the rules in force cannot be read by this doorbell: {name}"))
        })
    }

    fn archive(&self) -> Result<Archive, End> {
        let keys = self.unlock.keys(self.rules.permissions())?;
        Archive::open(&store_file(&self.store)?, &keys).map_err(|error| End::CouldNot(error.to_string()))
    }

    fn feed(&self, old: &Arc<Set>, new: &Arc<Set>) -> Result<Feed, End> {
        if let Some(file) = &self.events {
            return Feed::file(file, Arc::clone(old), Arc::clone(new));
        }
        let since = self.since.as_ref().map(|text| moment(text, System.now())).transpose()?;
        Ok(Feed::store(self.archive()?, since))
    }
}

/// Files and directories as the user named them.
fn named(paths: &[PathBuf], nothing: &str) -> String {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    if names.is_empty() { nothing.to_owned() } else { names.join(", ") }
}

/// `2026-11-21T14:33:02Z`, or a duration before now: `7d`.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, End> {
    let ago = |text| unit::duration(text).ok().map(|ago| now.minus(ago));
    Timestamp::parse(text).or_else(|| ago(text)).ok_or_else(|| {
        End::Usage(format!(
            "--since: `{text}` is neither a time such as 2026-11-21T14:33:02Z nor a duration such as 7d"
        ))
    })
}

impl Report<'_> {
    /// The rules of which there is something to tell, with what was counted.
    fn rules(&self) -> impl Iterator<Item = (&Change, RuleTally)> {
        let told = self.comparison.changes.iter().map(|change| {
            let tally = self.tally.rules.get(change.name.as_str()).cloned().unwrap_or_default();
            (change, tally)
        });
        told.filter(|(change, tally)| change.kind != Kind::Same || tally.is_changed())
    }
}

/// `1,204`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 event`, `1,204 events`.
fn many(count: u64, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {word}{ending}", grouped(count))
}
