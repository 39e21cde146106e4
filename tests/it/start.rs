//! What cannot start says so: one clear error, the mend, the exit code of the contract, never a backtrace.

use std::os::unix::fs::PermissionsExt as _;

use crate::program::{Place, text};

const OPEN: &str = "sources: { a: { verify: none } }\n";
const SIGNED: &str = "sources: { a: { verify: github, secret: { env: THE_SECRET } } }\n";

/// `serve` in a place ends with this code and says all of these.
fn refused(place: &Place, arguments: &[&str], code: i32, words: &[&str]) {
    let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    all.extend(arguments);
    let output = place.run(&all);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in:\n{said}");
    }
    assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{said}");
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
}

#[test]
fn without_rules() {
    let place = Place::new(OPEN, &[]);
    std::fs::remove_file(place.file("doorbell.yaml")).unwrap();
    refused(&place, &[], 3, &["no rules found", "doorbell serve RULES.yaml"]);
    refused(&place, &["missing.yaml"], 3, &["missing.yaml", "No such file"]);
}

#[test]
fn with_broken_rules() {
    for (rules, words) in [
        ("", vec!["E008"]),
        ("sources: [", vec!["E001"]),
        ("sourses: {}\n", vec!["sourses", "sources"]),
        ("sources: { a: { verify: githup } }\n", vec!["githup", "github", "doorbell.yaml:1:"]),
    ] {
        refused(&Place::new(rules, &[]), &["doorbell.yaml"], 3, &words);
    }
}

#[test]
fn with_rules_that_somebody_else_may_change() {
    let place = Place::new(OPEN, &[]);
    let chmod = |name: &str, mode: u32| {
        std::fs::set_permissions(place.file(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    chmod("doorbell.yaml", 0o666);
    refused(&place, &["doorbell.yaml"], 3, &["everybody may write", "chmod o-w", "--loose-files"]);
    chmod("doorbell.yaml", 0o644);
    std::fs::create_dir(place.file("rules")).unwrap();
    std::fs::write(place.file("rules/a.yaml"), OPEN).unwrap();
    chmod("rules", 0o777);
    refused(&place, &["rules"], 3, &["`rules` may be changed by somebody else", "--loose-files"]);
    chmod("rules", 0o755);
    std::os::unix::fs::symlink(place.file("doorbell.yaml"), place.file("rules/b.yaml")).unwrap();
    refused(&place, &["rules"], 3, &["`rules/b.yaml` leads out of its directory"]);
    std::fs::remove_file(place.file("rules/b.yaml")).unwrap();
    // Only root may give a file away.
    if std::os::unix::fs::chown(place.file("rules/a.yaml"), Some(4321), None).is_ok() {
        refused(&place, &["rules"], 3, &["`rules/a.yaml` may be changed by somebody else", "chown"]);
        assert_eq!(place.run(&["check", "rules"]).status.code(), Some(0), "a check serves nothing");
    }
}

#[test]
fn with_a_missing_or_useless_secret() {
    refused(&Place::new(SIGNED, &[]), &["doorbell.yaml"], 3, &["THE_SECRET", "not set"]);
    refused(&Place::new(SIGNED, &[("THE_SECRET", "  ")]), &["doorbell.yaml"], 3, &["THE_SECRET", "blank"]);
    refused(
        &Place::new(SIGNED, &[("THE_SECRET", "short")]),
        &["doorbell.yaml"],
        3,
        &["THE_SECRET", "`a`", "short"],
    );
    let check = Place::new(SIGNED, &[("THE_SECRET", "short")]).run(&["check", "doorbell.yaml"]);
    assert_eq!(check.status.code(), Some(1));
    let unset = Place::new(SIGNED, &[]).run(&["check", "doorbell.yaml"]);
    assert_eq!(unset.status.code(), Some(0), "{}", text(&unset.stdout));
    assert!(text(&unset.stdout).contains("THE_SECRET"));
}

#[test]
fn with_a_used_port() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Place::new(OPEN, &[]).run(&[
        "serve",
        "doorbell.yaml",
        "--listen",
        &address,
        "--admin",
        "127.0.0.1:0",
    ]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3));
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");
}

#[tokio::test]
async fn with_a_store_in_use() {
    let place = Place::new(OPEN, &[]);
    let _program = place.serve();
    refused(&place, &["doorbell.yaml"], 3, &["doorbell.db", "in use"]);
}

#[test]
fn with_a_store_that_cannot_be() {
    let place = Place::new(OPEN, &[]);
    refused(&place, &["doorbell.yaml", "--store", "sqlite:no/such/folder/x.db"], 3, &["no/such/folder/x.db"]);
    place.write("not.db", "this is no database, but it is long enough to look at: 0123456789");
    refused(&place, &["doorbell.yaml", "--store", "sqlite:not.db"], 3, &["not.db"]);
    refused(&place, &["doorbell.yaml", "--store", "redis://x"], 2, &["redis://x", "sqlite:FILE"]);
}

#[test]
fn with_wrong_words() {
    let place = Place::new(OPEN, &[]);
    for arguments in [vec!["serv"], vec!["serve", "--listn", "x"], vec!["serve", "--grace", "soon"], vec![]] {
        assert_eq!(place.run(&arguments).status.code(), Some(2), "{arguments:?}");
    }
    let output = place.run(&["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("DOORBELL_ADMIN_TOKEN"));
    for command in [
        vec!["--help"],
        vec!["serve", "--help"],
        vec!["check", "--help"],
        vec!["ring", "--help"],
        vec!["events", "list", "--help"],
        vec!["deliveries", "retry", "--help"],
    ] {
        let output = place.run(&command);
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        assert!(!output.stdout.is_empty());
    }
}

#[test]
fn check_speaks_json() {
    let place = Place::new("rules:\n  - name: x\n    retries: 3\n    do: [{ log: hi }]\n", &[]);
    let output = place.run(&["check", "doorbell.yaml", "-o", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let problem = list.as_array().unwrap().iter().find(|problem| problem["severity"] == "error").unwrap();
    for (key, wanted) in [("file", "doorbell.yaml"), ("code", "E003")] {
        assert_eq!(problem[key], wanted, "{list:#}");
    }
    assert_eq!(
        (problem["line"].as_u64(), problem["column"].as_u64(), problem["end_column"].as_u64()),
        (Some(3), Some(5), Some(12))
    );
}

#[test]
fn a_request_is_not_judged_without_the_secret_and_which_is_said() {
    let place = Place::new(&format!("{SIGNED}rules: [{{ name: r, do: {{ log: x }} }}]\n"), &[]);
    place.write("request.http", "POST /a HTTP/1.1\n\n{}");
    let output = place.run(&["verify", "request.http", "doorbell.yaml"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("a secret is not set") && said.contains("`THE_SECRET`"), "{said}");
}
