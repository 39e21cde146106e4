//! `docs/providers.md` and `docs/providers/` are made of the presets' own data; each rules file in them is read here.
//! `DOORBELL_UPDATE=1` writes the pages.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use doorbell::diagnostic::Severity;
use doorbell::provider::{PRESETS, Portrait};
use doorbell::rule::{self, File};
use serde_json::Value;

use crate::program::{Place, text};

const MADE: &str = "<!-- Made from src/provider/presets by tests/it/providers.rs; edit those. -->\n";
const INTRODUCTION: &str = "
# Providers

The senders that doorbell knows by name: what may stand behind `verify:` of a source. Each page says what is verified, what to do at the
provider, what to expect, and shows a rules file to start from. `doorbell providers show NAME` says the same on the command line.

A sender that is not here is a few lines of your own: see [Reference](reference.md) and `doorbell providers show generic-hmac`.
";

fn all() -> Vec<Portrait> {
    PRESETS
        .iter()
        .map(|preset| preset.portrait().unwrap_or_else(|why| panic!("{}: {why:#?}", preset.id)))
        .collect()
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn proofs(one: &Portrait) -> String {
    let mut proofs: Vec<&str> = one.verifies.iter().map(|way| way.proof.as_str()).collect();
    proofs.dedup();
    proofs.join(" or ")
}

fn index(all: &[Portrait]) -> String {
    let mut page = format!(
        "{MADE}{INTRODUCTION}\n| preset | sender | sends | proved by | sends again | answer within |\n"
    );
    page.push_str("|---|---|---|---|---|---|\n");
    for one in all {
        let within = one.deadline_s.map(|seconds| format!("{seconds} s")).unwrap_or_default();
        let name = format!("[`{0}`](providers/{0}.md)", one.name);
        let cells = [&name, one.provider, one.sends, &proofs(one), &one.retries, &within].map(cell);
        writeln!(page, "| {} |", cells.join(" | ")).unwrap();
    }
    page
}

fn row(out: &mut String, name: &str, text: &str) {
    writeln!(out, "| {name} | {} |", cell(text)).unwrap();
}

fn verified(page: &mut String, one: &Portrait) {
    page.push_str("\n## What is verified\n\n| | |\n|---|---|\n");
    for (index, way) in one.verifies.iter().enumerate() {
        let nth = if one.verifies.len() > 1 { format!(" {}", index + 1) } else { String::new() };
        row(page, &format!("proof{nth}"), &format!("{}, in {}", way.proof, way.place));
        if let Some(when) = &way.when {
            row(page, "applies", when);
        }
        row(page, "signed", &way.signed);
        row(page, "good for", &way.age);
        if index + 1 == one.verifies.len() {
            row(page, "secret", &way.secret);
        }
    }
    for param in &one.params {
        let need = if param.needed { "needed" } else { "may be left out" };
        row(page, &format!("`{}`", param.name), &format!("{need}: {}", param.help));
    }
}

fn expected(page: &mut String, one: &Portrait) {
    page.push_str("\n## What to expect\n\n| | |\n|---|---|\n");
    row(page, "event type", one.event.as_deref().unwrap_or("none"));
    if let Some(action) = &one.action {
        row(page, "and action", action);
    }
    row(page, "event id", one.id.as_deref().unwrap_or("none: the same webhook twice is two events"));
    if let Some(batch) = &one.batch {
        row(page, "batches", &format!("each item of `{batch}` is an event"));
    }
    row(page, "body", &format!("{}, at most {} KiB", one.body, one.body_max_bytes >> 10));
    let within = one.deadline_s.map(|seconds| format!(", wanted within {seconds} s")).unwrap_or_default();
    row(page, "answer", &format!("{} when the event is safe{within}", one.answer));
    row(page, "sent again", &one.retries);
    for question in &one.handshakes {
        let verified = if question.verified { "once verified" } else { "as it is" };
        row(page, "handshake", &format!("{}; answered {verified}: {}", question.asks, question.answer));
    }
}

fn page(one: &Portrait) -> String {
    let mut page =
        format!("{MADE}\n# {}: `{}`\n\n{}: {}.\n", one.provider, one.name, one.provider, one.sends);
    page.push_str("\n## Set up\n\n");
    for (index, step) in one.setup.iter().enumerate() {
        writeln!(page, "{}. {step}", index + 1).unwrap();
    }
    write!(page, "\n## Rules to start from\n\n```yaml\n{}```\n\n", one.rules).unwrap();
    match &one.ring {
        Some(ring) if ring.contains("--keys") => writeln!(
            page,
            "Try it: `{ring}` signs with a throw-away key. `--public-key` prints its public half, which stands in for the provider's as the secret."
        ),
        Some(ring) => writeln!(page, "Try it: `{ring}`"),
        None => writeln!(page, "`doorbell ring` cannot sign as this provider does: RSA with SHA-1 is checked, never made."),
    }
    .unwrap();
    verified(&mut page, one);
    expected(&mut page, one);
    let sample = serde_json::to_string_pretty(&one.sample).unwrap();
    let kind = if one.sample_event.is_empty() { String::new() } else { format!(", `{}`", one.sample_event) };
    write!(page, "\n## A sample{kind}\n\nMade up, with the shape of a real one.\n\n```json\n{sample}\n```\n")
        .unwrap();
    if !one.event_types.is_empty() {
        let types: Vec<_> = one.event_types.iter().map(|kind| format!("`{kind}`")).collect();
        write!(page, "\n## Event types\n\n{} are known: {}\n", types.len(), types.join(", ")).unwrap();
    }
    write!(page, "\n## Where this is from\n\n- <{}>\n", one.docs).unwrap();
    one.read.iter().for_each(|read| writeln!(page, "- {read}").unwrap());
    if !one.unsure.is_empty() {
        writeln!(page, "- Well known, but not read at the source: {}.", one.unsure.join(", ")).unwrap();
    }
    page
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

#[test]
fn the_pages_are_made_of_the_presets() {
    let all = all();
    let mut pages = BTreeMap::from([(folder().join("providers.md"), index(&all))]);
    pages.extend(all.iter().map(|one| (folder().join(format!("providers/{}.md", one.name)), page(one))));
    if std::env::var_os("DOORBELL_UPDATE").is_some() {
        fs::create_dir_all(folder().join("providers")).unwrap();
        pages.iter().for_each(|(file, text)| fs::write(file, text).unwrap());
    }
    for (file, text) in &pages {
        let found = fs::read_to_string(file).unwrap_or_default();
        assert!(found == *text, "{} is old: run again with DOORBELL_UPDATE=1", file.display());
    }
    let files = fs::read_dir(folder().join("providers")).unwrap().map(|entry| entry.unwrap().path());
    let stray: Vec<_> = files.filter(|file| !pages.contains_key(file)).collect();
    assert!(stray.is_empty(), "no preset has these pages: {stray:?}");
}

#[test]
fn every_preset_says_how_to_set_it_up_and_has_rules_that_load() {
    for one in all() {
        assert!(!one.setup.is_empty(), "{}", one.name);
        let given = one.setup.join(" ");
        assert!(
            !given.contains("{url}") && given.contains("hooks.example.com") || one.name == "replicate",
            "{given}"
        );
        let loaded = rule::load(&[File { name: "rules.yaml".to_owned(), text: one.rules.clone() }]);
        let errors: Vec<_> =
            loaded.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{}\n{errors:#?}", one.rules);
        assert!(loaded.set.is_some_and(|set| set.rules.len() == 1), "{}", one.name);
    }
}

#[test]
fn the_command_line_shows_them() {
    let place = Place::new("", &[]);
    let output = place.run(&["providers", "list", "-o", "json"]);
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list["format_version"], 1);
    assert_eq!(list["providers"].as_array().unwrap().len(), PRESETS.len());
    let output = place.run(&["providers", "show", "stripe", "-o", "json"]);
    let stripe: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(stripe["verifies"][0]["proof"], "HMAC-SHA-256");
    assert_eq!(stripe["verifies"][0]["signed"], "`{timestamp}.{body}`");
    assert!(stripe["event_types"].as_array().unwrap().len() > 100);
    let output = place.run(&["providers", "show", "slack"]);
    let shown = text(&output.stdout);
    for words in [
        "header X-Slack-Signature",
        "300 s before or after now",
        "within 3 s",
        "url_verification",
        "from: slack",
    ] {
        assert!(shown.contains(words), "`{words}` is not in:\n{shown}");
    }
    for (name, meant) in [("strip", "`stripe`"), ("Amazon", "`aws-sns`"), ("gihtub", "`github`")] {
        let output = place.run(&["providers", "show", name]);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains("did you mean") && said.contains(meant), "{said}");
    }
    let said = text(&place.run(&["providers", "show", "qqqqqqqqqqqq"]).stderr);
    assert!(said.contains("is not a provider that doorbell knows. All are named by"), "{said}");
}
