//! `doorbell doctor` and `doorbell connections test`: what is wrong outside of the rules, in words and as JSON.

use serde_json::Value;

use crate::program::{Place, text};

const RULES: &str = "sources: { a: { verify: none } }\nconnections:\n  near: { http: { url: http://127.0.0.1:1 } }\n  inside: { http: { url: http://metadata.invalid } }\nrules:\n  - { name: r, from: a, do: [{ http: near }, { http: inside }] }\n";
const GOOD: &str = "sources: { a: { verify: none } }\nrules: [{ name: r, from: a, do: [{ log: x }] }]\n";

/// What doctor finds, by name; and its exit code.
fn look(place: &Place, arguments: &[&str]) -> (Option<i32>, Vec<(String, String, String)>) {
    let mut all = vec!["doctor", "doorbell.yaml", "-o", "json"];
    for flag in ["--listen", "--admin"].into_iter().filter(|flag| !arguments.contains(flag)) {
        all.extend([flag, "127.0.0.1:0"]);
    }
    all.extend(arguments);
    let output = place.run(&all);
    let found: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    assert_eq!(found["format_version"], 1);
    assert_eq!(found["well"], output.status.code() == Some(0));
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = found["findings"].as_array().unwrap().iter();
    (
        output.status.code(),
        findings.map(|one| (word(one, "name"), word(one, "verdict"), word(one, "words"))).collect(),
    )
}

fn check(place: &Place, arguments: &[&str], code: i32, name: &str, verdict: &str, words: &str) {
    let (got, findings) = look(place, arguments);
    assert_eq!(got, Some(code), "{findings:?}");
    let is_so =
        |(of, is, said): &(String, String, String)| of == name && is == verdict && said.contains(words);
    assert!(findings.iter().any(is_so), "no `{name}` that is {verdict} with `{words}` in {findings:#?}");
}

