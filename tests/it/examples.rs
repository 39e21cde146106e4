//! Every folder of `examples/` is a test: its rules, its request as it travels, and what has to come of it.
//!
//! `expected.json` says the moment (`at`), the secrets, and then status, event type, rules and effects.
//! `DOORBELL_UPDATE=1` writes what came instead of comparing; read the difference before you commit it.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use doorbell::event::{Event, Request};
use doorbell::id::EventId;
use doorbell::provider::{Armed, Around, Received};
use doorbell::rule::{self, File, Set};
use doorbell::secret::{Secret, SecretRef, Vault};
use doorbell::template::Scope;
use doorbell::time::Timestamp;
use doorbell::view;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

fn folders() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

/// Start line, headers, a blank line, and the exact bytes of the body.
fn request(raw: &[u8], at: Timestamp) -> Request {
    let split = raw.windows(2).position(|two| two == b"\n\n").expect("a blank line");
    let head = std::str::from_utf8(&raw[..split]).unwrap();
    let mut lines = head.lines();
    let mut start = lines.next().unwrap().split(' ');
    let (method, target) = (start.next().unwrap(), start.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Request {
        method: method.parse().unwrap(),
        path: path.to_owned(),
        params: Vec::new(),
        query: query.to_owned(),
        headers,
        body: Bytes::copy_from_slice(&raw[split + 2..]),
        peer: IpAddr::from([192, 0, 2, 1]),
        received_at: at,
    }
}

fn vault(secrets: &Value) -> Vault {
    let mut vault = Vault::default();
    for (name, value) in secrets.as_object().into_iter().flatten() {
        vault.insert(SecretRef::Env(name.clone()), Secret::new(value.as_str().unwrap().as_bytes()));
    }
    vault
}

/// What comes of a request, as `expected.json` says it.
fn outcome(set: &Set, vault: &Vault, mut request: Request, at: Timestamp) -> Value {
    let found =
        set.sources.iter().find_map(|source| Some((source, source.pattern().matches(&request.path)?)));
    let Some((source, params)) = found else { return json!({ "status": 404 }) };
    request.params = params;
    let armed: Armed = source.arm(vault).unwrap();
    match armed.receive(request, EventId::new(at.millis(), [0; 10]), &Around::at(at)) {
        Ok(Received::Event { event, .. }) => of_event(set, &event),
        Ok(Received::Batch { events, .. }) => {
            json!({ "batch": events.iter().map(|event| of_event(set, event)).collect::<Vec<_>>() })
        }
        Ok(Received::Answer(answer)) => json!({ "status": answer.status }),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => json!({ "status": refusal.status, "cause": refusal.cause }),
    }
}

fn of_event(set: &Set, event: &Event) -> Value {
    let routed = set.route(event);
    let mut effects = Vec::new();
    for rule in &routed.matched {
        let scope = Scope::new(event, &rule.name);
        for action in &rule.actions {
            let connection = action.connection.as_ref().and_then(|name| set.connections.get(name));
            effects.push(match action.effect(connection, &scope) {
                Ok(effect) => view::effect(&effect),
                Err(failure) => json!({ "failure": failure.to_string() }),
            });
        }
    }
    let rules: Vec<&str> = routed.matched.iter().map(|rule| &*rule.name).collect();
    json!({ "status": 202, "type": event.kind, "id": event.dedupe_key, "rules": rules, "effects": effects })
}

#[test]
fn each_example_does_what_it_says() {
    let update = std::env::var_os("DOORBELL_UPDATE").is_some();
    for folder in folders() {
        let text = fs::read_to_string(folder.join("rules.yaml")).unwrap();
        let loaded = rule::load(&[File { name: "rules.yaml".to_owned(), text }]);
        assert!(loaded.problems.is_empty(), "{}: {:#?}", folder.display(), loaded.problems);
        let file = folder.join("expected.json");
        let mut expected: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let at = Timestamp::parse(expected["at"].as_str().unwrap()).unwrap();
        let raw = fs::read(folder.join("request.http")).unwrap();
        let got = outcome(&loaded.set.unwrap(), &vault(&expected["secrets"]), request(&raw, at), at);
        if update {
            expected["outcome"] = got;
            fs::write(file, serde_json::to_string_pretty(&expected).unwrap() + "\n").unwrap();
        } else {
            assert_eq!(expected["outcome"], got, "{}\ngot {got:#}", folder.display());
        }
    }
}

#[test]
fn the_tests_of_examples_and_rules_pass() {
    for folder in folders().into_iter().map(|path| path.display().to_string()).chain(["rules".to_owned()]) {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_doorbell"))
            .args(["test", "--coverage-min", "100", &folder])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{folder}\n{}", crate::program::text(&output.stdout));
    }
}

#[test]
fn the_rules_folder_holds_together() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".test.yaml") {
            continue;
        }
        files.push(File { name, text: fs::read_to_string(path).unwrap() });
    }
    let loaded = rule::load(&files);
    assert!(loaded.problems.is_empty(), "{:#?}", loaded.problems);
    assert_eq!(loaded.set.unwrap().rules.len(), 3);
}
