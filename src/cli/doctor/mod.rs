//! `doorbell doctor`: all that `serve` needs, looked at without serving, each with what was found and the mend.

mod outside;
mod rules;
mod store;

use serde_json::{Value, json};

use super::serve::Options;
use super::{End, Output, output};
use crate::app::Settings;
use crate::draw::Style;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  doorbell doctor rules/
  doorbell doctor doorbell.yaml --listen 0.0.0.0:443 --tls-cert fullchain.pem --tls-key privkey.pem -o json

It takes the arguments of serve, changes nothing, and may run beside a doorbell that serves.
Exit codes:  0 all is well, perhaps with warnings · 1 something is not")]
pub(super) struct Doctor {
    #[command(flatten)]
    options: Options,
    /// The shape of what is printed
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// One thing that was looked at.
struct Finding {
    name: String,
    verdict: Verdict,
    words: String,
    /// What to do about it; empty for nothing.
    mend: String,
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Well.
    Good,
    /// Well, but not for long, or not everywhere.
    Warning,
    /// `serve` cannot start, or something of it does not work.
    Bad,
}

impl Finding {
    fn new(name: impl Into<String>, verdict: Verdict, words: impl Into<String>) -> Self {
        Self { name: name.into(), verdict, words: words.into(), mend: String::new() }
    }

    fn good(name: impl Into<String>, words: impl Into<String>) -> Self {
        Self::new(name, Verdict::Good, words)
    }

    fn warning(name: impl Into<String>, words: impl Into<String>) -> Self {
        Self::new(name, Verdict::Warning, words)
    }

    fn bad(name: impl Into<String>, words: impl Into<String>) -> Self {
        Self::new(name, Verdict::Bad, words)
    }

    fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = mend.into();
        self
    }
}

impl Doctor {
    pub(super) fn run(self, style: Style) -> End {
        let output = self.output;
        let settings = match self.options.settings(style) {
            Ok(settings) => settings,
            Err(end) => return end,
        };
        let findings = match super::block_on(looked(&settings)) {
            Ok(findings) => findings,
            Err(end) => return end,
        };
        let is_well = findings.iter().all(|finding| finding.verdict != Verdict::Bad);
        match output {
            Output::Human => findings.iter().for_each(|finding| draw(finding, style)),
            Output::Json | Output::Jsonl => output::json(&json!({
                "format_version": 1,
                "well": is_well,
                "findings": findings.iter().map(told).collect::<Vec<_>>(),
            })),
        }
        if is_well { End::Ok } else { End::No }
    }
}

async fn looked(settings: &Settings) -> Vec<Finding> {
    let (mut findings, live) = rules::look(settings);
    findings.extend(store::look(settings));
    findings.extend(outside::look(settings));
    match live {
        Some(live) => {
            findings.push(rules::sandboxes(&live));
            findings.extend(rules::commands(&live));
            findings.extend(rules::connections(&live).await);
        }
        None => findings.push(
            Finding::warning("commands", "neither they nor sandboxes and connections were looked at")
                .mend("mend the rules first"),
        ),
    }
    findings
}

fn draw(finding: &Finding, style: Style) {
    let (mark, colour) = match finding.verdict {
        Verdict::Good => ("✓", "32"),
        Verdict::Warning => ("!", "33"),
        Verdict::Bad => ("✗", "31"),
    };
    let mark = match style {
        Style::Colour => format!("\u{1b}[{colour}m{mark}\u{1b}[0m"),
        Style::Plain => mark.to_owned(),
    };
    let escape = crate::telemetry::escape;
    output::line(&format!("{mark} {:<18} {}", finding.name, escape(&finding.words)));
    if !finding.mend.is_empty() {
        output::line(&format!("  {:<18} {}", "", escape(&finding.mend)));
    }
}

fn told(finding: &Finding) -> Value {
    let verdict = match finding.verdict {
        Verdict::Good => "good",
        Verdict::Warning => "warning",
        Verdict::Bad => "bad",
    };
    let mend = (!finding.mend.is_empty()).then_some(&finding.mend);
    json!({ "name": finding.name, "verdict": verdict, "words": finding.words, "mend": mend })
}
