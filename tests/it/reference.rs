//! `docs/reference.md` is made of the same tables as the program, and each of its examples is read and run here.
//! `DOORBELL_UPDATE=1` writes the page.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use doorbell::action::{
    BREAKER_KEYS, CONNECTION_OPTIONS, Key, LIMIT_KEYS, OPTIONS, SANDBOX_KEYS, SERVICE_KEYS, Shape, VERBS,
};
use doorbell::bounds::{LIMITS, Row};
use doorbell::condition::OPERATORS;
use doorbell::diagnostic::{Diagnostic, Severity};
use doorbell::provider::{PRESETS, scheme_kinds, source_keys};
use doorbell::rehearse::{ANSWER_KEYS, CASE_KEYS, SEND_KEYS, STEP_KEYS};
use doorbell::rule::{
    self, CONCURRENCY_KEYS, DEBOUNCE_KEYS, DEFAULT_KEYS, File, RULE_KEYS, THROTTLE_KEYS, TOP_KEYS,
};
use doorbell::template::{HELPERS, SAMPLE};

const HEAD: &str = "<!-- Made from the program's own tables by tests/it/reference.rs; edit those. -->\n
# Reference of the rules file

What may stand in a rules file: its keys, those of sources and rules, operators of `if`, actions and connections, helpers of templates, test cases, senders that are known by name. And, of the program, the limits that may be set.
Every example on this page is read and run by a test.\n";

fn table(out: &mut String, names: &[&str], rows: &[Vec<String>]) {
    writeln!(out, "| {} |\n|{}", names.join(" | "), "---|".repeat(names.len())).unwrap();
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        writeln!(out, "| {} |", cells.join(" | ")).unwrap();
    }
    out.push('\n');
}

fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

fn keys(out: &mut String, keys: &[Key]) {
    let rows: Vec<Vec<String>> = keys.iter().map(|key| vec![code(key.name), key.about.to_owned()]).collect();
    table(out, &["key", "what it means"], &rows);
}

/// Keys with those of the maps behind them, as `dedupe.for`.
fn all_keys(out: &mut String, keys: &[Key]) {
    let mut rows = Vec::new();
    within(&mut rows, "", keys);
    table(out, &["key", "what it means"], &rows);
}

fn within(rows: &mut Vec<Vec<String>>, before: &str, keys: &[Key]) {
    for key in keys {
        let name = format!("{before}{}", key.name);
        rows.push(vec![code(&name), key.about.to_owned()]);
        match key.shape {
            Shape::Map(inner) => within(rows, &format!("{name}."), inner),
            Shape::MapsOf(inner) => within(rows, &format!("{name}.NAME."), inner),
            _ => {}
        }
    }
}

fn sources(out: &mut String) {
    out.push_str("## Sources\n\nAn entry of `sources:`, by its name. A key with a dot stands in the map behind the part before the dot.\n\n");
    all_keys(out, &source_keys());
    out.push_str("### Ways of your own to verify\n\n`verify: { kind: … }`, for senders that are not [known by name](#senders-known-by-name).\n\n");
    for kind in scheme_kinds() {
        writeln!(out, "`kind: {}`: {}\n", kind.name, kind.about).unwrap();
        if !kind.keys.is_empty() {
            all_keys(out, &kind.keys);
        }
    }
}

fn file(out: &mut String) {
    out.push_str("\n## The file\n\n");
    keys(out, TOP_KEYS);
    out.push_str("### `defaults`\n\n");
    keys(out, DEFAULT_KEYS);
    out.push_str("## Rules\n\n");
    keys(out, RULE_KEYS);
    out.push_str("### `concurrency`\n\n");
    keys(out, CONCURRENCY_KEYS);
    out.push_str("### `debounce`\n\n");
    keys(out, DEBOUNCE_KEYS);
    out.push_str("### `throttle`\n\n");
    keys(out, THROTTLE_KEYS);
}

