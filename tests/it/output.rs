//! What a command says can be seen while it runs, is kept when the program is killed, and holds no half of a secret.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::program::{Place, Program, text};

/// A place with a rule that runs this script, which waits where it reads from `gate`.
fn place(script: &str, more: &str, environment: &[(&str, &str)]) -> Place {
    let script = serde_json::to_string(script).unwrap();
    let rules = format!(
        "sources: {{ open: {{ verify: none }} }}\nrules:\n  - name: deploy\n    from: open\n    do:\n      \
         - shell: {script}\n        cwd: .\n        {more}\n"
    );
    let place = Place::new(&rules, environment);
    let made = std::process::Command::new("mkfifo").arg(place.file("gate")).status().unwrap();
    assert!(made.success());
    place
}

/// Lets the script go on: somebody reads from the gate, or is about to.
async fn open_gate(place: &Place) {
    tokio::fs::write(place.file("gate"), "go\n").await.unwrap();
}

/// Rings; where the delivery is, once its command has said this.
async fn said(program: &Program, words: &str) -> (String, Value) {
    let event = program.accepted("/open", &json!({})).await;
    let page = program
        .until(&format!("/api/deliveries?event={event}"), |page| page["deliveries"][0].is_object())
        .await;
    let path = format!("/api/deliveries/{}", page["deliveries"][0]["id"].as_str().unwrap());
    let delivery = program.until(&path, |delivery| output(delivery).contains(words)).await;
    (path, delivery)
}

fn output(delivery: &Value) -> &str {
    delivery["running"]["output"].as_str().unwrap_or_default()
}

async fn ended(program: &Program, path: &str) -> Value {
    program.until(path, |delivery| !delivery["finished_at"].is_null()).await
}

/// Follows a delivery, with more arguments.
fn follow(place: &Place, program: &Program, path: &str, more: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let id = path.rsplit('/').next().unwrap();
    let admin = program.admin.trim_start_matches("http://");
    let words = [&["deliveries", "show", id, "--follow", "--admin", admin], more].concat();
    let mut child = place.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

fn line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_says_is_shown_while_it_runs() {
    let place = place("echo step 1; read _ < gate; echo step 2; exit 3", "success: [3]", &[]);
    let program = place.serve();
    let (path, delivery) = said(&program, "step 1").await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("started"), &json!([])));
    let running = &delivery["running"];
    assert_eq!((&running["number"], &running["output"]), (&json!(1), &json!("step 1\n")));
    let sent = running["sent"].as_str().unwrap();
    assert!(running["started_at"].is_string() && sent.contains("read _ < gate"), "{sent}");
    let id = path.rsplit('/').next().unwrap();
    let admin = program.admin.trim_start_matches("http://");
    let shown = text(&place.run(&["deliveries", "show", id, "--admin", admin]).stdout);
    assert!(shown.contains("  runs; as of ") && shown.contains("    got   step 1\n"), "{shown}");
    let (mut people, mut lines) = follow(&place, &program, &path, &[]);
    let (mut machines, mut objects) = follow(&place, &program, &path, &["-o", "jsonl"]);
    assert_eq!(line(&mut lines), "step 1\n");
    let first: Value = serde_json::from_str(&line(&mut objects)).unwrap();
    assert_eq!(first, json!({ "attempt": 1, "left_out": 0, "output": "step 1\n" }));
    open_gate(&place).await;
    let delivery = ended(&program, &path).await;
    assert_eq!((&delivery["state"], &delivery["running"]), (&json!("delivered"), &Value::Null));
    assert_eq!(delivery["attempts"][0]["got_body"], "step 1\nstep 2\n");
    assert_eq!((line(&mut lines).as_str(), line(&mut lines).as_str()), ("step 2\n", ""));
    let mut rest = String::new();
    objects.read_to_string(&mut rest).unwrap();
    let rest: Vec<Value> = rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rest[0], json!({ "attempt": 1, "left_out": 0, "output": "step 2\n" }));
    assert_eq!((&rest[1]["outcome"], &rest[2]), (&json!("success"), &json!({ "state": "delivered" })));
    assert_eq!((people.wait().unwrap().code(), machines.wait().unwrap().code()), (Some(0), Some(0)));
}

