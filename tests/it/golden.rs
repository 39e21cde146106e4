//! What the commands print, letter by letter: each file of `tests/golden/COMMAND/` holds rules, calls and their output.
//!
//! `=== NAME` begins a file, `=== $ doorbell …` a call with what it prints: standard output, lines of standard error
//! after `! `, the exit code. Times, and ids that the file does not hold, are masked.
//! `DOORBELL_UPDATE=1` writes what came instead of comparing; read the difference before you commit it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::{Captures, Regex};

use crate::program::text;

/// What is another at each run, and what stands for it.
const MASKS: &[(&str, &str)] = &[
    (r" {1,60}\d+\.\d ms", "  _ ms"),
    (r#""took_ms": [\d.e-]+"#, r#""took_ms": "_""#),
    (r#" time="[\d.]+""#, r#" time="_""#),
    (r"[\d,]+ events/s", "_ events/s"),
];
/// Names of things made at this moment.
const MADE: &str = r"evt_[0-9A-Z]{26}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z";

/// One part of a golden file.
struct Part<'f> {
    head: &'f str,
    body: &'f str,
}

fn parts(file: &str) -> (&str, Vec<Part<'_>>) {
    let mut pieces = file.split("\n=== ");
    let first = pieces.next().unwrap_or_default();
    let part = |piece| {
        let (head, body) = str::split_once(piece, '\n').unwrap_or((piece, ""));
        Part { head, body }
    };
    (first, pieces.map(part).collect())
}

/// The words of a call; quotes hold words together.
fn words(call: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in call.chars() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words
}

fn run(call: &str, directory: &Path, input: &str) -> String {
    let words = words(call);
    if words[0] == "cat" {
        return fs::read_to_string(directory.join(&words[1])).unwrap_or_else(|why| why.to_string());
    }
    let output = Command::new(env!("CARGO_BIN_EXE_doorbell"))
        .args(&words[1..])
        .current_dir(directory)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let mut all = text(&output.stdout);
    for line in text(&output.stderr).lines() {
        writeln!(all, "! {line}").unwrap();
    }
    writeln!(all, "exit {}", output.status.code().unwrap()).unwrap();
    for (pattern, word) in MASKS {
        all = Regex::new(pattern).unwrap().replace_all(&all, *word).into_owned();
    }
    let made =
        |found: &Captures<'_>| if input.contains(&found[0]) { found[0].to_owned() } else { "_".to_owned() };
    Regex::new(MADE).unwrap().replace_all(&all, made).into_owned()
}

/// The file as it would be by what the program prints today.
fn today(file: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let (about, parts) = parts(file);
    let mut written = about.to_owned();
    for part in parts {
        let body = match part.head.strip_prefix("$ ") {
            Some(call) => run(call, directory.path(), file).trim_end().to_owned(),
            None => {
                let path = directory.path().join(part.head);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, format!("{}\n", part.body)).unwrap();
                part.body.to_owned()
            }
        };
        write!(written, "\n=== {}\n{body}", part.head).unwrap();
    }
    written.trim_end().to_owned() + "\n"
}

fn check(command: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(command);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in &files {
        let kept = fs::read_to_string(file).unwrap();
        let came = today(&kept);
        if came != kept && std::env::var_os("DOORBELL_UPDATE").is_some() {
            fs::write(file, came).unwrap();
        } else if came != kept {
            wrong.push(format!("--- {}\n{came}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "not as kept; DOORBELL_UPDATE=1 writes them anew:\n{}", wrong.join("\n"));
}

#[test]
fn test_prints() {
    check("test");
}

#[test]
fn explain_prints() {
    check("explain");
}

#[test]
fn plan_prints() {
    check("plan");
}

#[test]
fn rules_prints() {
    check("rules");
}

/// Cases that must be there: files of each command, and calls in them.
const LEAST: &[(&str, usize, usize)] = &[("explain", 10, 20), ("test", 15, 20), ("plan", 12, 15)];

#[test]
fn there_are_enough_cases() {
    let (mut files, mut calls) = (0, 0);
    for (command, least_files, least_calls) in LEAST {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(command);
        let texts: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        let own = texts.iter().map(|text| text.matches("\n=== $ doorbell ").count()).sum::<usize>();
        assert!(
            texts.len() >= *least_files && own >= *least_calls,
            "{command}: {} files, {own} calls",
            texts.len()
        );
        (files, calls) = (files + texts.len(), calls + own);
    }
    println!("{files} golden files with {calls} calls");
    assert!(files >= 30, "{files} files");
}
