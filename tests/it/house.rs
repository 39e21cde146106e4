//! The house keeps its shape: layers without cycles, a pure core, every file says what it is for.

use std::fs;
use std::path::{Path, PathBuf};

/// The rows of the house, from the ground up. A module uses only rows below its own.
const ROWS: &[&[&str]] = &[
    &["diagnostic", "secret", "unit", "time", "id", "path", "glob", "route", "limit", "hex"],
    &["event", "effect", "delivery", "draw", "yaml", "redact", "trace"],
    &["settings", "payload", "template", "schedule", "report", "bounds"],
    &["condition", "provider", "action"],
    &["rule"],
    &["rehearse"],
    &["schema", "backtest"],
    &["clock", "perform", "store", "live", "stop"],
    &["meter", "feed", "steps"],
    &["admit"],
    &["intake", "worker", "replay", "view", "simulation"],
    &["config", "server", "telemetry", "otlp"],
    &["app"],
    &["cli"],
];
/// Rows below this one are pure.
const FIRST_ROW_WITH_IO: usize = 7;

/// What pure code does not name, and why.
const IMPURE: &[(&str, &str)] = &[
    ("async fn", "no async"),
    (".await", "no async"),
    ("tokio::", "no runtime"),
    ("Instant::now", "no clock"),
    ("SystemTime", "no clock"),
    ("Timestamp::now", "no clock"),
    ("Zoned::now", "no clock"),
    ("std::fs", "no disk"),
    ("File::open", "no disk"),
    ("std::net::Tcp", "no network"),
    ("std::net::Udp", "no network"),
    ("reqwest", "no network"),
    ("std::process", "no processes"),
    ("std::env", "no environment"),
    ("env::var", "no environment"),
    ("aws_lc_rs::rand", "no randomness"),
    ("getrandom", "no randomness"),
    ("now_v7", "no randomness"),
    ("tracing::", "no logging"),
    ("println!", "no printing"),
    ("Mutex", "no locks"),
    ("RwLock", "no locks"),
    ("std::thread", "no threads"),
];

/// Modules that may make an `Event`, which is a claim that it is proven: verification, and a store reading back.
const MAKE_EVENTS: &[&str] = &["provider", "store"];

/// One source file, its lines without those of its tests.
struct Source {
    path: PathBuf,
    module: String,
    lines: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    files.into_iter().map(|path| read(&root, path)).collect()
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(root: &Path, path: PathBuf) -> Source {
    let inside = path.strip_prefix(root).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    let module = first.trim_end_matches(".rs").to_owned();
    let is_test = inside.components().any(|part| {
        let part = part.as_os_str().to_string_lossy();
        part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs") || part == "suite.rs"
    });
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(str::to_owned).enumerate().map(|(index, line)| (index + 1, line));
    let lines = if is_test {
        lines.take(1).collect()
    } else {
        lines
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]\nmod tests {") && line != "mod tests {")
            .collect()
    };
    Source { path, module, lines }
}

fn row_of(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// The top-level modules that a line names by `crate::`.
fn named(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for after in line.split("crate::").skip(1) {
        let group = after.strip_prefix('{').map(|inside| inside.split('}').next().unwrap_or(inside));
        let parts: Vec<&str> = match group {
            Some(inside) => inside.split(',').collect(),
            None => vec![after],
        };
        for part in parts {
            let word: String =
                part.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            if !word.is_empty() && word != "self" {
                found.push(word);
            }
        }
    }
    found
}

fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn a_module_uses_only_rows_below_its_own() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !["lib", "main"].contains(&source.module.as_str())) {
        let place = source.path.display();
        let Some(own) = row_of(&source.module) else {
            complaints.push(format!("{place}:1: `{}` has no row in the house", source.module));
            continue;
        };
        for (number, line) in source.lines.iter().filter(|(_, line)| !is_comment(line)) {
            for other in named(line).iter().filter(|other| **other != source.module) {
                match row_of(other) {
                    Some(row) if row < own => {}
                    Some(row) if row == own => complaints.push(format!(
                        "{place}:{number}: `{other}` is in the same row as `{}`",
                        source.module
                    )),
                    Some(_) => {
                        complaints.push(format!("{place}:{number}: `{other}` is above `{}`", source.module));
                    }
                    None => complaints.push(format!("{place}:{number}: `{other}` has no row in the house")),
                }
            }
        }
    }
    report(&complaints);
}

#[test]
fn below_the_line_everything_is_pure() {
    let mut complaints = Vec::new();
    for source in
        sources().iter().filter(|source| row_of(&source.module).is_some_and(|row| row < FIRST_ROW_WITH_IO))
    {
        for (number, line) in source.lines.iter().filter(|(_, line)| !is_comment(line)) {
            for (word, why) in IMPURE.iter().filter(|(word, _)| line.contains(word)) {
                complaints
                    .push(format!("{}:{number}: `{word}` below the line: {why}", source.path.display()));
            }
        }
    }
    report(&complaints);
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut complaints = Vec::new();
    for source in sources() {
        let first = source.lines.first().map_or("", |(_, line)| line.as_str());
        if !first.starts_with("//! ") || first.len() < 12 {
            complaints.push(format!(
                "{}:1: the first line does not say, by `//! `, what the file is for",
                source.path.display()
            ));
        }
    }
    report(&complaints);
}

#[test]
fn only_who_proves_an_event_makes_one() {
    let mut complaints = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| !MAKE_EVENTS.contains(&source.module.as_str()) && source.module != "event")
    {
        for (number, line) in source.lines.iter().filter(|(_, line)| !is_comment(line)) {
            if line.contains("Event {") && line.contains("event::Event {")
                || line.trim_start().starts_with("Event {")
            {
                complaints
                    .push(format!("{}:{number}: an event is made without proof", source.path.display()));
            }
        }
    }
    report(&complaints);
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];
    let mut complaints = Vec::new();
    for source in sources() {
        for (number, line) in &source.lines {
            let words: Vec<&str> = line.split(|letter: char| !letter.is_alphanumeric()).collect();
            for mark in marks.iter().filter(|mark| words.contains(*mark)) {
                complaints.push(format!("{}:{number}: {mark}", source.path.display()));
            }
        }
    }
    report(&complaints);
}

#[test]
fn the_checks_can_fail() {
    assert_eq!(named("use crate::store::{Store, Error};"), ["store"]);
    assert_eq!(named("use crate::{limit, unit};"), ["limit", "unit"]);
    assert_eq!(named("let x = crate::id::EventId::new(crate::time::now());"), ["id", "time"]);
    assert!(row_of("provider") < row_of("server"));
}
