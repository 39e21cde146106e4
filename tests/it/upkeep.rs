//! The store's file by the real program: copied while it is served, checked, pruned, moved, refused when damaged.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::program::{Place, text};

const RULES: &str =
    "sources: { open: { verify: none } }\nrules:\n  - { name: say, from: open, do: [{ log: hello }] }\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_copied_checked_moved_and_pruned() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    for number in 0..5 {
        assert_eq!(program.post("/open", &[], format!(r#"{{"n":{number}}}"#)).await.0, 202);
    }
    let done =
        |answer: &serde_json::Value| answer["deliveries"].as_array().is_some_and(|list| list.len() == 5);
    program.until("/api/deliveries?state=delivered", done).await;
    let run = |arguments: &[&str], code: i32, words: &str| {
        let output = place.run(arguments);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        output.stdout
    };
    run(&["store", "backup", "copy.db"], 0, "whole and checked");
    run(&["store", "backup", "copy.db"], 3, "it is there already: name a new file");
    run(&["store", "check", "--store", "sqlite:copy.db"], 0, "sound: 5 events, 0 live deliveries");
    run(&["store", "check", "--store", "sqlite:none.db"], 3, "there is no store `none.db`");
    let lines = run(&["store", "export"], 0, "format_version");
    let mut import = place.command(&["store", "import", "-", "--store", "sqlite:new.db"]);
    let mut import = import.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(&lines).unwrap();
    assert!(import.wait().unwrap().success());
    run(&["store", "check", "--store", "sqlite:new.db"], 0, "sound: 5 events");
    let admin = program.admin.strip_prefix("http://").unwrap().to_owned();
    run(&["store", "prune", "--older-than", "1h", "--admin", &admin], 0, "0 rows removed");
    run(&["store", "prune", "--older-than", "0s", "--admin", &admin], 0, "rows removed");
    assert_eq!(program.ask("/api/events").await.1["events"], json!([]));
    assert_eq!(program.stop(), Some(0));
    run(&["store", "prune", "--older-than", "0s", "--store", "sqlite:new.db"], 0, "rows removed");
    run(&["store", "check", "--store", "sqlite:new.db"], 0, "sound: 0 events");
}

#[tokio::test]
async fn too_little_room_is_503_and_readyz_says_why() {
    let place = Place::new(RULES, &[]);
    let program = place.serve_with(&["--disk-reserve", "900000000GiB"]);
    let posted = program.client.post(format!("{}/open", program.address)).body("{}").send().await.unwrap();
    assert_eq!(posted.status(), 503);
    assert_eq!(posted.headers()["retry-after"], "30");
    let (status, why) = program.ask("/readyz").await;
    assert_eq!(status, 503);
    assert!(why["why"].as_str().unwrap().contains("nearly full"), "{why}");
    assert_eq!(program.want("/api/prune?older_than=1d").await.0, 200);
    assert_eq!(program.ask("/healthz").await.0, 200);
}

#[tokio::test]
async fn a_damaged_store_is_not_served() {
    let place = Place::new(RULES, &[]);
    let program = place.serve();
    for number in 0..40 {
        let body = format!(r#"{{"n":"{}"}}"#, format!("{number} ").repeat(900));
        assert_eq!(program.post("/open", &[], body).await.0, 202);
    }
    assert_eq!(program.stop(), Some(0));
    let whole = std::fs::read(place.file("doorbell.db")).unwrap();
    let mut flipped = whole.clone();
    flipped[4096] ^= 0x40;
    for bytes in [&flipped[..], &whole[..whole.len() / 2], &whole[..whole.len() - 1000]] {
        std::fs::write(place.file("doorbell.db"), bytes).unwrap();
        let served =
            place.run(&["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        let said = text(&served.stderr);
        assert_eq!(served.status.code(), Some(3), "{said}");
        assert!(said.contains("damaged") && said.contains("backup"), "{said}");
        assert!(served.stdout.is_empty(), "never ready");
    }
    std::fs::write(place.file("doorbell.db"), whole).unwrap();
    assert_eq!(place.serve().post("/open", &[], "{}").await.0, 202);
}
