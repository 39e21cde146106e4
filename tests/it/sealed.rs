//! A store with its key by the real program: nothing of a payload in the file, every command with the one flag.

use serde_json::Value;

use crate::program::{Place, Program, text};
use crate::receiver::Receiver;

const MARKER: &str = "4242-marker-4242";
const KEYS: [&str; 2] = [
    "6f0d3c5b2a1e4f70819293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8",
    "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0",
];

fn place(receiver: &str) -> Place {
    let rules = format!(
        "sources: {{ open: {{ verify: none }} }}\n\
         connections: {{ there: {{ http: {{ url: \"{receiver}\" }}, retry: {{ attempts: 1 }} }} }}\n\
         rules:\n  - {{ name: forward, from: open, do: [{{ http: there, path: /got, json: {{ card: \"{{{{ $.card }}}}\" }} }}] }}\n"
    );
    let place = Place::new(&rules, &[]);
    for (name, keys) in [("key", KEYS[0].to_owned()), ("next", KEYS[1].to_owned()), ("both", KEYS.join("\n"))]
    {
        place.write(name, &keys);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(place.file(name), mode).unwrap();
    }
    place
}

/// Sends a card and waits until it has gone to the other side.
async fn ring(program: &Program, receiver: &mut Receiver) -> String {
    let headers = [("content-type", "application/json"), ("x-note", MARKER)];
    let (status, answer) = program.post("/open", &headers, format!(r#"{{"card":"{MARKER}"}}"#)).await;
    assert_eq!(status, 202);
    assert!(receiver.next().await.body.contains(MARKER));
    let id = answer["id"].as_str().unwrap().to_owned();
    let is_done = |answer: &Value| answer["deliveries"][0]["state"] != "due";
    program.until(&format!("/api/deliveries?event={id}"), is_done).await;
    id
}

fn can_be_read(place: &Place) -> bool {
    let files = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut store = files.filter(|path| path.to_string_lossy().contains("doorbell.db"));
    store.any(|path| memchr::memmem::find(&std::fs::read(path).unwrap(), MARKER.as_bytes()).is_some())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_marker_stands_in_the_file_without_a_key_and_not_with_one() {
    for (arguments, expected) in [(&[][..], true), (&["--encrypt-key-file", "key"][..], false)] {
        let mut receiver = Receiver::start().await;
        // The destination repeats what it got, and refuses it: words of the failure are kept too.
        *receiver.answers.lock().unwrap() = vec![(400, MARKER)];
        let place = place(&receiver.address);
        let program = place.serve_with(arguments);
        ring(&program, &mut receiver).await;
        assert_eq!(can_be_read(&place), expected, "while it is served");
        assert_eq!(program.stop(), Some(0));
        assert_eq!(can_be_read(&place), expected, "when it is stopped");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_works_with_the_key_and_says_what_is_missing_without() {
    let mut receiver = Receiver::start().await;
    let place = place(&receiver.address);
    let program = place.serve_with(&["--encrypt-key-file", "key"]);
    let id = ring(&program, &mut receiver).await;
    let admin = program.admin.trim_start_matches("http://").to_owned();
    let run = |arguments: &[&str], code: i32, words: &str| {
        let output = place.run(arguments);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        output.stdout
    };
    run(&["events", "show", &id, "--admin", &admin], 0, MARKER);
    run(&["events", "list", "--text", MARKER, "--admin", &admin], 0, &id);
    run(&["explain", &id, "--admin", &admin], 0, "forward");
    run(&["replay", &id, "--dry-run", "--admin", &admin], 0, "1 deliveries would be made");
    let missing = "--encrypt-key-file (DOORBELL_ENCRYPT_KEY_FILE); nothing was changed";
    run(&["plan", "doorbell.yaml"], 3, missing);
    run(&["plan", "doorbell.yaml", "--encrypt-key-file", "key"], 0, "1 recorded event");
    run(&["store", "check"], 3, missing);
    run(&["store", "check", "--encrypt-key-file", "key"], 0, "encrypted: 1 events; in clear: 0");
    run(&["store", "backup", "copy.db"], 0, "whole and checked");
    run(&["store", "check", "--store", "sqlite:copy.db", "--encrypt-key-file", "both"], 0, "sound: 1 events");
    let lines = run(&["store", "export"], 0, "format_version");
    std::fs::write(place.file("lines"), lines).unwrap();
    assert_eq!(program.stop(), Some(0));
    let serve = ["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    run(&serve, 3, missing);
    run(&[&serve[..], &["--encrypt-key-file", "next"]].concat(), 3, "put it into the key file, below");
    run(
        &["store", "import", "lines", "--store", "sqlite:new.db", "--encrypt-key-file", "next"],
        3,
        "put it into",
    );
    std::fs::write(place.file("turned"), format!("{}\n{}\n", KEYS[1], KEYS[0])).unwrap();
    let everybody = run(&["store", "check", "--encrypt-key-file", "turned"], 3, "everybody may read");
    assert!(everybody.is_empty());
    let turned = ["--encrypt-key-file", "turned", "--loose-files"];
    run(&[&["store", "import", "lines", "--store", "sqlite:new.db"], &turned[..]].concat(), 0, "rows");
    run(
        &["store", "check", "--store", "sqlite:new.db", "--encrypt-key-file", "next"],
        0,
        "encrypted: 1 events",
    );
    let program = place.serve_with(&turned);
    ring(&program, &mut receiver).await;
    let found = program.ask(&format!("/api/events?text={MARKER}")).await.1;
    assert_eq!(found["events"].as_array().unwrap().len(), 2, "both keys open");
}