fn operators(out: &mut String) {
    out.push_str("## Operators\n\nA key of `if`, and a map of operators that must all hold. A path that finds several values passes when any of them passes.\n\n");
    let rows: Vec<Vec<String>> = OPERATORS
        .iter()
        .map(|row| vec![code(row.name), row.summary.to_owned(), row.argument.to_owned(), code(row.example)])
        .collect();
    table(out, &["operator", "holds when the value", "right side", "example"], &rows);
}

fn verbs(out: &mut String) {
    out.push_str(
        "## Actions\n\nAn item of `do` has exactly one of these verbs. Options that all of them take:\n\n",
    );
    keys(out, OPTIONS);
    out.push_str("`limits` of `run` and `shell`:\n\n");
    keys(out, LIMIT_KEYS);
    out.push_str("`sandbox` of `run` and `shell`:\n\n");
    keys(out, SANDBOX_KEYS);
    for verb in VERBS.iter() {
        writeln!(
            out,
            "### `{}`\n\n{}\n\n```yaml\n{}\n```\n",
            verb.name,
            verb.summary,
            verb.example.trim_end()
        )
        .unwrap();
        if let Some(page) = verb.page {
            writeln!(out, "What it asks of the service: <{page}>\n").unwrap();
        }
        keys(out, verb.keys);
        if let Some(service) = &verb.service {
            writeln!(out, "A connection of it:\n\n```yaml\n{}\n```\n", service.example.trim_end()).unwrap();
            keys(out, service.keys);
        }
    }
    out.push_str(
        "### Services of your own\n\nUnder `services:` stand verbs of your own, by their names; [an example](../examples/own-service/rules.yaml). In the texts of a request `{name}` is a setting, `{+name}` one whose `/` part segments of a path, `{+name|/job/}` with something else between these, `{md5:name}` its MD5 in lower case. What `first` takes of its answer may stand in headers.\n\n",
    );
    keys(out, SERVICE_KEYS);
    for key in SERVICE_KEYS {
        let (Shape::Map(inner) | Shape::MapsOf(inner)) = key.shape else { continue };
        writeln!(out, "`{}` of a service{}:\n", key.name, if key.name == "settings" { ", each" } else { "" })
            .unwrap();
        keys(out, inner);
    }
    out.push_str("### Options of every connection\n\n");
    keys(out, CONNECTION_OPTIONS);
    out.push_str("### `circuit_breaker`\n\n");
    keys(out, BREAKER_KEYS);
}

fn helpers(out: &mut String) {
    writeln!(out, "## Template helpers\n\nThe examples work on this payload:\n\n```json\n{SAMPLE}\n```\n")
        .unwrap();
    let rows: Vec<Vec<String>> = HELPERS
        .iter()
        .map(|row| vec![code(row.name), row.summary.to_owned(), code(row.example), code(row.gives)])
        .collect();
    table(out, &["helper", "what it does", "example", "gives"], &rows);
}

fn presets(out: &mut String) {
    out.push_str("## Senders known by name\n\nWhat may stand behind `verify:` of a source. [Providers](providers.md) tells of each how to set it up.\n\n");
    let rows: Vec<Vec<String>> = PRESETS
        .iter()
        .map(|row| {
            let about = row.about().unwrap();
            vec![
                code(row.id),
                row.name.to_owned(),
                row.summary.to_owned(),
                about.retries,
                format!("<{}>", about.docs),
            ]
        })
        .collect();
    table(out, &["preset", "sender", "sends", "sends again", "its page"], &rows);
}

fn cases(out: &mut String) {
    out.push_str(
        "## Test cases\n\nAn item of `tests:`, in a rules file or in a `*.test.yaml` beside it; `doorbell test` runs them.\n\n",
    );
    for (title, rows) in [
        ("", CASE_KEYS),
        ("### Keys of `send`\n\n", SEND_KEYS),
        ("### Keys of `steps`\n\n", STEP_KEYS),
        ("### Keys of `answer`\n\n", ANSWER_KEYS),
    ] {
        out.push_str(title);
        keys(out, rows);
    }
}