#[tokio::test]
async fn who_is_dropped_while_it_runs_keeps_what_it_said() {
    let place = place("echo step 1; read _ < gate", "timeout: 1h", &[]);
    let program = place.serve();
    let (path, _) = said(&program, "step 1").await;
    assert_eq!(program.want(&format!("{path}/drop")).await.0, 200);
    let delivery = program.until(&path, |delivery| delivery["attempts"][0].is_object()).await;
    let attempt = &delivery["attempts"][0];
    assert_eq!((&delivery["state"], &attempt["outcome"]), (&json!("cancelled"), &json!("stopped")));
    assert_eq!((&attempt["got_body"], &delivery["running"]), (&json!("step 1\n"), &Value::Null));
    let (mut people, mut lines) = follow(&place, &program, &path, &[]);
    assert_eq!((line(&mut lines).as_str(), people.wait().unwrap().code()), ("step 1\n", Some(1)));
}

#[tokio::test]
async fn a_command_in_doubt_shows_how_far_it_came() {
    let script = "echo once >> runs; echo step 1; test $(wc -l < runs) = 2 || read _ < gate; echo step 2";
    let place = place(script, "timeout: 1h", &[]);
    let program = place.serve();
    let (path, _) = said(&program, "step 1").await;
    program.kill();
    let program = place.serve();
    let (_, delivery) = program.ask(&path).await;
    assert_eq!((&delivery["state"], &delivery["running"]), (&json!("in_doubt"), &Value::Null));
    let attempt = &delivery["attempts"][0];
    assert_eq!((&attempt["outcome"], &attempt["stale"]), (&json!("cut_off"), &json!(false)));
    assert_eq!(attempt["got_body"], "step 1\n");
    assert!(attempt["words"].as_str().unwrap().contains("how it ended is not known"), "{attempt}");
    // Whoever decides may have it run again.
    assert_eq!(program.want(&format!("{path}/retry")).await.0, 200);
    let delivery = ended(&program, &path).await;
    assert_eq!((&delivery["state"], &delivery["attempts"][1]["number"]), (&json!("delivered"), &json!(2)));
}

#[tokio::test]
async fn a_command_that_is_run_again_after_a_kill_keeps_what_it_said_before() {
    let script = "echo once >> runs; n=$(wc -l < runs); echo run $n; test $n = 2 || read _ < gate";
    let place = place(script, "delivery: at_least_once", &[]);
    let program = place.serve();
    let (path, delivery) = said(&program, "run 1").await;
    assert_eq!(delivery["state"], "due");
    program.kill();
    let program = place.serve();
    let delivery = ended(&program, &path).await;
    let seen = |attempt: &Value| {
        json!([attempt["number"], attempt["outcome"], attempt["stale"], attempt["got_body"]])
    };
    let seen: Vec<Value> = delivery["attempts"].as_array().unwrap().iter().map(seen).collect();
    assert_eq!(seen, [json!([1, "cut_off", true, "run 1\n"]), json!([1, "success", false, "run 2\n"])]);
}

#[tokio::test]
async fn half_a_secret_is_nowhere() {
    let script = "printf 'key %s' \"${KEY%-secondhalf}\"; read _ < gate; echo -secondhalf";
    let more = "env: { KEY: { env: DEPLOY_KEY } }";
    let place = place(script, more, &[("DEPLOY_KEY", "firsthalf-secondhalf")]);
    let program = place.serve();
    let (path, delivery) = said(&program, "key").await;
    assert_eq!(output(&delivery), "key ");
    let is_kept = |words: &[u8]| {
        ["doorbell.db", "doorbell.db-wal"].iter().any(|name| {
            let bytes = std::fs::read(place.file(name)).unwrap_or_default();
            bytes.windows(words.len()).any(|window| window == words)
        })
    };
    assert!(is_kept(b"key ") && !is_kept(b"firsth"));
    open_gate(&place).await;
    let delivery = ended(&program, &path).await;
    assert_eq!(delivery["attempts"][0]["got_body"], "key [secret]\n");
    assert!(!delivery.to_string().contains("firsth"));
    assert!(!is_kept(b"firsth") && !is_kept(b"secondhalf\n") && !place.log().contains("firsth"));
}
