//! Rules, their secrets, the sandboxes they ask for, and whether their destinations are known and allowed.

use std::sync::Arc;

use super::{Finding, Verdict};
use crate::app::Settings;
use crate::cli::reach;
use crate::config::{self, Loaded, Secrets};
use crate::diagnostic::{Diagnostic, Severity};
use crate::live::Live;
use crate::perform::{self, Depth};

/// The codes of complaints about secrets.
const SECRETS: &[&str] = &["E310", "E311", "W306", "W307"];
/// Complaints that are told; `check` tells all of them.
const TOLD_MAX: usize = 5;

/// Reads the rules and looks their secrets up; what is wrong with either. Rules that lack nothing but secrets are given all
/// the same: what needs none of those can be looked at.
pub(super) fn look(settings: &Settings) -> (Vec<Finding>, Option<Arc<Live>>) {
    let loaded = match config::load(&settings.paths, settings.permissions, Secrets::Needed) {
        Ok(loaded) => loaded,
        Err(error) => return (vec![Finding::bad("rules", error.to_string())], None),
    };
    let Loaded { files, problems, live } = loaded;
    let live = live.or_else(|| {
        config::load(&settings.paths, settings.permissions, Secrets::AsFound)
            .ok()
            .and_then(|loaded| loaded.live)
    });
    let (secrets, others): (Vec<Diagnostic>, Vec<Diagnostic>) =
        problems.into_iter().partition(|problem| SECRETS.contains(&problem.code));
    let held = live.as_ref().map_or_else(String::new, |live| {
        let set = &live.set;
        let (rules, sources) = (set.rules.len(), set.sources.len());
        format!(" ({rules} rules, {sources} sources, {} connections)", set.connections.len())
    });
    let words = format!("{} files{held}", files.len());
    let named = live.as_ref().map_or(0, |live| live.set.secrets().len());
    let mut findings = judged("rules", &words, &others);
    findings.extend(judged("secrets", &format!("{named} named, all of them are there"), &secrets));
    (findings, live)
}

/// One finding for what is well, or one for each complaint.
fn judged(name: &str, words: &str, problems: &[Diagnostic]) -> Vec<Finding> {
    if problems.is_empty() {
        return vec![Finding::good(name, words)];
    }
    let mut findings: Vec<Finding> = problems
        .iter()
        .take(TOLD_MAX)
        .map(|problem| {
            let is_error = problem.severity == Severity::Error;
            let verdict = if is_error { Verdict::Bad } else { Verdict::Warning };
            let words = format!("{}: {}", problem.code, problem.message);
            Finding::new(name, verdict, words).mend(problem.help.clone().unwrap_or_default())
        })
        .collect();
    if let Some(more) = problems.len().checked_sub(TOLD_MAX).filter(|more| *more > 0) {
        findings.push(Finding::warning(name, format!("and {more} more")).mend("doorbell check  tells all"));
    }
    findings
}

/// Whether the kernel can hold the sandboxes that rules ask for.
pub(super) fn sandboxes(live: &Live) -> Finding {
    let asking: Vec<&str> = live
        .set
        .rules
        .iter()
        .filter(|rule| rule.actions.iter().any(|action| action.action.needs_sandbox()))
        .map(|rule| &*rule.name)
        .collect();
    match (perform::has_landlock(), asking.first()) {
        (true, _) => Finding::good("landlock", "this kernel can hold a `sandbox`"),
        (false, None) => Finding::good("landlock", "this kernel has none; no rule asks for a `sandbox`"),
        (false, Some(first)) => {
            let words =
                format!("this kernel has none; `{first}` asks for a `sandbox` and its command will not run");
            Finding::bad("landlock", words).mend("run Linux 5.13 or later with `landlock` among its `lsm`")
        }
    }
}

/// Whether what commands name is here: programs, directories, users, files of sandboxes.
pub(super) fn commands(live: &Live) -> Vec<Finding> {
    let (mut findings, mut count) = (Vec::new(), 0_usize);
    for rule in &live.set.rules {
        for command in rule.actions.iter().filter_map(|action| action.action.runs()) {
            count += 1;
            let told = |why| {
                Finding::bad("commands", format!("rule `{}`: {why}", rule.name)).mend(
                    "it is looked for as serve does from this directory, with this PATH and by this user",
                )
            };
            findings.extend(perform::missing(&command).into_iter().map(told));
        }
    }
    if findings.is_empty() && count > 0 {
        findings.push(Finding::good("commands", format!("{count} named, and what they name is here")));
    }
    findings
}

/// Whether each connection's name resolves to addresses that it may reach.
pub(super) async fn connections(live: &Live) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, connection) in &live.set.connections {
        let steps = reach::tried(connection, live, Depth::Address).await;
        let label = format!("connection {name}");
        let failed = steps.iter().find(|step| step.verdict == perform::Verdict::Bad);
        findings.push(match (failed, steps.last()) {
            (Some(step), _) => Finding::bad(label, format!("{}: {}", step.name, step.words))
                .mend(format!("doorbell connections test {name}")),
            (None, Some(last)) => Finding::good(label, format!("{}; nobody was asked there", last.words))
                .mend(format!("doorbell connections test {name}  asks")),
            (None, None) => Finding::good(label, "there is nothing to look at"),
        });
    }
    findings
}