fn limits(out: &mut String) {
    out.push_str(
        "## Limits\n\n`doorbell serve --limit NAME=VALUE`, as often as needed, or `DOORBELL_LIMIT=NAME=VALUE,NAME=VALUE`; where the flag is said, the variable is not looked at. `doorbell limits` lists them with their values. Those of connections and requests are of the webhook listener: the admin listener keeps the defaults.\n\n",
    );
    let row = |row: &Row| {
        let (lowest, highest) = row.bounds;
        let values = format!("{} to {}", code(lowest), code(highest));
        vec![code(row.name), row.about.to_owned(), code(&row.default()), values]
    };
    let rows: Vec<Vec<String>> = LIMITS.iter().map(row).collect();
    table(out, &["limit", "what it bounds", "default", "may be"], &rows);
}

#[test]
fn the_page_is_made_of_the_tables() {
    let mut page = HEAD.to_owned();
    file(&mut page);
    sources(&mut page);
    operators(&mut page);
    verbs(&mut page);
    helpers(&mut page);
    cases(&mut page);
    presets(&mut page);
    limits(&mut page);
    let page = page.trim_end().to_owned() + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference.md");
    if std::env::var_os("DOORBELL_UPDATE").is_some() {
        fs::write(&file, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == page,
        "docs/reference.md is old: run again with DOORBELL_UPDATE=1"
    );
}

fn errors(text: &str) -> Vec<Diagnostic> {
    let loaded = rule::load(&[File { name: "example.yaml".to_owned(), text: text.to_owned() }]);
    loaded.problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect()
}

fn indented(text: &str, by: usize) -> String {
    text.trim_end().lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

#[test]
fn every_operator_example_is_read() {
    for row in OPERATORS {
        let text = format!(
            "sources: {{ a: {{ verify: none }} }}\nrules:\n  - name: x\n    from: a\n    if:\n      {}\n    do: [{{ log: hi }}]\n",
            row.example
        );
        assert_eq!(errors(&text), [], "{}", row.name);
    }
}

#[test]
fn every_action_example_is_read() {
    // A verb without connections of its own, and whose it goes through.
    let other = |name: &str| VERBS.iter().find(|verb| name == "forward" && verb.name == "http");
    for verb in VERBS.iter() {
        let service = verb.service.as_ref().or_else(|| other(verb.name)?.service.as_ref());
        let value: serde_yaml::Value = serde_yaml::from_str(verb.example).unwrap();
        let connections = match (service, value.get(verb.name).and_then(serde_yaml::Value::as_str)) {
            (Some(service), Some(name)) => {
                format!("connections:\n  {name}:\n{}", indented(service.example, 4))
            }
            _ => String::new(),
        };
        let action = indented(verb.example, 8).replacen("        ", "      - ", 1);
        let text = format!(
            "sources: {{ a: {{ verify: none }}, orders: {{ verify: internal }} }}\n{connections}rules:\n  - name: x\n    from: a\n    do:\n{action}"
        );
        assert_eq!(errors(&text), [], "{}\n{text}", verb.name);
    }
}

/// The YAML between fences of a page that is a whole rules file.
fn rules_files(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut block: Option<String> = None;
    for line in page.lines() {
        match (&mut block, line) {
            (None, "```yaml") => block = Some(String::new()),
            (Some(text), "```") => {
                if text.contains("sources:") {
                    found.push(std::mem::take(text));
                }
                block = None;
            }
            (Some(text), line) => text.push_str(&format!("{line}\n")),
            (None, _) => {}
        }
    }
    found
}

#[test]
fn every_rules_file_of_the_readme_is_read() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let files = rules_files(&readme);
    assert!(!files.is_empty());
    for text in files {
        assert_eq!(errors(&text), [], "{text}");
    }
}
