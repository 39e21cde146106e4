//! `docs/errors.md`, held to the program: each code has its entry, each wrong example raises its code and no other, each
//! right one raises none. With `DOORBELL_UPDATE=1` titles and what is said about the wrong examples are written anew.

use std::fs;
use std::path::Path;

use doorbell::diagnostic::CODES;
use serde_json::Value;

use super::program::Place;

/// The environment that the examples are checked in.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("GITHUB_WEBHOOK_SECRET", "0123456789abcdef0123456789abcdef"),
    ("ALARM_SECRET", "fedcba9876543210fedcba9876543210"),
    ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/x"),
    ("SHORT_SECRET", "0123456789abcdef0123"),
    ("BLANK_SECRET", "  "),
];
/// Codes without an example: what takes ten thousand rules to show, and what only an old kernel shows.
const WITHOUT_EXAMPLE: &[&str] = &["W305", "W312"];
/// What only `serve` says.
const OF_SERVE: &str = "E310";

const ENTRY: &str = "\n## ";
const WRONG: &str = "Wrong:\n\n```yaml\n";
const SAYS: &str = "```text\n";
const RIGHT: &str = "Right:\n\n```yaml\n";
const END: &str = "```\n";

fn between<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(END).map(|(inner, _)| inner)
}

/// What is said about a rules file, as people see it and as codes.
fn said(code: &str, text: &str) -> (String, Vec<String>) {
    let place = Place::new(text, ENVIRONMENT);
    if code == OF_SERVE {
        let output =
            place.run(&["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        assert_eq!(output.status.code(), Some(3), "{code}");
        let words = String::from_utf8(output.stderr).unwrap();
        let codes = CODES.iter().map(|(code, _)| *code).filter(|code| words.contains(&format!("[{code}]")));
        return (first(&words), codes.map(str::to_owned).collect());
    }
    let json: Value =
        serde_json::from_slice(&place.run(&["check", "-o", "json", "doorbell.yaml"]).stdout).unwrap();
    let codes = json.as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap().to_owned());
    let words = String::from_utf8(place.run(&["check", "doorbell.yaml"]).stdout).unwrap();
    (first(&words), codes.collect())
}

/// Without the line that counts.
fn first(words: &str) -> String {
    let lines: Vec<&str> = words.lines().collect();
    let is_drawn = |line: &&&str| !line.starts_with(|c: char| c.is_ascii_digit()) || line.contains('|');
    let drawn: Vec<&str> = lines.iter().filter(is_drawn).copied().collect();
    format!("{}\n", drawn.join("\n").trim_end())
}

/// With a capital in front.
fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().unwrap().to_uppercase();
    first.chain(letters).collect()
}

/// An entry as it has to be.
fn written(entry: &str, code: &str, title: &str) -> String {
    let mut entry = entry.to_owned();
    let (_, rest) = entry.split_once("\n\n**").and_then(|(_, rest)| rest.split_once("**")).unwrap();
    entry = format!("{code}\n\n**{}.**{rest}", sentence(title));
    let Some(wrong) = between(&entry, WRONG) else {
        assert!(WITHOUT_EXAMPLE.contains(&code), "{code}: no example");
        return entry;
    };
    let (words, codes) = said(code, wrong);
    assert_eq!(codes, [code], "{code}: the wrong example\n{words}");
    let right = between(&entry, RIGHT).unwrap_or_else(|| panic!("{code}: no right example"));
    assert_eq!(said("", right).1, Vec::<String>::new(), "{code}: the right example\n{}", said("", right).0);
    let old = between(&entry, SAYS).unwrap_or_else(|| panic!("{code}: nothing said"));
    entry.replace(&format!("{SAYS}{old}{END}"), &format!("{SAYS}{words}{END}"))
}

#[test]
fn each_code_is_explained_by_examples_that_are_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut parts = page.split(ENTRY);
    let head = parts.next().unwrap();
    let entries: Vec<&str> = parts.collect();
    let named: Vec<&str> = entries.iter().filter_map(|entry| entry.lines().next()).collect();
    assert_eq!(named, CODES.iter().map(|(code, _)| *code).collect::<Vec<_>>());
    let entries = entries.iter().zip(CODES).map(|(entry, (code, title))| written(entry, code, title));
    let today = std::iter::once(head.to_owned()).chain(entries).collect::<Vec<_>>().join(ENTRY);
    if std::env::var_os("DOORBELL_UPDATE").is_some() {
        fs::write(&path, today).unwrap();
        return;
    }
    assert!(page == today, "docs/errors.md is not of today: DOORBELL_UPDATE=1 writes it anew");
}

#[test]
fn a_code_is_explained_in_a_terminal() {
    let place = Place::new("", &[]);
    let output = place.run(&["check", "--explain", "e102"]);
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.starts_with("E102: "), "{words}");
    assert!(words.contains("    $.celsius") || words.contains("$.celsius: { gt: 40 }"), "{words}");
    assert_eq!(place.run(&["check", "--explain", "E999"]).status.code(), Some(2));
}