#[test]
fn what_is_well_is_said_to_be_well() {
    let place = Place::new(GOOD, &[]);
    for (name, words) in [
        ("rules", "1 rules, 1 sources, 0 connections"),
        ("secrets", "all of them are there"),
        ("store", "serve makes it"),
        ("disk", "MiB free"),
        ("listen", "is free"),
        ("admin token", "none is needed: only this machine reaches it"),
        ("clock", "it says 20"),
    ] {
        check(&place, &[], 0, name, "good", words);
    }
    assert!(!place.file("doorbell.db").exists(), "it changes nothing");
    let output = place.run(&["doctor", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    assert!(text(&output.stdout).contains("✓ rules"), "{}", text(&output.stdout));
}

#[test]
fn what_is_wrong_is_said_with_its_name() {
    let secret = "sources: { a: { verify: github, secret: { env: THE_SECRET } } }\nrules: [{ name: r, from: a, do: [{ log: x }] }]\n";
    check(&Place::new(secret, &[]), &[], 1, "secrets", "bad", "`THE_SECRET` is not set");
    check(
        &Place::new(secret, &[("THE_SECRET", "0123456789abcdef0123")]),
        &[],
        0,
        "secrets",
        "warning",
        "shorter than 32",
    );
    check(&Place::new("sources: [", &[]), &[], 1, "rules", "bad", "E001");
    let place = Place::new(GOOD, &[]);
    check(&place, &["--store", "sqlite:no/such/place.db"], 1, "store", "bad", "`no/such` is not there");
    check(&place, &["--admin", "0.0.0.0:0"], 1, "admin token", "bad", "no token guards it");
    std::fs::write(place.file("odd.db"), "this is no store, and it never was one; it is a text").unwrap();
    check(&place, &["--store", "sqlite:odd.db"], 1, "store", "bad", "odd.db");
    std::fs::write(place.file("cert.pem"), "no certificate").unwrap();
    check(&place, &["--tls-cert", "cert.pem", "--tls-key", "cert.pem"], 1, "tls", "bad", "cert.pem");
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    check(&place, &["--listen", &address], 0, "listen", "warning", "is in use");
}

#[test]
fn certificates_that_end_soon_are_told_of() {
    let place = Place::new(GOOD, &[]);
    let key = rcgen::KeyPair::generate().unwrap();
    for (year, code, verdict, words) in
        [(2020, 1, "bad", "has ended at 2020"), (2090, 0, "good", "holds until 2090")]
    {
        let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(2019, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(year, 1, 1);
        place.write("cert.pem", &parameters.self_signed(&key).unwrap().pem());
        place.write("key.pem", &key.serialize_pem());
        set_mode(&place.file("key.pem"));
        check(&place, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"], code, "tls", verdict, words);
    }
}

fn set_mode(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn destinations_are_looked_up_and_tried() {
    let place = Place::new(RULES, &[]);
    check(&place, &[], 1, "connection near", "good", "127.0.0.1 may be dialled");
    check(&place, &[], 1, "connection inside", "bad", "dns: `metadata.invalid` cannot be resolved");
    let tried = |name: &str| {
        let output = place.run(&["connections", "test", name, "doorbell.yaml", "-o", "json"]);
        (
            output.status.code(),
            serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default(),
            text(&output.stderr),
        )
    };
    let (code, told, _) = tried("near");
    assert_eq!((code, &told["reached"]), (Some(1), &Value::from(false)));
    assert_eq!(told["steps"].as_array().unwrap().last().unwrap()["step"], "tcp", "{told:#}");
    let (code, _, said) = tried("nowhere");
    assert_eq!(code, Some(2));
    assert!(said.contains("there is no connection `nowhere`") && said.contains("`inside`"), "{said}");
    let output = place.run(&["connections", "test", "near", "doorbell.yaml"]);
    assert!(text(&output.stdout).contains("✗ tcp"), "{}", text(&output.stdout));
}

#[tokio::test]
async fn it_looks_beside_a_doorbell_that_serves() {
    let place = Place::new(GOOD, &[]);
    let program = place.serve();
    assert_eq!(program.post("/a", &[], "{}").await.0, 202);
    program
        .until("/api/deliveries?state=delivered", |answer| {
            !answer["deliveries"].as_array().unwrap().is_empty()
        })
        .await;
    check(&place, &[], 0, "store", "good", "opens: 1 events, 0 deliveries");
}

#[test]
fn what_commands_name_is_looked_for() {
    let rules = |action: &str| {
        format!(
            "sources: {{ a: {{ verify: none }} }}\nrules:\n  - {{ name: r, from: a, do: [{{ {action} }}] }}\n"
        )
    };
    let place = Place::new(&rules("run: [/bin/sh, -x]"), &[]);
    check(&place, &[], 0, "commands", "good", "1 named");
    place.write("plain", "no program");
    for (action, words) in [
        ("run: [/nonexist]", "there is no program `/nonexist`"),
        ("run: [no-such-program-here]", "`no-such-program-here` is not on the PATH"),
        ("run: [./plain]", "`./plain` may not be run"),
        ("run: [/bin/sh], cwd: nowhere", "`cwd: nowhere` is not a directory"),
        ("run: [/bin/sh], user: no-such-user-here", "there is no user `no-such-user-here`"),
        ("run: [/bin/sh], group: no-such-group-here", "there is no group `no-such-group-here`"),
        ("shell: 'true', sandbox: { read: [/no/such/place] }", "`sandbox` names `/no/such/place`"),
        ("shell: 'true', sandbox: { write: [no-such-place] }", "no-such-place`, which is not there"),
    ] {
        place.write("doorbell.yaml", &rules(action));
        check(&place, &[], 1, "commands", "bad", words);
    }
}

#[test]
fn a_secret_that_is_missing_hides_nothing_else() {
    let rules = "sources: { a: { verify: github, secret: { env: THE_SECRET } } }\nconnections:\n  near: { http: { url: http://127.0.0.1:1 } }\n  far: { http: { url: { env: THE_URL } } }\nrules:\n  - { name: r, from: a, do: [{ http: near }, { http: far }, { run: [/nonexist] }] }\n";
    let place = Place::new(rules, &[]);
    check(&place, &[], 1, "secrets", "bad", "`THE_SECRET` is not set");
    check(&place, &[], 1, "commands", "bad", "`/nonexist`");
    check(&place, &[], 1, "connection near", "good", "nobody was asked there");
    check(&place, &[], 1, "connection far", "bad", "`env THE_URL` is not set");
    check(&Place::new("sources: [", &[]), &[], 1, "commands", "warning", "were looked at");
}
